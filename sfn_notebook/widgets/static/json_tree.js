// @ts-check
import { findInJson, jsonataOf, jsonPathOf, proseOf, readJson, searchPattern, visibleText } from "./json_text.js";
import { copyText, count, h } from "./parts.js";

/**
 * JSON text as a tree that keys can walk, with its paths to copy; it knows nothing of executions.
 * A part of the children and of a long string is drawn at a time, so that a payload of many megabytes opens at once.
 *
 * @typedef {import("./json_text.js").JsonNode} TreeNode
 * @typedef {import("./json_text.js").JsonPath} TreePath
 * @typedef {import("./json_text.js").JsonMatch} TreeMatch
 */

const CHILDREN_STEP = 200;
const CHARACTERS_STEP = 20000;
const STRING_SHOWN = 240;
const OPEN_ROWS = 24;

/**
 * A row of the tree. What is shown of its children, or of a long string's characters, is the range from `from` to `to`.
 * @typedef {{element: HTMLElement, row: HTMLElement, group: HTMLElement|null, parent: JsonRow|null, node: TreeNode,
 *   name: string, path: TreePath, place: number, open: boolean, from: number, to: number, more: (() => void)|null}} JsonRow
 */

export class JsonTree {
  /**
   * @param {TreeNode} root
   * @param {{label: string, toggled?: Map<string, boolean>, activated?: (node: TreeNode, path: TreePath) => void,
   *   copy?: (node: TreeNode) => void}} options
   *   `toggled` says which paths the reader opened or closed; trees that share it open alike.
   */
  constructor(root, { label, toggled = new Map(), activated = () => {}, copy = () => {} }) {
    this.root = root;
    /** @type {Map<string, boolean>} */
    this.toggled = toggled;
    this.activated = activated;
    this.copy = copy;
    /** @type {RegExp|null} */
    this.pattern = null;
    /** @type {WeakMap<Element, JsonRow>} */
    this.rows = new WeakMap();
    /** @type {JsonRow|null} */
    this.active = null;
    // JupyterLab would take these keys for its own cells before any handler here hears of them.
    this.element = h("div", { class: "sfn-tree", role: "tree", "aria-label": label, dir: "ltr", "data-lm-suppress-shortcuts": true });
    /** @type {Set<string>} */
    this.opened = this.openAtFirst();
    this.top = this.makeRow(null, root, "", [], 0);
    this.top.open = true;
    if (this.expandable(this.top) && this.isContainer(root)) this.fill(this.top, this.element);
    else {
      this.element.append(this.top.element);
      if (this.isOpen(this.top)) this.open(this.top);
    }
    this.element.querySelector("[role=treeitem]")?.setAttribute("tabindex", "0");
    this.element.addEventListener("keydown", (event) => this.keyed(event));
    this.element.addEventListener("click", (event) => this.clicked(event));
    this.element.addEventListener("focusin", (event) => {
      const row = this.rowAt(event.target);
      if (row) this.activate(row);
    });
  }

  /**
   * The paths that are open from the start: level by level, as long as the rows are few.
   * @returns {Set<string>}
   */
  openAtFirst() {
    const opened = new Set();
    let rows = 0;
    /** @type {{node: TreeNode, path: TreePath}[]} */
    const queue = [{ node: this.root, path: [] }];
    for (let at = 0; at < queue.length && at < OPEN_ROWS; at++) {
      const { node, path } = queue[at];
      if (at > 0 && rows + node.size > OPEN_ROWS) continue;
      opened.add(JSON.stringify(path));
      rows += node.size;
      for (let place = 0; place < Math.min(node.size, OPEN_ROWS); place++) {
        const child = node.child(place);
        if (this.isContainer(child)) queue.push({ node: child, path: [...path, node.keyOf(place)] });
      }
    }
    return opened;
  }

  /** @param {TreeNode} node */
  isContainer(node) {
    return node.kind === "object" || node.kind === "array";
  }

  /** @param {JsonRow} row */
  expandable({ node }) {
    return this.isContainer(node) ? node.size > 0 : node.kind === "string" && node.length > STRING_SHOWN;
  }

