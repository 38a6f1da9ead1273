// @ts-check
import { jsonMistake } from "./json_mistake.js";
import { visibleText } from "./json_text.js";
import { freshId, sinceStart, spanWords } from "./pane_words.js";
import { count, h, s } from "./parts.js";

/**
 * What waits for a person, each with a form: approve, reject, heartbeat; at a breakpoint continue, step, edit. It sends
 * what was chosen and draws what the kernel says; it decides nothing.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Change} Change
 * @typedef {{token_id: string, kind: "callback"|"activity"|"breakpoint", when: string, name: string, note: string,
 *   pointer: string, visit: number, iteration: number[], since_seconds: number, timeout_seconds: number|null,
 *   heartbeat_seconds: number|null, input: string, is_cut: boolean}} WaitingRow
 *   `visit` is the id of the StateEntered event, at a breakpoint that of the event which comes next.
 * @typedef {{kind: string, id: string, [more: string]: any}} Act
 * @typedef {(act: Act) => void} Send
 */

const JSON_PARTS = /"(?:\\.|[^"\\])*"|[{}[\],:]/g;
const PATIENCE_MILLISECONDS = 8000;
const NO_KERNEL = "No kernel answers: run the cell again to act on it. (A kernel that is busy answers when its cell is done.)";
const HAND = "M5 8V4.2a1 1 0 0 1 2 0V7m0 0V3a1 1 0 0 1 2 0v4m0 0V3.8a1 1 0 0 1 2 0V8m0-1.6a1 1 0 0 1 2 0V10a4 4 0 0 1-4 4H8.4a4 4 0 0 1-3.2-1.6L3 9.6c-.7-1 .8-2 1.5-1.2L5 9";
const PAUSE = "M6 3.5v9M10 3.5v9";

/**
 * In lines, with every digit; what cannot be seen, or reorders its neighbours, as the escapes that mean the same.
 * @param {string} text compact JSON @param {boolean} isCut
 */
function pretty(text, isCut) {
  return visibleText(isCut ? text : inLines(text));
}

/** @param {string} text compact JSON, whose numbers may be too long for JavaScript's own @returns {string} */
function inLines(text) {
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  return text.replace(JSON_PARTS, (part, place) => {
    const isEmpty = /^[}\]]/.test(text.slice(place + 1, place + 2));
    if (part === "{" || part === "[") return isEmpty ? part : (depth++, part + line());
    if (part === "}" || part === "]") return /[{[]/.test(text[place - 1]) ? part : (depth--, line() + part);
    return part === "," ? part + line() : part === ":" ? ": " : part;
  });
}

/** A field for JSON, which says where it stops being JSON. */
class JsonField {
  /** @param {string} label @param {string} text */
  constructor(label, text) {
    const [id, told] = [freshId("json"), freshId("json-told")];
    this.first = text;
    this.field = /** @type {HTMLTextAreaElement} */ (
      h("textarea", { id, class: "sfn-act-json", rows: String(Math.min(8, Math.max(2, text.split("\n").length))), spellcheck: "false", dir: "ltr", "aria-describedby": told })
    );
    this.field.value = text;
    this.told = h("p", { id: told, class: "sfn-act-mistake", role: "alert" });
    this.element = h("div", { class: "sfn-act-field" }, h("label", { for: id }, label), this.field, this.told);
    this.field.addEventListener("input", () => this.check());
  }

  get isChanged() {
    return this.field.value !== this.first;
  }

  /** @param {string} text what the kernel has now; what somebody typed stays */
  renew(text) {
    if (text === this.first) return;
    if (!this.isChanged) this.field.value = text;
    this.first = text;
  }

  /** @returns {string|null} the text, `null` if it is not JSON */
  check() {
    const mistake = jsonMistake(this.field.value);
    this.told.textContent = mistake ? `Line ${count(mistake.line)}, column ${count(mistake.column)}: ${mistake.reason}.` : "";
    this.field.setAttribute("aria-invalid", String(Boolean(mistake)));
    return mistake ? null : this.field.value;
  }

  /** As `check`, and takes the reader to the mistake. */
  read() {
    const text = this.check();
    if (text === null) this.field.focus();
    return text;
  }
}

/** @param {string} words @param {string} kind of look @param {() => void} pressed */
function actButton(words, kind, pressed) {
  return h("button", { class: `sfn-button sfn-act-${kind}`, type: "button", onclick: pressed }, words);
}

