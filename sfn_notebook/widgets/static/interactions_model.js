// @ts-check
import { spanWords } from "./pane_words.js";
import { count } from "./parts.js";

/**
 * What the panes of the interactions share: what the kernel told, what the filter lets through, what is chosen.
 * It draws nothing.
 *
 * @typedef {{name: string, kind: string, words: string, look: string, icon: string}} Party
 *   `words` is the name with its kind; `look` is the kind of state whose colour it has.
 * @typedef {object} InteractionColumns One entry per interaction. Texts are numbers in `names`, payloads in `texts`
 *   (-1: none); times are modelled seconds since `origin`.
 * @property {number[]} at
 * @property {number[]} duration
 * @property {number[]} init
 * @property {number[]} cold
 * @property {number[]} source
 * @property {number[]} target
 * @property {number[]} what
 * @property {number[]} why
 * @property {number[]} status
 * @property {number[]} attempt 0: not counted.
 * @property {number[]} request
 * @property {number[]} execution
 * @property {number[]} error
 * @property {number[][]} facts Names and values in turn.
 * @property {number[]} sent
 * @property {number[]} answer
 * @property {number[]} log
 * @typedef {{origin: number, forgotten: number, parties: Party[], columns: InteractionColumns, names: string[],
 *   texts: string[], cut: {[text: string]: number}}} InteractionData
 * @typedef {{rows: number[], pause: number}} InteractionEntry
 *   Rows that are told as one, by their numbers; none for a pause of so many seconds.
 * @typedef {"data"|"filter"|"selection"} InteractionChange
 */

const PAUSE_SECONDS = 10;
const FOLDED_FROM = 4;
const CALLING = new Set(["call", "attempt"]);

/** @type {InteractionColumns} */
const NO_COLUMNS = { at: [], duration: [], init: [], cold: [], source: [], target: [], what: [], why: [], status: [], attempt: [], request: [], execution: [], error: [], facts: [], sent: [], answer: [], log: [] };
/** @type {InteractionData} */
const NO_DATA = { origin: 0, forgotten: 0, parties: [], columns: NO_COLUMNS, names: [], texts: [], cut: {} };

export class InteractionStore {
  /** @param {any} given what the kernel told, as text or as it is */
  constructor(given) {
    /** @type {((change: InteractionChange) => void)[]} */
    this.listeners = [];
    this.filter = { party: -1, failedOnly: false, folded: true, words: "" };
    this.data = NO_DATA;
    /** @type {number[]} the rows that the filter lets through */
    this.shown = [];
    /** @type {InteractionEntry[]} */
    this.entries = [];
    /** @type {Map<number, number>} where the entry of a row stands */
    this.places = new Map();
    /** @type {number|null} */
    this.selected = null;
    this.take(given);
  }

  /** @param {any} given */
  take(given) {
    const read = typeof given === "string" ? JSON.parse(given || "{}") : given;
    this.data = read?.columns ? read : NO_DATA;
    if (this.selected !== null && this.selected >= this.count) this.selected = null;
    if (this.filter.party >= this.data.parties.length) this.filter.party = -1;
    this.sift();
    this.tell("data");
  }

  /** @param {(change: InteractionChange) => void} listener */
  subscribe(listener) {
    this.listeners.push(listener);
  }

  /** @param {InteractionChange} change */
  tell(change) {
    for (const listener of this.listeners) listener(change);
  }

  get count() {
    return this.data.columns.at.length;
  }

  /** @param {Partial<{party: number, failedOnly: boolean, folded: boolean, words: string}>} change */
  refilter(change) {
    Object.assign(this.filter, change);
    this.sift();
    this.tell("filter");
  }

  /** @param {number|null} row */
  select(row) {
    if (row === this.selected) return;
    this.selected = row;
    this.tell("selection");
  }

  // -- what is shown --------------------------------------------------------------------------------------------------

  sift() {
    this.shown = [];
    for (let row = 0; row < this.count; row++) if (this.passes(row)) this.shown.push(row);
    this.entries = this.withPauses(this.filter.folded ? this.foldedRows() : this.shown.map((row) => [row]));
    this.places = new Map();
    this.entries.forEach(({ rows }, place) => rows.forEach((row) => this.places.set(row, place)));
  }

  /** @param {number} row */
  passes(row) {
    const { columns } = this.data;
    const { party, failedOnly, words } = this.filter;
    if (party >= 0 && columns.source[row] !== party && columns.target[row] !== party) return false;
    const status = this.status(row);
    if (failedOnly && status !== "FAILED" && status !== "RETRYING") return false;
    return !words || this.sentence(row).toLowerCase().includes(words.toLowerCase());
  }

