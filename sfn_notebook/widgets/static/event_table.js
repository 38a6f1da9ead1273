// @ts-check
import { editChip } from "./edit_mark.js";
import { EVENT_GROUPS, eventOutcome, filteredEvents, isFailure } from "./event_rules.js";
import { PayloadBox } from "./json_tree.js";
import { choiceButton, freshId, iterationWords, sinceStart, spanWords, StatusMark } from "./pane_words.js";
import { count, h } from "./parts.js";
import { RowWindow } from "./row_window.js";

/**
 * The history of an execution, one row per event. Which events there are is the trace's business; what is selected and
 * which moment is shown, the store's.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Change} Change
 * @typedef {{element: HTMLElement, cells: HTMLElement[], mark: StatusMark, words: HTMLElement[], edited: HTMLElement, event: number}} EventRow
 */

const EVENT_ROW_HEIGHT = 28;
const EVENT_COLUMNS = [
  ["id", "Event"],
  ["type", "Type"],
  ["state", "State"],
  ["iteration", "Where"],
  ["at", "Time"],
  ["step", "Step"],
];
const EVENT_COLUMN_TITLES = {
  iteration: "Branch of each Parallel and item of each Map around the state, counted from 0",
  at: "Modelled time since the execution started",
  step: "Modelled time since the event that led to this one",
};

export class EventTable {
  static title = "Events";

