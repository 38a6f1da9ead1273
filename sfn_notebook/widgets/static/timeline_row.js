// @ts-check
import { EDITED } from "./edit_mark.js";
import { statusOfAll } from "./iteration_cells.js";
import { sinceStart, spanWords, StatusMark, statusWord } from "./pane_words.js";
import { count, h, s } from "./parts.js";

/**
 * One row of the timeline as elements and as words. It knows the axis and the bars, and nothing of keys and clicks.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Trace} Trace
 * @typedef {import("./timeline_axis.js").Axis} Axis
 * @typedef {import("./timeline_rows.js").TimelineRow} TimelineRow
 * @typedef {import("./timeline_rows.js").VisitTree} VisitTree
 * @typedef {import("./timeline_bars.js").Bar} Bar
 * @typedef {import("./timeline_bars.js").BarMaker} BarMaker
 * @typedef {{store: Store, tree: VisitTree, bars: BarMaker, axis: Axis, measure: (words: string) => number, failed: Map<number, Set<IterationGroup>>,
 *   breaks: {ground: string, edges: string}|null}} Drawing
 *   `failed` remembers the failed branches or items of each region at this moment.
 * @typedef {import("./timeline_rows.js").IterationGroup} IterationGroup
 * @typedef {{element: HTMLElement, twisty: HTMLElement, mark: StatusMark, name: HTMLElement, track: HTMLElement, index: number}} RowElements
 * @typedef {{title: string, status: string, isEdited: boolean, took: string, lines: string[]}} RowWords `took` is empty where no time passed on an axis of events.
 */

const LEAST_BAR = 3;
const INDENT = 13;
const BESIDE = 6;
const ATTEMPTS_TOLD = 5;
const PROFILE_HEIGHT = 14;
export const TIMELINE_ROW_HEIGHT = 26;
// An even number of steps in a row lets the zigzag run on from one row to the next.
const ZIGZAG = { width: 9, step: TIMELINE_ROW_HEIGHT / 4, least: 12 };

/** @returns {RowElements} */
export function makeTimelineRow() {
  const twisty = h("span", { class: "sfn-twisty", "aria-hidden": "true" });
  const mark = new StatusMark();
  const name = h("span", { class: "sfn-cut", dir: "auto" });
  const track = h("div", { class: "sfn-track", "aria-hidden": "true" });
  const label = h("div", { class: "sfn-timeline-label", "aria-hidden": "true" }, twisty, mark.element, name);
  return { element: h("div", { class: "sfn-timeline-row", role: "treeitem" }, label, track), twisty, mark, name, track, index: -1 };
}

/** @param {RowElements} elements @param {TimelineRow} row @param {Drawing} drawing */
export function fillTimelineRow(elements, row, drawing) {
  const { element, twisty, mark, name, track } = elements;
  const { store } = drawing;
  const words = rowWords(row, drawing);
  element.setAttribute("aria-level", String(row.level));
  element.setAttribute("aria-posinset", String(row.place));
  element.setAttribute("aria-setsize", String(row.siblings));
  if (row.canOpen) element.setAttribute("aria-expanded", String(row.isOpen));
  else element.removeAttribute("aria-expanded");
  element.setAttribute("aria-label", [words.title, words.status && statusWord(store, words.status), ...words.lines].filter(Boolean).join(", "));
  element.classList.toggle("sfn-later", !words.status);
  element.style.setProperty("--sfn-indent", `${(Math.min(row.level, 9) - 1) * INDENT}px`);
  twisty.textContent = row.canOpen ? (row.isOpen ? "▾" : "▸") : "";
  mark.set(store, words.status);
  name.textContent = words.title;
  name.title = words.title;
  track.replaceChildren(...trackParts(row, words, drawing));
}

// -- words --------------------------------------------------------------------------------------------------------------

