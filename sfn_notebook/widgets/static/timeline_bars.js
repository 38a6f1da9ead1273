// @ts-check
/**
 * What a visit did and when, as spans with a meaning: working, waiting, backing off. Spans are in seconds or in ids of
 * events; this knows neither pixels nor elements.
 *
 * @typedef {import("./store.js").Trace} Trace
 * @typedef {import("./store.js").TraceAttempt} TraceAttempt
 * @typedef {"work"|"wait"|"callback"|"backoff"|"region"} BarKind
 *   `callback` is waiting for somebody else: a task token, an activity's worker, a job that was started.
 * @typedef {{from: number, to: number, kind: BarKind, isBad: boolean, isOpen: boolean}} Bar
 */

const OUTWARD_WAITS = { TaskSubmitted: true, ActivityScheduled: true, ActivityStarted: false };

export class BarMaker {
  /** @param {Trace} trace @param {"time"|"events"} unit */
  constructor(trace, unit) {
    this.trace = trace;
    this.unit = unit;
    const { events } = trace;
    this.lastId = events.type.length;
    this.lastTime = endOfTime(trace);
    this.handovers = handovers(trace);
  }

  get end() {
    return this.unit === "time" ? this.lastTime : Math.max(1, this.lastId);
  }

  /** @param {number} id of an event @returns {number} */
  valueAt(id) {
    return this.unit === "events" ? id : (this.trace.events.at[id - 1] ?? 0);
  }

  /** @param {number} visit @returns {{from: number, to: number, isOpen: boolean}} */
  spanOf(visit) {
    const { id, end } = this.trace.visits;
    return { from: this.valueAt(id[visit]), to: end[visit] ? this.valueAt(end[visit]) : this.end, isOpen: !end[visit] };
  }

  /**
   * From the first entry to the last end of several visits.
   * @param {number[]} visits
   */
  spanOfAll(visits) {
    const spans = visits.map((visit) => this.spanOf(visit));
    return { from: spans.reduce((first, span) => Math.min(first, span.from), Infinity), to: spans.reduce((latest, span) => Math.max(latest, span.to), 0), isOpen: spans.some((span) => span.isOpen) };
  }

  /** @param {number} visit @returns {Bar[]} */
  barsOf(visit) {
    const { visits, states } = this.trace;
    const { type } = states[visits.state[visit]];
    const span = this.spanOf(visit);
    const attempts = visits.attempts[visit] ?? [];
    const kind = type === "Wait" ? "wait" : type === "Parallel" || type === "Map" ? "region" : "work";
    if (!attempts.length || kind === "wait") return [{ ...span, kind, isBad: this.isBad(visit) }];
    return attempts.flatMap((attempt, number) => this.attemptBars(visit, kind, attempt, attempts[number + 1], span));
  }

  /** @param {number} visit */
  isBad(visit) {
    const status = this.trace.statuses[this.trace.visits.status[visit]];
    return status === "FAILED" || status === "TIMED_OUT" || status === "CAUGHT";
  }

  /**
   * @param {number} visit @param {BarKind} kind @param {TraceAttempt} attempt @param {TraceAttempt|undefined} next
   * @param {{from: number, to: number, isOpen: boolean}} around
   * @returns {Bar[]}
   */
  attemptBars(visit, kind, attempt, next, around) {
    const isOver = attempt.ended !== null;
    const byTime = this.unit === "time";
    // An attempt that wrote no event of its own takes the room of its visit.
    const from = byTime ? attempt.started : attempt.first || around.from;
    const to = byTime ? (attempt.ended ?? around.to) : (isOver && attempt.last) || around.to;
    const isBad = attempt.error !== null;
    const isOpen = !isOver && around.isOpen;
    const bars = kind === "work" ? this.workBars(visit, { from, to, isBad, isOpen }, attempt) : [{ from, to, kind, isBad, isOpen }];
    if (attempt.delay === null || !isOver) return bars;
    const planned = byTime ? Math.min(to + attempt.delay, around.isOpen ? Infinity : around.to) : around.to;
    const until = next ? (byTime ? next.started : next.first || to) : planned;
    return [...bars, { from: to, to: until, kind: "backoff", isBad: false, isOpen: !next && around.isOpen }];
  }

  /**
   * Work, divided where the task is in somebody else's hands.
   * @param {number} visit @param {{from: number, to: number, isBad: boolean, isOpen: boolean}} span @param {TraceAttempt} attempt
   * @returns {Bar[]}
   */
  workBars(visit, span, attempt) {
    const within = (this.handovers.get(visit) ?? []).filter(({ id }) => id >= attempt.first && id <= (attempt.last || Infinity));
    /** @type {Bar[]} */
    const bars = [];
    let from = span.from;
    /** @type {BarKind} */
    let kind = "work";
    for (const { id, isOutward } of within) {
      const at = this.valueAt(id);
      if (at > from) bars.push({ from, to: at, kind, isBad: span.isBad, isOpen: false });
      [from, kind] = [Math.max(at, from), isOutward ? "callback" : "work"];
    }
    if (span.to > from || !bars.length) bars.push({ from, to: span.to, kind, isBad: span.isBad, isOpen: span.isOpen });
    return bars;
  }

  /**
   * Where anything works at all, for each visit that is no Parallel and no Map.
   * @returns {{from: number, to: number}[]}
   */
  busySpans() {
    const { visits } = this.trace;
    const spans = [];
    for (let visit = 0; visit < visits.id.length; visit++) {
      const { from, to } = this.spanOf(visit);
      if (to > from) spans.push(...this.barsOf(visit).filter((bar) => bar.kind === "work" && bar.to > bar.from));
    }
    return spans;
  }

  /**
   * How many branches or items go on, at each time when one begins or ends.
   * @param {import("./timeline_rows.js").IterationGroup[]} groups @returns {{at: number, running: number}[]}
   */
  profile(groups) {
    const spans = groups.map((group) => this.spanOfAll(group.visits));
    // At one time, what is over makes room first; what takes no time at all shows as a peak.
    const changes = spans.flatMap(({ from, to }) => [{ at: from, by: 1, turn: 1 }, { at: to, by: -1, turn: to > from ? 0 : 2 }]);
    changes.sort((one, other) => one.at - other.at || one.turn - other.turn);
    let running = 0;
    return changes.map(({ at, by }) => ({ at, running: (running += by) }));
  }
}

/**
 * Modelled seconds that the execution has taken so far.
 * @param {Trace} trace @returns {number}
 */
export function endOfTime({ ended, events }) {
  return ended ?? events.at[events.at.length - 1] ?? 0;
}

/**
 * The events at which a task passes into other hands or comes back from them, by visit.
 * @param {Trace} trace @returns {Map<number, {id: number, isOutward: boolean}[]>}
 */
function handovers({ events, event_types: names }) {
  const outward = names.map((name) => /** @type {{[type: string]: boolean|undefined}} */ (OUTWARD_WAITS)[name]);
  const found = new Map();
  if (!outward.some((each) => each !== undefined)) return found;
  events.type.forEach((type, place) => {
    const isOutward = outward[type];
    if (isOutward === undefined) return;
    const visit = events.visit[place];
    const list = found.get(visit) ?? [];
    list.push({ id: place + 1, isOutward });
    found.set(visit, list);
  });
  return found;
}
