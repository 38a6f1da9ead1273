// @ts-check
import { traceFrom } from "./unpack.js";

/**
 * What all panes share: the trace of an execution, the selected state and visit, and the moment that is shown.
 * It reads what the kernel sent and draws nothing.
 *
 * The kernel sends a trace as bytes, which `unpack.js` reads. A trace keeps columns instead of rows, and each payload
 * once: `texts` holds compact JSON, each text made when it is read, and everything else refers to it by number. All times
 * are modelled seconds since the start of the execution. A cause that is a JSON object, as Lambda's are, stands in
 * `texts` as that object, any other as a JSON string.
 *
 * @typedef {import("./unpack.js").PackedTrace} PackedTrace
 * @typedef {{pointer: string, name: string, type: string, parent: number}} TraceState
 *   `parent` is the number of the Parallel or Map around it, -1 at the top.
 * @typedef {{started: number, ended: number|null, parameters: number, result: number, error: string|null, cause: number,
 *   delay: number|null, first: number, last: number, logs: string|null, traceback: string|null}} TraceAttempt
 *   `first` and `last` are the ids of its first and last event (0: none yet); `delay` is the wait before the next one.
 * @typedef {{[stage: string]: number}} TraceStages
 *   Texts of the stages that the state has: after_input_path, after_parameters, after_result_selector,
 *   after_result_path.
 * @typedef {object} TraceVisits Columns, one entry per visit in the order of entering.
 * @property {number[]} id The id of the StateEntered event.
 * @property {number[]} end The id of the event that ended the visit, 0 while it is open.
 * @property {number[]} state
 * @property {number[]} parent The visit of the Parallel or Map around it, -1 at the top.
 * @property {number[][]} iteration Index in each enclosing Parallel (branch) or Map (item), outermost first.
 * @property {number[]} entered
 * @property {(number|null)[]} exited
 * @property {number[]} status Number in `statuses`.
 * @property {number[]} input
 * @property {number[]} output -1: none.
 * @property {(string|null)[]} next
 * @property {{[visit: number]: string}} error
 * @property {{[visit: number]: number}} cause
 * @property {{[visit: number]: TraceStages}} stages
 * @property {{[visit: number]: number}} variables What the state saw, where there are any.
 * @property {{[visit: number]: number}} assigned
 * @property {{[visit: number]: TraceAttempt[]}} attempts
 *
 * @typedef {object} TraceEvents Columns; the id of an event is its place plus 1.
 * @property {number[]} type Number in `event_types`.
 * @property {number[]} at
 * @property {number[]} visit -1 where the event belongs to the execution itself.
 * @property {number[]} previous
 * @property {number[]} details Text of what the event tells, -1: nothing. Entered: the input; Exited, Succeeded: the
 *   output; Scheduled: the parameters; Failed, TimedOut, Aborted: {error, cause}; MapIteration...: {index}.
 *
 * @typedef {{visit: number, stage: string, elapsed_seconds: number}} TraceEdit
 *   A payload that a person replaced at a breakpoint: the `input` or the `output` of a visit, and when the visit had it.
 *
 * @typedef {object} Trace
 * @property {string} name
 * @property {string} machine
 * @property {string} status
 * @property {number} started Seconds since 1970.
 * @property {number|null} ended Seconds since the start.
 * @property {number} input
 * @property {number} output
 * @property {string|null} error
 * @property {number} cause
 * @property {string[]} texts
 * @property {{[text: number]: number}} cut The whole length of each text that was cut or left out.
 * @property {TraceState[]} states
 * @property {string[]} statuses
 * @property {string[]} event_types
 * @property {TraceVisits} visits
 * @property {TraceEvents} events
 * @property {TraceEdit[]} edits In the order of the events that carry the new payloads.
 *
 * @typedef {{get(key: string): any, set?(key: string, value: any): void, save_changes?(): void,
 *   send?(message: any): void, on(event: string, call: (...rest: any[]) => void): void,
 *   off(event?: string|null, call?: ((...rest: any[]) => void)|null): void}} Model
 * @typedef {"trace"|"selection"|"moment"} Change
 */

const OPEN = new Set(["RUNNING", "RETRYING"]);