/** @param {TimelineRow} row @param {Drawing} drawing */
function rowTitle({ visit, group }, { tree }) {
  const { visits, states } = tree.trace;
  const parts = [];
  if (group) parts.push(`${group.attempt ? `Try ${group.attempt}, ` : ""}${group.kind} ${count(group.index)}`);
  if (visit >= 0) parts.push(states[visits.state[visit]].name);
  return parts.map((part, place) => (place === 0 && group ? part[0].toUpperCase() + part.slice(1) : part)).join(" › ");
}

/**
 * What a row says: in its tooltip, and to a screen reader.
 * @param {TimelineRow} row @param {Drawing} drawing @returns {RowWords}
 */
export function rowWords(row, drawing) {
  const { store, tree } = drawing;
  const { visits, events } = tree.trace;
  const title = rowTitle(row, drawing);
  const members = row.visit >= 0 ? [row.visit] : (row.group?.visits ?? []);
  const first = visits.id[members[0]];
  const end = Math.max(...members.map((visit) => visits.end[visit] || Infinity));
  if (first > store.now) return { title, status: "", isEdited: false, took: "", lines: ["not yet entered at the moment shown"] };
  const status = row.visit >= 0 ? store.statusOf(row.visit) : statusOfAll(store, members);
  const from = events.at[first - 1];
  const isOpen = end > store.now;
  const to = isOpen ? timeShown(drawing) : events.at[end - 1];
  const seconds = to - from;
  const told = isOpen ? `${spanWords(seconds)} so far` : `took ${spanWords(seconds)}`;
  const place = `events ${count(first)} to ${isOpen ? "…" : count(end)}`;
  const edits = row.visit >= 0 ? store.editsOf(row.visit) : [];
  const lines = [told, isOpen ? `since ${sinceStart(from)}` : `from ${sinceStart(from)} to ${sinceStart(to)}`, place];
  if (row.visit < 0) lines.push(`${count(members.length)} states`);
  else lines.push(...visitLines(row.visit, drawing));
  if (edits.length) lines.push(`${edits.map((edit) => edit.stage).join(" and ")} ${EDITED}`);
  return { title, status, isEdited: edits.length > 0, took: seconds > 0 || drawing.axis.unit === "time" ? spanWords(seconds) : "", lines };
}

/**
 * Where an open visit has got to, in modelled seconds.
 * @param {Drawing} drawing
 */
function timeShown({ store, bars }) {
  return store.moment === null ? bars.lastTime : store.seconds;
}

/** @param {number} visit @param {Drawing} drawing */
function visitLines(visit, drawing) {
  const { tree } = drawing;
  const { visits, states } = tree.trace;
  const { type } = states[visits.state[visit]];
  const lines = [`${type} state`];
  const groups = tree.groupsOf(visit);
  if (groups.length) {
    const kinds = groups[0].kind === "item" ? "items" : "branches";
    const failed = failedGroups(visit, drawing).size;
    lines.push(`${count(groups.length)} ${groups.length === 1 ? groups[0].kind : kinds} begun${failed ? `, ${count(failed)} failed` : ""}`);
  }
  const attempts = visits.attempts[visit] ?? [];
  if (attempts.length > 1) lines.push(...attempts.slice(0, ATTEMPTS_TOLD).map(attemptLine));
  if (attempts.length > ATTEMPTS_TOLD) lines.push(`and ${count(attempts.length - ATTEMPTS_TOLD)} more tries`);
  if (visits.error[visit]) lines.push(`error ${visits.error[visit]}`);
  return lines;
}

/** @param {number} region @param {Drawing} drawing @returns {Set<IterationGroup>} */
function failedGroups(region, { store, tree, failed }) {
  const known = failed.get(region) ?? new Set(tree.groupsOf(region).filter((group) => statusOfAll(store, group.visits) === "FAILED"));
  failed.set(region, known);
  return known;
}

