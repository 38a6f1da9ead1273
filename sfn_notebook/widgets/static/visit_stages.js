// @ts-check
import { readJson } from "./json_text.js";

/**
 * Which payloads a visit, or the whole execution, has at the moment that the store stands at, and which field of the
 * Amazon States Language made each of them. It draws nothing.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").TraceAttempt} TraceAttempt
 * @typedef {object} Stage One payload on its way through a state.
 * @property {string} key Unique within the state.
 * @property {string} label
 * @property {string|null} field The ASL field that made it, where the state has one.
 * @property {string|null} value What the field says, as compact JSON.
 * @property {string} text
 * @property {number} missing Characters of the text that were not sent.
 * @property {Stage|null} base The stage that it is compared with.
 * @property {string} jsonPath How the whole value is written in JSONPath; empty: its fields are variables.
 * @property {string|null} jsonata The same in JSONata.
 * @property {number} attempt The attempt it belongs to, from 1; 0: to all of them.
 * @property {boolean} edited Whether a person put it in the place of another one.
 *
 * @typedef {{number: number, status: string, attempt: TraceAttempt, ended: boolean}} AttemptAt `number` counts from 1.
 * @typedef {{stages: Stage[], attempts: AttemptAt[], variables: Stage[], ended: boolean}} VisitAt
 */

/** @type {{[type: string]: {sent: string, result: string}}} */
const WORK = {
  Task: { sent: "Sent to the task", result: "Result of the task" },
  Parallel: { sent: "Sent to each branch", result: "Results of the branches" },
  Map: { sent: "Items", result: "Results of the iterations" },
};
const SENT_FIELDS = ["Arguments", "Parameters"];
const ITEM_FIELDS = ["Items", "ItemsPath"];

/**
 * The fields of a state's definition, each as JSON on one line.
 * @param {Store} store @param {string} pointer @returns {Map<string, string>}
 */
export function fieldsOf(store, pointer) {
  const root = readJson(store.model.get("definitions")?.[pointer]?.text ?? "");
  const fields = new Map();
  if (root?.kind !== "object") return fields;
  for (let place = 0; place < root.size; place++) fields.set(root.keyOf(place), root.child(place).text.replace(/\s*\n\s*/g, " "));
  return fields;
}

class StageList {
  /** @param {Store} store @param {Map<string, string>} fields */
  constructor(store, fields) {
    this.store = store;
    this.fields = fields;
    /** @type {Stage[]} */
    this.stages = [];
  }

  /** @param {string} key @returns {Stage|null} */
  find(key) {
    return this.stages.find((stage) => stage.key === key) ?? null;
  }

  /**
   * Add a stage if its payload is there.
   * @param {string} key @param {string} label @param {number|undefined} text
   * @param {{names?: string[], base?: Stage|null, jsonPath?: string, jsonata?: string|null, attempt?: number}} more
   *   `names` are the fields that may have made it.
   */
  add(key, label, text, { names = [], base = null, jsonPath = "$", jsonata = null, attempt = 0 } = {}) {
    if (text === undefined || text < 0) return null;
    const field = names.find((name) => this.fields.has(name)) ?? null;
    const value = field === null ? null : (this.fields.get(field) ?? null);
    /** @type {Stage} */
    const stage = { key, label, field, value, text: this.store.text(text), missing: this.store.missing(text), base, jsonPath, jsonata, attempt, edited: false };
    this.stages.push(stage);
    return stage;
  }

  /** Whether the result is put into the input, so that it is the input that it changes. */
  get merges() {
    const path = this.fields.get("ResultPath");
    return path !== undefined && path !== '"$"';
  }
}

/**
 * The stages of a visit that it has reached.
 * @param {Store} store @param {number} visit its place @returns {VisitAt}
 */