  /** @param {Store} store @param {{say: (words: string) => void}} voice */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    /** @type {number[]} the places of the events that the filter lets through */
    this.shown = [];
    /** @type {Set<number>} the places of the events that carry a payload which a person replaced */
    this.edited = new Set();
    /** @type {number|null} the place of the event that the keys stand at */
    this.active = null;
    this.filter = { group: "all", words: "", failedOnly: false };
    this.isOpen = false;
    this.detailsOf = "";
    this.id = freshId("events");
    this.window = new RowWindow({
      height: EVENT_ROW_HEIGHT,
      make: () => this.makeRow(),
      fill: (row, index) => this.fillRow(row, index),
      attributes: { class: "sfn-event-rows", role: "grid", tabindex: "0", "aria-label": "Events", "aria-describedby": `${this.id}-keys`, "aria-colcount": EVENT_COLUMNS.length },
    });
    this.note = h("p", { class: "sfn-quiet sfn-event-none" });
    this.details = h("section", { class: "sfn-event-details", "aria-label": "Details of the event", hidden: true });
    this.element = h("div", { class: "sfn-events" }, this.toolbar(), this.head(), this.window.element, this.note, this.details);
    this.window.element.addEventListener("keydown", (event) => this.keyed(event));
    this.window.element.addEventListener("click", (event) => this.clicked(event));
    this.window.element.addEventListener("dblclick", () => this.toggleDetails(true));
    this.details.addEventListener("keydown", (event) => event.key === "Escape" && this.closeDetails(event));
    this.window.resized = () => this.measured();
    this.takeTrace();
  }

  close() {
    this.window.close();
  }

  /** @param {Change|"shown"} change */
  update(change) {
    if (change === "trace") this.takeTrace();
    else if (change === "selection") this.selectionChanged();
    else if (change === "moment") this.momentChanged();
    else this.catchUp();
  }

  /** What changed while the pane was not seen. */
  catchUp() {
    this.takeTrace();
    this.selectionChanged();
    if (this.store.moment !== null) this.momentChanged();
  }

  // -- what stands around the rows --------------------------------------------------------------------------------------

  toolbar() {
    const options = EVENT_GROUPS.map(({ key, label }) => h("option", { value: key }, label));
    this.groups = /** @type {HTMLSelectElement} */ (h("select", { class: "sfn-select", "aria-label": "Kind of event", onchange: () => this.refilter({ group: this.groups?.value }) }, ...options));
    this.search = /** @type {HTMLInputElement} */ (h("input", { class: "sfn-field", type: "search", placeholder: "Filter by state", "aria-label": "Filter by the state's name", oninput: () => this.refilter({ words: this.search?.value }), onkeydown: (/** @type {Event} */ event) => event.stopPropagation() }));
    this.failed = choiceButton("Failed only", () => this.refilter({ failedOnly: !this.filter.failedOnly }), { title: "Only events of failures, time-outs and aborts" });
    this.toggle = /** @type {HTMLButtonElement} */ (h("button", { class: "sfn-button", type: "button", "aria-expanded": "false", title: "The payload or error of the chosen event (Enter)", onclick: () => this.toggleDetails() }, "Details"));
    this.tally = h("span", { class: "sfn-quiet sfn-tally" });
    const keys = h("span", { class: "sfn-hidden", id: `${this.id}-keys` }, "Enter shows the details, G takes the view to this event.");
    return h("div", { class: "sfn-pane-bar", role: "toolbar", "aria-label": "Filter of the events" }, this.groups, this.search, this.failed, this.toggle, this.tally, keys);
  }

  head() {
    const cells = EVENT_COLUMNS.map(([key, words]) => h("span", { class: `sfn-event-${key}`, title: /** @type {any} */ (EVENT_COLUMN_TITLES)[key] }, words));
    return h("div", { class: "sfn-event-head sfn-event-grid", "aria-hidden": "true" }, ...cells, h("span", { class: "sfn-event-go" }));
  }

  measured() {
    const { offsetWidth, clientWidth } = this.window.element;
    this.element.style.setProperty("--sfn-scrollbar", `${offsetWidth - clientWidth}px`);
  }

  // -- rows -----------------------------------------------------------------------------------------------------------

  /** @returns {EventRow} */
  makeRow() {
    const mark = new StatusMark();
    const edited = editChip("edited");
    const words = EVENT_COLUMNS.map(() => h("span", { class: "sfn-cut", dir: "auto" }));
    const cells = EVENT_COLUMNS.map(([key], place) => h("span", { class: `sfn-event-${key}`, role: "gridcell", "aria-colindex": place + 1 }, key === "type" && mark.element, words[place], key === "type" && edited));
    const go = h("button", { class: "sfn-event-go sfn-button", type: "button", tabindex: "-1", "aria-hidden": "true", title: "Take the whole view to this event (G)" }, "Go", h("span", { class: "sfn-cut" }, " here"));
    return { element: h("div", { class: "sfn-event-row sfn-event-grid", role: "row" }, ...cells, go), cells, mark, words, edited, event: -1 };
  }

  /** @param {EventRow} row @param {number} index */
  fillRow(row, index) {
    const { store } = this;
    const { trace, now } = store;
    const place = this.shown[index];
    if (!trace || place === undefined) return;
    const { events, event_types: names } = trace;
    const type = names[events.type[place]];
    const outcome = eventOutcome(type);
    row.event = place;
    row.mark.set(store, outcome);
    const words = this.rowWords(place);
    row.words.forEach((element, column) => {
      if (element.textContent !== words[column]) element.textContent = words[column];
    });
    row.words[2].title = words[2];
    row.edited.hidden = !this.edited.has(place);
    const { element } = row;
    element.id = `${this.id}-${place}`;
    element.setAttribute("aria-rowindex", String(index + 1));
    element.setAttribute("aria-selected", String(place === this.active));
    element.classList.toggle("sfn-active", place === this.active);
    element.classList.toggle("sfn-later", place >= now);
    element.classList.toggle("sfn-of-visit", events.visit[place] >= 0 && events.visit[place] === this.chosenVisit);
    element.classList.toggle("sfn-now", place === now - 1);
    element.classList.toggle("sfn-failure", isFailure(type));
    if (place === now - 1) element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
  }

  /** @param {number} place @returns {string[]} by column */
  rowWords(place) {
    const trace = /** @type {import("./store.js").Trace} */ (this.store.trace);
    const { events, visits, states, event_types: names } = trace;
    const visit = events.visit[place];
    const at = events.at[place];
    const before = events.previous[place];
    const step = before > 0 ? at - events.at[before - 1] : 0;
    const state = visit < 0 ? "" : states[visits.state[visit]].name;
    return [String(place + 1), names[events.type[place]], state, visit < 0 ? "" : iterationWords(trace, visit), sinceStart(at), step > 0 ? spanWords(step) : ""];
  }

  // -- what changes ---------------------------------------------------------------------------------------------------

  takeTrace() {
    const { trace } = this.store;
    const follows = this.store.moment === null && this.window.count > 0 && this.window.isAtEnd;
    this.shown = trace ? filteredEvents(trace, this.filter) : [];
    this.edited = new Set(trace?.edits.map(({ visit, stage }) => (stage === "input" ? trace.visits.id : trace.visits.end)[visit] - 1));
    if (trace && this.active !== null && this.active >= trace.events.type.length) this.active = null;
    this.chosenVisit = this.store.visit;
    this.fillWindow();
    if (follows) this.window.reveal(this.shown.length - 1);
    this.drawDetails();
  }

  fillWindow() {
    const all = this.store.lastEvent;
    const found = this.shown.length;
    this.window.element.setAttribute("aria-rowcount", String(found));
    if (this.tally) this.tally.textContent = found === all ? `${count(all)} events` : `${count(found)} of ${count(all)} events`;
    this.note.textContent = all ? "No event matches the filter." : "Nothing has happened yet.";
    this.note.hidden = found > 0;
    this.window.setCount(found);
    this.pointAtActive();
  }

  /** @param {Partial<import("./event_rules.js").EventFilter>} change */
  refilter(change) {
    Object.assign(this.filter, change);
    this.failed?.setAttribute("aria-pressed", String(this.filter.failedOnly));
    this.shown = this.store.trace ? filteredEvents(this.store.trace, this.filter) : [];
    this.window.element.scrollTop = 0;
    this.fillWindow();
    if (this.active !== null) this.window.reveal(this.shown.indexOf(this.active), true);
    this.say(this.tally?.textContent ?? "");
  }

  selectionChanged() {
    const { trace, visit } = this.store;
    const stays = this.active !== null && trace?.events.visit[this.active] === visit;
    this.chosenVisit = visit;
    if (trace && visit !== null && !stays) {
      const index = this.shown.indexOf(trace.visits.id[visit] - 1);
      if (index >= 0) this.activate(index, true);
    }
    this.window.redraw();
  }

  momentChanged() {
    this.chosenVisit = this.store.visit;
    this.window.reveal(this.indexBefore(this.store.now), true);
    this.window.redraw();
  }

  /**
   * The row of the last event at or before an id.
   * @param {number} id
   */
  indexBefore(id) {
    let [low, high] = [0, this.shown.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.shown[middle] < id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  // -- choosing -------------------------------------------------------------------------------------------------------

  /** @param {number} index @param {boolean} centred */
  activate(index, centred = false) {
    this.active = this.shown[index] ?? null;
    this.window.reveal(index, centred);
    this.window.redraw();
    this.pointAtActive();
    this.drawDetails();
  }

  /** Tell a screen reader which row the keys stand at, as long as it is an element. */
  pointAtActive() {
    const index = this.active === null ? -1 : this.shown.indexOf(this.active);
    const row = this.window.rowAt(index);
    if (index >= 0 && row) this.window.element.setAttribute("aria-activedescendant", row.element.id);
    else this.window.element.removeAttribute("aria-activedescendant");
  }

  /**
   * Show in every pane what the event belongs to.
   * @param {number} place
   */
  selectOf(place) {
    const visit = this.store.trace?.events.visit[place] ?? -1;
    if (visit >= 0) this.store.selectVisit(visit);
    else this.store.select("");
  }

  /** @param {number} place */
  goTo(place) {
    this.store.goTo(place + 1);
    this.say(`The view stands at event ${count(place + 1)}`);
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const row = this.window.rows.find(({ element }) => element.contains(target));
    if (!row) return;
    const { event: place } = row;
    this.activate(this.shown.indexOf(place));
    if (target.closest(".sfn-event-go")) this.goTo(place);
    else this.selectOf(place);
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = this.active === null ? -1 : this.shown.indexOf(this.active);
    const index = this.window.target(event.key, here);
    if (index >= 0) this.activate(index);
    else if (event.key === "Escape" && this.isOpen) this.toggleDetails(false);
    else if (this.active !== null && event.key === "Enter") this.enter(this.active);
    else if (this.active !== null && event.key.toLowerCase() === "g") this.goTo(this.active);
    else return;
    // A notebook would take these keys for its own cells.
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} place */
  enter(place) {
    this.selectOf(place);
    this.toggleDetails(true);
  }

  // -- details --------------------------------------------------------------------------------------------------------

  toggleDetails(open = !this.isOpen) {
    this.isOpen = open;
    this.details.hidden = !open;
    this.toggle?.setAttribute("aria-expanded", String(open));
    const isSeen = this.active !== null && this.shown.includes(this.active);
    if (open && !isSeen && this.shown.length) this.activate(Math.max(0, this.indexBefore(this.store.now)));
    this.drawDetails();
    if (this.active !== null) this.window.reveal(this.shown.indexOf(this.active));
  }

  /** @param {Event} event */
  closeDetails(event) {
    event.preventDefault();
    event.stopPropagation();
    this.toggleDetails(false);
    this.window.element.focus({ preventScroll: true });
  }

  drawDetails() {
    const { store, active } = this;
    if (!this.isOpen) return;
    const number = active === null ? -1 : (store.trace?.events.details[active] ?? -1);
    const text = store.text(number);
    const key = `${active} ${number} ${text.length}`;
    // While a run goes on most updates change nothing here: what is opened or selected must not be lost to them.
    if (key === this.detailsOf) return;
    this.detailsOf = key;
    if (active === null) return this.details.replaceChildren(h("p", { class: "sfn-quiet" }, "Choose an event to see what it carries."));
    const [id, type, state, where] = this.rowWords(active);
    const title = h("div", { class: "sfn-label-line" }, h("span", { dir: "auto" }, [`Event ${id}`, type, state, where].filter(Boolean).join(" · ")), this.closeButton());
    const missing = store.missing(number);
    const box = number < 0 ? h("p", { class: "sfn-quiet" }, "This event carries no payload.") : new PayloadBox({ label: `Payload of event ${id}`, text, missing, say: this.say }).element;
    this.details.replaceChildren(title, box);
    this.details.scrollTop = 0;
  }

  closeButton() {
    return h("button", { class: "sfn-button", type: "button", "aria-label": "Close the details", title: "Close (Escape)", onclick: (/** @type {Event} */ event) => this.closeDetails(event) }, "✕");
  }
}
