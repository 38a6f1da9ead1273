// @ts-check
import { count, h } from "./parts.js";

/**
 * The search in the payloads that an inspector shows, one after the other. It knows no states and draws no payload.
 *
 * @typedef {import("./json_tree.js").PayloadBox} PayloadBox
 * @typedef {import("./json_tree.js").TreeMatch} TreeMatch
 * @typedef {{element: HTMLElement, box: () => PayloadBox}} FoundSection A payload in `details`; `box` draws it.
 */

// Below this many characters a search takes no longer than a key press.
const SEARCHED_AT_ONCE = 500_000;
const TYPING_PAUSE = 250;

export class PayloadFinder {
  /** @param {{sections: () => FoundSection[], say: (words: string) => void}} options */
  constructor({ sections, say }) {
    this.sections = sections;
    this.say = say;
    this.words = "";
    /** @type {{section: FoundSection, match: TreeMatch}[]} */
    this.matches = [];
    this.more = false;
    this.at = -1;
    /** @type {FoundSection[]} */
    this.searched = [];
    this.field = /** @type {HTMLInputElement} */ (h("input", { class: "sfn-find", type: "search", placeholder: "Find in payloads", "aria-label": "Find in names and values", spellcheck: "false" }));
    this.number = h("span", { class: "sfn-find-count" });
    const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {number} */ step) =>
      h("button", { class: "sfn-button", type: "button", "aria-label": label, title: label, onclick: () => this.go(step) }, sign);
    this.steps = h("span", { class: "sfn-find-steps", hidden: true }, this.number, button("‹", "Previous match", -1), button("›", "Next match", 1));
    this.element = h("div", { class: "sfn-finder", role: "search" }, this.field, this.steps);
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.keyed(event));
  }

  close() {
    clearTimeout(this.timer);
  }

  typed() {
    clearTimeout(this.timer);
    const characters = this.sections().reduce((sum, { box }) => sum + box().text.length, 0);
    if (characters < SEARCHED_AT_ONCE) this.find();
    else this.timer = setTimeout(() => this.find(), TYPING_PAUSE);
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.key === "Enter") this.go(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && this.field.value) {
      this.field.value = "";
      this.find();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  find() {
    clearTimeout(this.timer);
    this.words = this.field.value;
    this.search();
    this.at = -1;
    if (this.matches.length) this.go(1);
    else this.tell();
    if (this.words) this.say(this.matches.length ? `${this.total} matches` : "No match");
  }

  /**
   * A payload that only repeats the one before is searched when it is open.
   * @returns {FoundSection[]}
   */
  worthSearching() {
    return this.sections().filter(({ element }) => !element.hasAttribute("data-same") || detailsOf(element).open);
  }

  search() {
    this.searched = this.words ? this.worthSearching() : [];
    this.matches = [];
    this.more = false;
    for (const { box } of this.sections()) if (this.searched.length || this.marked) box().tree?.mark(this.words);
    this.marked = this.words !== "";
    for (const section of this.searched) {
      const { matches, more } = section.box().find(this.words);
      this.matches.push(...matches.map((match) => ({ section, match })));
      this.more ||= more;
    }
  }

  /** Search again where other payloads are shown now. */
  renew() {
    if (!this.words) return;
    const now = this.worthSearching();
    if (now.length === this.searched.length && now.every(({ element }, place) => element === this.searched[place].element)) return;
    this.search();
    this.at = Math.min(this.at, this.matches.length - 1);
    this.tell();
  }

  /** @param {number} step */
  go(step) {
    if (this.field.value !== this.words) this.find();
    if (!this.matches.length) return;
    this.at = this.at < 0 && step < 0 ? this.matches.length - 1 : (this.at + step + this.matches.length) % this.matches.length;
    const { section, match } = this.matches[this.at];
    const details = detailsOf(section.element);
    details.open = true;
    // What opens is filled by an event that comes later.
    const { element, tree } = section.box();
    if (!element.isConnected) details.append(element);
    tree?.reveal(match);
    this.tell();
  }

  get total() {
    return `${count(this.matches.length)}${this.more ? "+" : ""}`;
  }

  tell() {
    this.steps.hidden = !this.words;
    this.number.textContent = this.matches.length ? `${count(this.at + 1)} of ${this.total}` : "No match";
  }
}

/** @param {HTMLElement} section */
function detailsOf(section) {
  return /** @type {HTMLDetailsElement} */ (section.querySelector("details"));
}
