// @ts-check
import { InteractionsBoard } from "./interactions.js";
import { h } from "./parts.js";

/**
 * Who started an execution, and the interactions around its start. It is empty for one that the notebook started.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {{words?: string, execution?: string, interactions?: any}} ExecutionOrigin
 */

export class OriginBar {
  /** @param {Store} store @param {{say: (words: string) => void}} voice */
  constructor(store, { say }) {
    this.model = store.model;
    this.say = say;
    /** @type {InteractionsBoard|null} */
    this.board = null;
    this.words = h("span", {});
    this.toggle = h("button", { class: "sfn-button", type: "button", "aria-expanded": "false", onclick: () => (this.board ? this.shut() : this.open()) });
    this.place = h("div", { class: "sfn-origin-place", hidden: true });
    this.element = h("div", { class: "sfn-origin" }, h("div", { class: "sfn-origin-bar" }, this.words, this.toggle), this.place);
    this.changed = () => this.draw();
    this.model.on("change:origin", this.changed);
    this.draw();
  }

  close() {
    this.model.off("change:origin", this.changed);
    this.board?.close();
  }

  /** What an execution is about is the other panes' matter. */
  update() {}

  /** @returns {ExecutionOrigin} */
  get origin() {
    const given = this.model.get("origin");
    return (typeof given === "string" ? JSON.parse(given || "{}") : given) ?? {};
  }

  draw() {
    const { words } = this.origin;
    this.element.hidden = !words;
    this.words.replaceChildren("Started by ", h("b", { dir: "auto" }, words ?? ""));
    if (this.board) {
      this.shut();
      this.open();
    }
    this.drawToggle();
  }

  drawToggle() {
    this.toggle.textContent = this.board ? "Hide who called whom" : "Who called whom";
    this.toggle.setAttribute("aria-expanded", String(Boolean(this.board)));
    this.place.hidden = !this.board;
  }

  open() {
    const { interactions, execution } = this.origin;
    const board = (this.board = new InteractionsBoard(interactions, null, { marks: () => this.model.get("marks"), say: this.say }));
    this.place.append(board.element);
    this.drawToggle();
    // Only what is on the page can be measured.
    board.shown();
    board.show(board.store.startOf(execution ?? ""));
  }

  shut() {
    this.board?.close();
    this.board = null;
    this.place.replaceChildren();
    this.drawToggle();
  }
}
