// @ts-check
import { count, h } from "./parts.js";

/**
 * Which of a state's visits is shown: one after the other, by its number, or only those that failed. It draws no visit.
 *
 * @typedef {import("./store.js").Store} Store
 */

const FAILED_STATUSES = new Set(["FAILED", "CAUGHT", "TIMED_OUT"]);

export class VisitChooser {
  /** @param {Store} store @param {{say: (words: string) => void}} frame */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    this.failedOnly = false;
    this.typing = false;
    this.pointer = "";
    /** @type {number|null|undefined} the visit that was shown last */
    this.shown = undefined;
    /** @type {number[]} places of the visits that can be chosen */
    this.places = [];
    this.back = this.stepButton("‹", "Previous visit", -1);
    this.on = this.stepButton("›", "Next visit", 1);
    this.number = /** @type {HTMLInputElement} */ (h("input", { class: "sfn-visit-number", type: "number", min: 1, step: 1 }));
    this.what = h("span", {}, "Visit");
    this.total = h("span", {});
    this.failed = h("button", { class: "sfn-button", type: "button", "aria-pressed": "false", onclick: () => this.filter(!this.failedOnly) });
    this.latest = h("button", { class: "sfn-button", type: "button", title: "Show the latest visit, also when the next one begins", onclick: () => store.select(store.pointer) }, "Follow latest");
    this.element = h("div", { class: "sfn-visits", role: "group", "aria-label": "Visit" }, this.back, h("label", {}, this.what, this.number, this.total), this.on, this.failed, this.latest);
    this.number.addEventListener("input", () => (this.typing = true));
    this.number.addEventListener("change", () => this.typed());
    this.number.addEventListener("blur", () => {
      this.typing = false;
      this.draw();
    });
  }

  /** @param {string} sign @param {string} label @param {number} step */
  stepButton(sign, label, step) {
    const go = () => this.choose(this.at + step);
    return /** @type {HTMLButtonElement} */ (h("button", { class: "sfn-button", type: "button", "aria-label": label, title: label, onclick: go }, sign));
  }

  get at() {
    const { visit } = this.store;
    return visit === null ? -1 : this.places.indexOf(visit);
  }

  /** @param {number} at */
  choose(at) {
    if (!this.places.length) return;
    const bounded = Math.max(0, Math.min(at, this.places.length - 1));
    this.store.select(this.store.pointer, this.places[bounded]);
    // The chosen visit may be the one that is shown already, and then nobody draws.
    this.draw();
    this.say(`${this.what.textContent} ${count(bounded + 1)} of ${count(this.places.length)}`);
  }

  typed() {
    this.typing = false;
    const number = Number(this.number.value);
    if (Number.isInteger(number) && number > 0) this.choose(number - 1);
    else this.draw();
  }

  /** @param {boolean} failedOnly */
  filter(failedOnly) {
    const { visit } = this.store;
    this.failedOnly = failedOnly;
    this.draw();
    if (!failedOnly || visit === null || this.places.includes(visit)) return;
    const following = this.places.findIndex((place) => place > visit);
    this.choose(following < 0 ? this.places.length - 1 : following);
  }

  draw() {
    const { store } = this;
    const all = store.pointer && store.trace ? store.visitsOf(store.pointer) : [];
    const failed = all.filter((place) => FAILED_STATUSES.has(store.statusOf(place)));
    const shown = store.visit;
    // Another pane may have chosen a visit, or a state, that the filter would hide.
    const moved = shown !== this.shown && shown !== null && !failed.includes(shown);
    if (store.pointer !== this.pointer || !failed.length || (moved && this.shown !== undefined)) this.failedOnly = false;
    this.pointer = store.pointer;
    this.shown = shown;
    this.places = this.failedOnly ? failed : all;
    this.element.hidden = all.length < 2;
    const { at } = this;
    if (!this.typing) this.number.value = at < 0 ? "" : String(at + 1);
    this.number.max = String(this.places.length);
    this.number.setAttribute("aria-label", this.failedOnly ? "Number of the failed visit" : "Number of the visit");
    this.what.textContent = this.failedOnly ? "Failed visit" : "Visit";
    this.total.textContent = `of ${count(this.places.length)}`;
    // A button that is disabled would lose the focus at the first and the last visit.
    this.back.setAttribute("aria-disabled", String(at <= 0));
    this.on.setAttribute("aria-disabled", String(at >= this.places.length - 1));
    this.failed.hidden = !failed.length || (failed.length === all.length && !this.failedOnly);
    this.failed.textContent = `Failed only (${count(failed.length)})`;
    this.failed.setAttribute("aria-pressed", String(this.failedOnly));
    this.latest.hidden = store.chosen === null || store.trace?.ended !== null || store.moment !== null;
  }
}