/** One thing that waits. It stays the same element as long as that waits, so that focus and what was typed stay. */
class WaitingCard {
  /** @param {WaitingRow} row @param {Send} send @param {(row: WaitingRow) => void} chosen */
  constructor(row, send, chosen) {
    this.row = row;
    this.send = send;
    this.isSent = false;
    this.canAct = false;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.patience = undefined;
    this.isBreakpoint = row.kind === "breakpoint";
    const head = freshId("act");
    this.title = h("button", { class: "sfn-act-title", type: "button", title: "Show this state", onclick: () => chosen(this.row) });
    this.facts = h("span", { class: "sfn-quiet" });
    this.told = h("p", { class: "sfn-act-told", role: "status" });
    this.json = new JsonField(this.isBreakpoint ? (row.when === "after" ? "Output (JSON)" : "Input (JSON)") : "Output (JSON)", this.isBreakpoint ? pretty(row.input, row.is_cut) : "{}");
    this.fields = /** @type {HTMLFieldSetElement} */ (h("fieldset", { class: "sfn-act-fields", "aria-labelledby": head }, ...(this.isBreakpoint ? this.breakpointForm() : this.answerForm())));
    const icon = s("svg", { class: "sfn-act-icon", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, s("path", { d: this.isBreakpoint ? PAUSE : HAND }));
    this.element = h("li", { class: `sfn-act sfn-act-is-${row.kind}` }, h("div", { class: "sfn-act-head", id: head }, icon, this.title, this.facts), this.fields, this.told);
    this.renew(row);
  }

  /** @returns {HTMLElement[]} */
  answerForm() {
    const { row } = this;
    this.error = /** @type {HTMLInputElement} */ (h("input", { class: "sfn-field", type: "text", autocomplete: "off", dir: "auto" }));
    this.cause = /** @type {HTMLInputElement} */ (h("input", { class: "sfn-field", type: "text", autocomplete: "off", dir: "auto" }));
    const reject = () => this.act("reject", { error: this.error?.value, cause: this.cause?.value });
    const asked = h("details", { class: "sfn-act-asked" }, h("summary", {}, "What it was asked"), h("pre", { class: "sfn-act-input", dir: "ltr", tabindex: "0" }, pretty(row.input, row.is_cut)), row.is_cut ? h("p", { class: "sfn-quiet" }, "The rest was not sent.") : null);
    return [
      asked,
      h("div", { class: "sfn-act-way" }, this.json.element, actButton("Approve", "approve", () => this.actWith("approve", "output"))),
      h(
        "div",
        { class: "sfn-act-way" },
        h("label", {}, "Error", this.error),
        h("label", { class: "sfn-act-cause" }, "Cause", this.cause),
        actButton("Reject", "reject", reject),
        row.heartbeat_seconds === null ? null : actButton("Heartbeat", "heartbeat", () => this.act("heartbeat", {})),
      ),
    ];
  }

  /** @returns {HTMLElement[]} */
  breakpointForm() {
    // A payload that was not sent whole cannot be sent back.
    this.json.field.readOnly = this.row.is_cut;
    const leave = (/** @type {string} */ kind) => (this.json.isChanged ? this.actWith(kind, "payload") : this.act(kind, {}));
    return [
      h(
        "div",
        { class: "sfn-act-way" },
        this.json.element,
        actButton("Continue", "approve", () => leave("continue")),
        actButton("Step", "step", () => leave("step")),
        this.row.is_cut ? null : actButton("Set payload", "edit", () => this.actWith("edit", "payload")),
      ),
      h("p", { class: "sfn-quiet" }, this.row.is_cut ? "The payload is too long to be edited here: use run.edit(payload)." : "What you change here is what the run goes on with."),
    ];
  }

  /** @param {string} kind @param {string} key */
  actWith(kind, key) {
    const text = this.json.read();
    if (text !== null) this.act(kind, { [key]: text });
  }

  /** @param {string} kind @param {Record<string, any>} more */
  act(kind, more) {
    if (this.isSent || !this.canAct) return;
    this.isSent = true;
    this.tell("Sent to the kernel …", false);
    this.enable();
    this.send({ kind, id: this.row.token_id, ...more });
    // Nobody can tell a kernel that is busy from one that is gone.
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.isSent && this.tell("No answer yet: the kernel is busy, or gone.", false), PATIENCE_MILLISECONDS);
  }

