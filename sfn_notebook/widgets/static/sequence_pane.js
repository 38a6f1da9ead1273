// @ts-check
import { InteractionRows } from "./interaction_rows.js";
import { spanWords } from "./pane_words.js";
import { h, s } from "./parts.js";
import { sequenceLayout } from "./sequence_layout.js";

/**
 * The interactions as a sequence diagram: a lifeline for each participant, a row for each step, time downwards and not
 * to scale. What is shown and chosen is the store's business.
 *
 * @typedef {import("./interactions_model.js").InteractionStore} InteractionStore
 * @typedef {import("./interactions_model.js").InteractionEntry} InteractionEntry
 * @typedef {import("./interactions_model.js").Party} Party
 * @typedef {import("./interaction_rows.js").InteractionPlace} InteractionPlace
 * @typedef {{element: HTMLElement, time: HTMLElement, svg: SVGElement, lifelines: SVGElement, message: SVGElement,
 *   tip: SVGElement, bar: SVGElement, words: HTMLElement, icon: SVGElement, iconPath: SVGElement, text: HTMLElement, hint: HTMLElement, drawn: string}} SequenceRow
 *   `hint` tells of a step that is out of sight to the left or to the right; `drawn` are the lifelines that it has.
 */

const SEQUENCE_ROW_HEIGHT = 42;
const ARROW_AT = 30;
const BAR = 8;
const TIP = 7;
const NEAR = 70;
const LEAST_WORDS = 150;
const ALONE_ROOM = 190;

/** @extends {InteractionRows<SequenceRow>} */
export class SequencePane extends InteractionRows {
  /** @param {InteractionStore} store @param {InteractionPlace} place */
  constructor(store, place) {
    super(store, place, {
      height: SEQUENCE_ROW_HEIGHT,
      attributes: { class: "sfn-seq-rows", role: "listbox", "aria-label": "Sequence diagram", "aria-description": "Enter shows the record of an interaction" },
    });
    this.layout = sequenceLayout(store, 0);
    this.lifelines = "";
    this.scrolled = 0;
    this.room = 0;
    this.heads = h("div", { class: "sfn-seq-heads" });
    this.head = h("div", { class: "sfn-seq-head" }, this.heads);
    this.element = h("div", { class: "sfn-seq" }, this.head, this.window.element);
    this.window.element.addEventListener("scroll", () => this.follow());
    this.window.resized = () => this.measure();
  }

  /** The heads stay above their lifelines. */
  follow() {
    const { scrollLeft } = this.window.element;
    this.heads.style.transform = `translateX(${-scrollLeft}px)`;
    if (scrollLeft !== this.scrolled) {
      this.scrolled = scrollLeft;
      this.window.redraw();
    }
  }

  chosen() {
    super.chosen();
    const { selected } = this.store;
    if (selected !== null) this.bringIntoSight(selected);
  }

  /**
   * Scroll to the side until the step is in sight.
   * @param {number} row
   */
  bringIntoSight(row) {
    const { element } = this.window;
    const [left, right] = this.reach(row);
    const start = element.scrollLeft + this.layout.left;
    if (left - NEAR < start) element.scrollLeft = left - NEAR - this.layout.left;
    else if (right > element.scrollLeft + element.clientWidth) element.scrollLeft = Math.min(left - NEAR - this.layout.left, right - element.clientWidth);
    this.follow();
  }

  /**
   * From where to where a step reaches, with its words.
   * @param {number} row @returns {[number, number]}
   */
  reach(row) {
    const { xs, places } = this.layout;
    const { source, target } = this.store.data.columns;
    const ends = [xs[places.get(source[row]) ?? 0], xs[places.get(target[row]) ?? 0]];
    return [Math.min(...ends), Math.max(ends[0], ends[1], Math.min(...ends) + ALONE_ROOM)];
  }

  measure() {
    const room = this.window.element.clientWidth;
    if (!room || room === this.room) return;
    this.room = room;
    this.lay();
  }

  refresh() {
    this.lay();
    super.refresh();
  }