  /** @param {JsonRow} row */
  isOpen(row) {
    const path = JSON.stringify(row.path);
    return this.expandable(row) && (this.toggled.get(path) ?? (this.isContainer(row.node) && this.opened.has(path)));
  }

  /** @param {JsonRow|null} parent @param {TreeNode} node @param {string} name @param {TreePath} path @param {number} place @returns {JsonRow} */
  makeRow(parent, node, name, path, place) {
    const row = h("div", { class: "sfn-tree-row" });
    const element = h("div", { class: "sfn-tree-item", role: "treeitem", tabindex: "-1", "aria-level": Math.max(path.length, 1), "aria-selected": "false" }, row);
    /** @type {JsonRow} */
    const made = { element, row, group: null, parent, node, name, path, place, open: false, from: 0, to: 0, more: null };
    this.rows.set(element, made);
    if (parent) {
      element.setAttribute("aria-setsize", String(parent.node.size));
      element.setAttribute("aria-posinset", String(place + 1));
    }
    this.paint(made);
    return made;
  }

  /** @param {JsonRow} made */
  paint(made) {
    const { node, name, element, row, open } = made;
    const value = this.shownValue(made);
    const isItem = made.parent?.node.kind === "array";
    const label = isItem ? `${made.place}: ` : name ? `${visibleText(name)}: ` : "";
    row.replaceChildren(
      h("span", { class: "sfn-tree-twist", "aria-hidden": "true" }, this.expandable(made) ? (open ? "▾" : "▸") : ""),
      h("span", { class: isItem ? "sfn-tree-index" : "sfn-json-key" }, ...(isItem ? [label] : this.marked(label))),
      h("span", { class: this.isContainer(node) ? "sfn-tree-summary" : `sfn-json-${node.kind}` }, ...(this.isContainer(node) ? [value] : this.marked(value))),
    );
    element.setAttribute("aria-label", `${label}${value.slice(0, STRING_SHOWN)}`);
    if (this.expandable(made)) element.setAttribute("aria-expanded", String(open));
  }

  /** @param {JsonRow} made @returns {string} */
  shownValue({ node, open, from, to }) {
    if (this.isContainer(node)) {
      const [left, right] = node.kind === "object" ? "{}" : "[]";
      if (node.size === 0) return left + right;
      const unit = node.kind === "object" ? (node.size === 1 ? "field" : "fields") : node.size === 1 ? "item" : "items";
      return `${left}${count(node.size)} ${unit}${right}`;
    }
    if (node.kind !== "string" || node.length <= STRING_SHOWN) return shownString(node.text);
    const [start, end] = open ? [from, Math.min(to, node.length)] : [0, STRING_SHOWN];
    const piece = shownString(node.source.slice(node.start + start, node.start + end));
    return `${start > 0 ? "…" : ""}${piece}${end < node.length ? "…" : ""}${open ? "" : ` ${count(node.length - 2)} characters`}`;
  }

  /** @param {string} text @returns {(Node|string)[]} */
  marked(text) {
    if (!this.pattern) return [text];
    const parts = [];
    let done = 0;
    for (const match of text.matchAll(this.pattern)) {
      const start = match.index ?? 0;
      parts.push(text.slice(done, start), h("mark", {}, match[0]));
      done = start + match[0].length;
    }
    return [...parts, text.slice(done)];
  }

  // -- opening and closing --------------------------------------------------------------------------------------------

  /** @param {JsonRow} row */
  step(row) {
    return this.isContainer(row.node) ? CHILDREN_STEP : CHARACTERS_STEP;
  }

  /** @param {JsonRow} row */
  total(row) {
    return this.isContainer(row.node) ? row.node.size : row.node.length;
  }

  /** @param {JsonRow} row */
  open(row) {
    row.open = true;
    row.group = h("div", { role: "group", class: "sfn-tree-group" });
    row.element.append(row.group);
    this.fill(row, row.group);
    this.paint(row);
  }