  /** @param {string} words @param {boolean} isRefusal */
  tell(words, isRefusal) {
    this.told.textContent = words;
    this.told.classList.toggle("sfn-bad", isRefusal);
  }

  /** @param {string} words */
  refused(words) {
    this.isSent = false;
    this.tell(words, true);
    this.enable();
  }

  /** @param {WaitingRow} row */
  renew(row) {
    this.row = row;
    const place = row.iteration.map((index) => `[${count(index)}]`).join("");
    const name = `${row.name}${place}`;
    this.title.textContent = this.isBreakpoint ? `Paused ${row.when} ${name}` : `${name} waits for ${row.kind === "activity" ? "a worker" : "an answer"}`;
    const since = `since ${sinceStart(row.since_seconds)}`;
    const timeout = row.timeout_seconds === null ? "" : `times out after ${spanWords(row.timeout_seconds)}`;
    const heartbeat = row.heartbeat_seconds === null ? "" : `wants a heartbeat every ${spanWords(row.heartbeat_seconds)}`;
    this.facts.textContent = [row.note, since, timeout, heartbeat].filter(Boolean).join(" · ");
    if (this.isBreakpoint) this.json.renew(pretty(row.input, row.is_cut));
    // The kernel tells the list anew after each act, so one that is still in it was worked on: a heartbeat, an edit.
    if (this.isSent) this.tell("", false);
    this.isSent = false;
    this.enable();
  }

  /** @param {boolean} [canAct] */
  enable(canAct = this.canAct) {
    this.canAct = canAct;
    const isDisabled = !canAct || this.isSent;
    // The button that was pressed keeps its focus: it is not taken out of the tab order, it only does nothing.
    this.fields.disabled = !canAct;
    this.element.classList.toggle("sfn-act-sent", this.isSent);
    for (const button of this.fields.querySelectorAll("button")) button.setAttribute("aria-disabled", String(isDisabled));
  }

  close() {
    clearTimeout(this.patience);
  }
}

/** Goes on from the selected visit as another execution, perhaps with another payload. */
class ForkForm {
  /** @param {Store} store @param {Send} send */
  constructor(store, send) {
    this.store = store;
    this.send = send;
    this.event = 0;
    this.json = new JsonField("Input to go on with (JSON)", "");
    this.told = h("p", { class: "sfn-act-told", role: "status" });
    this.words = h("summary", {}, "Fork");
    this.fields = h("div", { class: "sfn-act-way" }, this.json.element, actButton("Fork", "fork", () => this.act()));
    this.note = h("p", { class: "sfn-quiet" }, "Another execution shares what was before this state and goes on from here; this one stays as it is.");
    this.element = h("details", { class: "sfn-act-fork" }, this.words, this.note, this.fields, this.told);
  }

  /** @param {boolean} canAct */
  update(canAct) {
    const { store } = this;
    const visit = store.pointer ? store.visit : null;
    this.element.hidden = !canAct || visit === null;
    if (visit === null || !store.trace) return;
    const { visits, states } = store.trace;
    const event = visits.id[visit];
    if (event === this.event) return;
    this.event = event;
    const place = visits.iteration[visit].map((index) => `[${count(index)}]`).join("");
    this.words.textContent = `Fork from ${states[visits.state[visit]].name}${place}`;
    const isCut = store.missing(visits.input[visit]) > 0;
    this.json.first = this.json.field.value = pretty(store.text(visits.input[visit]), isCut);
    this.json.field.readOnly = isCut;
    this.json.check();
    this.told.textContent = "";
  }

  act() {
    const text = this.json.isChanged ? this.json.read() : "";
    if (text === null) return;
    this.told.textContent = "Sent to the kernel; the new run appears below.";
    this.told.classList.remove("sfn-bad");
    this.send({ kind: "fork", id: `fork-${this.event}`, at: this.event, ...(text ? { payload: text } : {}) });
  }

  /** @param {string} words */
  refused(words) {
    this.told.textContent = words;
    this.told.classList.add("sfn-bad");
  }
}

