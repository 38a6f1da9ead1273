// @ts-check
import { readJson } from "./json_text.js";
import { textBlock } from "./json_tree.js";
import { spanWords, StatusMark, statusWord } from "./pane_words.js";
import { count, h } from "./parts.js";
import { diffList, diffPayloads, SIDE_WORDS } from "./payload_diff.js";

/**
 * Two executions side by side: where they part, and what differs in each state. It compares what the kernel paired.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Trace} Trace
 * @typedef {import("./store.js").Change} Change
 * @typedef {{left: number, right: number, same: boolean, changed: string[]}} PairRow Places of visits, -1: none.
 * @typedef {{left: Trace, right: Trace, parted: {left: number|null, right: number|null, reason: string},
 *   rows: PairRow[]}} ComparedRuns
 */

const ROWS_AT_ONCE = 200;
const PAYLOADS = /** @type {const} */ (["input", "output"]);

/** @param {Trace} trace @param {number|undefined} number */
function textOf(trace, number) {
  return number === undefined || number < 0 ? "" : (trace.texts[number] ?? "");
}

/** @param {Trace} trace @param {number} visit */
function placeWords(trace, visit) {
  const { visits, states } = trace;
  return states[visits.state[visit]].name + visits.iteration[visit].map((index) => `[${count(index)}]`).join("");
}

