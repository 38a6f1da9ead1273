// @ts-check
import { iterationsOfMap, mapAround, tellingVisit } from "./iteration_cells.js";
import { errorMessageOf, visibleText } from "./json_text.js";
import { choiceButton, freshId, iterationWords, spanWords, StatusMark, statusWord } from "./pane_words.js";
import { count, h } from "./parts.js";
import { RowWindow } from "./row_window.js";

/**
 * The items of one Map as a grid of cells. How each stands is told by iteration_cells.js; which Map is shown follows the
 * selection, and stays when something outside any Map is selected.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Change} Change
 * @typedef {import("./iteration_cells.js").Iteration} Iteration
 * @typedef {{element: HTMLElement, mark: StatusMark, words: HTMLElement}} Cell
 * @typedef {{element: HTMLElement, cells: Cell[]}} CellRow
 */

const CELL_ROW_HEIGHT = 32;
const CELL_WIDTH = 78;
const CELL_GAP = 6;
const CELLS_MARGIN = 10;
const CAUSE_SHOWN = 300;
const NOT_BEGUN = "Not begun";
const CELL_FILTERS = [
  { key: "all", label: "All", statuses: null },
  { key: "failed", label: "Failed", mark: "FAILED", statuses: ["FAILED", "TIMED_OUT"] },
  { key: "running", label: "Running", mark: "RUNNING", statuses: ["RUNNING"] },
  { key: "retrying", label: "Retrying", mark: "RETRYING", statuses: ["RETRYING"] },
  { key: "succeeded", label: "Succeeded", mark: "SUCCEEDED", statuses: ["SUCCEEDED"] },
  { key: "caught", label: "Caught an error", mark: "CAUGHT", statuses: ["CAUGHT"] },
  { key: "aborted", label: "Aborted", mark: "ABORTED", statuses: ["ABORTED"] },
  { key: "waiting", label: NOT_BEGUN, statuses: [""] },
];

export class IterationGrid {
  static title = "Iterations";

