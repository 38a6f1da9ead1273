// @ts-check
import { PENCIL } from "./edit_mark.js";
import { s } from "./parts.js";
import { FOLDED_HEADER } from "./graph_folding.js";
import { countedStatuses, countsInWords } from "./graph_status.js";

/**
 * The badge at a state's corner and what a collapsed region says of itself. It draws what it is told and decides on no
 * status.
 *
 * @typedef {import("./graph_model.js").Place} Place
 * @typedef {import("./graph_status.js").MapCounts} MapCounts
 * @typedef {import("./graph_status.js").StateStatus} StateStatus
 * @typedef {{icon: string, text: string}} BadgePart
 * @typedef {{[status: string]: {word: string, icon: string}}} Marks
 */

const BADGE_ICON_ROOM = 12;
const BADGE_GAP = 7;
const WORD_GAP = 3;
const EDIT_OVERHANG = 8;
const SUMMARY_MARGIN = 14;

export class Badges {
  /** @param {() => Marks} marks */
  constructor(marks) {
    this.marks = marks;
    /** @type {Map<string, number>} */
    this.textWidths = new Map();
    /** Whether something was drawn while nothing could be measured. */
    this.isGuessing = false;
  }

  /**
   * @param {Place} place @param {StateStatus|undefined} status @param {MapCounts|undefined} counts
   */
  draw(place, status, counts) {
    const mark = /** @type {SVGGElement|null} */ (place.element.querySelector(":scope > .sfn-mark"));
    const counters = place.element.querySelector(":scope > .sfn-counters");
    mark?.replaceChildren();
    counters?.replaceChildren();
    if (!mark || !status) return;
    this.pill(mark, Number(mark.dataset.x), Number(mark.dataset.y), [{ icon: status.status, text: status.badge }]);
    if (!counters || !counts) return;
    // At the lower corner: one long badge would cover the arrow that enters above.
    const parts = countedStatuses(counts).map((each) => ({ icon: each.status, text: each.count.toLocaleString("en") }));
    const right = Number(mark.dataset.x);
    this.pill(counters, right, place.box.bottom - 8.5, [...parts, { icon: "", text: `of ${counts.total.toLocaleString("en")}` }]);
  }

  /**
   * The sign that a payload was replaced, at the lower corner that no badge uses.
   * @param {Place} place @param {boolean} isEdited
   */
  drawEdit(place, isEdited) {
    const known = /** @type {SVGGElement|null} */ (place.element.querySelector(":scope > .sfn-edit-mark"));
    known?.remove();
    if (!isEdited) return;
    const group = s("g", { class: "sfn-edit-mark", "aria-hidden": "true" });
    place.element.append(group);
    const width = this.pill(group, 0, place.box.bottom - 8.5, [{ icon: PENCIL, text: "edited" }]);
    group.setAttribute("transform", `translate(${place.box.left - EDIT_OVERHANG + width} 0)`);
  }

  /**
   * @param {Element} place @param {number} right @param {number} top @param {BadgePart[]} parts
   * @returns {number} its width
   */
  pill(place, right, top, parts) {
    const widths = parts.map(({ icon, text }) => this.textWidth(text, place) + (icon ? BADGE_ICON_ROOM : 0));
    const gaps = parts.map((_, number) => (number + 1 === parts.length ? 0 : parts[number + 1].icon ? BADGE_GAP : WORD_GAP));
    const width = [...widths, ...gaps].reduce((sum, each) => sum + each, 16);
    place.append(s("rect", { class: "sfn-badge", x: right - width, y: top, width, height: 17, rx: 8.5 }));
    let x = right - width + 8;
    parts.forEach(({ icon, text }, number) => {
      if (icon) place.append(this.icon(icon, x, top + 4));
      place.append(badgeText(text, x + (icon ? BADGE_ICON_ROOM : 0), top + 12));
      x += widths[number] + gaps[number];
    });
    return width;
  }

  /** @param {string} icon a status, or a path @param {number} x @param {number} y */
  icon(icon, x, y) {
    return s("path", { class: "sfn-badge-icon", d: icon === PENCIL ? PENCIL : (this.marks()[icon]?.icon ?? ""), transform: `translate(${x} ${y}) scale(0.5625)` });
  }

  /**
   * Measured once per text: to measure means to lay the page out.
   * @param {string} text @param {Element} place
   */
  textWidth(text, place) {
    const known = this.textWidths.get(text);
    if (known !== undefined) return known;
    const probe = /** @type {SVGTextElement} */ (badgeText(text, 0, 0));
    place.append(probe);
    const width = probe.getComputedTextLength?.() ?? 0;
    probe.remove();
    if (width > 0) this.textWidths.set(text, width);
    else this.isGuessing = true;
    return width || text.length * 5.8;
  }

  /**
   * Tell what a collapsed region hides.
   * @param {Place} region @param {Place[]} hidden the states inside @param {MapCounts|undefined} counts
   * @param {number} width of the region as it is drawn
   */
  summarise(region, hidden, counts, width) {
    const place = region.element.querySelector(":scope > .sfn-summary");
    const words = counts ? countsInWords(counts) : `${hidden.length} ${hidden.length === 1 ? "state" : "states"} inside`;
    const bar = counts ? countedStatuses(counts) : countsOfStates(hidden);
    const room = width - 2 * SUMMARY_MARGIN;
    const key = JSON.stringify([words, bar, room]);
    if (!place || region.element.dataset.summary === key) return;
    region.element.dataset.summary = key;
    const [x, y] = [region.box.left + SUMMARY_MARGIN, region.box.top + FOLDED_HEADER + 8];
    const text = s("text", { class: "sfn-summary-text", x, y: y + 23, "font-size": 11 });
    text.textContent = words;
    place.replaceChildren(text, s("rect", { class: "sfn-bar", x, y, width: room, height: 8, rx: 4 }));
    if (/** @type {SVGTextElement} */ (text).getComputedTextLength() > room) {
      text.setAttribute("textLength", String(room));
      text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
    const total = Math.max(1, counts ? counts.total : hidden.length);
    let done = 0;
    for (const { status, count } of bar) {
      const length = Math.max(1, (count / total) * room - 1);
      place.append(s("rect", { class: "sfn-bar-part", "data-status": status, x: x + (done / total) * room, y, width: length, height: 8, rx: 3 }));
      done += count;
    }
  }
}

/** @param {string} text @param {number} x @param {number} y */
function badgeText(text, x, y) {
  const element = s("text", { class: "sfn-badge-text", x, y, "font-size": 10, "font-weight": 600 });
  element.textContent = text;
  return element;
}

/** @param {Place[]} states @returns {{status: string, count: number}[]} */
function countsOfStates(states) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { element } of states) {
    const status = element.dataset.status;
    if (status) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].sort().map(([status, count]) => ({ status, count }));
}
