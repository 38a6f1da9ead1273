// @ts-check
/**
 * Which visit each event belongs to, and with that where a visit stands, where it ends and what its attempts are. It
 * reads no payload.
 *
 * An event tells only which one it follows. What it belongs to comes from the order in which the engine writes: a
 * state's events follow its StateEntered, what follows a StateExited stands in the Parallel or Map around it, and what a
 * failure aborts is written from the inside out, branch by branch. A visit is told by its place, -1 is the execution.
 *
 * @typedef {object} PlacedVisit What has to be known of a visit.
 * @property {string} name
 * @property {string} type
 * @property {number[]} iteration
 * @property {boolean} tried Whether it has attempts.
 *
 * @typedef {{failingId: number, failing: number, region: number, others: number[]}} Aborting
 *   The events that one failure writes: `others` are the visits that will still be aborted, in this order.
 */

const OUTSIDE = -1;
/** The types that have a ...StateAborted event; a visit of another type ends without one. */
const ABORTABLE = new Set(["Task", "Wait", "Parallel", "Map"]);
const ENTERED = 0;
const EXITED = 1;
const SPECIAL = 2;
const PLAIN = 3;
const BEGINS = 4;

/** @param {string} type */
export function isEntered(type) {
  return type.endsWith("StateEntered");
}

/** @param {string} type */
function roleOf(type) {
  if (isEntered(type)) return ENTERED;
  if (type.endsWith("StateExited")) return EXITED;
  if (type.endsWith("Scheduled")) return BEGINS;
  return /^Execution|^MapIteration|^Evaluation|State(Aborted|Started|Failed)$|MapRunAborted$/.test(type) ? SPECIAL : PLAIN;
}

export class EventPlaces {
  /**
   * @param {string[]} types by number @param {ArrayLike<number>} numbers the type of each event
   * @param {number[]} previous @param {Map<number, string>} names of the events where it matters, by place
   * @param {(visit: number) => PlacedVisit} visitAt
   */
  constructor(types, numbers, previous, names, visitAt) {
    this.types = types;
    this.numbers = numbers;
    this.names = names;
    this.visitAt = visitAt;
    /** @type {number[]} the visit of each event */
    this.visits = [];
    /** @type {number[]} by visit, the id of its StateEntered event */
    this.ids = [];
    /** @type {number[]} by visit, the visit of the Parallel or Map around it */
    this.parents = [];
    /** @type {number[]} by visit, the id of the event that ended it, 0 while it is open */
    this.ends = [];
    /** @type {Map<number, [number, number][]>} by visit, first and last event of each attempt that wrote events */
    this.spans = new Map();
    /** What follows an event stands in this visit; before the first event, outside. */
    this.context = [OUTSIDE];
    /** @type {Map<number, Map<number, number>>} by region, the open visit of each branch or item */
    this.open = new Map([[OUTSIDE, new Map()]]);
    /** @type {Map<number, number>} */
    this.evaluated = new Map();
    /** @type {Aborting} */
    this.aborting = { failingId: 0, failing: OUTSIDE, region: OUTSIDE, others: [] };
    this.find(previous);
  }

  /** @param {number[]} previous */
  find(previous) {
    const roles = this.types.map(roleOf);
    for (let place = 0; place < this.numbers.length; place++) {
      const id = place + 1;
      let visit = this.context[previous[place]];
      let standsIn = visit;
      switch (roles[this.numbers[place]]) {
        case ENTERED:
          visit = standsIn = this.enter(visit, id);
          break;
        case EXITED:
          standsIn = this.leave(visit, id);
          break;
        case PLAIN: {
          const last = this.spans.get(visit)?.at(-1);
          if (last) last[1] = id;
          break;
        }
        case BEGINS:
          this.begin(visit, id);
          break;
        default:
          [visit, standsIn] = this.special(id, previous[place], this.types[this.numbers[place]], this.names.get(place) ?? "");
      }
      this.visits.push(visit);
      this.context.push(standsIn);
    }
  }

  /** @param {number} region @param {number} id */
  enter(region, id) {
    const visit = this.parents.push(region) - 1;
    this.ends.push(0);
    this.ids.push(id);
    const branches = this.open.get(region) ?? new Map();
    this.open.set(region, branches.set(this.branchOf(visit), visit));
    return visit;
  }

  /** @param {number} visit */
  branchOf(visit) {
    return this.visitAt(visit).iteration.at(-1) ?? 0;
  }

  /**
   * Close a visit.
   * @param {number} visit @param {number} id @returns {number} what it stood in
   */
  leave(visit, id) {
    if (visit < 0) return OUTSIDE;
    this.ends[visit] = id;
    const region = this.parents[visit];
    this.open.get(region)?.delete(this.branchOf(visit));
    this.endSilent(visit, id);
    return region;
  }

  /**
   * Close what stands open in a Parallel or Map that goes on without it. A Fail, or another state without a
   * StateAborted event, has ended silently with its own last event.
   * @param {number} region @param {number} id
   */
  endSilent(region, id) {
    for (const visit of this.open.get(region)?.values() ?? []) {
      const silent = !ABORTABLE.has(this.visitAt(visit).type);
      this.ends[visit] = silent ? (this.evaluated.get(visit) ?? this.ids[visit]) : id;
    }
    this.open.delete(region);
  }