/** @param {import("./store.js").TraceAttempt} attempt @param {number} number */
function attemptLine({ started, ended, error, delay }, number) {
  const took = ended === null ? "running" : `${error ?? "succeeded"} after ${spanWords(ended - started)}`;
  return `try ${number + 1}: ${took}${delay === null ? "" : `, then waited ${spanWords(delay)}`}`;
}

// -- bars ---------------------------------------------------------------------------------------------------------------

/** @param {TimelineRow} row @param {RowWords} words @param {Drawing} drawing @returns {Node[]} */
function trackParts(row, words, drawing) {
  const { bars, axis, store } = drawing;
  const { width } = axis;
  const span = row.visit >= 0 ? bars.spanOf(row.visit) : bars.spanOfAll(row.group?.visits ?? []);
  const [left, right] = [axis.x(span.from), axis.x(span.to)];
  if (right < 0 || left > width) return [h("span", { class: "sfn-span-beside", style: right < 0 ? "left: 0" : "right: 0" }, right < 0 ? "◂" : "▸")];
  /** @type {Bar[]} */
  const drawn = row.visit >= 0 ? bars.barsOf(row.visit) : [{ ...span, kind: "region", isBad: words.status === "FAILED" }];
  const status = words.status || "SUCCEEDED";
  // A state may stay after its last attempt has ended: a line holds what belongs to it together.
  const line = `left: ${Math.max(0, left).toFixed(1)}px; width: ${Math.max(0, Math.min(width, right) - Math.max(0, left)).toFixed(1)}px`;
  const parts = [h("span", { class: "sfn-baseline", "data-status": status, style: line }), ...drawn.map((bar) => barElement(bar, status, axis))];
  if (row.visit >= 0 && row.canOpen && !row.isOpen) parts.push(profileOf(row.visit, drawing));
  const now = axis.x(axis.unit === "time" ? store.seconds : store.now);
  if (store.moment !== null && now < right) parts.push(h("span", { class: "sfn-veil", style: `left: ${Math.max(0, now).toFixed(1)}px` }));
  if (drawing.breaks) parts.push(breaksOf(drawing.breaks, width));
  const isOpen = words.status === "RUNNING" || words.status === "RETRYING";
  const beside = besideText(words, { left, right: isOpen ? Math.max(left, Math.min(right, now)) : right }, drawing);
  return beside ? [...parts, beside] : parts;
}

/** @param {Bar} bar @param {string} status @param {Axis} axis @returns {Element} */
function barElement(bar, status, axis) {
  const [from, to] = [Math.max(-4, axis.x(bar.from)), bar.isOpen ? axis.width : Math.min(axis.width + 4, axis.x(bar.to))];
  const width = Math.max(LEAST_BAR, to - from);
  // What takes no time is drawn around its moment.
  const left = width > to - from ? (from + to - width) / 2 : from;
  const shown = bar.isBad && status !== "CAUGHT" ? "FAILED" : status;
  const state = bar.kind === "backoff" ? "RETRYING" : shown;
  return h("span", { class: `sfn-span sfn-span-${bar.kind}${bar.isOpen ? " sfn-span-open" : ""}`, "data-status": state, style: `left: ${left.toFixed(1)}px; width: ${width.toFixed(1)}px` });
}

/**
 * Where the axis is broken, the bars are.
 * @param {{ground: string, edges: string}} breaks @param {number} width @returns {Element}
 */
function breaksOf({ ground, edges }, width) {
  return s("svg", { class: "sfn-breaks", width, height: "100%" }, s("path", { class: "sfn-zigzag", d: ground }), s("path", { class: "sfn-zigzag-edge", d: edges }));
}