  /** @param {JsonRow} row */
  close(row) {
    row.open = false;
    row.group?.remove();
    row.group = null;
    this.paint(row);
  }

  /** @param {JsonRow} row @param {boolean} open */
  toggle(row, open = !row.open) {
    if (!this.expandable(row) || open === row.open) return;
    this.toggled.set(JSON.stringify(row.path), open);
    if (open) this.open(row);
    else this.close(row);
  }

  /**
   * Draw what is shown of the children.
   * @param {JsonRow} row @param {HTMLElement} group
   */
  fill(row, group) {
    row.group = group;
    if (row.to <= row.from) row.to = Math.min(row.from + this.step(row), this.total(row));
    const children = this.isContainer(row.node) ? this.childRows(row, row.from, row.to) : [];
    group.replaceChildren(...this.moreBefore(row), ...children.map(({ element }) => element), ...this.moreAfter(row));
    for (const child of children) if (this.isOpen(child)) this.open(child);
  }

  /** @param {JsonRow} row @param {number} from @param {number} to @returns {JsonRow[]} */
  childRows(row, from, to) {
    const rows = [];
    for (let place = from; place < to; place++) {
      const key = row.node.keyOf(place);
      rows.push(this.makeRow(row, row.node.child(place), row.node.nameOf(place), [...row.path, key], place));
    }
    return rows;
  }

  /**
   * Draw more of the children without touching those that are there.
   * @param {JsonRow} row @param {number} from @param {number} to
   */
  extend(row, from, to) {
    const group = /** @type {HTMLElement} */ (row.group);
    const container = this.isContainer(row.node);
    const [before, after] = container ? [this.childRows(row, from, row.from), this.childRows(row, row.to, to)] : [[], []];
    for (const edge of group.querySelectorAll(":scope > .sfn-tree-more")) edge.remove();
    Object.assign(row, { from, to });
    group.prepend(...this.moreBefore(row), ...before.map(({ element }) => element));
    group.append(...after.map(({ element }) => element), ...this.moreAfter(row));
    for (const child of [...before, ...after]) if (this.isOpen(child)) this.open(child);
    if (!container) this.paint(row);
    this.focusOn(after[0] ?? before[before.length - 1] ?? row);
  }

  /** @param {JsonRow} row */
  moreBefore(row) {
    const step = Math.min(this.step(row), row.from);
    return step > 0 ? this.moreRow(row, `Show ${count(step)} before (${count(row.from)} left)`, () => this.extend(row, row.from - step, row.to)) : [];
  }

  /** @param {JsonRow} row */
  moreAfter(row) {
    const rest = this.total(row) - row.to;
    const step = Math.min(this.step(row), rest);
    const unit = this.isContainer(row.node) ? "" : " characters";
    return rest > 0 ? this.moreRow(row, `Show ${count(step)} more${unit} (${count(rest)} left)`, () => this.extend(row, row.from, row.to + step)) : [];
  }

  /** @param {JsonRow} row @param {string} words @param {() => void} more */
  moreRow(row, words, more) {
    const made = this.makeRow(row, row.node, "", row.path, 0);
    for (const name of ["aria-setsize", "aria-posinset", "aria-expanded"]) made.element.removeAttribute(name);
    made.element.classList.add("sfn-tree-more");
    made.element.setAttribute("aria-level", String(row.path.length + 1));
    made.element.setAttribute("aria-label", words);
    made.row.replaceChildren(words);
    made.more = more;
    return [made.element];
  }

  // -- choosing -------------------------------------------------------------------------------------------------------

  /** @param {EventTarget|null} target @returns {JsonRow|undefined} */
  rowAt(target) {
    const item = /** @type {Element|null} */ (target)?.closest("[role=treeitem]");
    return item ? this.rows.get(item) : undefined;
  }

  /**
   * One row is in the tab order, the arrow keys reach the others.
   * @param {JsonRow} row
   */
  activate(row) {
    for (const item of this.element.querySelectorAll("[role=treeitem][tabindex='0']")) item.setAttribute("tabindex", "-1");
    this.active?.element.setAttribute("aria-selected", "false");
    this.active = row;
    row.element.setAttribute("tabindex", "0");
    row.element.setAttribute("aria-selected", "true");
    if (!row.more) this.activated(row.node, row.path);
  }