export class ActingPane {
  /** @param {Store} store @param {{say: (words: string) => void}} frame */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    this.isHeard = false;
    this.asked = 0;
    /** @type {Map<string, WaitingCard>} */
    this.cards = new Map();
    this.heading = h("h3", { class: "sfn-act-heading" });
    this.reason = h("p", { class: "sfn-act-reason" }, NO_KERNEL);
    this.list = h("ul", { class: "sfn-act-list" });
    const send = (/** @type {Act} */ act) => this.send(act);
    this.fork = new ForkForm(store, send);
    this.element = h("section", { class: "sfn-acting", "aria-label": "What waits for you", tabindex: "-1" }, this.heading, this.reason, this.list);
    /** Apart: it comes with a selection, and must not push away the picture in which somebody selects. */
    this.forking = h("section", { class: "sfn-forking", "aria-label": "Fork" }, this.fork.element);
    const { model } = store;
    /** @type {[string, (...rest: any[]) => void][]} */
    this.listeners = [
      ["change:waiting", () => this.draw()],
      ["change:can_act", () => this.draw()],
      ["change:acting_error", () => this.refused()],
      ["msg:custom", (message) => this.heard(message)],
    ];
    for (const [event, call] of this.listeners) model.on(event, call);
    this.draw();
  }

  close() {
    for (const [event, call] of this.listeners) this.store.model.off(event, call);
    for (const card of this.cards.values()) card.close();
  }

  /** @param {Change|"shown"} change */
  update(change) {
    if (change !== "moment") this.drawFork();
  }

  /** @returns {WaitingRow[]} */
  get rows() {
    return this.store.model.get("waiting") ?? [];
  }

  get canAct() {
    return this.isHeard && this.mayAct;
  }

  get mayAct() {
    const { model } = this.store;
    return typeof model.send === "function" && Boolean(model.get("can_act"));
  }

  /** @param {Act} act */
  send(act) {
    this.store.model.send?.(act);
  }

  /** A saved view has a model, but nobody behind it: only a kernel answers. */
  ask() {
    if (!this.isHeard && this.mayAct) this.send({ kind: "hello", id: "" });
  }

  /** @param {any} message */
  heard(message) {
    const isFirst = message?.kind === "here" && !this.isHeard;
    if (isFirst) this.isHeard = true;
    // After an act that left the list as it was, which no model tells as a change.
    if (isFirst || message?.kind === "still") this.draw();
  }

  draw() {
    const { rows } = this;
    this.ask();
    const hadFocus = this.list.contains(document.activeElement);
    const known = new Set(rows.map((row) => row.token_id));
    for (const [id, card] of this.cards) {
      if (known.has(id)) continue;
      card.close();
      card.element.remove();
      this.cards.delete(id);
    }
    for (const row of rows) this.drawRow(row);
    this.reason.hidden = this.canAct || !rows.length;
    this.element.hidden = !rows.length;
    const words = rows.length === 1 ? "Waits for you" : `${count(rows.length)} wait for you`;
    if (rows.length && words !== this.heading.textContent) this.say(words);
    this.heading.textContent = words;
    // What had the focus is gone: the keyboard goes on with the next one, or with the pane.
    if (hadFocus && !this.list.contains(document.activeElement)) this.focusNext();
    this.drawFork();
  }

  /** @param {WaitingRow} row */
  drawRow(row) {
    let card = this.cards.get(row.token_id);
    if (card) card.renew(row);
    else {
      card = new WaitingCard(row, (act) => this.send(act), (chosen) => this.choose(chosen));
      this.cards.set(row.token_id, card);
      this.list.append(card.element);
    }
    card.enable(this.canAct);
  }

  drawFork() {
    this.fork.update(this.canAct);
    this.forking.hidden = this.fork.element.hidden;
  }

  focusNext() {
    const next = this.list.querySelector(".sfn-act-title");
    if (next instanceof HTMLElement) next.focus();
    else if (!this.element.hidden) this.element.focus();
  }

  /** @param {WaitingRow} row */
  choose(row) {
    if (!row.pointer) return;
    const place = this.store.trace?.visits.id.indexOf(row.visit) ?? -1;
    this.store.select(row.pointer, place >= 0 ? place : null);
  }

  refused() {
    const { id, text } = this.store.model.get("acting_error") ?? {};
    if (!text) return;
    const card = this.cards.get(id);
    if (card) card.refused(text);
    else this.fork.refused(text);
    this.say(text);
  }
}