export class ComparisonPane {
  /** @param {Store} store @param {{say: (words: string) => void}} frame */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    this.all = false;
    this.shown = ROWS_AT_ONCE;
    this.heads = h("div", { class: "sfn-compare-heads" });
    this.parted = h("p", { class: "sfn-compare-parted" });
    this.everything = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
    this.everything.addEventListener("change", () => {
      this.all = this.everything.checked;
      this.draw();
    });
    this.body = /** @type {HTMLTableSectionElement} */ (h("tbody", {}));
    const heads = ["State", "Left", "Right", "What differs"].map((word) => h("th", { scope: "col" }, word));
    this.table = h("table", { class: "sfn-compare-table" }, h("thead", {}, h("tr", {}, ...heads)), this.body);
    this.more = h("button", { class: "sfn-button", type: "button", onclick: () => this.showMore() });
    const bar = h("div", { class: "sfn-pane-bar" }, h("label", {}, this.everything, " States that are the same, too"));
    this.element = h("section", { class: "sfn-compare", "aria-label": "Comparison" }, this.heads, this.parted, bar, this.table, this.more);
    this.received = () => this.draw();
    store.model.on("change:comparison", this.received);
    this.draw();
  }

  close() {
    this.store.model.off("change:comparison", this.received);
  }

  /** @param {Change|"shown"} change */
  update(change) {
    if (change === "selection") this.mark();
  }

  /** @returns {ComparedRuns|null} */
  get runs() {
    const sent = this.store.model.get("comparison");
    if (!sent?.rows) return null;
    if (sent !== this.sent) {
      this.sent = sent;
      this.compared = { ...sent, left: this.store.unpacked(sent.left), right: this.store.unpacked(sent.right) };
    }
    return this.compared;
  }

  draw() {
    const { runs } = this;
    this.element.hidden = !runs;
    if (!runs) return;
    this.heads.replaceChildren(this.head("Left", runs.left), this.head("Right", runs.right));
    const { parted } = runs;
    const at = parted.left !== null ? placeWords(runs.left, parted.left) : parted.right !== null ? placeWords(runs.right, parted.right) : "";
    this.parted.textContent = at ? `They part in ${at}: ${parted.reason}.` : "Both went the same way.";
    const rows = runs.rows.filter((row) => this.all || !row.same);
    this.body.replaceChildren(...rows.slice(0, this.shown).map((row) => this.row(runs, row)));
    this.more.hidden = rows.length <= this.shown;
    this.more.textContent = `Show more (${count(Math.max(0, rows.length - this.shown))} left)`;
    this.mark();
  }

  showMore() {
    const before = this.body.rows.length;
    this.shown += ROWS_AT_ONCE;
    this.draw();
    this.body.rows[before]?.querySelector("button")?.focus();
  }

  /** @param {string} side @param {Trace} trace */
  head(side, trace) {
    const mark = new StatusMark(14);
    mark.set(this.store, trace.status);
    const took = trace.ended === null ? "" : ` in ${spanWords(trace.ended)}`;
    return h("div", { class: "sfn-compare-head" }, h("span", { class: "sfn-quiet" }, side), mark.element, h("strong", { dir: "auto" }, trace.name), `${statusWord(this.store, trace.status)}${took}`, trace.error ? h("span", { class: "sfn-bad", dir: "auto" }, trace.error) : null);
  }

  /** @param {ComparedRuns} runs @param {PairRow} row */
  row(runs, row) {
    const { left, right } = row;
    const [trace, visit] = left >= 0 ? [runs.left, left] : [runs.right, right];
    const { pointer } = trace.states[trace.visits.state[visit]];
    // The view shows the left execution: its visit can be selected there.
    const choose = h("button", { class: "sfn-link", type: "button", onclick: () => this.store.select(pointer, left >= 0 ? left : null) }, placeWords(trace, visit));
    const isParting = left === (runs.parted.left ?? -1) && right === (runs.parted.right ?? -1);
    const element = h("tr", { class: `sfn-compare-row${isParting ? " sfn-compare-parting" : ""}`, "data-row": pointer }, h("th", { scope: "row" }, choose, isParting ? h("span", { class: "sfn-quiet" }, " they part here") : null), this.status(runs.left, left), this.status(runs.right, right), this.difference(runs, row));
    return element;
  }

  /** @param {Trace} trace @param {number} visit */
  status(trace, visit) {
    if (visit < 0) return h("td", { class: "sfn-quiet" }, "– was not here");
    const { visits, statuses } = trace;
    const status = statuses[visits.status[visit]];
    const mark = new StatusMark();
    mark.set(this.store, status);
    const exited = visits.exited[visit];
    const took = exited === null ? null : h("span", { class: "sfn-compare-fact" }, spanWords(exited - visits.entered[visit]));
    const word = h("span", { class: "sfn-compare-fact" }, mark.element, ` ${statusWord(this.store, status)}${took ? "," : ""}`);
    return h("td", {}, word, took ? " " : null, took);
  }

  /** @param {ComparedRuns} runs @param {PairRow} row */
  difference(runs, row) {
    if (row.left < 0 || row.right < 0) return h("td", {}, "only one of the two was here");
    if (row.same) return h("td", { class: "sfn-quiet" }, "= the same");
    const parts = PAYLOADS.filter((payload) => row.changed.includes(payload)).map((payload) => this.payload(runs, row, payload));
    return h("td", {}, row.changed.map((each) => (each === "next" ? "next state" : each)).join(", "), ...parts);
  }

  /** @param {ComparedRuns} runs @param {PairRow} row @param {"input"|"output"} payload */
  payload({ left, right }, row, payload) {
    const texts = [textOf(left, left.visits[payload][row.left]), textOf(right, right.visits[payload][row.right])];
    const [before, after] = texts.map((text) => readJson(text));
    const details = h("details", { class: "sfn-compare-payload" }, h("summary", {}, payload === "input" ? "Input" : "Output"));
    // Drawn when it is opened: two long runs differ in thousands of payloads.
    details.addEventListener("toggle", () => {
      if (details.childElementCount > 1) return;
      const label = `${payload} of the left and of the right execution`;
      details.append(before && after ? diffList(diffPayloads(before, after), label, "$", SIDE_WORDS) : this.sideBySide(texts));
    });
    return details;
  }

  /** @param {string[]} texts one of which is missing, or was cut */
  sideBySide(texts) {
    return h("div", { class: "sfn-compare-texts" }, ...texts.map((text, place) => textBlock(text || "none", place ? "Right" : "Left")));
  }

  /** The rows of the selected state. */
  mark() {
    for (const row of this.body.rows) row.classList.toggle("sfn-compare-selected", row.dataset.row === this.store.pointer);
  }
}