/** @param {RowWords} words @param {{left: number, right: number}} place @param {Drawing} drawing */
function besideText({ status, isEdited, took }, { left, right }, { store, axis, measure }) {
  if (!status) return null;
  const isOpen = status === "RUNNING" || status === "RETRYING";
  const text = `${statusWord(store, status)}${took ? ` · ${took}` : ""}${isEdited ? ` · ${EDITED}` : ""}${isOpen ? " …" : ""}`;
  const room = measure(text);
  const isRoomAfter = right + BESIDE + room <= axis.width;
  const isRoomBefore = left - BESIDE - room >= 0;
  const x = isRoomAfter ? right + BESIDE : isRoomBefore ? left - BESIDE - room : Math.max(left, right - room - 2 * BESIDE);
  // Over a bar or a break the words need a ground of their own.
  const isOnBreak = axis.gaps.some((gap) => x < gap.right && x + room > gap.left);
  const over = isOpen || isOnBreak || !(isRoomAfter || isRoomBefore) ? " sfn-span-over" : "";
  return h("span", { class: `sfn-span-beside${over}`, "data-status": status, style: `left: ${x.toFixed(1)}px` }, text);
}

/**
 * How many branches or items go on at a time, as a skyline in the bar, and a mark where one failed.
 * @param {number} region @param {Drawing} drawing @returns {Element}
 */
function profileOf(region, drawing) {
  const { bars, axis, tree } = drawing;
  const groups = tree.groupsOf(region);
  const failed = [...failedGroups(region, drawing)].map((group) => Math.round(axis.x(bars.spanOfAll(group.visits).to)));
  const marks = [...new Set(failed)].map((x) => `M${x} 0V${PROFILE_HEIGHT}`);
  const shape = s("path", { class: "sfn-profile", d: skyline(bars.profile(groups), axis) });
  return s("svg", { class: "sfn-profile-place", width: axis.width, height: PROFILE_HEIGHT }, shape, s("path", { class: "sfn-profile-failed", d: marks.join("") }));
}

/** @param {{at: number, running: number}[]} corners @param {Axis} axis */
function skyline(corners, axis) {
  const most = corners.reduce((highest, { running }) => Math.max(highest, running), 1);
  const y = (/** @type {number} */ running) => (PROFILE_HEIGHT - ((PROFILE_HEIGHT - 2) * running) / most).toFixed(1);
  let path = "";
  for (let place = 0; place < corners.length; ) {
    const x = Math.round(axis.x(corners[place].at));
    let highest = 0;
    for (; place < corners.length && Math.round(axis.x(corners[place].at)) === x; place++) highest = Math.max(highest, corners[place].running);
    // What begins and ends within one pixel still shows.
    path += `${path ? "H" : "M"}${x}${path ? "" : ` ${PROFILE_HEIGHT}`}V${y(highest)}H${x + 1}V${y(corners[place - 1].running)}`;
  }
  return `${path}V${PROFILE_HEIGHT}Z`;
}

/**
 * Where an axis is broken: two ragged edges with nothing between them, in a row's height.
 * @param {import("./timeline_axis.js").Axis} axis
 */
export function breaksOfAxis({ gaps }) {
  if (!gaps.length) return null;
  const edge = (/** @type {number} */ x, /** @type {number[]} */ turns) => turns.map((turn) => `${(x + (turn % 2 ? 2 : -2)).toFixed(1)} ${turn * ZIGZAG.step}`);
  const turns = [...Array(TIMELINE_ROW_HEIGHT / ZIGZAG.step + 1).keys()];
  const breaks = { ground: "", edges: "" };
  for (const { left, right } of gaps) {
    const half = Math.min(ZIGZAG.width, right - left) / 2;
    const middle = (left + right) / 2;
    const isNarrow = right - left < ZIGZAG.least;
    breaks.edges += `M${edge(isNarrow ? middle : middle - half, turns).join("L")}`;
    if (isNarrow) continue;
    breaks.edges += `M${edge(middle + half, turns).join("L")}`;
    breaks.ground += `M${edge(middle - half, turns).join("L")}L${edge(middle + half, [...turns].reverse()).join("L")}Z`;
  }
  return breaks;
}