  /** @param {JsonRow} row */
  focusOn(row) {
    row.element.focus({ preventScroll: true });
    row.row.scrollIntoView?.({ block: "nearest" });
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const row = this.rowAt(event.target);
    const target = /** @type {Element} */ (event.target);
    if (!row || !row.row.contains(target)) return;
    if (row.more) return row.more();
    // Who marks a piece of text, or reads a long one, does not want it to close.
    const reads = row.open && row.node.kind === "string" && !target.classList.contains("sfn-tree-twist");
    if (!reads && (getSelection()?.isCollapsed ?? true)) this.toggle(row);
    this.focusOn(row);
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    const row = this.rowAt(event.target);
    if (!row || event.altKey || !this.answers(row, event)) return;
    // A notebook would take these keys for its own cells.
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {JsonRow} row @param {KeyboardEvent} event @returns {boolean} whether the key meant something */
  answers(row, event) {
    if (event.ctrlKey || event.metaKey) {
      if (event.key !== "c" || !(getSelection()?.isCollapsed ?? true)) return false;
      this.copy(row.node);
      return true;
    }
    const items = [...this.element.querySelectorAll("[role=treeitem]")];
    const at = items.indexOf(row.element);
    const parent = row.parent && row.parent !== this.top ? row.parent.element : undefined;
    /** @type {{[key: string]: () => Element|undefined|void}} */
    const meaning = {
      ArrowDown: () => items[at + 1],
      ArrowUp: () => items[at - 1],
      Home: () => items[0],
      End: () => items[items.length - 1],
      ArrowRight: () => (row.open ? (row.group?.firstElementChild ?? undefined) : this.toggle(row, true)),
      ArrowLeft: () => (row.open ? this.toggle(row, false) : parent),
      Enter: () => (row.more ? row.more() : this.toggle(row)),
      " ": () => (row.more ? row.more() : this.toggle(row)),
    };
    if (!Object.hasOwn(meaning, event.key)) return false;
    const next = this.rows.get(meaning[event.key]() ?? row.element);
    if (next && next !== row) this.focusOn(next);
    return true;
  }

  // -- searching ------------------------------------------------------------------------------------------------------

  /**
   * Mark the words wherever they are shown; none, if empty.
   * @param {string} words
   */
  mark(words) {
    this.pattern = words ? searchPattern(words) : null;
    for (const item of this.element.querySelectorAll("[role=treeitem]")) {
      const row = this.rows.get(item);
      if (row && !row.more) this.paint(row);
    }
  }

  /**
   * Open what is around a match and bring it into sight.
   * @param {TreeMatch} match
   */
  reveal({ places, at }) {
    let row = this.top;
    for (const place of places) {
      this.toggle(row, true);
      if (place < row.from || place >= row.to) this.moveTo(row, place);
      const item = /** @type {HTMLElement} */ (row.group).children[place - row.from + (row.from > 0 ? 1 : 0)];
      row = /** @type {JsonRow} */ (this.rows.get(item));
    }
    if (row.node.kind === "string" && at >= STRING_SHOWN) {
      this.toggle(row, true);
      if (at < row.from || at >= row.to) this.moveTo(row, at);
    }
    this.activate(row);
    (row.row.querySelector("mark") ?? row.row).scrollIntoView?.({ block: "nearest" });
  }

  /**
   * Show the part in which a child, or a character, stands.
   * @param {JsonRow} row @param {number} place
   */
  moveTo(row, place) {
    row.from = Math.floor(place / this.step(row)) * this.step(row);
    row.to = Math.min(row.from + this.step(row), this.total(row));
    this.fill(row, /** @type {HTMLElement} */ (row.group));
    if (row !== this.top) this.paint(row);
  }
}

/**
 * With the lines of a text, such as a stack trace, below each other.
 * @param {string} token
 */
function shownString(token) {
  return visibleText(token).replace(/\\(.)/g, (escape, sign, at) => (sign === "n" && at < token.length - 3 ? "\\n\n" : escape));
}

/**
 * One payload with what can be done with it: a tree and the path of its chosen value, or text where it is no JSON.
 * The whole of it is `text` and `missing` characters more.
 */
export class PayloadBox {
  /**
   * @param {{label: string, text: string, missing: number, jsonPath?: string, jsonata?: string|null,
   *   toggled?: Map<string, boolean>, say: (words: string) => void}} options
   *   `jsonPath` and `jsonata` are how the whole value is written there; null: JSONata cannot.
   */
  constructor({ label, text, missing, jsonPath = "$", jsonata = null, toggled, say }) {
    this.text = text;
    this.say = say;
    this.root = missing > 0 ? null : readJson(text);
    this.element = h("div", { class: "sfn-payload" });
    this.bar = h("div", { class: "sfn-tree-bar", hidden: true });
    /** @type {JsonTree|null} */
    this.tree = null;
    if (missing > 0) this.element.append(h("p", { class: "sfn-quiet" }, cutNote(text, missing)));
    if (this.root && !(this.root.kind === "string" && proseOf(text).includes("\n"))) {
      const copy = (/** @type {TreeNode} */ node) => this.copyAs(node.text, "Value");
      const activated = (/** @type {TreeNode} */ node, /** @type {TreePath} */ path) => {
        this.showPath(node, jsonPathOf(path, jsonPath), jsonata === null ? null : jsonataOf(path, jsonata));
      };
      this.tree = new JsonTree(this.root, { label, toggled, copy, activated });
      this.element.append(this.tree.element, this.bar);
    } else if (text) this.element.append(textBlock(this.root ? proseOf(text) : text, label));
  }

