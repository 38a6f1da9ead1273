// @ts-check
import { iterationKind } from "./pane_words.js";

/**
 * The visits of a trace as a tree: a Parallel or Map holds its branches or items, each of which holds visits. It knows
 * which rows are open and nothing of where they stand in time.
 *
 * @typedef {import("./store.js").Trace} Trace
 * @typedef {{key: string, kind: string, index: number, attempt: number, visits: number[]}} IterationGroup
 *   `attempt` counts the tries of the region from 1; 0 where there was only one.
 * @typedef {object} TimelineRow
 * @property {string} key
 * @property {string} parent The key of the row around it, empty at the top.
 * @property {number} level From 1.
 * @property {number} place From 1, among its siblings.
 * @property {number} siblings
 * @property {number} visit -1 for a branch or item of several visits.
 * @property {IterationGroup|null} group The branch or item that the row is, or that its only visit makes up.
 * @property {boolean} canOpen
 * @property {boolean} isOpen
 */

const ITEMS_OPEN = 8;
const BRANCHES_OPEN = 12;

/** @param {number} visit */
export function visitKey(visit) {
  return `v${visit}`;
}

export class VisitTree {
  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
    /** @type {number[]} */
    this.top = [];
    /** @type {Map<number, Map<string, IterationGroup>>} by the visit of the region */
    this.groups = new Map();
    /** @type {Map<number, IterationGroup[]>} */
    this.sorted = new Map();
    trace.visits.parent.forEach((parent, visit) => {
      if (parent < 0) this.top.push(visit);
      else this.join(parent, visit);
    });
  }

  /** @param {number} region @param {number} visit */
  join(region, visit) {
    const { visits, states } = this.trace;
    const attempts = visits.attempts[region] ?? [];
    const attempt = attempts.length > 1 ? attempts.filter((each) => each.first && each.first <= visits.id[visit]).length : 0;
    const index = visits.iteration[visit][visits.iteration[region].length] ?? 0;
    const key = `g${region}.${attempt}.${index}`;
    const groups = this.groups.get(region) ?? new Map();
    this.groups.set(region, groups);
    const group = groups.get(key);
    if (group) group.visits.push(visit);
    else groups.set(key, { key, kind: iterationKind(states[visits.state[region]].type), index, attempt, visits: [visit] });
  }

  /**
   * The branches or items of a region, by try and index.
   * @param {number} region @returns {IterationGroup[]}
   */
  groupsOf(region) {
    const known = this.sorted.get(region);
    if (known) return known;
    const groups = [...(this.groups.get(region)?.values() ?? [])];
    groups.sort((one, other) => one.attempt - other.attempt || one.index - other.index);
    this.sorted.set(region, groups);
    return groups;
  }

  /** @param {number} region */
  opensByItself(region) {
    const type = this.trace.states[this.trace.visits.state[region]].type;
    return (this.groups.get(region)?.size ?? 0) <= (type === "Map" ? ITEMS_OPEN : BRANCHES_OPEN);
  }

  /**
   * The keys that must be open for a visit's row to be there.
   * @param {number} visit @returns {string[]}
   */
  keysAround(visit) {
    const keys = [];
    for (let inner = visit, region = this.trace.visits.parent[visit]; region >= 0; inner = region, region = this.trace.visits.parent[region]) {
      keys.push(visitKey(region));
      for (const group of this.groups.get(region)?.values() ?? []) if (group.visits.length > 1 && group.visits.includes(inner)) keys.push(group.key);
    }
    return keys;
  }

  /** @param {Map<string, boolean>} toggled which rows were opened or closed by hand @returns {TimelineRow[]} */
  rows(toggled) {
    /** @type {TimelineRow[]} */
    const rows = [];
    this.addVisits(rows, this.top, { parent: "", level: 1 }, toggled);
    return rows;
  }

  /** @param {TimelineRow[]} rows @param {number[]} visits @param {{parent: string, level: number}} around @param {Map<string, boolean>} toggled */
  addVisits(rows, visits, around, toggled) {
    visits.forEach((visit, place) => this.addVisit(rows, visit, { ...around, place: place + 1, siblings: visits.length, group: null }, toggled));
  }

  /**
   * @param {TimelineRow[]} rows @param {number} visit
   * @param {{parent: string, level: number, place: number, siblings: number, group: IterationGroup|null}} around
   * @param {Map<string, boolean>} toggled
   */
  addVisit(rows, visit, around, toggled) {
    const key = visitKey(visit);
    const canOpen = this.groups.has(visit);
    const isOpen = canOpen && (toggled.get(key) ?? this.opensByItself(visit));
    rows.push({ ...around, key, visit, canOpen, isOpen });
    if (!isOpen) return;
    const groups = this.groupsOf(visit);
    groups.forEach((group, index) => {
      const inner = { parent: key, level: around.level + 1, place: index + 1, siblings: groups.length, group };
      if (group.visits.length === 1) this.addVisit(rows, group.visits[0], inner, toggled);
      else this.addGroup(rows, group, inner, toggled);
    });
  }

  /**
   * @param {TimelineRow[]} rows @param {IterationGroup} group
   * @param {{parent: string, level: number, place: number, siblings: number, group: IterationGroup|null}} around
   * @param {Map<string, boolean>} toggled
   */
  addGroup(rows, group, around, toggled) {
    const isOpen = toggled.get(group.key) ?? around.siblings <= BRANCHES_OPEN;
    rows.push({ ...around, key: group.key, visit: -1, canOpen: true, isOpen });
    if (isOpen) this.addVisits(rows, group.visits, { parent: group.key, level: around.level + 1 }, toggled);
  }
}
