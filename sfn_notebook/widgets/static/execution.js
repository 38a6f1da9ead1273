// @ts-check
import { coloured, copyText, count, h, readPicture, s } from "./parts.js";

/**
 * The view of one machine or execution: draws what the kernel sends, answers clicks and keys by itself.
 *
 * @typedef {{text: string, length: number}} Payload
 * @typedef {{duration: string|null, error: string|null, cause: string|null, wait: string|null}} Attempt
 * @typedef {{id: number, pointer: string, number: number, iteration: number[], status: string, word: string,
 *   duration: string|null, input: Payload, parameters?: Payload, result?: Payload, output?: Payload, cause?: Payload,
 *   error: string|null, next: string|null, attempts: Attempt[]}} Visit
 * @typedef {{status: string, visits: number, attempts: number, badge: string}} Status
 * @typedef {{name: string, machine: string, status: string, word: string, duration: string|null, input: Payload,
 *   output?: Payload, error: string|null, cause?: Payload}} Execution
 * @typedef {{get(key: string): any, on(event: string, call: () => void): void,
 *   off(event?: string|null, call?: (() => void)|null): void}} Model
 */

const FIRST_SHOWN = 1500;
const SHOWN_STEP = 20000;
// Below this scale names can no longer be read, so the picture scrolls instead.
const SMALLEST_SCALE = 0.62;
const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