  lay() {
    const layout = (this.layout = sequenceLayout(this.store, this.window.element.clientWidth));
    this.window.canvas.style.width = `${layout.width}px`;
    this.element.style.setProperty("--sfn-seq-times", `${layout.left - 12}px`);
    this.lifelines = layout.xs.map((x) => `M${x} 0V${SEQUENCE_ROW_HEIGHT}`).join("");
    this.heads.style.width = `${layout.width}px`;
    this.heads.replaceChildren(...[...layout.places].map(([party, column]) => this.headOf(this.store.data.parties[party], layout.xs[column])));
    this.follow();
    this.window.redraw();
  }

  /** @param {Party} party @param {number} x */
  headOf({ name, kind, words, look, icon }, x) {
    const drawn = s("svg", { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" }, s("path", { d: icon }));
    const head = h("div", { class: "sfn-seq-party", "data-look": look, title: words }, h("span", { class: "sfn-seq-name", dir: "auto" }, name), kind ? h("span", { class: "sfn-seq-kind" }, kind) : null);
    head.prepend(drawn);
    head.style.left = `${x - this.layout.head / 2}px`;
    head.style.width = `${this.layout.head}px`;
    return head;
  }

  // -- rows -----------------------------------------------------------------------------------------------------------

  /** @returns {SequenceRow} */
  makeRow() {
    const lifelines = s("path", { class: "sfn-seq-lifelines", d: "" });
    const message = s("path", { class: "sfn-seq-message", d: "" });
    const tip = s("path", { class: "sfn-seq-tip", d: "" });
    const bar = s("rect", { class: "sfn-seq-bar", width: BAR, rx: 2 });
    const svg = s("svg", { class: "sfn-seq-drawing", height: SEQUENCE_ROW_HEIGHT, "aria-hidden": "true" }, lifelines, message, tip, bar);
    const iconPath = s("path", { d: "" });
    const icon = s("svg", { class: "sfn-mark-icon", viewBox: "0 0 16 16", width: 12, height: 12, "aria-hidden": "true" }, iconPath);
    const text = h("span", { class: "sfn-cut", dir: "auto" });
    const words = h("span", { class: "sfn-seq-words" }, /** @type {any} */ (icon), text);
    const time = h("span", { class: "sfn-seq-time" });
    const hint = h("span", { class: "sfn-seq-hint sfn-cut", "aria-hidden": "true", dir: "auto" });
    return { element: h("div", { class: "sfn-seq-row", role: "option" }, /** @type {any} */ (svg), words, time, hint), time, svg, lifelines, message, tip, bar, words, icon, iconPath, text, hint, drawn: "" };
  }

  /** @param {SequenceRow} row @param {InteractionEntry} entry @param {number} index */
  draw(row, { rows, pause }, index) {
    const { store, layout } = this;
    if (row.drawn !== this.lifelines) {
      row.drawn = this.lifelines;
      row.svg.setAttribute("width", String(layout.width));
      row.lifelines.setAttribute("d", this.lifelines);
    }
    if (!rows.length) return this.drawPause(row, pause);
    const [first] = rows;
    const status = store.status(first);
    const action = store.action(rows);
    const details = store.details(rows);
    const time = store.time(rows);
    const before = store.entries[index - 1];
    // What happens at one moment has its time once.
    row.time.textContent = before?.rows.length && store.time(before.rows) === time ? "" : time;
    row.text.textContent = [action, ...details].join(", ");
    row.iconPath.setAttribute("d", status ? this.place.mark(status) : "");
    for (const element of [row.element, row.icon]) {
      if (status) element.setAttribute("data-status", status);
      else element.removeAttribute("data-status");
    }
    row.element.setAttribute("aria-label", [time, store.way(first), action, ...details].join(", "));
    row.element.title = [store.way(first), [action, ...details].join(", "), store.name("error", first)].filter(Boolean).join("\n");
    const { source, target } = store.data.columns;
    const from = layout.xs[layout.places.get(source[first]) ?? 0];
    const to = layout.xs[layout.places.get(target[first]) ?? 0];
    this.hint(row, first, from, to);
    if (from === to) this.drawAlone(row, from, store.name("what", first) === "attempt");
    else this.drawArrow(row, from, to, store.name("what", first) === "call");
  }

  /**
   * Say what is out of sight.
   * @param {SequenceRow} row @param {number} first @param {number} from @param {number} to
   */
  hint(row, first, from, to) {
    const { scrollLeft, clientWidth } = this.window.element;
    const isAfter = Math.min(from, to) > scrollLeft + clientWidth - 24;
    const isBefore = !isAfter && Math.max(from, to) < scrollLeft + this.layout.left;
    row.hint.hidden = !isAfter && !isBefore;
    if (row.hint.hidden) return;
    const words = `${this.store.way(first)}: ${this.store.action([first])}`;
    row.hint.textContent = isAfter ? `${words} ›` : `‹ ${words}`;
    row.hint.style.left = isAfter ? "" : `${scrollLeft + this.layout.left}px`;
    row.hint.style.right = isAfter ? `${this.layout.width - scrollLeft - clientWidth + 10}px` : "";
  }

  /** @param {SequenceRow} row @param {number} pause */
  drawPause(row, pause) {
    const { layout } = this;
    row.element.removeAttribute("data-status");
    row.element.removeAttribute("aria-label");
    row.element.title = "";
    row.hint.hidden = true;
    row.time.textContent = "";
    row.text.textContent = `${spanWords(pause)} pass`;
    row.iconPath.setAttribute("d", "");
    row.icon.removeAttribute("data-status");
    row.message.setAttribute("d", `M12 ${SEQUENCE_ROW_HEIGHT / 2}H${layout.width - 12}`);
    row.tip.setAttribute("d", "");
    row.bar.setAttribute("height", "0");
    this.placeWords(row, this.window.element.scrollLeft + layout.left, 300, SEQUENCE_ROW_HEIGHT / 2 - 10);
  }

  /** @param {SequenceRow} row @param {number} from @param {number} to @param {boolean} isCall */
  drawArrow(row, from, to, isCall) {
    const way = to > from ? 1 : -1;
    const end = to - way * (isCall ? BAR / 2 : 1);
    row.message.setAttribute("d", `M${from} ${ARROW_AT}H${end - way * TIP}`);
    row.tip.setAttribute("d", `M${end} ${ARROW_AT}l${-way * TIP} -3.6v7.2Z`);
    this.placeBar(row, isCall ? to : null, ARROW_AT - 5, 17);
    const [left, right] = [Math.min(from, to), Math.max(from, to)];
    // The words of a long arrow stand where it is seen.
    const seen = this.window.element.scrollLeft + this.layout.left + 6;
    const start = Math.max(left + 12, Math.min(seen, right - LEAST_WORDS));
    this.placeWords(row, start, right - start - 10, 5);
  }

  /** @param {SequenceRow} row @param {number} x @param {boolean} isWork */
  drawAlone(row, x, isWork) {
    this.placeBar(row, isWork ? x : null, 9, 24);
    row.message.setAttribute("d", isWork ? "" : `M${x} 13H${x + 16}V29H${x + TIP + 1}`);
    row.tip.setAttribute("d", isWork ? "" : `M${x + 1} 29l${TIP} -3.6v7.2Z`);
    const left = x + (isWork ? 12 : 22);
    this.placeWords(row, left, this.layout.width - left - 8, 12);
  }

  /** @param {SequenceRow} row @param {number|null} x @param {number} y @param {number} height */
  placeBar(row, x, y, height) {
    row.bar.setAttribute("x", String((x ?? 0) - BAR / 2));
    row.bar.setAttribute("y", String(y));
    row.bar.setAttribute("height", String(x === null ? 0 : height));
  }

  /** @param {SequenceRow} row @param {number} left @param {number} room @param {number} top */
  placeWords(row, left, room, top) {
    row.words.style.left = `${left}px`;
    row.words.style.top = `${top}px`;
    row.words.style.maxWidth = `${room}px`;
  }
}
