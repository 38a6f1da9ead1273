// @ts-check
/**
 * Which events belong together and how an event ended, told from its type alone, and the filter made of that.
 * It draws nothing.
 *
 * @typedef {import("./store.js").Trace} Trace
 * @typedef {{group: string, words: string, failedOnly: boolean}} EventFilter `words` is part of a state's name.
 */

/** @type {{key: string, label: string, types: RegExp}[]} */
export const EVENT_GROUPS = [
  { key: "all", label: "All events", types: /./ },
  { key: "states", label: "States entered and left", types: /State(Entered|Exited|Aborted)$|^EvaluationFailed$/ },
  { key: "tasks", label: "Tasks", types: /^(LambdaFunction|Activity|Task(?!State))/ },
  { key: "regions", label: "Parallel and Map", types: /^(?:(?:Parallel|Map)State(?!Entered|Exited|Aborted)|MapIteration|MapRun)/ },
  { key: "execution", label: "Execution", types: /^Execution/ },
];

/** @type {[RegExp, string][]} */
const EVENT_OUTCOMES = [
  [/TimedOut$/, "TIMED_OUT"],
  [/Failed$/, "FAILED"],
  [/Aborted$/, "ABORTED"],
  [/Succeeded$/, "SUCCEEDED"],
];
const BAD_OUTCOMES = new Set(["TIMED_OUT", "FAILED", "ABORTED"]);

/**
 * The status that an event's type speaks of; empty for what only goes on.
 * @param {string} type
 */
export function eventOutcome(type) {
  return EVENT_OUTCOMES.find(([types]) => types.test(type))?.[1] ?? "";
}

/** @param {string} type */
export function isFailure(type) {
  return BAD_OUTCOMES.has(eventOutcome(type));
}

/**
 * The places of the events that a filter lets through, in order.
 * @param {Trace} trace @param {EventFilter} filter @returns {number[]}
 */
export function filteredEvents(trace, { group, words, failedOnly }) {
  const { events, visits, states, event_types: names } = trace;
  const types = EVENT_GROUPS.find((each) => each.key === group)?.types ?? /./;
  const wantedTypes = names.map((name) => types.test(name) && (!failedOnly || isFailure(name)));
  const part = words.trim().toLowerCase();
  const wantedStates = states.map((state) => state.name.toLowerCase().includes(part));
  const found = [];
  for (let place = 0; place < events.type.length; place++) {
    if (!wantedTypes[events.type[place]]) continue;
    const visit = events.visit[place];
    if (part && (visit < 0 || !wantedStates[visits.state[visit]])) continue;
    found.push(place);
  }
  return found;
}
