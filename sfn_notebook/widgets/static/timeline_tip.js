// @ts-check
import { StatusMark, statusWord } from "./pane_words.js";
import { h } from "./parts.js";
import { rowWords } from "./timeline_row.js";

/**
 * What a row of the timeline says, beside the pointer or below the row that the keys stand at. Screen readers get the same
 * words as the row's name.
 *
 * @typedef {import("./timeline_rows.js").TimelineRow} TimelineRow
 * @typedef {import("./timeline_row.js").Drawing} Drawing
 */

const TIP_DISTANCE = 4;

export class TimelineTip {
  constructor() {
    this.element = h("div", { class: "sfn-timeline-tip", "aria-hidden": "true", hidden: true });
    this.key = "";
  }

  get isShown() {
    return !this.element.hidden;
  }

  hide() {
    this.element.hidden = true;
  }

  /** @param {TimelineRow} row @param {HTMLElement} place @param {number} x from the left of what holds the tip @param {Drawing} drawing */
  show(row, place, x, drawing) {
    if (this.key !== row.key || !this.isShown) this.fill(row, drawing);
    const around = /** @type {HTMLElement} */ (this.element.parentElement).getBoundingClientRect();
    const { top, bottom } = place.getBoundingClientRect();
    const { offsetHeight, offsetWidth, style } = this.element;
    const below = bottom - around.top + TIP_DISTANCE;
    const above = Math.max(0, top - around.top - offsetHeight - TIP_DISTANCE);
    style.top = `${below + offsetHeight <= around.height ? below : above}px`;
    style.left = `${Math.max(TIP_DISTANCE, Math.min(around.width - offsetWidth - TIP_DISTANCE, x + 3 * TIP_DISTANCE))}px`;
  }

  /** @param {TimelineRow} row @param {Drawing} drawing */
  fill(row, drawing) {
    const { title, status, lines } = rowWords(row, drawing);
    const mark = new StatusMark();
    mark.set(drawing.store, status);
    const word = status ? [h("div", { class: "sfn-timeline-tip-status" }, mark.element, statusWord(drawing.store, status))] : [];
    this.element.replaceChildren(h("strong", { dir: "auto" }, title), ...word, ...lines.map((line) => h("div", {}, line)));
    this.key = row.key;
    this.element.hidden = false;
  }
}