  /** @param {number} visit @param {number} id */
  begin(visit, id) {
    const spans = this.spans.get(visit) ?? [];
    spans.push([id, id]);
    this.spans.set(visit, spans);
  }

  // -- what cannot be told from the event before alone ----------------------------------------------------------------

  /**
   * The visit of an event, and what stands in after it.
   * @param {number} id @param {number} previous @param {string} type @param {string} name @returns {[number, number]}
   */
  special(id, previous, type, name) {
    if (type.startsWith("Execution")) {
      if (type !== "ExecutionStarted") this.closeAll(id);
      return [OUTSIDE, OUTSIDE];
    }
    if (type === "EvaluationFailed") {
      const visit = this.evaluating(previous, name);
      this.noteFailedEvaluation(visit, id);
      return [visit, visit];
    }
    const region = /^(.*)State(Started|Failed)$/.exec(type);
    if (region) {
      const visit = this.regionOf(previous, region[1]);
      this.noteRegion(visit, id, previous, region[2] === "Started");
      return [visit, visit];
    }
    if (type === "MapIterationStarted" || type === "MapIterationSucceeded") {
      return [this.context[previous], this.context[previous]];
    }
    return this.abort(id, previous, type, name);
  }

  /** @param {number} id */
  closeAll(id) {
    for (const visit of this.open.get(OUTSIDE)?.values() ?? []) this.ends[visit] = id;
    this.open.delete(OUTSIDE);
    for (const region of [...this.open.keys()]) this.endSilent(region, id);
    this.open.set(OUTSIDE, new Map());
  }

  /**
   * The state whose expression failed: where nothing had happened in it, the event follows what it followed.
   * @param {number} previous @param {string} name
   */
  evaluating(previous, name) {
    const latest = this.context[this.context.length - 1];
    const found = [this.context[previous], latest].find((visit) => visit >= 0 && this.visitAt(visit).name === name);
    return found ?? this.context[previous];
  }

  /** @param {number} visit @param {number} id */
  noteFailedEvaluation(visit, id) {
    if (visit < 0) return;
    this.evaluated.set(visit, id);
    if (!this.visitAt(visit).tried) return;
    const last = this.spans.get(visit)?.at(-1);
    if (last && !/(Failed|TimedOut)$/.test(this.types[this.numbers[last[1] - 1]])) last[1] = id;
    else this.begin(visit, id);
  }

  /**
   * The innermost open Parallel or Map around what went before.
   * @param {number} previous @param {string} type
   */
  regionOf(previous, type) {
    let visit = this.context[previous];
    while (visit >= 0 && (this.ends[visit] || this.visitAt(visit).type !== type)) visit = this.parents[visit];
    return visit;
  }

  /** @param {number} visit @param {number} id @param {number} previous @param {boolean} isStart */
  noteRegion(visit, id, previous, isStart) {
    if (visit < 0) return;
    this.endSilent(visit, id);
    const last = this.spans.get(visit)?.at(-1);
    if (last) last[1] = isStart ? previous : id;
    if (isStart) this.begin(visit, id);
  }

  /**
   * One event of those that a failure in a Parallel or Map writes: the failing branch first, then the rest.
   * @param {number} id @param {number} previous @param {string} type @param {string} name @returns {[number, number]}
   */
  abort(id, previous, type, name) {
    if (this.aborting.failingId !== previous) this.aborting = this.beginAborting(id, previous, type, name);
    const { failing, region, others } = this.aborting;
    if (type === "MapIterationFailed") return [region, region];
    if (type.endsWith("StateAborted")) {
      const isFailing = failing >= 0 && !this.ends[failing] && `${this.visitAt(failing).type}StateAborted` === type;
      const visit = isFailing ? failing : (others.shift() ?? region);
      return [visit, this.leave(visit, id)];
    }
    let visit = others[0] ?? region;
    if (type === "MapIterationAborted") {
      while (visit !== region && visit !== OUTSIDE && this.visitAt(visit).name !== name) visit = this.parents[visit];
    }
    return [visit, visit];
  }

  /** @param {number} id @param {number} previous @param {string} type @param {string} name @returns {Aborting} */
  beginAborting(id, previous, type, name) {
    let failing = this.context[previous];
    while (failing >= 0 && this.ends[failing]) failing = this.parents[failing];
    let region = failing >= 0 ? this.parents[failing] : OUTSIDE;
    if (type === "MapIterationFailed" && failing >= 0 && this.visitAt(failing).name === name) {
      // The iteration failed before it entered a state.
      region = failing;
      failing = OUTSIDE;
    }
    const last = this.spans.get(region)?.at(-1);
    if (last) last[1] = previous;
    if (failing >= 0 && !ABORTABLE.has(this.visitAt(failing).type)) this.leave(failing, id);
    return { failingId: previous, failing, region, others: this.openInside(region).filter((visit) => visit !== failing) };
  }

  /**
   * The open visits below a Parallel or Map, from the inside out, branch by branch.
   * @param {number} region @returns {number[]}
   */
  openInside(region) {
    const branches = [...(this.open.get(region) ?? [])].sort(([left], [right]) => left - right);
    return branches.flatMap(([, visit]) => [...this.openInside(visit), ...(ABORTABLE.has(this.visitAt(visit).type) ? [visit] : [])]);
  }
}
