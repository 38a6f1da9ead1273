// @ts-check
import { editChip } from "./edit_mark.js";
import { errorMessageOf, proseOf, readJson } from "./json_text.js";
import { PayloadBox, textBlock } from "./json_tree.js";
import { iterationWords, spanWords, StatusMark } from "./pane_words.js";
import { coloured, copyText, count, h, statusChip } from "./parts.js";
import { PayloadFinder } from "./payload_finder.js";
import { diffList, diffPayloads } from "./payload_diff.js";
import { VisitChooser } from "./visit_chooser.js";
import { executionAt, visitAt } from "./visit_stages.js";

/**
 * The inspector: the run as a whole, or one visit of the selected state with every stage of its payload. What is drawn
 * stays until its own facts change, so that updates leave focus, open values and scrolling alone.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Change} Change
 * @typedef {import("./visit_stages.js").Stage} Stage
 * @typedef {import("./visit_stages.js").AttemptAt} AttemptAt
 * @typedef {{key: string, facts: unknown[], draw: () => HTMLElement}} Part Drawn anew only if a fact differs.
 */

const ATTEMPTS_STEP = 50;
const FIELD_SHOWN = 40;

export class InspectorPane {
  /** @param {Store} store @param {{say: (words: string) => void}} frame */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    /** @type {"values"|"diff"} */
    this.mode = "values";
    /** @type {Map<string, {facts: unknown[], element: HTMLElement}>} */
    this.drawn = new Map();
    /** @type {Map<string, boolean>} what the reader folded or opened */
    this.folds = new Map();
    /** @type {Map<string, Map<string, boolean>>} which values are open, by state and stage */
    this.toggled = new Map();
    /** @type {WeakMap<HTMLElement, () => PayloadBox>} the payloads of the sections that are drawn */
    this.boxes = new WeakMap();
    this.attemptsShown = ATTEMPTS_STEP;
    this.shownPointer = "";
    this.name = h("span", { dir: "auto" });
    this.chip = h("span", {});
    this.leave = h("button", { class: "sfn-button sfn-close", type: "button", title: "Close (Escape)", "aria-label": "Close", onclick: () => this.unselect() }, "✕");
    this.facts = h("p", { class: "sfn-quiet" });
    this.chooser = new VisitChooser(store, { say });
    this.finder = new PayloadFinder({ sections: () => this.sections(), say });
    this.modes = new Map([this.modeButton("values", "Values"), this.modeButton("diff", "Changes")]);
    const modes = h("div", { class: "sfn-modes", role: "group", "aria-label": "Show payloads as" }, ...this.modes.values());
    this.tools = h("div", { class: "sfn-inspect-tools" }, modes, this.finder.element);
    this.body = h("div", { class: "sfn-stages" });
    this.element = h(
      "aside",
      { class: "sfn-inspector", "aria-label": "Inspector", tabindex: "-1" },
      h("h3", { class: "sfn-title" }, this.name, this.chip, this.leave),
      this.facts,
      this.chooser.element,
      this.tools,
      this.body,
    );
    // It comes apart from the trace, and later.
    this.waitingChanged = () => this.draw();
    store.model.on("change:waiting", this.waitingChanged);
    this.draw();
  }

  close() {
    this.store.model.off("change:waiting", this.waitingChanged);
    this.finder.close();
  }

  /** The button that was pressed goes away: the keyboard stays in the inspector. */
  unselect() {
    this.store.select("");
    this.element.focus({ preventScroll: true });
  }

  /** @param {Change} change */
  update(change) {
    const moved = change === "selection" && this.store.pointer !== this.shownPointer;
    if (moved) this.attemptsShown = ATTEMPTS_STEP;
    this.draw();
    if (moved) this.element.scrollTop = 0;
  }

  draw() {
    const { store } = this;
    this.shownPointer = store.pointer;
    const visit = store.pointer ? store.visit : null;
    this.leave.hidden = !store.pointer;
    this.chooser.draw();
    this.tools.hidden = !store.trace || (store.pointer !== "" && visit === null);
    for (const [mode, button] of this.modes) button.setAttribute("aria-pressed", String(mode === this.mode));
    this.finder.element.hidden = this.mode === "diff";
    this.arrange(visit !== null ? this.visitParts(visit) : store.pointer ? this.unvisitedParts() : this.runParts());
    this.finder.renew();
  }

  /** @param {"values"|"diff"} mode @param {string} word @returns {[string, HTMLElement]} */
  modeButton(mode, word) {
    const pressed = () => {
      this.mode = mode;
      this.draw();
      this.say(mode === "diff" ? "What each stage changed" : "The payload after each stage");
    };
    return [mode, h("button", { class: "sfn-button", type: "button", "aria-pressed": "false", onclick: pressed }, word)];
  }

  /** @param {string} name @param {string} status empty: none @param {string} facts */
  head(name, status, facts) {
    this.name.textContent = name;
    this.facts.textContent = facts;
    this.facts.hidden = !facts;
    if (this.chip.dataset.status === status) return;
    this.chip.dataset.status = status;
    this.chip.replaceChildren(...(status ? [this.statusChip(status)] : []));
  }

  /** @param {string} status */
  statusChip(status) {
    return statusChip(this.store.model.get("marks"), status);
  }

  // -- what is shown --------------------------------------------------------------------------------------------------

  /** @returns {Part[]} */
  runParts() {
    const { trace, moment } = this.store;
    if (!trace) {
      this.head("State machine", "", "Select a state to see its definition.");
      return [];
    }
    const ended = moment === null && trace.ended !== null;
    const visits = moment === null ? trace.visits.id.length : trace.visits.id.filter((id) => id <= this.store.now).length;
    const numbers = [`${count(visits)} ${visits === 1 ? "visit" : "visits"}`, `${count(this.store.now)} ${this.store.now === 1 ? "event" : "events"}`];
    const time = `${ended ? "took" : "so far"} ${spanWords(ended ? Number(trace.ended) : this.store.seconds)}`;
    this.head(trace.name, moment === null ? trace.status : "RUNNING", [time, ...numbers].join(" · "));
    const hint = { key: "hint", facts: [], draw: () => h("p", { class: "sfn-quiet" }, "Select a state to see its payloads, attempts and variables.") };
    const error = moment === null ? this.errorParts("run-error", trace.status, trace.error, trace.cause, failingVisit(this.store)) : [];
    return [hint, ...error, ...this.stageParts("", executionAt(this.store))];
  }

  /** @returns {Part[]} */
  unvisitedParts() {
    const { store } = this;
    const known = store.byPointer.has(store.pointer);
    this.head(this.stateName(), "", !store.trace ? "" : known ? "Not entered at this moment." : "This state has not been entered.");
    return this.definitionParts(true);
  }

  stateName() {
    const { pointer, trace } = this.store;
    const known = trace?.states.find((state) => state.pointer === pointer);
    const last = pointer.slice(pointer.lastIndexOf("/") + 1);
    return known?.name ?? last.replaceAll("~1", "/").replaceAll("~0", "~");
  }

  /** @param {number} visit @returns {Part[]} */
  visitParts(visit) {
    const { store } = this;
    const trace = /** @type {import("./store.js").Trace} */ (store.trace);
    const { visits } = trace;
    const { pointer, type } = trace.states[visits.state[visit]];
    const { stages, attempts, variables, ended } = visitAt(store, visit);
    const [entered, exited] = [visits.entered[visit], visits.exited[visit]];
    const time = ended && exited !== null ? `took ${spanWords(exited - entered)}` : `so far ${spanWords(Math.max(0, store.seconds - entered))}`;
    const next = ended && visits.next[visit] ? `went to ${visits.next[visit]}` : "";
    const status = store.statusOf(visit);
    this.head(this.stateName(), this.waitsForSomebody(visit) ? "WAITING" : status, [type, iterationWords(trace, visit), time, next].filter(Boolean).join(" · "));
    const flat = attempts.length === 1 && (ended || attempts[0].attempt.error === null);
    const own = stages.filter((stage) => stage.attempt === 0);
    const late = own.findIndex((stage) => ["after_result_selector", "after_result_path", "output"].includes(stage.key));
    const [early, rest] = late < 0 ? [own, []] : [own.slice(0, late), own.slice(late)];
    return [
      ...(ended ? this.errorParts(`${visit}-error`, status, visits.error[visit] ?? null, visits.cause[visit]) : []),
      // Who comes for an error looks for this first, and the input may be long.
      ...(flat ? this.tracebackParts(`${visit}-only`, attempts[0], false) : []),
      ...this.wholeParts(visit, stages),
      ...this.stageParts(pointer, early),
      ...(flat ? this.attemptContents(pointer, visit, attempts[0], stages, false) : this.attemptParts(pointer, visit, attempts, stages)),
      ...this.stageParts(pointer, rest),
      ...this.stageParts(pointer, variables),
      ...this.definitionParts(false),
    ];
  }

  /** @param {number} visit */
  waitsForSomebody(visit) {
    const { model, moment, trace } = this.store;
    const rows = /** @type {import("./acting.js").WaitingRow[]} */ (moment === null ? (model.get("waiting") ?? []) : []);
    return rows.some((row) => row.kind !== "breakpoint" && row.visit > 0 && row.visit === trace?.visits.id[visit]);
  }

  /**
   * In the list of changes: what the state made of its input.
   * @param {number} visit @param {Stage[]} stages @returns {Part[]}
   */
  wholeParts(visit, stages) {
    const [input, output] = [stages[0], stages[stages.length - 1]];
    // Where the output is compared with the input anyway, this would say it twice.
    if (this.mode !== "diff" || output?.key !== "output" || output.base === input) return [];
    return this.stageParts(`${visit}`, [{ ...output, key: "whole", label: "The whole state", field: null, base: input }]);
  }

  /**
   * @param {string} key @param {string} status @param {string|null} error @param {number|undefined} cause
   * @param {number} [origin] the visit that failed, to go there
   * @returns {Part[]}
   */
  errorParts(key, status, error, cause, origin = -1) {
    const text = this.store.text(cause);
    if (error === null && !text) return [];
    const missing = this.store.missing(cause);
    const draw = () => {
      const mark = new StatusMark();
      mark.set(this.store, status);
      const name = h("strong", { class: "sfn-error-name" }, mark.element, error || "An error without a name");
      return h("section", { class: "sfn-error" }, name, this.causeBlock(text, missing, key), origin < 0 ? null : this.originButton(origin));
    };
    return [{ key, facts: [status, error, text, missing, origin], draw }];
  }

  /** @param {number} visit */
  originButton(visit) {
    const { visits, states } = /** @type {import("./store.js").Trace} */ (this.store.trace);
    const go = () => {
      this.store.selectVisit(visit);
      this.element.focus({ preventScroll: true });
    };
    return h("button", { class: "sfn-button sfn-origin-state", type: "button", onclick: go }, "Open ", h("span", { dir: "auto" }, states[visits.state[visit]].name));
  }

  /** @param {string} text @param {number} missing @param {string} key */
  causeBlock(text, missing, key) {
    if (!text) return null;
    if (readJson(text)?.kind === "string") return textBlock(proseOf(text), "Cause");
    const box = () => new PayloadBox({ label: "Cause", text, missing, toggled: this.openValues(key), say: this.say }).element;
    const message = errorMessageOf(text);
    if (message === null) return box();
    const whole = this.foldable({ key: "cause", open: false, title: [h("span", { class: "sfn-cause-name" }, "Cause as JSON")], fill: box, copy: { label: "Cause", text } });
    return h("div", {}, textBlock(message, "Cause"), whole);
  }

  // -- attempts -------------------------------------------------------------------------------------------------------

  /** @param {string} pointer @param {number} visit @param {AttemptAt[]} attempts @param {Stage[]} stages @returns {Part[]} */
  attemptParts(pointer, visit, attempts, stages) {
    /** @type {Part[]} */
    const parts = [];
    const hidden = Math.max(0, attempts.length - this.attemptsShown);
    if (hidden) parts.push(this.earlierAttempts(visit, hidden));
    for (const each of attempts.slice(hidden)) {
      const key = `${visit}-attempt-${each.number}`;
      const open = this.folds.get(key) ?? each.number === attempts.length;
      const { attempt, status, number, ended } = each;
      const facts = [number, attempts.length, status, ended, attempt.error, attempt.delay, open];
      parts.push({ key, facts, draw: () => this.attemptHead(each, attempts.length, open, key) });
      if (open) parts.push(...this.attemptContents(pointer, visit, each, stages, true));
    }
    return parts;
  }

  /** @param {number} visit @param {number} hidden @returns {Part} */
  earlierAttempts(visit, hidden) {
    const more = () => {
      this.attemptsShown += ATTEMPTS_STEP;
      this.draw();
    };
    const words = `Show ${count(Math.min(ATTEMPTS_STEP, hidden))} earlier attempts (${count(hidden)} left)`;
    return { key: `${visit}-earlier`, facts: [hidden], draw: () => h("button", { class: "sfn-button", type: "button", onclick: more }, words) };
  }

  /** @param {AttemptAt} at @param {number} total @param {boolean} open @param {string} key @returns {HTMLElement} */
  attemptHead({ attempt, number, status, ended }, total, open, key) {
    const took = ended && attempt.ended !== null ? `took ${spanWords(attempt.ended - attempt.started)}` : "";
    const wait = ended && attempt.delay !== null ? `then waited ${spanWords(attempt.delay)}` : "";
    const error = ended && attempt.error !== null ? attempt.error : "";
    const fold = () => {
      this.folds.set(key, !open);
      this.draw();
    };
    return h(
      "div",
      { class: "sfn-attempt" },
      h(
        "button",
        { class: "sfn-attempt-head", type: "button", "aria-expanded": String(open), "data-key": key, onclick: fold },
        h("span", { class: "sfn-twist", "aria-hidden": "true" }, open ? "▾" : "▸"),
        h("span", {}, `Attempt ${count(number)} of ${count(total)}`),
        this.statusChip(status),
      ),
      h("span", { class: "sfn-attempt-facts" }, error ? h("span", { class: "sfn-bad" }, error) : null, [took, wait].filter(Boolean).join(", ")),
    );
  }

  /** @param {string} pointer @param {number} visit @param {AttemptAt} at @param {Stage[]} stages @param {boolean} several @returns {Part[]} */
  attemptContents(pointer, visit, at, stages, several) {
    const { attempt, number, ended } = at;
    const name = several ? `${visit}-attempt-${number}` : `${visit}-only`;
    const mine = stages.filter((stage) => stage.attempt === number);
    const cause = ended && several ? this.store.text(attempt.cause) : "";
    const missing = this.store.missing(attempt.cause);
    const within = (/** @type {HTMLElement|null} */ element) => attemptSection(element, several);
    /** @type {Part[]} */
    const parts = [];
    if (cause) parts.push({ key: `${name}-cause`, facts: [cause, missing], draw: () => within(this.causeBlock(cause, missing, `${name}-cause`)) });
    if (several) parts.push(...this.tracebackParts(name, at, true));
    parts.push(...this.stageParts(pointer, mine, several ? "sfn-of-attempt" : ""));
    if (ended) parts.push(...this.textParts(`${name}-logs`, "logs", "Printed and logged", attempt.logs, several));
    return parts;
  }

  /** @param {string} name @param {AttemptAt} at @param {boolean} several */
  tracebackParts(name, { attempt, ended }, several) {
    return ended ? this.textParts(`${name}-traceback`, "traceback", "Traceback", attempt.traceback, several) : [];
  }

  /** @param {string} name @param {string} key @param {string} label @param {string|null|undefined} text @param {boolean} several @returns {Part[]} */
  textParts(name, key, label, text, several) {
    if (!text) return [];
    const title = [h("span", { class: "sfn-stage-name" }, label)];
    const draw = () => attemptSection(this.foldable({ key, open: true, title, fill: () => textBlock(text, label), copy: { label, text } }), several);
    return [{ key: name, facts: [text], draw }];
  }

  // -- sections -------------------------------------------------------------------------------------------------------

  /** @param {string} pointer @param {Stage[]} stages @param {string} name a further class @returns {Part[]} */
  stageParts(pointer, stages, name = "") {
    const shown = this.mode === "diff" ? stages.filter((stage) => stage.base !== null || stage.key === "variables") : stages;
    return shown.map((stage) => ({
      key: `${pointer} ${stage.key} ${this.mode}`,
      facts: [stage.label, stage.field, stage.value, stage.text, stage.missing, stage.base?.label, stage.base?.text, stage.edited, name],
      draw: () => (this.mode === "diff" && stage.base ? this.changesSection(stage, stage.base, name) : this.payloadSection(pointer, stage, name)),
    }));
  }

  /** @param {string} pointer @param {Stage} stage @param {string} name */
  payloadSection(pointer, stage, name) {
    const same = stage.base !== null && stage.missing === 0 && stage.text === stage.base.text && stage.key !== "assigned";
    const box = once(() => new PayloadBox({ ...stage, toggled: this.openValues(`${pointer} ${stage.key}`), say: this.say }));
    const fill = () => box().element;
    const note = same && stage.base ? h("span", { class: "sfn-same" }, `= ${stage.base.label}`) : null;
    const section = this.foldable({ key: stage.key, open: !same, name, title: [...this.stageTitle(stage), note], fill, copy: stage });
    section.toggleAttribute("data-same", same);
    this.boxes.set(section, box);
    return section;
  }

  /** @param {Stage} stage @param {Stage} base @param {string} name */
  changesSection(stage, base, name) {
    const fill = () => {
      const [before, after] = [base, stage].map(({ text, missing }) => (missing > 0 ? null : readJson(text)));
      if (!before || !after) return h("p", { class: "sfn-quiet" }, "These cannot be compared: not all of their characters were sent.");
      const diff = diffPayloads(before, after);
      // Variables that are not assigned keep their values.
      if (stage.key === "assigned") diff.changes = diff.changes.filter((change) => change.kind !== "removed" || change.path.length > 1);
      return diffList(diff, `${stage.label} compared with ${base.label}`, stage.jsonPath);
    };
    const title = [...this.stageTitle(stage), h("span", { class: "sfn-same" }, `compared with ${base.label}`)];
    return this.foldable({ key: `${stage.key} changes`, open: true, name, title, fill });
  }

  /** @param {Stage} stage @returns {(Node|null)[]} */
  stageTitle({ label, field, value, edited }) {
    const says = value !== null && value.length <= FIELD_SHOWN ? h("code", { class: "sfn-field-value", dir: "ltr" }, value) : null;
    const named = field !== null && !label.includes(field) ? h("code", { class: "sfn-asl-field" }, field) : null;
    return [h("span", { class: "sfn-stage-name" }, label), named, says, edited ? editChip() : null];
  }

  /**
   * A section under a title; what the reader folds stays folded in other visits, too.
   * @param {{key: string, open: boolean, name?: string, title: (Node|null)[], fill: () => HTMLElement,
   *   copy?: {label: string, text: string}|null}} options `fill` makes the content when it is first seen.
   */
  foldable({ key, open, name = "", title, fill, copy = null }) {
    const isOpen = this.folds.get(key) ?? open;
    const details = /** @type {HTMLDetailsElement} */ (h("details", { open: isOpen }, h("summary", { class: "sfn-label-line" }, ...title)));
    const content = once(() => {
      const made = fill();
      // A search may have put it there already, and moving it would undo its scrolling.
      if (!details.contains(made)) details.append(made);
    });
    if (isOpen) content();
    details.addEventListener("toggle", () => {
      if (details.open) content();
      if (details.open !== (this.folds.get(key) ?? open)) this.folds.set(key, details.open);
      this.finder.renew();
    });
    return h("section", { class: `sfn-stage-part ${name}`, "data-key": key }, details, copy?.text ? this.copyButton(copy) : null);
  }

  /** @param {{label: string, text: string}} payload */
  copyButton({ label, text }) {
    const copy = async () => {
      await copyText(text);
      this.say(`${label} copied`);
    };
    return h("button", { class: "sfn-button sfn-copy", type: "button", "aria-label": `Copy ${label}`, onclick: copy }, "Copy");
  }

  /** @param {boolean} open @returns {Part[]} */
  definitionParts(open) {
    const { pointer, model } = this.store;
    const definition = /** @type {{text: string, length: number}|undefined} */ (model.get("definitions")?.[pointer]);
    if (!definition) return [];
    const { text, length } = definition;
    const note = length > text.length ? h("p", { class: "sfn-quiet" }, `The first ${count(text.length)} of ${count(length)} characters.`) : null;
    const fill = () => h("div", {}, h("pre", { class: "sfn-value", tabindex: "0", dir: "ltr", "aria-label": "Definition" }, ...coloured(text)), note);
    const title = [h("span", { class: "sfn-stage-name" }, "Definition")];
    const draw = () => this.foldable({ key: `definition ${open}`, open, title, fill, copy: { label: "Definition", text } });
    return [{ key: `${pointer} definition`, facts: [text, open], draw }];
  }

  /** @param {string} key @returns {Map<string, boolean>} */
  openValues(key) {
    const known = this.toggled.get(key) ?? new Map();
    this.toggled.set(key, known);
    return known;
  }

  /** The payloads that can be searched, in their order. */
  sections() {
    return /** @type {HTMLElement[]} */ ([...this.body.children])
      .filter((element) => this.boxes.has(element))
      .map((element) => ({ element, box: /** @type {() => PayloadBox} */ (this.boxes.get(element)) }));
  }

  /**
   * Draw the parts whose facts changed; all others stay as they are, with what the reader did in them.
   * @param {Part[]} parts
   */
  arrange(parts) {
    const focused = /** @type {HTMLElement|null} */ (this.body.querySelector(":focus"))?.closest("[data-key]")?.getAttribute("data-key");
    const now = new Map();
    for (const { key, facts, draw } of parts) {
      const before = this.drawn.get(key);
      const keeps = before !== undefined && before.facts.length === facts.length && facts.every((fact, place) => fact === before.facts[place]);
      now.set(key, keeps ? before : { facts, element: draw() });
    }
    const wanted = [...now.values()].map(({ element }) => element);
    for (const element of [...this.body.children]) if (!wanted.includes(/** @type {HTMLElement} */ (element))) element.remove();
    wanted.forEach((element, place) => {
      // What stands in its place is not moved: moving takes focus and scrolling away.
      if (this.body.children[place] !== element) this.body.insertBefore(element, this.body.children[place] ?? null);
    });
    this.drawn = now;
    if (!focused || this.body.querySelector(":focus")) return;
    const again = this.body.querySelector(`[data-key=${JSON.stringify(focused)}]`);
    /** @type {HTMLElement|null|undefined} */ (again?.querySelector("summary") ?? again)?.focus();
  }
}

/** @param {HTMLElement|null} element @param {boolean} several whether there are other attempts beside it */
function attemptSection(element, several) {
  return h("section", { class: several ? "sfn-of-attempt" : "" }, element);
}

/**
 * The visit with which the execution failed, the innermost; -1: none is known.
 * @param {Store} store
 */
function failingVisit(store) {
  const { visits, error } = /** @type {import("./store.js").Trace} */ (store.trace);
  const failed = Object.keys(visits.error).map(Number).filter((visit) => ["FAILED", "TIMED_OUT"].includes(store.statusOf(visit)));
  return Math.max(-1, ...failed.filter((visit) => visits.error[visit] === error).slice(-1));
}

/**
 * Call it the first time only.
 * @template T @param {() => T} make @returns {() => T}
 */
function once(make) {
  /** @type {{made: T}|null} */
  let kept = null;
  return () => (kept ??= { made: make() }).made;
}