export class Store {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {Trace|null} */
    this.trace = null;
    /** @type {string} the pointer of the selected state, empty: none */
    this.pointer = "";
    /** @type {number|null} the place of the visit that was chosen; null follows the latest one of the state */
    this.chosen = null;
    /** @type {number|null} the id of the event that the view stands at; null follows the end */
    this.moment = null;
    /** @type {Set<(change: Change) => void>} */
    this.listeners = new Set();
    /** @type {Map<string, number[]>} */
    this.byPointer = new Map();
    this.received = () => this.take(model.get("trace"));
    model.on("change:trace", this.received);
    this.take(model.get("trace"));
  }

  close() {
    this.model.off("change:trace", this.received);
    this.listeners.clear();
  }

  /** @param {(change: Change) => void} call @returns {() => void} what ends it */
  subscribe(call) {
    this.listeners.add(call);
    return () => this.listeners.delete(call);
  }

  /** @param {Change} change */
  tell(change) {
    for (const call of [...this.listeners]) call(change);
  }

  /**
   * A trace as panes read it, null where there is none yet.
   * @param {Trace|PackedTrace|undefined} sent
   */
  unpacked(sent) {
    return traceFrom(sent);
  }

  /** @param {Trace|PackedTrace|undefined} sent */
  take(sent) {
    this.trace = this.unpacked(sent);
    this.byPointer = new Map();
    if (this.trace) {
      const { states, visits } = this.trace;
      visits.state.forEach((state, place) => {
        const places = this.byPointer.get(states[state].pointer);
        if (places) places.push(place);
        else this.byPointer.set(states[state].pointer, [place]);
      });
    }
    this.tell("trace");
  }

  // -- what is shown --------------------------------------------------------------------------------------------------

  get lastEvent() {
    return this.trace?.events.type.length ?? 0;
  }

  /** The id of the event that the view stands at. */
  get now() {
    return this.moment === null ? this.lastEvent : Math.min(this.moment, this.lastEvent);
  }

  /** Modelled seconds since the start, at the moment that is shown. */
  get seconds() {
    return this.now > 0 ? (this.trace?.events.at[this.now - 1] ?? 0) : 0;
  }

  /**
   * Go to an event; the last one, or null, follows the end.
   * @param {number|null} moment
   */
  goTo(moment) {
    const bounded = moment === null || moment >= this.lastEvent ? null : Math.max(1, moment);
    if (bounded === this.moment) return;
    this.moment = bounded;
    this.tell("moment");
  }

  /** @param {string} pointer @param {number|null} visit the place of one of its visits; null follows the latest */
  select(pointer, visit = null) {
    if (pointer === this.pointer && visit === this.chosen) return;
    this.pointer = pointer;
    this.chosen = visit;
    this.tell("selection");
  }

  /** @param {number} visit */
  selectVisit(visit) {
    if (this.trace) this.select(this.trace.states[this.trace.visits.state[visit]].pointer, visit);
  }

  /**
   * The visits of a state that have begun at the moment shown.
   * @param {string} pointer @returns {number[]}
   */
  visitsOf(pointer) {
    const places = this.byPointer.get(pointer) ?? [];
    if (this.moment === null || !this.trace) return places;
    const { id } = this.trace.visits;
    return places.filter((place) => id[place] <= this.now);
  }

  /**
   * The visit that the inspector shows.
   * @returns {number|null}
   */
  get visit() {
    const places = this.visitsOf(this.pointer);
    if (this.chosen !== null && places.includes(this.chosen)) return this.chosen;
    return places.length ? places[places.length - 1] : null;
  }

  // -- what the trace says --------------------------------------------------------------------------------------------

  /**
   * Where a visit stands at the moment shown.
   * @param {number} visit @returns {string}
   */
  statusOf(visit) {
    const trace = /** @type {Trace} */ (this.trace);
    const { visits } = trace;
    const status = trace.statuses[visits.status[visit]];
    if (this.moment === null) return status;
    if (visits.end[visit] && visits.end[visit] <= this.now) return status;
    const attempts = visits.attempts[visit] ?? [];
    const begun = attempts.filter((attempt) => attempt.first && attempt.first <= this.now);
    const latest = begun[begun.length - 1];
    const waits = latest && latest.last && latest.last <= this.now && latest.delay !== null;
    return waits ? "RETRYING" : "RUNNING";
  }

  /**
   * Whether a visit goes on at the moment shown.
   * @param {number} visit
   */
  isOpen(visit) {
    return OPEN.has(this.statusOf(visit));
  }

  /**
   * The payloads of a visit that a person had replaced by the moment shown.
   * @param {number} visit @returns {TraceEdit[]}
   */
  editsOf(visit) {
    const { trace } = this;
    if (!trace) return [];
    const { id, end } = trace.visits;
    return trace.edits.filter(
      (edit) => edit.visit === visit && (this.moment === null || (edit.stage === "input" ? id[visit] : end[visit]) <= this.now),
    );
  }

  /**
   * Compact JSON text by number; empty where there is none.
   * @param {number|undefined} text
   */
  text(text) {
    return text === undefined || text < 0 ? "" : (this.trace?.texts[text] ?? "");
  }

  /**
   * How many characters of a text were not sent.
   * @param {number|undefined} text
   */
  missing(text) {
    if (text === undefined || text < 0) return 0;
    const whole = this.trace?.cut[text];
    return whole === undefined ? 0 : whole - this.text(text).length;
  }
}
