// @ts-check
import { count, h, s } from "./parts.js";

/**
 * How the panes word what a trace says: durations, places in a Parallel or Map, statuses. It lays nothing out.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Trace} Trace
 */

/** @type {[number, string][]} */
const LONG_UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/**
 * A modelled duration, as the kernel words it: `90 ms`, `1.5 s`, `2 min 5 s`.
 * @param {number} seconds @param {number} most units that are told
 * @returns {string}
 */
export function spanWords(seconds, most = 2) {
  if (seconds < 0) return `-${spanWords(-seconds, most)}`;
  if (seconds > 0 && seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(2))} s`;
  let whole = Math.round(seconds);
  const parts = [];
  for (const [size, unit] of LONG_UNITS) {
    const units = Math.floor(whole / size);
    whole -= units * size;
    if (units) parts.push(`${unit === "d" ? count(units) : units} ${unit}`);
  }
  return parts.slice(0, most).join(" ");
}

/**
 * Since the start of the execution.
 * @param {number} seconds
 */
export function sinceStart(seconds) {
  return `+${spanWords(seconds, 4)}`;
}

/**
 * Where a visit stands in each Parallel or Map around it, outermost first.
 * @param {Trace} trace @param {number} visit @returns {{kind: string, index: number, region: string}[]}
 */
export function iterationsOf(trace, visit) {
  const { visits, states } = trace;
  const found = [];
  const indices = visits.iteration[visit];
  for (let region = visits.parent[visit], depth = indices.length - 1; region >= 0 && depth >= 0; region = visits.parent[region], depth--) {
    const state = states[visits.state[region]];
    found.unshift({ kind: iterationKind(state.type), index: indices[depth], region: state.name });
  }
  return found;
}

/** @param {string} type of the state around it */
export function iterationKind(type) {
  return type === "Map" ? "item" : "branch";
}

/** @param {Trace} trace @param {number} visit */
export function iterationWords(trace, visit) {
  return iterationsOf(trace, visit)
    .map(({ kind, index }) => `${kind} ${count(index)}`)
    .join(" › ");
}

/** @param {Store} store @param {string} status */
export function statusWord(store, status) {
  return store.model.get("marks")?.[status]?.word ?? status;
}

/** An icon that can be set to another status. */
export class StatusMark {
  constructor(size = 12) {
    this.path = s("path", { d: "" });
    this.element = s("svg", { class: "sfn-mark-icon", viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true" }, this.path);
    this.status = "";
  }

  /** @param {Store} store @param {string} status empty: none */
  set(store, status) {
    if (status === this.status) return;
    this.status = status;
    this.path.setAttribute("d", store.model.get("marks")?.[status]?.icon ?? "");
    if (status) this.element.setAttribute("data-status", status);
    else this.element.removeAttribute("data-status");
  }
}

/**
 * One of several buttons of which one is pressed.
 * @param {string} words @param {() => void} pressed @param {Record<string, any>} more
 */
export function choiceButton(words, pressed, more = {}) {
  return /** @type {HTMLButtonElement} */ (h("button", { class: "sfn-button", type: "button", "aria-pressed": "false", onclick: pressed, ...more }, words));
}

// Each view of a notebook runs this module anew: only the page knows how many elements all of them have named.
const ELEMENTS_NAMED = Symbol.for("sfn_notebook.elementsNamed");

/**
 * An id that no other view on the page has.
 * @param {string} what
 */
export function freshId(what) {
  /** @type {any} */
  const page = globalThis;
  page[ELEMENTS_NAMED] = (page[ELEMENTS_NAMED] ?? 0) + 1;
  return `sfn-${what}-${page[ELEMENTS_NAMED]}`;
}
