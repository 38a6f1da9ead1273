// @ts-check
import { jsonPathOf, visibleText } from "./json_text.js";
import { count, h } from "./parts.js";

/**
 * What differs between two payloads, value by value, and the list that tells it; it knows nothing of states.
 *
 * @typedef {import("./json_text.js").JsonNode} DiffNode
 * @typedef {import("./json_text.js").JsonPath} DiffPath
 * @typedef {{path: DiffPath, kind: "added"|"removed"|"changed", before: DiffNode|null, after: DiffNode|null}} PayloadChange
 *   The path of what was removed is that in the earlier payload, of all else that in the later one.
 * @typedef {{changes: PayloadChange[], cut: boolean, taken: DiffPath|null}} PayloadDiff
 *   `cut`: there are more changes, or the payloads are too large to compare every part of them. `taken`: the later
 *   payload is the object or array that stood there in the earlier one, as an InputPath makes it.
 * @typedef {typeof CHANGE_WORDS} DiffWords
 */

const MOST_CHANGES = 2000;
const MOST_WORK = 40_000_000;
const DEEPEST = 200;
const ROWS_STEP = 100;
const VALUE_SHOWN = 160;
const VALUE_STEP = 20000;
const CHANGE_ICONS = { added: "+", removed: "−", changed: "≠" };
/** A payload on its way, and its earlier self. */
const CHANGE_WORDS = { added: "added", removed: "removed", changed: "changed", before: "was", after: "now", taken: "What was at" };
/** Two payloads of which neither came first. */
export const SIDE_WORDS = { added: "only right", removed: "only left", changed: "different", before: "left", after: "right", taken: "What is left at" };

class Differ {
  constructor() {
    /** @type {PayloadChange[]} */
    this.changes = [];
    this.work = 0;
    this.cut = false;
  }

  /**
   * Count characters that are looked at.
   * @param {DiffNode} before @param {DiffNode} after @returns {boolean} whether there may be more
   */
  may(before, after) {
    this.work += before.length + after.length;
    if (this.work > MOST_WORK || this.changes.length >= MOST_CHANGES) this.cut = true;
    return !this.cut;
  }

  /** @param {DiffPath} path @param {DiffNode|null} before @param {DiffNode|null} after */
  tell(path, before, after) {
    if (this.changes.length >= MOST_CHANGES) this.cut = true;
    else this.changes.push({ path, kind: before && after ? "changed" : before ? "removed" : "added", before, after });
  }

  /** @param {DiffNode} before @param {DiffNode} after @param {DiffPath} path */
  compare(before, after, path) {
    if (sameText(before, after) || !this.may(before, after)) return;
    const kind = before.kind === after.kind && path.length < DEEPEST ? before.kind : "none";
    if (kind === "object") this.compareObjects(before, after, path);
    else if (kind === "array") this.compareArrays(before, after, path);
    else if (kind !== "string" || !sameString(before, after)) this.tell(path, before, after);
  }

  /** @param {DiffNode} before @param {DiffNode} after @param {DiffPath} path */
  compareObjects(before, after, path) {
    const left = placesByKey(after);
    for (let place = 0; place < before.size && !this.cut; place++) {
      const key = before.keyOf(place);
      const other = left.get(key);
      left.delete(key);
      if (other === undefined) this.tell([...path, key], before.child(place), null);
      else this.compare(before.child(place), after.child(other), [...path, key]);
    }
    for (const [key, place] of left) {
      if (this.cut) return;
      this.tell([...path, key], null, after.child(place));
    }
  }

  /**
   * Items are compared by place, after those that are the same at both ends.
   * @param {DiffNode} before @param {DiffNode} after @param {DiffPath} path
   */
  compareArrays(before, after, path) {
    const shorter = Math.min(before.size, after.size);
    let start = 0;
    while (start < shorter && this.same(before.child(start), after.child(start), path.length)) start++;
    let ends = 0;
    while (ends < shorter - start && this.same(before.child(before.size - 1 - ends), after.child(after.size - 1 - ends), path.length)) ends++;
    const longer = Math.max(before.size, after.size) - ends;
    for (let place = start; place < longer && !this.cut; place++) {
      const one = place < before.size - ends ? before.child(place) : null;
      const other = place < after.size - ends ? after.child(place) : null;
      if (one && other) this.compare(one, other, [...path, place]);
      else this.tell([...path, place], one, other);
    }
  }

  /**
   * Whether two values are equal, in whatever order their fields stand.
   * @param {DiffNode} before @param {DiffNode} after @param {number} depth @returns {boolean}
   */
  same(before, after, depth) {
    if (sameText(before, after)) return true;
    const { kind } = before;
    if (kind !== after.kind || depth >= DEEPEST) return false;
    if (kind === "string") return sameString(before, after);
    if ((kind !== "object" && kind !== "array") || !this.may(before, after) || before.size !== after.size) return false;
    const places = kind === "object" ? placesByKey(after) : null;
    for (let place = 0; place < before.size; place++) {
      const other = places ? places.get(before.keyOf(place)) : place;
      if (other === undefined || !this.same(before.child(place), after.child(other), depth + 1)) return false;
    }
    return true;
  }
}

/** @param {DiffNode} one @param {DiffNode} other */
function sameText(one, other) {
  return one.length === other.length && one.text === other.text;
}

/**
 * Whether two strings are equal, however their characters are escaped.
 * @param {DiffNode} one @param {DiffNode} other
 */
function sameString(one, other) {
  return JSON.parse(one.text) === JSON.parse(other.text);
}