  /** Like rows that follow each other, four or more, as one. */
  foldedRows() {
    const { shown } = this;
    const { source, target, what, why, status, attempt } = this.data.columns;
    /** @type {number[][]} */
    const folded = [];
    const alike = (/** @type {number} */ one, /** @type {number} */ other) => [source, target, what, why, status, attempt].every((column) => column[one] === column[other]);
    for (let start = 0, end = 1; start < shown.length; start = end, end = start + 1) {
      while (end < shown.length && alike(shown[start], shown[end])) end++;
      const run = shown.slice(start, end);
      if (run.length >= FOLDED_FROM) folded.push(run);
      else folded.push(...run.map((row) => [row]));
    }
    return folded;
  }

  /** @param {number[][]} steps @returns {InteractionEntry[]} */
  withPauses(steps) {
    const { at, duration, init } = this.data.columns;
    /** @type {InteractionEntry[]} */
    const entries = [];
    let clock = steps.length ? at[steps[0][0]] : 0;
    for (const rows of steps) {
      const pause = at[rows[0]] - clock;
      if (pause >= PAUSE_SECONDS) entries.push({ rows: [], pause });
      for (const row of rows) clock = Math.max(clock, at[row] + duration[row] + init[row]);
      entries.push({ rows, pause: 0 });
    }
    return entries;
  }

  // -- words ----------------------------------------------------------------------------------------------------------

  /** @param {keyof InteractionColumns} column @param {number} row @returns {string} */
  name(column, row) {
    return this.data.names[/** @type {number} */ (this.data.columns[column][row])] ?? "";
  }

  /** @param {number} row */
  status(row) {
    return this.name("status", row);
  }

  /** @param {number} row @returns {Party} */
  source(row) {
    return this.data.parties[this.data.columns.source[row]];
  }

  /** @param {number} row @returns {Party} */
  target(row) {
    return this.data.parties[this.data.columns.target[row]];
  }

  /** @param {number} row */
  isAlone(row) {
    return this.data.columns.source[row] === this.data.columns.target[row];
  }

  /** @param {number} row */
  way(row) {
    return this.isAlone(row) ? this.source(row).words : `${this.source(row).words} → ${this.target(row).words}`;
  }

  /**
   * What happens, without the reason.
   * @param {number[]} rows
   */
  action(rows) {
    const [row] = rows;
    const attempt = this.data.columns.attempt[row];
    const what = this.name("what", row);
    const failed = CALLING.has(what) && this.status(row) === "FAILED" ? " failed" : "";
    return `${what}${attempt ? ` ${attempt}` : ""}${failed}${rows.length > 1 ? ` × ${count(rows.length)}` : ""}`;
  }

  /**
   * The reason, and how long it took.
   * @param {number[]} rows
   */
  details(rows) {
    const { duration, init, cold } = this.data.columns;
    const spans = rows.map((row) => duration[row]);
    const [shortest, longest] = [Math.min(...spans.slice(0, 5000)), Math.max(...spans.slice(0, 5000))];
    const colds = rows.reduce((sum, row) => sum + cold[row], 0);
    const parts = [this.name("why", rows[0])];
    if (longest > 0) parts.push(spanWords(shortest) === spanWords(longest) ? spanWords(longest) : `${spanWords(shortest)} to ${spanWords(longest)}`);
    if (rows.length > 1 && colds) parts.push(colds > 1 ? `${count(colds)} cold starts` : "1 cold start");
    else if (rows.length === 1 && init[rows[0]]) parts.push(`cold start ${spanWords(init[rows[0]])}`);
    return parts.filter(Boolean);
  }

  /**
   * When, from the beginning; from when to when for many.
   * @param {number[]} rows
   */
  time(rows) {
    const { at } = this.data.columns;
    const [first, last] = [at[rows[0]], at[rows[rows.length - 1]]];
    const begun = spanWords(first);
    return last - first > 0.0005 ? `${begun} – ${spanWords(last)}` : begun;
  }

  /** @param {number} row */
  sentence(row) {
    return [this.way(row), this.action([row]), ...this.details([row]), this.name("error", row), this.name("request", row)].filter(Boolean).join(", ");
  }

  /** @param {number} number @returns {{text: string, missing: number}|null} */
  text(number) {
    if (number < 0) return null;
    const text = this.data.texts[number] ?? "";
    const whole = this.data.cut[number];
    return { text, missing: whole === undefined ? 0 : whole - text.length };
  }

  /**
   * The rows with the same request id: an event with its attempts and records.
   * @param {number} row
   */
  ofRequest(row) {
    const { request } = this.data.columns;
    if (!this.name("request", row)) return [row];
    const found = [];
    for (let other = 0; other < request.length; other++) if (request[other] === request[row]) found.push(other);
    return found;
  }

  /**
   * The row that tells of the start of an execution; -1 without one.
   * @param {string} arn
   */
  startOf(arn) {
    const number = this.data.names.indexOf(arn);
    return number < 0 ? -1 : this.data.columns.execution.indexOf(number);
  }
}
