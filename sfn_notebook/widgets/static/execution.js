// @ts-check
import { h, statusChip } from "./parts.js";
import { InteractionsView } from "./interactions.js";
import { OriginBar } from "./origin.js";
import { Store } from "./store.js";
import { GraphPane } from "./graph_pane.js";
import { InspectorPane } from "./inspector.js";
import { TimeTravel } from "./time_travel.js";
import { EventTable } from "./event_table.js";
import { Timeline } from "./timeline.js";
import { IterationGrid } from "./iterations.js";
import { ActingPane } from "./acting.js";
import { ComparisonPane } from "./comparison.js";
import { TabStrip } from "./tabs.js";

/**
 * The view of one machine or execution: puts the panes together and passes on what changes. What each shows is its own
 * matter.
 *
 * @typedef {import("./store.js").Model} Model
 * @typedef {import("./store.js").Change} Change
 * @typedef {{element: HTMLElement, update(change: Change|"shown"): void, close(): void}} Pane
 */

/** @type {[string, new (store: Store, place: {say: (words: string) => void}) => Pane][]} */
const DETAIL_PANES = [
  ["Events", EventTable],
  ["Timeline", Timeline],
  ["Iterations", IterationGrid],
  ["Compare", ComparisonPane],
];

class View {
  /**
   * @param {Model} model @param {HTMLElement} el
   */
  constructor(model, el) {
    this.model = model;
    this.spoken = "";
    this.live = h("div", { class: "sfn-hidden", role: "status", "aria-live": "polite" });
    const place = { say: (/** @type {string} */ words) => this.say(words) };
    const store = (this.store = new Store(model));
    this.graph = new GraphPane(store, place);
    this.inspector = new InspectorPane(store, place);
    this.acting = new ActingPane(store, place);
    this.travel = new TimeTravel(store, place);
    this.origin = new OriginBar(store, place);
    /** @type {Pane[]} what is always seen */
    this.panes = [this.origin, this.graph, this.inspector, this.acting, this.travel];
    this.details = DETAIL_PANES.map(([title, make]) => {
      const pane = new make(store, place);
      return { title, pane, element: pane.element, shown: () => pane.update("shown") };
    });
    this.tabs = new TabStrip("Details", this.details);
    this.heading = h("span", { class: "sfn-heading" });
    this.chip = h("span", { class: "sfn-chip-place" });
    this.body = h("div", { class: "sfn-body" }, this.graph.element, this.inspector.element);
    this.root = h(
      "div",
      { class: "sfn-view", role: "region" },
      h("header", { class: "sfn-header" }, this.heading, this.chip),
      this.origin.element,
      this.acting.element,
      this.body,
      this.acting.forking,
      this.travel.element,
      this.tabs.element,
      this.live,
    );
    this.root.addEventListener("keydown", (event) => this.keyed(event));
    el.append(this.root);
    /** @type {[string, () => void][]} */
    this.listeners = [
      ["change:title", () => this.drawHeader()],
      ["change:execution", () => this.drawHeader()],
      ["change:waiting", () => this.drawHeader()],
      ["change:svg", () => this.drawFrame()],
      ["change:comparison", () => this.drawFrame()],
    ];
    for (const [event, call] of this.listeners) model.on(event, call);
    store.subscribe((change) => this.changed(change));
    this.drawFrame();
    this.drawHeader();
    if (model.get("comparison")?.rows) this.tabs.select(this.details.findIndex((detail) => detail.title === "Compare"));
    // Only what is on the page can be measured.
    for (const pane of this.panes) pane.update("shown");
    this.tabs.shown?.shown();
  }

  close() {
    for (const [event, call] of this.listeners) this.model.off(event, call);
    for (const pane of [...this.panes, ...this.details.map((detail) => detail.pane)]) pane.close();
    this.store.close();
    // A notebook keeps the element of every view that it ever showed; what was in it shall not stay with it.
    this.root.replaceChildren();
    this.root.remove();
  }

  /**
   * @param {Change} change
   */
  changed(change) {
    for (const pane of this.panes) pane.update(change);
    // A pane that is not seen catches up when it is shown.
    this.details.find((detail) => detail === this.tabs.shown)?.pane.update(change);
  }

  // -- the frame ------------------------------------------------------------------------------------------------------

  drawFrame() {
    this.body.style.setProperty("--sfn-picture-height", `${this.graph.naturalHeight}px`);
    for (const detail of this.details) {
      if (detail.title === "Iterations") this.tabs.offer(detail, this.graph.hasMap);
      if (detail.title === "Compare") this.tabs.offer(detail, Boolean(this.model.get("comparison")?.rows));
    }
  }

  drawHeader() {
    const title = this.model.get("title") || "State machine";
    const execution = this.model.get("execution");
    const isRun = Boolean(execution?.status);
    this.heading.textContent = this.heading.title = title;
    this.root.setAttribute("aria-label", title);
    this.travel.element.hidden = this.tabs.element.hidden = !isRun && !this.model.get("is_run");
    const marks = this.model.get("marks");
    const waits = execution?.status === "RUNNING" && Boolean(this.model.get("waiting")?.length);
    const [status, word] = waits ? ["WAITING", marks?.WAITING?.word ?? "Waiting"] : [execution?.status, execution?.word];
    const chip = isRun ? statusChip(marks, status, word) : "";
    const time = execution?.duration ? h("span", { class: "sfn-quiet", title: "Modelled duration" }, execution.duration) : waits ? waitingWords() : "";
    this.chip.replaceChildren(chip, time);
    const words = isRun ? `${title}: ${word}` : "";
    if (words !== this.spoken) this.say(words);
    this.spoken = words;
  }

  /**
   * @param {string} words
   */
  say(words) {
    this.live.textContent = words;
  }

  // -- keys -----------------------------------------------------------------------------------------------------------

  /**
   * @param {KeyboardEvent} event
   */
  keyed(event) {
    if (isWriting(/** @type {Element} */ (event.target))) return;
    if (!this.travel.keyed(event) && !this.escaped(event)) return;
    // A notebook would take these keys for its own cells.
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {KeyboardEvent} event
   */
  escaped(event) {
    const { pointer } = this.store;
    if (event.key !== "Escape" || !pointer) return false;
    this.store.select("");
    this.graph.focusState(pointer);
    return true;
  }
}

/** Whom a run waits for, beside its chip. */
function waitingWords() {
  return h("span", { class: "sfn-quiet", title: "Its status is RUNNING, as AWS has it, until somebody answers" }, "for you");
}

/**
 * Whether keys are text there.
 * @param {Element} target
 */
function isWriting(target) {
  return target.matches("textarea, select, [contenteditable], input:not([type=range], [type=checkbox], [type=radio])");
}

/**
 * @param {{model: Model, el: HTMLElement}} place
 */
function render({ model, el }) {
  const view = model.get("view") === "interactions" ? new InteractionsView(model, el) : new View(model, el);
  return () => view.close();
}

export default { render };