export function visitAt(store, visit) {
  const trace = /** @type {import("./store.js").Trace} */ (store.trace);
  const { visits } = trace;
  const state = trace.states[visits.state[visit]];
  const list = new StageList(store, fieldsOf(store, state.pointer));
  const stages = visits.stages[visit] ?? {};
  const live = store.moment === null;
  const ended = live ? visits.exited[visit] !== null || !store.isOpen(visit) : visits.end[visit] > 0 && visits.end[visit] <= store.now;
  const begun = live || store.now > visits.id[visit];
  const input = list.add("input", "Input", visits.input[visit], { jsonata: "$states.input" });
  let last = input;
  if (begun) {
    last = list.add("after_input_path", "After InputPath", stages.after_input_path, { names: ["InputPath"], base: input }) ?? last;
    last = list.add("after_parameters", "After Parameters", stages.after_parameters, { names: ["Parameters"], base: last }) ?? last;
  }
  const attempts = attemptsAt(store, visit, ended);
  for (const each of attempts) last = attemptStages(list, state.type, each, last);
  if (ended) endStages(list, stages, visits.output[visit], input, list.find(`result-${attempts.length}`) ?? last);
  for (const { stage } of store.editsOf(visit)) {
    const found = list.find(stage);
    if (found) found.edited = true;
  }
  const variables = new StageList(store, list.fields);
  const before = variables.add("variables", "Variables before", visits.variables[visit], { jsonPath: "", jsonata: "" });
  if (ended) variables.add("assigned", "Assigned", visits.assigned[visit], { names: ["Assign"], base: before, jsonPath: "", jsonata: "" });
  return { stages: list.stages, attempts, variables: variables.stages, ended };
}

/** @param {StageList} list @param {string} type @param {AttemptAt} at @param {Stage|null} before @returns {Stage|null} the stage that all attempts start from */
function attemptStages(list, type, { number, attempt, ended }, before) {
  const { sent, result } = WORK[type] ?? WORK.Task;
  const names = type === "Map" ? [...ITEM_FIELDS, ...SENT_FIELDS] : SENT_FIELDS;
  const given = list.add(`sent-${number}`, sent, attempt.parameters, { names, base: before, attempt: number });
  if (ended) list.add(`result-${number}`, result, attempt.result, { base: given ?? before, jsonata: "$states.result", attempt: number });
  return before;
}

/** @param {StageList} list @param {import("./store.js").TraceStages} stages @param {number} output @param {Stage|null} input @param {Stage|null} last */
function endStages(list, stages, output, input, last) {
  last = list.add("after_result_selector", "After ResultSelector", stages.after_result_selector, { names: ["ResultSelector"], base: last }) ?? last;
  const merged = list.merges ? input : last;
  const placed = list.add("after_result_path", "After ResultPath", stages.after_result_path, { names: ["ResultPath"], base: merged });
  // The state after this one reads the output as its own input.
  list.add("output", "Output", output, { jsonata: "$states.input", names: placed ? ["OutputPath"] : ["Output", "OutputPath", "ResultPath", "Result"], base: placed ?? merged });
}

/**
 * The attempts that had begun.
 * @param {Store} store @param {number} visit @param {boolean} visitEnded @returns {AttemptAt[]}
 */
export function attemptsAt(store, visit, visitEnded) {
  const { visits } = /** @type {import("./store.js").Trace} */ (store.trace);
  const live = store.moment === null;
  const found = [];
  for (const [place, attempt] of (visits.attempts[visit] ?? []).entries()) {
    // An attempt that AWS's history has no event for, as a Pass-like Map of nothing, is over with its state.
    if (!live && !visitEnded && (attempt.first ? attempt.first > store.now : attempt.started > store.seconds || store.now <= visits.id[visit])) break;
    const past = live ? attempt.ended !== null : attempt.last ? attempt.last <= store.now : visitEnded;
    const ended = (past && attempt.ended !== null) || (visitEnded && attempt.ended !== null);
    const open = visitEnded ? "ABORTED" : "RUNNING";
    found.push({ number: place + 1, attempt, ended, status: !ended ? open : attempt.error === null ? "SUCCEEDED" : "FAILED" });
  }
  return found;
}

/**
 * The execution's own payloads.
 * @param {Store} store @returns {Stage[]}
 */
export function executionAt(store) {
  const trace = /** @type {import("./store.js").Trace} */ (store.trace);
  const list = new StageList(store, new Map());
  const input = list.add("input", "Input", trace.input, { jsonata: "$states.context.Execution.Input", jsonPath: "$$.Execution.Input" });
  if (store.moment === null) list.add("output", "Output", trace.output, { base: input });
  return list.stages;
}