  /** @param {Store} store @param {{say: (words: string) => void}} voice */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    this.id = freshId("iterations");
    /** The visit of the Map that is shown; -1: none. */
    this.map = -1;
    /** @type {Iteration[]} */
    this.all = [];
    /** @type {Iteration[]} those that the filter lets through, in the order chosen */
    this.shown = [];
    this.filter = "all";
    this.order = "index";
    this.active = 0;
    this.columns = 1;
    this.isChoosing = false;
    this.chosenVisit = store.visit;
    this.heading = h("span", { class: "sfn-iterations-name sfn-cut", dir: "auto" });
    this.maps = /** @type {HTMLSelectElement} */ (h("select", { class: "sfn-select", "aria-label": "Map state", onchange: () => this.choosePointer(this.maps.value) }));
    this.before = h("button", { class: "sfn-button", type: "button", "aria-label": "Previous visit of the Map", onclick: () => this.step(-1) }, "‹");
    this.after = h("button", { class: "sfn-button", type: "button", "aria-label": "Next visit of the Map", onclick: () => this.step(1) }, "›");
    this.filters = CELL_FILTERS.map(({ key, label }) => choiceButton(label, () => this.chooseFilter(key)));
    this.slowest = choiceButton("Slowest first", () => this.chooseOrder());
    this.window = new RowWindow({
      height: CELL_ROW_HEIGHT,
      make: () => this.makeRow(),
      fill: (row, index) => this.fillRow(row, index),
      attributes: { class: "sfn-cells", role: "grid", tabindex: "0", "aria-label": "Items of the Map" },
    });
    this.facts = h("div", { class: "sfn-cell-facts" });
    this.note = h("p", { class: "sfn-quiet sfn-iterations-none" });
    this.bar = this.makeBar();
    this.element = h("div", { class: "sfn-iterations" }, this.bar, this.window.element, this.note, this.facts);
    this.window.element.addEventListener("keydown", (event) => this.keyed(event));
    this.window.element.addEventListener("click", (event) => this.clicked(event));
    this.window.resized = () => this.layOut();
    this.takeTrace();
  }

  makeBar() {
    const visits = h("span", { class: "sfn-choice" }, this.before, this.heading, this.after);
    const filters = h("span", { class: "sfn-cell-filters", role: "group", "aria-label": "Filter by status" }, ...this.filters);
    return h("div", { class: "sfn-pane-bar", role: "toolbar", "aria-label": "Items of the Map" }, this.maps, visits, filters, this.slowest);
  }

  close() {
    this.window.close();
  }

  /** @param {Change|"shown"} change */
  update(change) {
    const before = this.chosenVisit;
    const stoodThere = before !== null && Boolean(this.shown[this.active]?.visits.includes(before));
    this.chosenVisit = this.store.visit;
    if (change === "trace") this.takeTrace();
    else if (change === "selection") this.selectionChanged();
    else if (change === "moment") this.refresh();
    else this.catchUp();
    // The selection of a state is its latest visit: as items begin, it goes from one to the next.
    if (stoodThere && this.chosenVisit !== before) this.followSelection();
  }

  followSelection() {
    const { trace, visit } = this.store;
    if (trace && visit !== null && visit !== this.map && mapAround(trace, visit) === this.map) this.showItemOf(visit);
  }

  /** What changed while the pane was not seen. */
  catchUp() {
    this.takeTrace();
    this.selectionChanged();
  }

  // -- which Map ------------------------------------------------------------------------------------------------------

  takeTrace() {
    const { trace, visit } = this.store;
    if (trace && this.map >= trace.visits.id.length) this.map = -1;
    if (trace && visit !== null && this.map < 0) this.map = mapAround(trace, visit);
    if (!trace) this.map = -1;
    else if (this.map < 0) this.map = this.latestVisitOf(this.pointers()[0]);
    this.refresh();
  }

  /**
   * The Maps that were entered.
   * @returns {string[]}
   */
  pointers() {
    const { trace } = this.store;
    return (trace?.states ?? []).filter(({ type, pointer }) => type === "Map" && this.store.byPointer.has(pointer)).map(({ pointer }) => pointer);
  }

  /** @param {string|undefined} pointer */
  latestVisitOf(pointer) {
    const places = this.store.byPointer.get(pointer ?? "") ?? [];
    return places.length ? places[places.length - 1] : -1;
  }

  get pointer() {
    const { trace } = this.store;
    return trace && this.map >= 0 ? trace.states[trace.visits.state[this.map]].pointer : "";
  }

  /** @param {string} pointer */
  choosePointer(pointer) {
    const visit = this.latestVisitOf(pointer);
    if (visit >= 0) this.store.selectVisit(visit);
  }

  /** @param {number} by */
  step(by) {
    const places = this.store.byPointer.get(this.pointer) ?? [];
    const visit = places[places.indexOf(this.map) + by];
    if (visit !== undefined) this.store.selectVisit(visit);
  }

  selectionChanged() {
    const { trace, visit } = this.store;
    if (!trace || visit === null) return;
    const map = mapAround(trace, visit);
    if (map >= 0 && map !== this.map) {
      this.map = map;
      this.active = 0;
      this.refresh();
      this.window.element.scrollTop = 0;
    }
    if (map >= 0 && visit !== map && !this.isChoosing) this.showItemOf(visit);
    this.window.redraw();
  }

  /**
   * Let the keys stand at the item that a visit belongs to.
   * @param {number} visit
   */
  showItemOf(visit) {
    const trace = /** @type {import("./store.js").Trace} */ (this.store.trace);
    const index = trace.visits.iteration[visit][trace.visits.iteration[this.map].length];
    const place = this.shown.findIndex((each) => each.index === index);
    if (place >= 0) this.activate(place);
  }

  // -- cells ----------------------------------------------------------------------------------------------------------

  refresh() {
    this.all = this.map >= 0 ? iterationsOfMap(this.store, this.map) : [];
    this.drawBar();
    this.reorder();
  }

  reorder() {
    const before = this.shown[this.active]?.index;
    const statuses = CELL_FILTERS.find(({ key }) => key === this.filter)?.statuses ?? null;
    this.shown = statuses ? this.all.filter(({ status }) => statuses.includes(status)) : [...this.all];
    if (this.order === "slowest") this.shown.sort((one, other) => (other.seconds ?? -1) - (one.seconds ?? -1) || one.index - other.index);
    this.active = Math.max(0, this.shown.findIndex(({ index }) => index === before));
    this.layOut();
    this.note.hidden = this.shown.length > 0;
    this.note.textContent = this.emptyWords();
    this.window.element.hidden = !this.shown.length;
    this.drawFacts();
  }

  emptyWords() {
    if (this.map < 0) return "No Map state has been entered in this run.";
    if (!this.all.length) return "This Map has begun no item here: its list may be empty, or its items may run as executions of their own.";
    return "No item matches the filter.";
  }

  drawBar() {
    const { trace, byPointer } = this.store;
    const pointers = this.pointers();
    this.bar.hidden = this.map < 0;
    if (!trace || this.map < 0) return;
    const known = [...this.maps.options].map((option) => option.value);
    if (known.join("\n") !== pointers.join("\n")) {
      const nameOf = (/** @type {string} */ pointer) => trace.states.find((state) => state.pointer === pointer)?.name ?? "";
      this.maps.replaceChildren(...pointers.map((pointer) => h("option", { value: pointer }, nameOf(pointer))));
    }
    this.maps.value = this.pointer;
    const places = byPointer.get(this.pointer) ?? [];
    const place = places.indexOf(this.map);
    const where = iterationWords(trace, this.map);
    /** @type {HTMLElement} */ (this.heading.parentElement).hidden = places.length < 2;
    this.heading.textContent = `visit ${count(place + 1)} of ${count(places.length)}${where ? `, ${where}` : ""}`;
    // A button that is disabled would lose the focus at the first and the last visit.
    this.before.setAttribute("aria-disabled", String(place <= 0));
    this.after.setAttribute("aria-disabled", String(place >= places.length - 1));
    this.drawFilters();
  }

  drawFilters() {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { status } of this.all) counts.set(status, (counts.get(status) ?? 0) + 1);
    CELL_FILTERS.forEach(({ key, label, statuses, mark }, place) => {
      const button = this.filters[place];
      const number = statuses ? statuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0) : this.all.length;
      const icon = new StatusMark(11);
      icon.set(this.store, mark ?? "");
      button.replaceChildren(...(mark ? [icon.element] : []), `${label} ${count(number)}`);
      button.setAttribute("aria-pressed", String(key === this.filter));
      button.hidden = number === 0 && key !== "all" && key !== this.filter;
    });
    this.slowest.setAttribute("aria-pressed", String(this.order === "slowest"));
    this.slowest.hidden = !this.all.some(({ seconds }) => (seconds ?? 0) > 0) && this.order === "index";
  }

  layOut() {
    const { clientWidth } = this.window.element;
    if (clientWidth) {
      const room = clientWidth - CELLS_MARGIN;
      this.columns = Math.max(1, Math.floor(room / CELL_WIDTH));
      this.window.element.style.setProperty("--sfn-cell-width", `${Math.floor(room / this.columns) - CELL_GAP}px`);
    }
    this.window.element.setAttribute("aria-rowcount", String(Math.ceil(this.shown.length / this.columns)));
    this.window.element.setAttribute("aria-colcount", String(this.columns));
    this.window.setCount(Math.ceil(this.shown.length / this.columns));
    this.pointAtActive();
  }

  /** @returns {CellRow} */
  makeRow() {
    return { element: h("div", { class: "sfn-cell-row", role: "row" }), cells: [] };
  }

  /** @param {CellRow} row @param {number} index */
  fillRow(row, index) {
    const first = index * this.columns;
    const wanted = Math.max(0, Math.min(this.columns, this.shown.length - first));
    while (row.cells.length > wanted) row.cells.pop()?.element.remove();
    while (row.cells.length < wanted) {
      const mark = new StatusMark();
      const words = h("span", {});
      const element = h("span", { class: "sfn-cell", role: "gridcell" }, mark.element, words);
      row.cells.push({ element, mark, words });
      row.element.append(element);
    }
    row.element.setAttribute("aria-rowindex", String(index + 1));
    row.cells.forEach((cell, place) => this.fillCell(cell, first + place, place));
  }

  /** @param {Cell} cell @param {number} place @param {number} column */
  fillCell({ element, mark, words }, place, column) {
    const iteration = this.shown[place];
    mark.set(this.store, iteration.status);
    words.textContent = count(iteration.index);
    element.id = `${this.id}-${place}`;
    element.dataset.place = String(place);
    element.setAttribute("aria-colindex", String(column + 1));
    if (iteration.status) element.setAttribute("data-status", iteration.status);
    else element.removeAttribute("data-status");
    const told = this.cellWords(iteration);
    element.setAttribute("aria-label", told);
    element.title = told;
    const visit = this.chosenVisit ?? -1;
    element.setAttribute("aria-selected", String(iteration.visits.includes(visit)));
    element.classList.toggle("sfn-active", place === this.active);
  }

  /** @param {Iteration} iteration */
  cellWords({ index, status, seconds, error }) {
    const word = status ? statusWord(this.store, status) : NOT_BEGUN;
    return [`Item ${count(index)}`, word, seconds === null ? "" : `took ${spanWords(seconds)}`, error].filter(Boolean).join(", ");
  }

  /** What is known of the item that the keys stand at. */
  drawFacts() {
    const iteration = this.shown[this.active];
    this.facts.hidden = !iteration;
    if (!iteration) return this.facts.replaceChildren();
    const { trace } = this.store;
    const mark = new StatusMark();
    mark.set(this.store, iteration.status);
    const telling = tellingVisit(this.store, iteration);
    const state = trace && telling !== null ? trace.states[trace.visits.state[telling]].name : "";
    const told = trace && telling !== null && iteration.error ? this.store.text(trace.visits.cause[telling]) : "";
    const cause = visibleText((errorMessageOf(told) ?? told).slice(0, CAUSE_SHOWN));
    const open = h("button", { class: "sfn-button", type: "button", title: "Select it in every pane (Enter)", onclick: () => this.open(this.active) }, "Open ", h("span", { dir: "auto" }, state));
    this.facts.replaceChildren(
      h("strong", {}, `Item ${count(iteration.index)}`),
      h("span", { class: "sfn-cell-status" }, mark.element, iteration.status ? statusWord(this.store, iteration.status) : NOT_BEGUN),
      ...(iteration.seconds === null ? [] : [h("span", { class: "sfn-quiet" }, `took ${spanWords(iteration.seconds)}`)]),
      ...(state ? [open] : []),
      ...(iteration.error ? [h("span", { class: "sfn-bad sfn-cell-error", dir: "auto" }, iteration.error, cause ? h("span", { class: "sfn-quiet" }, `: ${cause}`) : "")] : []),
    );
  }

  // -- choosing -------------------------------------------------------------------------------------------------------

  /** @param {string} key */
  chooseFilter(key) {
    this.filter = key;
    this.window.element.scrollTop = 0;
    this.drawFilters();
    this.reorder();
    this.say(`${count(this.shown.length)} of ${count(this.all.length)} items`);
  }

  chooseOrder() {
    this.order = this.order === "index" ? "slowest" : "index";
    this.window.element.scrollTop = 0;
    this.drawFilters();
    this.reorder();
  }

  /** @param {number} place */
  activate(place) {
    this.active = place;
    this.window.reveal(Math.floor(place / this.columns));
    this.window.redraw();
    this.pointAtActive();
    this.drawFacts();
  }

  pointAtActive() {
    const row = this.window.rowAt(Math.floor(this.active / this.columns));
    const cell = row?.cells[this.active % this.columns];
    if (cell) this.window.element.setAttribute("aria-activedescendant", cell.element.id);
    else this.window.element.removeAttribute("aria-activedescendant");
  }

  /**
   * Select the visit that tells most of an item.
   * @param {number} place
   */
  open(place) {
    const iteration = this.shown[place];
    const visit = iteration ? tellingVisit(this.store, iteration) : null;
    if (!iteration || visit === null) return this.say(`${iteration ? this.cellWords(iteration) : ""}: nothing to open`);
    this.isChoosing = true;
    this.store.selectVisit(visit);
    this.isChoosing = false;
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const cell = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest(".sfn-cell"));
    if (!cell) return;
    const place = Number(cell.dataset.place);
    this.activate(place);
    this.open(place);
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.shown.length) return;
    const { active, columns } = this;
    const page = this.window.page * columns;
    /** @type {{[key: string]: number}} */
    const targets = {
      ArrowLeft: active - 1,
      ArrowRight: active + 1,
      ArrowUp: active - columns < 0 ? active : active - columns,
      ArrowDown: active + columns >= this.shown.length ? active : active + columns,
      PageUp: active - page,
      PageDown: active + page,
      Home: 0,
      End: this.shown.length - 1,
    };
    if (event.key in targets) this.activate(Math.max(0, Math.min(this.shown.length - 1, targets[event.key])));
    else if (event.key === "Enter" || event.key === " ") this.open(active);
    else return;
    // A notebook would take these keys for its own cells.
    event.preventDefault();
    event.stopPropagation();
  }
}
