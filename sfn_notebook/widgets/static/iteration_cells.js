// @ts-check
/**
 * How each branch or item of a Parallel or Map stands at the moment that is shown, told from its visits. It draws nothing.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Trace} Trace
 * @typedef {{index: number, visits: number[], status: string, error: string, seconds: number|null}} Iteration
 *   `status` is empty while it has not begun, CAUGHT if it succeeded although a state in it failed; `seconds` is null then and while it goes on.
 */

const WORST_FIRST = ["FAILED", "TIMED_OUT", "ABORTED", "RETRYING", "RUNNING"];

/**
 * The status of one branch or item.
 * @param {Store} store @param {number[]} visits those directly in it, in the order of entering
 * @returns {string} empty: not begun
 */
export function statusOfAll(store, visits) {
  const { id, next } = /** @type {Trace} */ (store.trace).visits;
  const begun = visits.filter((visit) => id[visit] <= store.now);
  if (!begun.length) return "";
  const statuses = new Set(begun.map((visit) => store.statusOf(visit)));
  const worst = WORST_FIRST.find((status) => statuses.has(status));
  if (worst) return worst;
  if (next[begun[begun.length - 1]] === null) return "SUCCEEDED";
  // It stands between two states; when what is around it is over, it was given up there.
  const region = /** @type {Trace} */ (store.trace).visits.parent[visits[0]];
  return region >= 0 && !store.isOpen(region) ? "ABORTED" : "RUNNING";
}

/**
 * The Map around a visit, or the visit itself if it is one; -1: none.
 * @param {Trace} trace @param {number} visit
 */
export function mapAround(trace, visit) {
  let place = visit;
  while (place >= 0 && trace.states[trace.visits.state[place]].type !== "Map") place = trace.visits.parent[place];
  return place;
}

/**
 * All items of a Map's latest try, by index.
 * @param {Store} store @param {number} map the visit of the Map
 * @returns {Iteration[]}
 */
export function iterationsOfMap(store, map) {
  const { visits, events, event_types: names } = /** @type {Trace} */ (store.trace);
  const since = startOfLatestTry(store, map);
  const depth = visits.iteration[map].length;
  /** @type {number[][]} */
  const byIndex = [];
  const length = since && names[events.type[since - 1]] === "MapStateStarted" ? lengthOfMap(store.text(events.details[since - 1])) : 0;
  for (let index = 0; index < length; index++) byIndex[index] = [];
  for (let visit = map + 1; visit < visits.id.length; visit++) {
    if (visits.parent[visit] !== map || visits.id[visit] < since) continue;
    const index = visits.iteration[visit][depth] ?? 0;
    (byIndex[index] ??= []).push(visit);
  }
  return byIndex.map((each, index) => iterationOf(store, index, each)).filter((each) => each !== undefined);
}

/** @param {Store} store @param {number} index @param {number[]} visits @returns {Iteration} */
function iterationOf(store, index, visits) {
  const trace = /** @type {Trace} */ (store.trace);
  const status = statusOfAll(store, visits);
  if (!status) return { index, visits, status, error: "", seconds: null };
  const { id, end, error } = trace.visits;
  const isOver = status !== "RUNNING" && status !== "RETRYING";
  const last = visits[visits.length - 1];
  const seconds = isOver && end[last] ? trace.events.at[end[last] - 1] - trace.events.at[id[visits[0]] - 1] : null;
  const telling = tellingVisit(store, { visits });
  const failing = telling !== null && isFailed(store, telling) ? telling : undefined;
  return { index, visits, status: status === "SUCCEEDED" && failing !== undefined ? "CAUGHT" : status, error: failing === undefined ? "" : (error[failing] ?? ""), seconds };
}

/** @param {Store} store @param {number} visit */
function isFailed(store, visit) {
  const status = store.statusOf(visit);
  return status === "FAILED" || status === "TIMED_OUT" || status === "CAUGHT";
}

/**
 * The visit that tells most of an item: the innermost one that failed, else the latest one.
 * @param {Store} store @param {{visits: number[]}} iteration @returns {number|null}
 */
export function tellingVisit(store, { visits }) {
  const { id, end, parent } = /** @type {Trace} */ (store.trace).visits;
  const begun = visits.filter((visit) => id[visit] <= store.now);
  const failing = begun.filter((visit) => isFailed(store, visit));
  let found = failing.find((visit) => store.statusOf(visit) !== "CAUGHT") ?? failing[0];
  if (found === undefined) return begun[begun.length - 1] ?? null;
  const last = Math.min(store.now, end[found] || store.now);
  for (let place = found + 1; place < parent.length && id[place] <= last; place++) {
    if (parent[place] === found && isFailed(store, place)) found = place;
  }
  return found;
}

/**
 * The id of the event that began a Map's latest try at the moment; 0: none.
 * @param {Store} store @param {number} map
 */
function startOfLatestTry(store, map) {
  const { events, event_types: names, visits } = /** @type {Trace} */ (store.trace);
  const start = names.indexOf("MapStateStarted");
  const last = Math.min(store.now, visits.end[map] || store.now);
  for (let id = last; id > visits.id[map]; id--) if (events.type[id - 1] === start && events.visit[id - 1] === map) return id;
  return 0;
}

/** @param {string} details of a MapStateStarted event */
function lengthOfMap(details) {
  return Number(/"length":\s*(\d+)/.exec(details)?.[1] ?? 0);
}
