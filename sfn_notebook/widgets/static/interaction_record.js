// @ts-check
import { PayloadBox, textBlock } from "./json_tree.js";
import { spanWords } from "./pane_words.js";
import { count, h, statusChip } from "./parts.js";

/**
 * What is known of one interaction: when and how long, what was sent and answered, why it failed, and what else became
 * of the same request. Which one it is, the store says.
 *
 * @typedef {import("./interactions_model.js").InteractionStore} InteractionStore
 */

const MOST_OF_A_REQUEST = 30;

export class InteractionRecord {
  /**
   * @param {InteractionStore} store
   * @param {{marks: () => any, say: (words: string) => void, closed: () => void}} place
   */
  constructor(store, { marks, say, closed }) {
    this.store = store;
    this.marks = marks;
    this.say = say;
    this.closed = closed;
    this.isOpen = false;
    this.told = "";
    this.element = h("section", { class: "sfn-record sfn-inspector", "aria-label": "Record of the interaction", tabindex: "-1", hidden: true });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.closed();
    });
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.isOpen = isOpen;
    this.element.hidden = !isOpen;
    this.draw();
  }

  /** Draw what is chosen, if that is not what is drawn. */
  draw(anew = false) {
    const row = this.store.selected;
    if (!this.isOpen) return;
    const key = `${row} ${this.store.filter.folded}`;
    if (key === this.told && !anew) return;
    this.told = key;
    if (row === null) return this.element.replaceChildren(h("p", { class: "sfn-quiet" }, "Choose an interaction to see its record."));
    this.element.replaceChildren(...this.parts(row));
    this.element.scrollTop = 0;
  }

  /** @param {number} row @returns {Node[]} */
  parts(row) {
    const { store } = this;
    const { columns } = store.data;
    const error = store.name("error", row);
    const parts = [this.title(row), this.stepper(row), error ? this.errorBox(error) : null, this.facts(row), this.request(row)];
    const boxes = [this.payload(sentTitle(store.name("what", row)), columns.sent[row]), this.payload("Answer", columns.answer[row]), this.log(columns.log[row])];
    parts.push(h("div", { class: "sfn-stages" }, ...boxes));
    return parts.flatMap((part) => part ?? []);
  }

  /** @param {number} row */
  title(row) {
    const { store } = this;
    const status = store.status(row);
    const word = status === "RETRYING" ? "Throttled" : undefined;
    return h(
      "div",
      { class: "sfn-title" },
      h("span", { dir: "auto" }, `${store.way(row)}: ${store.action([row])}`),
      status ? statusChip(this.marks(), status, word) : null,
      h("button", { class: "sfn-button sfn-close", type: "button", "aria-label": "Close the record", title: "Close (Escape)", onclick: () => this.closed() }, "✕"),
    );
  }

  /**
   * For one of many that are told as one: the way to its neighbours.
   * @param {number} row
   */
  stepper(row) {
    const { store } = this;
    const rows = store.entries[store.places.get(row) ?? -1]?.rows ?? [];
    if (rows.length < 2) return null;
    const place = rows.indexOf(row);
    const step = (/** @type {string} */ words, /** @type {string} */ label, /** @type {number} */ target) =>
      h("button", { class: "sfn-button", type: "button", "aria-label": label, disabled: target < 0 || target >= rows.length, onclick: () => this.stepTo(rows[target], label) }, words);
    return h("div", { class: "sfn-row" }, step("‹", "Previous of these", place - 1), h("span", { class: "sfn-quiet" }, `${count(place + 1)} of ${count(rows.length)} alike`), step("›", "Next of these", place + 1));
  }

  /** @param {number} row @param {string} label */
  stepTo(row, label) {
    this.store.select(row);
    const again = [...this.element.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === label);
    (again && !again.hasAttribute("disabled") ? again : this.element).focus();
  }

  /** @param {string} error */
  errorBox(error) {
    return h("div", { class: "sfn-error" }, h("strong", { class: "sfn-error-name" }, "Error"), h("span", { dir: "auto" }, error));
  }

  /** @param {number} row */
  facts(row) {
    const { store } = this;
    const { at, duration, init, attempt, cold, facts } = store.data.columns;
    /** @type {[string, string][]} */
    const told = [
      ["Began", `${at[row] ? `after ${spanWords(at[row], 4)}, ` : ""}${moment(store.data.origin + at[row])}`],
      ["Took", duration[row] ? spanWords(duration[row], 4) : ""],
      ["Cold start", init[row] ? spanWords(init[row], 4) : cold[row] ? "yes" : ""],
      ["Attempt", attempt[row] ? String(attempt[row]) : ""],
      ["Why", store.name("why", row)],
      ["Request id", store.name("request", row)],
    ];
    const list = facts[row];
    for (let place = 0; place < list.length; place += 2) told.push([store.data.names[list[place]], store.data.names[list[place + 1]]]);
    const shown = told.filter(([, value]) => value);
    return h("dl", { class: "sfn-facts" }, ...shown.flatMap(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)]));
  }

  /**
   * The event with its attempts and records, to go from one to the other.
   * @param {number} row
   */
  request(row) {
    const { store } = this;
    const rows = store.ofRequest(row);
    if (rows.length < 2) return null;
    const buttons = rows.slice(0, MOST_OF_A_REQUEST).map((other) => {
      const status = store.status(other);
      const words = `${spanWords(store.data.columns.at[other], 4)}: ${store.action([other])}`;
      return h("button", { class: "sfn-button sfn-of-request", type: "button", "data-status": status || null, "aria-current": other === row ? "true" : null, onclick: () => this.goTo(other) }, words);
    });
    const rest = rows.length - buttons.length;
    return h("div", { class: "sfn-request" }, h("div", { class: "sfn-label-line" }, "Same request"), h("div", { class: "sfn-request-steps" }, ...buttons, rest > 0 ? h("span", { class: "sfn-quiet" }, `… and ${count(rest)} more`) : null));
  }

  /** @param {number} row */
  goTo(row) {
    this.store.select(row);
    const current = /** @type {HTMLElement|null} */ (this.element.querySelector("[aria-current]"));
    (current ?? this.element).focus();
  }

  /** @param {string} label @param {number} number */
  payload(label, number) {
    const given = this.store.text(number);
    if (!given) return null;
    const { text, missing } = given;
    const note = missing <= 0 ? null : h("p", { class: "sfn-quiet" }, text ? `The first ${count(text.length)} of ${count(text.length + missing)} characters.` : `Not sent to this view: ${count(missing)} characters.`);
    const box = missing > 0 ? (text ? textBlock(text, label) : null) : new PayloadBox({ label, text, missing: 0, say: this.say }).element;
    return h("div", { class: "sfn-stage-part" }, h("div", { class: "sfn-label-line" }, label), note, box);
  }

  /** @param {number} number */
  log(number) {
    const given = this.store.text(number);
    return given?.text ? h("div", { class: "sfn-stage-part" }, h("div", { class: "sfn-label-line" }, "Log"), textBlock(given.text, "Log")) : null;
  }
}

/** @param {string} what */
function sentTitle(what) {
  if (what === "record") return "Record";
  return what === "call" || what === "attempt" || what === "event" || what === "match" ? "Event" : what === "start" ? "Input" : "Sent";
}

/** @param {number} seconds since 1970 */
function moment(seconds) {
  return `${new Date(Math.round(seconds * 1000)).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}