  /** @param {TreeNode} node @param {string} jsonPath @param {string|null} jsonata */
  showPath(node, jsonPath, jsonata) {
    const button = (/** @type {string} */ words, /** @type {string} */ what, /** @type {string} */ text) =>
      h("button", { class: "sfn-button", type: "button", "aria-label": `Copy ${what}`, title: visibleText(text.slice(0, 200)), onclick: () => this.copyAs(text, what) }, words);
    const both = jsonata !== null && jsonata !== jsonPath;
    this.bar.hidden = false;
    this.bar.replaceChildren(
      h("code", { class: "sfn-tree-path", dir: "ltr" }, visibleText(jsonPath)),
      h("span", { class: "sfn-tree-copies" }, "Copy", button(both ? "JSONPath" : "path", "path", jsonPath), both ? button("JSONata", "JSONata path", jsonata) : null, button("value", "value", node.text)),
    );
  }

  /** @param {string} text @param {string} what */
  async copyAs(text, what) {
    await copyText(text);
    this.say(`${what[0].toUpperCase()}${what.slice(1)} copied`);
  }

  /** @param {string} words */
  find(words) {
    return this.root && this.tree ? findInJson(this.root, words) : { matches: [], more: false };
  }
}

/** @param {string} text @param {number} missing */
function cutNote(text, missing) {
  const all = count(text.length + missing);
  return text
    ? `Only the first ${count(text.length)} of ${all} characters were sent, so this is no complete JSON; the execution itself has all.`
    : `Not sent: this run's payloads are large together. ${all} characters; the execution itself has them.`;
}

/**
 * Text in steps, each as long as a page can bear.
 * @param {string} text @param {string} label @returns {HTMLElement}
 */
export function textBlock(text, label) {
  let shown = 0;
  const block = h("pre", { class: "sfn-value", tabindex: "0", dir: "ltr", "aria-label": label });
  const more = h("button", { class: "sfn-button sfn-more", type: "button" });
  const draw = () => {
    block.append(visibleText(text.slice(shown, shown + CHARACTERS_STEP)));
    shown += CHARACTERS_STEP;
    more.hidden = shown >= text.length;
    more.textContent = `Show more (${count(Math.max(0, text.length - shown))} characters)`;
  };
  more.addEventListener("click", draw);
  draw();
  return h("div", {}, block, more);
}
