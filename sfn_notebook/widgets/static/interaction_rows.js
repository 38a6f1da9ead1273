// @ts-check
import { freshId } from "./pane_words.js";
import { RowWindow } from "./row_window.js";

/**
 * Interactions as rows that keys can walk, of which only those in sight are elements. What a row looks like is the
 * business of those that extend it.
 *
 * @typedef {import("./interactions_model.js").InteractionStore} InteractionStore
 * @typedef {import("./interactions_model.js").InteractionEntry} InteractionEntry
 * @typedef {{say: (words: string) => void, open: () => void, close: () => boolean, mark: (status: string) => string}} InteractionPlace
 *   `open` shows the record of what is chosen, `close` tells whether there was one; `mark` is the icon of a status.
 */

/** @template {{element: HTMLElement}} R */
export class InteractionRows {
  /**
   * @param {InteractionStore} store @param {InteractionPlace} place
   * @param {{height: number, attributes: Record<string, any>}} options
   */
  constructor(store, place, { height, attributes }) {
    this.store = store;
    this.place = place;
    this.id = freshId("interactions");
    /** @type {RowWindow<R>} */
    this.window = new RowWindow({
      height,
      make: () => this.makeRow(),
      fill: (row, index) => this.fill(row, index),
      attributes: { tabindex: "0", ...attributes },
    });
    this.window.element.addEventListener("keydown", (event) => this.keyed(event));
    this.window.element.addEventListener("click", (event) => this.clicked(event));
    this.window.element.addEventListener("scroll", () => this.pointAtChosen());
  }

  close() {
    this.window.close();
  }

  /** @returns {R} */
  makeRow() {
    throw new Error("not drawn here");
  }

  /** @param {R} _row @param {InteractionEntry} _entry @param {number} _index */
  draw(_row, _entry, _index) {
    throw new Error("not drawn here");
  }

  /** Rows, filter or size are new. */
  refresh() {
    this.window.setCount(this.store.entries.length);
    this.pointAtChosen();
  }

  /** What is chosen is new. */
  chosen() {
    const index = this.chosenIndex;
    if (index >= 0) this.window.reveal(index);
    this.window.redraw();
    this.pointAtChosen();
  }

  get chosenIndex() {
    const { selected, places } = this.store;
    return selected === null ? -1 : (places.get(selected) ?? -1);
  }

  /** @param {R} row @param {number} index */
  fill(row, index) {
    const entry = this.store.entries[index];
    if (!entry) return;
    const { element } = row;
    const isChosen = entry.rows.length > 0 && index === this.chosenIndex;
    element.id = `${this.id}-${index}`;
    element.setAttribute("data-index", String(index));
    element.classList.toggle("sfn-active", isChosen);
    element.classList.toggle("sfn-pause", entry.rows.length === 0);
    if (entry.rows.length) {
      element.removeAttribute("aria-hidden");
      element.setAttribute("aria-selected", String(isChosen));
    } else {
      element.setAttribute("aria-hidden", "true");
      element.removeAttribute("aria-selected");
    }
    this.draw(row, entry, index);
  }

  /** Tell a screen reader which row is chosen, as long as it is an element. */
  pointAtChosen() {
    const index = this.chosenIndex;
    const row = index < 0 ? undefined : this.window.rowAt(index);
    if (row) this.window.element.setAttribute("aria-activedescendant", row.element.id);
    else this.window.element.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  choose(index) {
    const entry = this.store.entries[index];
    if (!entry?.rows.length) return;
    // Of many told as one, the one that is looked at stays.
    if (!entry.rows.includes(this.store.selected ?? -1)) this.store.select(entry.rows[0]);
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const row = /** @type {Element} */ (event.target).closest("[data-index]");
    if (!row) return;
    this.choose(Number(row.getAttribute("data-index")));
    this.place.open();
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = this.chosenIndex;
    const wanted = this.window.target(event.key, here);
    if (wanted >= 0) this.choose(this.stepOver(wanted, wanted >= here ? 1 : -1));
    else if ((event.key === "Enter" || event.key === " ") && here >= 0) this.place.open();
    else if (event.key !== "Escape" || !this.place.close()) return;
    // A notebook would take these keys for its own cells.
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * The next entry that is no pause, that way or else the other.
   * @param {number} index @param {number} step @returns {number}
   */
  stepOver(index, step) {
    const { entries } = this.store;
    for (const way of [step, -step]) {
      for (let at = index; at >= 0 && at < entries.length; at += way) if (entries[at].rows.length) return at;
    }
    return -1;
  }
}
