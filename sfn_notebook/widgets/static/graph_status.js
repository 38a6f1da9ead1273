// @ts-check
/**
 * What a graph shows of a trace at the moment that the store stands at: a status for each state, counters for each Map
 * and the arrows that were taken. It draws nothing and knows no positions.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {{status: string, visits: number, attempts: number, badge: string}} StateStatus
 * @typedef {{total: number, running: number, succeeded: number, failed: number, aborted: number}} MapCounts
 * @typedef {{kind: string, from: {kind: string, pointer: string}, to: {kind: string, pointer: string, name: string}}} Way
 *   An arrow, by the kinds of its ends: `start`, `entry`, `exit` and `end` are markers without a pointer.
 */

// Side by side, the status that needs attention first speaks for the state, as in the kernel's own summary.
const STATUS_URGENCY = ["RUNNING", "RETRYING", "FAILED", "ABORTED", "CAUGHT", "SUCCEEDED"];
/** @type {{[type: string]: keyof MapCounts}} */
const ITERATION_ENDS = { MapIterationSucceeded: "succeeded", MapIterationFailed: "failed", MapIterationAborted: "aborted" };
const COUNTED_STATUSES = /** @type {const} */ ([["succeeded", "SUCCEEDED"], ["failed", "FAILED"], ["aborted", "ABORTED"], ["running", "RUNNING"]]);

/**
 * The latest visit of each iteration at the moment.
 * @param {Store} store @param {string} pointer @returns {number[]}
 */
function latestVisits(store, pointer) {
  const latest = new Map();
  for (const visit of store.visitsOf(pointer)) latest.set(store.trace?.visits.iteration[visit].join("."), visit);
  return [...latest.values()];
}

/** @param {Store} store @returns {Map<string, StateStatus>} the states that were entered, by pointer */
export function statusesAt(store) {
  const found = new Map();
  for (const { pointer } of store.trace?.states ?? []) {
    const latest = latestVisits(store, pointer);
    if (!latest.length) continue;
    /** @type {{[status: string]: number}} */
    const counts = {};
    for (const visit of latest) {
      const status = store.statusOf(visit);
      counts[status] = (counts[status] ?? 0) + 1;
    }
    const status = STATUS_URGENCY.find((each) => counts[each]) ?? "RUNNING";
    const visits = store.visitsOf(pointer).length;
    const attempts = (store.trace?.visits.attempts[latest[latest.length - 1]] ?? []).filter((attempt) => attempt.first && attempt.first <= store.now).length;
    const word = store.model.get("marks")?.[status]?.word ?? status;
    found.set(pointer, { status, visits, attempts, badge: badgeWords(word, counts[status], latest.length, visits, attempts) });
  }
  return found;
}

/** @param {string} word @param {number} here @param {number} iterations @param {number} visits @param {number} attempts */
function badgeWords(word, here, iterations, visits, attempts) {
  if (iterations > 1 && here < iterations) return `${word} ${here.toLocaleString("en")} of ${iterations.toLocaleString("en")}`;
  if (visits > 1) return `${word} ${visits.toLocaleString("en")}×`;
  return attempts > 1 ? `${word}, try ${attempts}` : word;
}

/**
 * The states of which a person has replaced a payload.
 * @param {Store} store @returns {Set<string>} pointers
 */
export function editedAt(store) {
  const { trace } = store;
  const found = new Set();
  for (const { visit } of trace?.edits ?? []) {
    if (trace && store.editsOf(visit).length) found.add(trace.states[trace.visits.state[visit]].pointer);
  }
  return found;
}

/**
 * How the iterations of each Map stand at the moment.
 * @param {Store} store @returns {Map<string, MapCounts>} by pointer
 */
export function mapCountsAt(store) {
  const trace = store.trace;
  const found = new Map();
  if (!trace) return found;
  const perVisit = countsPerVisit(store);
  for (const { pointer } of trace.states) {
    const counted = latestVisits(store, pointer).flatMap((visit) => perVisit.get(visit) ?? []);
    if (!counted.length) continue;
    const sum = { total: 0, running: 0, succeeded: 0, failed: 0, aborted: 0 };
    for (const each of counted) {
      sum.total += Math.max(each.total, each.started);
      for (const key of /** @type {const} */ (["succeeded", "failed", "aborted"])) sum[key] += each[key];
      // When the Map itself is over, an iteration without an end of its own was given up with it.
      const rest = Math.max(0, each.started - each.succeeded - each.failed - each.aborted);
      sum[each.open ? "running" : "aborted"] += rest;
    }
    found.set(pointer, sum);
  }
  return found;
}

/** @param {Store} store */
function countsPerVisit(store) {
  /** @type {Map<number, MapCounts & {started: number, open: boolean}>} */
  const perVisit = new Map();
  const trace = /** @type {import("./store.js").Trace} */ (store.trace);
  const { events, event_types: names } = trace;
  for (let place = 0; place < store.now; place++) {
    const name = names[events.type[place]];
    if (!name.startsWith("Map") || name.startsWith("MapRun")) continue;
    const visit = events.visit[place];
    // A retried Map begins again: what its earlier attempt did counts no longer.
    if (name === "MapStateStarted") {
      const total = lengthTold(store.text(events.details[place]));
      perVisit.set(visit, { total, started: 0, running: 0, succeeded: 0, failed: 0, aborted: 0, open: store.isOpen(visit) });
    }
    const counts = perVisit.get(visit);
    if (!counts) continue;
    if (name === "MapIterationStarted") counts.started++;
    else if (name in ITERATION_ENDS) counts[ITERATION_ENDS[name]]++;
  }
  return perVisit;
}

/** @param {string} details of a MapStateStarted event */
function lengthTold(details) {
  return Number(/"length":\s*(\d+)/.exec(details)?.[1] ?? 0);
}

/** @param {MapCounts} counts @returns {{status: string, key: keyof MapCounts, count: number}[]} those that are not 0 */
export function countedStatuses(counts) {
  return COUNTED_STATUSES.map(([key, status]) => ({ status, key, count: counts[key] })).filter(({ count }) => count > 0);
}

/** @param {MapCounts} counts */
export function countsInWords(counts) {
  const parts = countedStatuses(counts).map(({ key, count }) => `${count.toLocaleString("en")} ${key}`);
  return `${parts.join(", ") || "none begun"} of ${counts.total.toLocaleString("en")} iterations`;
}

/**
 * Tells which arrows the execution has gone along at the moment. Where two arrows of one kind lead from a state to the
 * same next state, the trace does not tell them apart, and both are taken.
 * @param {Store} store @returns {(way: Way) => boolean}
 */
export function takenWays(store) {
  const trace = store.trace;
  if (!trace) return () => false;
  const { visits, states } = trace;
  const entered = new Set();
  const ended = new Set();
  const left = new Set();
  visits.state.forEach((state, visit) => {
    if (visits.id[visit] > store.now) return;
    const { pointer } = states[state];
    entered.add(pointer);
    if (!visits.end[visit] || visits.end[visit] > store.now) return;
    const status = trace.statuses[visits.status[visit]];
    const next = visits.next[visit];
    if (next !== null) left.add(JSON.stringify([pointer, next, status === "CAUGHT"]));
    else if (status === "SUCCEEDED") ended.add(pointer);
  });
  return ({ kind, from, to }) => {
    if (from.kind === "start" || from.kind === "entry") return entered.has(to.pointer);
    if (to.kind === "end" || to.kind === "exit") return ended.has(from.pointer);
    return left.has(JSON.stringify([from.pointer, to.name, kind === "catch"]));
  };
}