class View {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.selected = "";
    /** @type {number|null} the visit that was chosen; null follows the latest */
    this.chosen = null;
    /** @type {Map<string, number>} how many characters of each value are shown */
    this.shown = new Map();
    this.drawn = "";
    this.spoken = "";
    this.heading = h("span", { class: "sfn-heading" });
    this.chip = h("span", { class: "sfn-chip-place" });
    this.stage = h("div", { class: "sfn-stage" });
    this.inspector = h("aside", { class: "sfn-inspector", "aria-label": "Inspector", tabindex: "-1" });
    this.fit = h("button", { class: "sfn-button sfn-fit", type: "button", "aria-pressed": "false", title: "Show the whole picture or its natural size" }, "Fit");
    /** @type {"auto"|"fit"|"full"} */
    this.scaling = "auto";
    this.live = h("div", { class: "sfn-hidden", role: "status", "aria-live": "polite" });
    this.root = h(
      "div",
      { class: "sfn-view", role: "region" },
      h("header", { class: "sfn-header" }, this.heading, this.chip, this.fit),
      h("div", { class: "sfn-body" }, this.stage, this.inspector),
      this.live,
    );
    this.fit.addEventListener("click", () => {
      this.scaling = this.fit.getAttribute("aria-pressed") === "true" ? "full" : "fit";
      this.scalePicture();
    });
    this.stage.addEventListener("click", (event) => this.clicked(event));
    this.stage.addEventListener("keydown", (event) => this.keyed(event));
    this.root.addEventListener("keydown", (event) => this.escaped(event));
    el.append(this.root);
    /** @type {[string, () => void][]} */
    this.listeners = [
      ["change:title", () => this.drawHeader()],
      ["change:svg", () => this.drawPicture()],
      ["change:statuses", () => this.drawStatuses()],
      ["change:execution", () => this.executionChanged()],
      ["change:visits", () => this.drawInspector()],
      ["change:definitions", () => this.drawInspector()],
    ];
    for (const [event, call] of this.listeners) model.on(event, call);
    this.resized = typeof ResizeObserver === "function" ? new ResizeObserver(() => this.scalePicture()) : null;
    this.resized?.observe(this.stage);
    this.drawPicture();
    this.drawHeader();
    this.drawInspector();
  }

  close() {
    this.resized?.disconnect();
    for (const [event, call] of this.listeners) this.model.off(event, call);
  }

  /** @returns {Execution|null} */
  get execution() {
    const execution = this.model.get("execution");
    return execution && execution.status ? execution : null;
  }

  // -- the picture ----------------------------------------------------------------------------------------------------

  drawPicture() {
    const picture = readPicture(this.model.get("svg") || "<svg/>");
    this.stage.replaceChildren(...(picture ? [picture] : []));
    /** @type {Map<string, SVGGElement>} */
    this.states = new Map();
    for (const element of this.stage.querySelectorAll("[data-pointer]")) {
      this.states.set(element.getAttribute("data-pointer") ?? "", /** @type {SVGGElement} */ (element));
      element.setAttribute("tabindex", "-1");
    }
    const [, , width, height] = (picture?.getAttribute("viewBox") ?? "0 0 300 100").split(" ").map(Number);
    this.size = [width, height];
    this.root.style.setProperty("--sfn-picture-height", `${Math.round(height)}px`);
    this.scalePicture();
    this.makeReachable(this.inReadingOrder()[0]);
    this.drawStatuses();
    if (typeof requestAnimationFrame === "function") requestAnimationFrame(() => this.squeezeTexts());
  }

  /** Fit the picture into its place, as long as it stays readable or if the reader asks for it. */
  scalePicture() {
    const picture = this.stage.querySelector("svg");
    const [width, height] = this.size ?? [300, 100];
    const [roomX, roomY] = [this.stage.clientWidth - 12, this.stage.clientHeight - 12];
    const whole = roomX > 0 && roomY > 0 ? Math.min(1, roomX / width, roomY / height) : 1;
    const scale = this.scaling === "full" ? 1 : this.scaling === "fit" ? whole : Math.max(whole, SMALLEST_SCALE);
    picture?.setAttribute("width", (width * scale).toFixed(1));
    picture?.setAttribute("height", (height * scale).toFixed(1));
    this.fit.setAttribute("aria-pressed", String(scale === whole && whole < 1));
    this.fit.hidden = whole === 1;
  }

  /** Text that a wider font would push out of its box is squeezed into the room it was given. */
  squeezeTexts() {
    for (const text of this.stage.querySelectorAll("text[data-room]")) {
      const element = /** @type {SVGTextElement} */ (text);
      const room = Number(element.getAttribute("data-room")) * 1.04 + 2;
      if (element.getComputedTextLength() > room) {
        element.setAttribute("textLength", String(room));
        element.setAttribute("lengthAdjust", "spacingAndGlyphs");
      }
    }
  }

  drawStatuses() {
    const statuses = this.model.get("statuses") || {};
    this.stage.querySelector("svg")?.classList.toggle("sfn-has-run", this.execution !== null);
    for (const [pointer, element] of this.states ?? []) {
      const status = /** @type {Status|undefined} */ (statuses[pointer]);
      const badge = status ? `${status.status} ${status.badge}` : "";
      if (element.dataset.badge === badge) continue;
      element.dataset.badge = badge;
      if (status) element.dataset.status = status.status;
      else delete element.dataset.status;
      const kind = /sfn-kind-([\w-]+)/.exec(element.getAttribute("class") ?? "")?.[1] ?? "";
      const label = [`${kind.replace("-", " ")} state ${element.dataset.name}`, status?.badge].filter(Boolean);
      element.setAttribute("aria-label", label.join(", "));
      this.drawBadge(element, status);
    }
  }

  /** @param {SVGGElement} element @param {Status|undefined} status */
  drawBadge(element, status) {
    const place = /** @type {SVGGElement|null} */ (element.querySelector(".sfn-mark"));
    if (!place) return;
    place.replaceChildren();
    if (!status) return;
    const right = Number(place.dataset.x);
    const top = Number(place.dataset.y);
    const text = /** @type {SVGTextElement} */ (
      s("text", { class: "sfn-badge-text", x: right - 8, y: top + 12, "font-size": 10, "font-weight": 600, "text-anchor": "end" })
    );
    text.textContent = status.badge;
    place.append(text);
    const width = (text.getComputedTextLength?.() || status.badge.length * 5.6) + 28;
    const pill = s("rect", { class: "sfn-badge", x: right - width, y: top, width, height: 17, rx: 8.5 });
    const icon = s("path", {
      class: "sfn-badge-icon",
      d: this.model.get("marks")?.[status.status]?.icon ?? "",
      transform: `translate(${right - width + 8} ${top + 4}) scale(0.5625)`,
    });
    place.prepend(pill, icon);
  }

  // -- the header -----------------------------------------------------------------------------------------------------

  executionChanged() {
    this.drawHeader();
    this.drawStatuses();
    if (!this.selected) this.drawInspector();
  }

  drawHeader() {
    const execution = this.execution;
    const title = this.model.get("title") || "State machine";
    this.heading.textContent = title;
    this.root.setAttribute("aria-label", title);
    const chip = execution ? this.statusChip(execution.status, execution.word) : null;
    const time = execution?.duration ? h("span", { class: "sfn-quiet" }, execution.duration) : null;
    this.chip.replaceChildren(...[chip, time].filter((each) => each !== null));
    const words = execution ? `${title}: ${execution.word}` : "";
    if (words !== this.spoken) this.say(words);
    this.spoken = words;
  }

  /** @param {string} words */
  say(words) {
    this.live.textContent = words;
  }

  /** @param {string} status @param {string} word */
  statusChip(status, word) {
    const icon = s("svg", { viewBox: "0 0 16 16", width: 12, height: 12, "aria-hidden": "true" });
    icon.append(s("path", { d: this.model.get("marks")?.[status]?.icon ?? "" }));
    return h("span", { class: "sfn-chip", "data-status": status }, icon, word);
  }

  // -- choosing -------------------------------------------------------------------------------------------------------

  /** @param {Event} event @returns {string|null} */
  stateAt(event) {
    const element = /** @type {Element} */ (event.target).closest("[data-pointer]");
    return element ? element.getAttribute("data-pointer") : null;
  }

  /** @param {Event} event */
  clicked(event) {
    const pointer = this.stateAt(event);
    if (pointer !== null) this.select(pointer);
  }

  /** @param {string} pointer */
  select(pointer) {
    this.states?.get(this.selected)?.classList.remove("sfn-selected");
    this.selected = pointer;
    this.chosen = null;
    const element = this.states?.get(pointer);
    if (element) {
      element.classList.add("sfn-selected");
      this.makeReachable(element);
      element.focus({ preventScroll: true });
    }
    this.drawInspector();
    this.inspector.scrollTop = 0;
    this.say(element ? `${element.getAttribute("aria-label")}, shown in the inspector` : "");
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    const pointer = this.stateAt(event);
    if (pointer === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const ordered = this.inReadingOrder();
    if (event.key === "Enter" || event.key === " ") this.select(pointer);
    else if (event.key in DIRECTIONS) this.move(pointer, /** @type {keyof typeof DIRECTIONS} */ (event.key));
    else if (event.key === "Home") this.focusOn(ordered[0]);
    else if (event.key === "End") this.focusOn(ordered[ordered.length - 1]);
    else return;
    // A notebook would take these keys for its own cells.
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event */
  escaped(event) {
    if (event.key !== "Escape" || !this.selected) return;
    event.preventDefault();
    event.stopPropagation();
    const element = this.states?.get(this.selected);
    element?.classList.remove("sfn-selected");
    this.selected = "";
    this.drawInspector();
    this.focusOn(element);
  }

  /** @param {SVGGElement} element @returns {[number, number]} */
  placeOf(element) {
    const box = /** @type {SVGGraphicsElement} */ (element.querySelector(".sfn-card, .sfn-panel") ?? element).getBBox();
    const region = element.classList.contains("sfn-region");
    return [box.x + box.width / 2, region ? box.y + 20 : box.y + box.height / 2];
  }

  inReadingOrder() {
    return [...(this.states?.values() ?? [])]
      .map((element) => ({ element, place: this.placeOf(element) }))
      .sort((one, other) => one.place[1] - other.place[1] || one.place[0] - other.place[0])
      .map(({ element }) => element);
  }

  /** Focus the nearest state in a direction. @param {string} pointer @param {keyof typeof DIRECTIONS} key */
  move(pointer, key) {
    const here = this.states?.get(pointer);
    if (!here) return;
    const [x, y] = this.placeOf(here);
    const [dx, dy] = DIRECTIONS[key];
    let best = null;
    let least = Infinity;
    for (const element of this.states?.values() ?? []) {
      const [toX, toY] = this.placeOf(element);
      const along = (toX - x) * dx + (toY - y) * dy;
      const across = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx);
      const cost = along + 2 * across;
      if (along > 1 && cost < least) [best, least] = [element, cost];
    }
    if (best) this.focusOn(best);
  }

  /** @param {SVGGElement|undefined|null} element */
  focusOn(element) {
    if (!element) return;
    this.makeReachable(element);
    element.focus({ preventScroll: true });
    element.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }

  /** One state is in the tab order, the arrow keys reach the others. @param {SVGGElement|undefined} element */
  makeReachable(element) {
    this.reachable?.setAttribute("tabindex", "-1");
    element?.setAttribute("tabindex", "0");
    this.reachable = element;
  }

  // -- the inspector --------------------------------------------------------------------------------------------------

  /** @returns {Visit[]} */
  visitsOfSelected() {
    return (this.model.get("visits") || []).filter((/** @type {Visit} */ visit) => visit.pointer === this.selected);
  }

  drawInspector() {
    const visits = this.selected ? this.visitsOfSelected() : [];
    const visit = visits.find((each) => each.id === this.chosen) ?? visits[visits.length - 1];
    // While a run goes on, most updates change nothing here: an open list or a selection must not be lost to them.
    const key = JSON.stringify([this.selected, visits.map((each) => [each.id, each.status]), visit, this.selected ? 0 : this.execution]);
    if (key === this.drawn) return;
    this.drawn = key;
    const focused = /** @type {HTMLElement|null} */ (this.inspector.querySelector(":focus"))?.dataset.key;
    const parts = this.selected ? this.stateParts(visits, visit) : this.overviewParts();
    this.inspector.replaceChildren(...parts.filter((part) => part !== null));
    if (focused) /** @type {HTMLElement|null} */ (this.inspector.querySelector(`[data-key="${focused}"]`))?.focus();
  }

  /** @returns {(HTMLElement|null)[]} */
  overviewParts() {
    const execution = this.execution;
    const hint = h("p", { class: "sfn-quiet" }, execution ? "Select a state to see its input, output, error and attempts." : "Select a state to see its definition.");
    if (!execution) return [h("h3", { class: "sfn-title" }, "State machine"), hint];
    return [
      h("h3", { class: "sfn-title" }, execution.name, this.statusChip(execution.status, execution.word)),
      hint,
      this.errorBlock("run", execution.error, execution.cause),
      this.valueBlock("run-input", "Input", execution.input),
      this.valueBlock("run-output", "Output", execution.output),
    ];
  }

  /** @param {Visit[]} visits @param {Visit|undefined} visit @returns {(HTMLElement|null)[]} */
  stateParts(visits, visit) {
    const name = this.states?.get(this.selected)?.dataset.name ?? this.selected;
    const close = h("button", { class: "sfn-button sfn-close", type: "button", title: "Close (Escape)", "aria-label": "Close", "data-key": "close", onclick: () => this.escaped(new KeyboardEvent("keydown", { key: "Escape" })) }, "✕");
    const head = h("h3", { class: "sfn-title" }, h("span", { dir: "auto" }, name), visit ? this.statusChip(visit.status, visit.word) : null, close);
    const definition = this.model.get("definitions")?.[this.selected];
    if (!visit) {
      const note = this.execution ? h("p", { class: "sfn-quiet" }, "This state has not been entered.") : null;
      return [head, note, definition ? this.valueBlock("definition", "Definition", definition) : null];
    }
    const id = visit.id;
    return [
      head,
      this.visitChooser(visits, visit),
      this.errorBlock(`${id}-error`, visit.error, visit.cause),
      this.attemptTable(visit),
      this.valueBlock(`${id}-input`, "Input", visit.input),
      this.valueBlock(`${id}-parameters`, "Sent to the task", visit.parameters),
      this.valueBlock(`${id}-result`, "Result", visit.result),
      this.valueBlock(`${id}-output`, "Output", visit.output),
      definition ? h("details", {}, h("summary", { class: "sfn-label-line", "data-key": "details" }, "Definition"), this.valueBlock("definition", "", definition)) : null,
    ];
  }

  /** @param {Visit[]} visits @param {Visit} visit */
  visitChooser(visits, visit) {
    const facts = [visit.duration && `took ${visit.duration}`, visit.next && `went to ${visit.next}`].filter(Boolean).join(", ");
    const total = /** @type {Status|undefined} */ (this.model.get("statuses")?.[this.selected])?.visits ?? visits.length;
    const line = facts ? h("p", { class: "sfn-quiet" }, facts) : null;
    if (total < 2) return line;
    const choose = (/** @type {number} */ id) => {
      this.chosen = id;
      this.drawInspector();
    };
    const list = h("select", { class: "sfn-select", "aria-label": "Visit", "data-key": "visit", onchange: (/** @type {Event} */ event) => choose(Number(/** @type {HTMLSelectElement} */ (event.target).value)) });
    for (const each of visits) {
      const where = each.iteration.length ? `, item ${each.iteration.join(".")}` : "";
      list.append(h("option", { value: each.id, selected: each.id === visit.id }, `Visit ${count(each.number)} of ${count(total)}${where}: ${each.word}`));
    }
    const at = visits.indexOf(visit);
    const step = (/** @type {number} */ to, /** @type {string} */ sign, /** @type {string} */ label) =>
      h("button", { class: "sfn-button", type: "button", "aria-label": label, "data-key": label, disabled: !visits[to], onclick: () => choose(visits[to].id) }, sign);
    const limits = this.model.get("limits") || {};
    const missing = total - visits.length;
    const note = missing > 0 ? h("p", { class: "sfn-quiet" }, `${count(missing)} visits are left out here: of a state that is entered often, the first ${limits.first}, the last ${limits.last} and the first ${limits.failed} that failed are shown.`) : null;
    return h("div", { class: "sfn-visits" }, h("div", { class: "sfn-row" }, step(at - 1, "‹", "Previous visit"), list, step(at + 1, "›", "Next visit")), note, line);
  }

  /** @param {string} key @param {string|null} error @param {Payload|undefined} cause */
  errorBlock(key, error, cause) {
    if (!error) return null;
    return h("section", { class: "sfn-error" }, h("strong", {}, error), cause && cause.text ? this.valueBlock(`${key}-cause`, "Cause", cause) : null);
  }

  /** @param {Visit} visit */
  attemptTable(visit) {
    if (visit.attempts.length < 2 && !visit.attempts.some((attempt) => attempt.error)) return null;
    const rows = visit.attempts.map((attempt, index) =>
      h(
        "tr",
        {},
        h("td", {}, String(index + 1)),
        h("td", {}, attempt.error ? h("span", { class: "sfn-bad", title: attempt.cause ?? "" }, attempt.error) : attempt.duration === null ? "running" : "succeeded"),
        h("td", {}, attempt.duration ?? ""),
        h("td", {}, attempt.wait ? `then waited ${attempt.wait}` : ""),
      ),
    );
    const head = h("tr", {}, ...["Attempt", "Outcome", "Took", ""].map((word) => h("th", { scope: "col" }, word)));
    return h("section", {}, h("div", { class: "sfn-label-line" }, "Attempts"), h("table", { class: "sfn-attempts" }, h("thead", {}, head), h("tbody", {}, ...rows)));
  }

  /** A labelled value that can be copied and, where it is long, opened further. @param {string} key @param {string} label @param {Payload|undefined} payload */
  valueBlock(key, label, payload) {
    if (!payload) return null;
    const text = h("pre", { class: "sfn-value", tabindex: "0", dir: "ltr", "aria-label": label || "Definition", "data-key": `${key}-text` });
    const more = h("button", { class: "sfn-button sfn-more", type: "button", "data-key": `${key}-more` });
    const note = h("p", { class: "sfn-quiet" });
    const draw = () => {
      const shown = this.shown.get(key) ?? FIRST_SHOWN;
      const rest = payload.text.length - shown;
      text.replaceChildren(...coloured(rest > 0 ? payload.text.slice(0, shown) : payload.text));
      more.hidden = rest <= 0;
      more.textContent = `Show more (${count(Math.max(rest, 0))} characters)`;
      const missing = payload.length - payload.text.length;
      note.hidden = missing <= 0;
      note.textContent = payload.text
        ? `Only the first ${count(payload.text.length)} of ${count(payload.length)} characters were sent; the execution itself has all.`
        : `Not sent: this run's payloads are large together. ${count(payload.length)} characters; the execution itself has them.`;
      text.hidden = !payload.text;
    };
    more.addEventListener("click", () => {
      this.shown.set(key, (this.shown.get(key) ?? FIRST_SHOWN) + SHOWN_STEP);
      draw();
    });
    draw();
    const copy = h("button", { class: "sfn-button", type: "button", "aria-label": `Copy ${label || "definition"}`, "data-key": `${key}-copy` }, "Copy");
    copy.addEventListener("click", async () => {
      await copyText(payload.text);
      copy.textContent = "Copied";
      this.say(`${label || "Definition"} copied`);
      setTimeout(() => (copy.textContent = "Copy"), 1500);
    });
    return h("section", {}, h("div", { class: "sfn-label-line" }, h("span", {}, label), payload.text ? copy : null), text, note, more);
  }
}

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const view = new View(model, el);
  return () => view.close();
}

export default { render };