/** @param {DiffNode} node @returns {Map<string|number, number>} */
function placesByKey(node) {
  const places = new Map();
  for (let place = 0; place < node.size; place++) places.set(node.keyOf(place), place);
  return places;
}

/**
 * Compare two payloads, as `readJson` reads them.
 * @param {DiffNode} before @param {DiffNode} after @returns {PayloadDiff}
 */
export function diffPayloads(before, after) {
  const differ = new Differ();
  differ.compare(before, after, []);
  return { changes: differ.changes, cut: differ.cut, taken: differ.changes.length ? pathWithin(before, after) : null };
}

/**
 * Where the later payload stands in the earlier one.
 * @param {DiffNode} before @param {DiffNode} after @returns {DiffPath|null} null: nowhere, or it is too small to tell
 */
function pathWithin(before, after) {
  const at = after.size > 0 ? before.source.indexOf(after.text) : -1;
  /** @type {DiffPath} */
  const path = [];
  for (let node = before; at > node.start && path.length < DEEPEST; ) {
    const place = childAt(node, at);
    if (place < 0) return null;
    path.push(node.keyOf(place));
    node = node.child(place);
    if (node.start === at) return sameText(node, after) ? path : null;
  }
  return null;
}

/** @param {DiffNode} node @param {number} at @returns {number} the child in which a place of the text lies, -1: none */
function childAt(node, at) {
  for (let place = 0; place < node.size; place++) {
    const child = node.child(place);
    if (at < child.end) return child.start <= at ? place : -1;
  }
  return -1;
}

// -- the list ---------------------------------------------------------------------------------------------------------

/**
 * The list of changes as an element.
 * @param {PayloadDiff} diff @param {string} label what is compared with what
 * @param {string} root how the whole payload is written in a path; empty where its fields are variables
 * @param {DiffWords} words
 * @returns {HTMLElement}
 */
export function diffList({ changes, cut, taken }, label, root = "$", words = CHANGE_WORDS) {
  if (!changes.length && !cut) return h("p", { class: "sfn-diff-same" }, h("span", { "aria-hidden": "true" }, "= "), "Nothing changed.");
  if (taken) {
    const icon = h("span", { class: "sfn-diff-icon", "aria-hidden": "true" }, "→");
    return h("p", { class: "sfn-diff-same" }, icon, `${words.taken} `, h("code", { class: "sfn-tree-path", dir: "ltr" }, visibleText(jsonPathOf(taken, root))), ", and nothing else.");
  }
  const list = h("ul", { class: words === SIDE_WORDS ? "sfn-diff sfn-diff-sides" : "sfn-diff", "aria-label": label });
  const more = h("button", { class: "sfn-button sfn-more", type: "button" });
  let shown = 0;
  const draw = () => {
    list.append(...changes.slice(shown, shown + ROWS_STEP).map((change) => diffRow(change, root, words)));
    shown = Math.min(shown + ROWS_STEP, changes.length);
    more.hidden = shown >= changes.length;
    more.textContent = `Show ${count(Math.min(ROWS_STEP, changes.length - shown))} more (${count(changes.length - shown)} left)`;
  };
  more.addEventListener("click", draw);
  draw();
  const note = cut ? h("p", { class: "sfn-quiet" }, "There may be more changes: the comparison stopped here, because the payloads differ much or are large.") : null;
  return h("div", {}, h("p", { class: "sfn-quiet" }, diffSummary(changes, words)), list, more, note);
}

/**
 * Such as "1 added, 2 changed".
 * @param {PayloadChange[]} changes @param {DiffWords} words
 */
export function diffSummary(changes, words = CHANGE_WORDS) {
  const kinds = /** @type {("added"|"removed"|"changed")[]} */ (["added", "removed", "changed"]);
  const numbers = kinds.map((kind) => /** @type {const} */ ([kind, changes.filter((change) => change.kind === kind).length]));
  return numbers.filter(([, number]) => number).map(([kind, number]) => `${count(number)} ${words[kind]}`).join(", ");
}

/** @param {PayloadChange} change @param {string} root @param {DiffWords} words @returns {HTMLElement} */
function diffRow({ path, kind, before, after }, root, words) {
  return h(
    "li",
    { class: `sfn-diff-row sfn-diff-${kind}` },
    h("span", { class: "sfn-diff-kind" }, h("span", { class: "sfn-diff-icon", "aria-hidden": "true" }, CHANGE_ICONS[kind]), words[kind]),
    h("code", { class: "sfn-tree-path", dir: "ltr" }, visibleText(jsonPathOf(path, root))),
    before ? diffValue(before, after ? words.before : "", "sfn-diff-before") : null,
    after ? diffValue(after, before ? words.after : "", "sfn-diff-after") : null,
  );
}

/** @param {DiffNode} node @param {string} word @param {string} name @returns {HTMLElement} */
function diffValue(node, word, name) {
  const text = h("span", { class: "sfn-diff-text", dir: "ltr" });
  const more = h("button", { class: "sfn-button", type: "button" });
  let shown = VALUE_SHOWN;
  const draw = () => {
    const rest = node.length - shown;
    text.textContent = visibleText(node.source.slice(node.start, Math.min(node.end, node.start + shown))) + (rest > 0 ? "…" : "");
    more.hidden = rest <= 0;
    more.textContent = `Show more (${count(Math.max(rest, 0))} characters)`;
  };
  more.addEventListener("click", () => {
    shown += VALUE_STEP;
    draw();
  });
  draw();
  return h("div", { class: `sfn-diff-value ${name}` }, word ? h("span", { class: "sfn-diff-word" }, word) : null, text, more);
}
