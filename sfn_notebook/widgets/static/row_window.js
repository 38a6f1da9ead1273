// @ts-check
import { h } from "./parts.js";

/**
 * A long list of which only the rows in sight are elements. It knows how high a row is and not what stands in it.
 *
 * @typedef {{element: HTMLElement}} WindowRow
 */

const ROWS_AHEAD = 4;

/** @template {WindowRow} R */
export class RowWindow {
  /**
   * @param {{height: number, make: () => R, fill: (row: R, index: number) => void, attributes: Record<string, any>}} options
   *   `height` in pixels; `fill` writes the row with an index into an element that may have shown another.
   */
  constructor({ height, make, fill, attributes }) {
    this.height = height;
    this.make = make;
    this.fill = fill;
    this.count = 0;
    this.first = 0;
    /** @type {R[]} */
    this.rows = [];
    this.block = h("div", { class: "sfn-window-block", role: "presentation" });
    this.canvas = h("div", { class: "sfn-window-canvas", role: "presentation" }, this.block);
    this.element = h("div", { ...attributes, class: `sfn-window ${attributes.class ?? ""}` }, this.canvas);
    this.element.addEventListener("scroll", () => this.place());
    /** @type {() => void} what else follows the size of the window */
    this.resized = () => {};
    this.observer = typeof ResizeObserver === "function" ? new ResizeObserver(() => this.measure()) : null;
    this.observer?.observe(this.element);
  }

  close() {
    this.observer?.disconnect();
  }

  /** How many rows are in sight at once. */
  get page() {
    return Math.max(1, Math.floor(this.element.clientHeight / this.height));
  }

  get isAtEnd() {
    return this.element.scrollTop + this.element.clientHeight >= this.count * this.height - this.height;
  }

  /** @param {number} count */
  setCount(count) {
    this.count = count;
    this.canvas.style.height = `${count * this.height}px`;
    this.place(true);
  }

  measure() {
    this.resized();
    this.place(true);
  }

  /** Write the rows in sight again. */
  redraw() {
    this.place(true);
  }

  place(always = false) {
    const { clientHeight, scrollTop } = this.element;
    const wanted = clientHeight ? Math.min(this.count, Math.ceil(clientHeight / this.height) + 1 + 2 * ROWS_AHEAD) : 0;
    const ahead = Math.floor(scrollTop / this.height) - ROWS_AHEAD;
    const first = Math.max(0, Math.min(ahead, this.count - wanted));
    if (!always && first === this.first && wanted === this.rows.length) return;
    this.first = first;
    while (this.rows.length > wanted) this.rows.pop()?.element.remove();
    while (this.rows.length < wanted) {
      const row = this.make();
      row.element.style.height = `${this.height}px`;
      this.rows.push(row);
      this.block.append(row.element);
    }
    this.block.style.transform = `translateY(${first * this.height}px)`;
    this.rows.forEach((row, place) => this.fill(row, first + place));
  }

  /**
   * The element of a row that is in sight or nearly so.
   * @param {number} index @returns {R|undefined}
   */
  rowAt(index) {
    return this.rows[index - this.first];
  }

  /**
   * Scroll until the row is in sight.
   * @param {number} index @param {boolean} centred
   */
  reveal(index, centred = false) {
    const { clientHeight, scrollTop } = this.element;
    if (index < 0 || !clientHeight) return;
    const top = index * this.height;
    const inSight = top >= scrollTop && top + this.height <= scrollTop + clientHeight;
    if (inSight) return;
    if (centred) this.element.scrollTop = top - (clientHeight - this.height) / 2;
    else this.element.scrollTop = top < scrollTop ? top : top + this.height - clientHeight;
    this.place();
  }

  /**
   * Where an arrow key leads from a row; -1 for other keys.
   * @param {string} key @param {number} index
   */
  target(key, index) {
    const last = this.count - 1;
    /** @type {{[key: string]: number}} */
    const targets = { ArrowUp: index - 1, ArrowDown: index + 1, PageUp: index - this.page, PageDown: index + this.page, Home: 0, End: last };
    return key in targets && last >= 0 ? Math.max(0, Math.min(last, targets[key])) : -1;
  }
}
