// @ts-check
import { InteractionRows } from "./interaction_rows.js";
import { spanWords } from "./pane_words.js";
import { h, s } from "./parts.js";

/**
 * The interactions as a list: when, who, whom, what and why. What is shown and chosen is the store's business.
 *
 * @typedef {import("./interactions_model.js").InteractionStore} InteractionStore
 * @typedef {import("./interactions_model.js").InteractionEntry} InteractionEntry
 * @typedef {import("./interaction_rows.js").InteractionPlace} InteractionPlace
 * @typedef {{element: HTMLElement, icon: SVGElement, path: SVGElement, cells: HTMLElement[], words: HTMLElement[]}} InteractionListRow
 */

const LIST_ROW_HEIGHT = 28;
const LIST_COLUMNS = [
  ["time", "Time", "Modelled time since the first interaction"],
  ["from", "From", ""],
  ["to", "To", "Empty where somebody does something alone"],
  ["what", "What", ""],
  ["why", "Why", "The reason, the error, and how long it took"],
];

/** @extends {InteractionRows<InteractionListRow>} */
export class InteractionList extends InteractionRows {
  /** @param {InteractionStore} store @param {InteractionPlace} place */
  constructor(store, place) {
    super(store, place, {
      height: LIST_ROW_HEIGHT,
      attributes: { class: "sfn-call-rows", role: "grid", "aria-label": "Interactions", "aria-colcount": LIST_COLUMNS.length, "aria-description": "Enter shows the record of an interaction" },
    });
    const head = h("div", { class: "sfn-call-head sfn-call-grid", "aria-hidden": "true" }, ...LIST_COLUMNS.map(([key, words, title]) => h("span", { class: `sfn-call-${key}`, title }, words)));
    this.element = h("div", { class: "sfn-calls" }, head, this.window.element);
    this.window.resized = () => {
      const { offsetWidth, clientWidth } = this.window.element;
      this.element.style.setProperty("--sfn-scrollbar", `${offsetWidth - clientWidth}px`);
    };
  }

  /** @returns {InteractionListRow} */
  makeRow() {
    const path = s("path", { d: "" });
    const icon = s("svg", { class: "sfn-mark-icon", viewBox: "0 0 16 16", width: 12, height: 12, "aria-hidden": "true" }, path);
    const words = LIST_COLUMNS.map(() => h("span", { class: "sfn-cut", dir: "auto" }));
    const cells = LIST_COLUMNS.map(([key], place) => h("span", { class: `sfn-call-${key}`, role: "gridcell", "aria-colindex": place + 1 }, key === "what" ? /** @type {any} */ (icon) : null, words[place]));
    return { element: h("div", { class: "sfn-call-row sfn-call-grid", role: "row" }, ...cells), icon, path, cells, words };
  }

  /** @param {InteractionListRow} row @param {InteractionEntry} entry @param {number} index */
  draw(row, { rows, pause }, index) {
    const { store } = this;
    const [first] = rows;
    const status = rows.length ? store.status(first) : "";
    const error = rows.length ? store.name("error", first) : "";
    const texts = rows.length
      ? [store.time(rows), store.source(first).words, store.isAlone(first) ? "" : store.target(first).words, store.action(rows), [...store.details(rows), error].filter(Boolean).join(", ")]
      : ["", "", "", "", `${spanWords(pause)} pass`];
    texts.forEach((text, column) => {
      row.words[column].textContent = text;
      row.words[column].title = text;
    });
    row.path.setAttribute("d", status ? this.place.mark(status) : "");
    if (status) {
      row.element.setAttribute("data-status", status);
      row.icon.setAttribute("data-status", status);
    } else {
      row.element.removeAttribute("data-status");
      row.icon.removeAttribute("data-status");
    }
    row.element.setAttribute("aria-rowindex", String(index + 1));
  }

  refresh() {
    this.window.element.setAttribute("aria-rowcount", String(this.store.entries.length));
    super.refresh();
  }
}
