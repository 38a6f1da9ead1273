// @ts-check
import { choiceButton, freshId, sinceStart, spanWords } from "./pane_words.js";
import { count, h, s } from "./parts.js";
import { RowWindow } from "./row_window.js";
import { eventAxis, timeAxis } from "./timeline_axis.js";
import { BarMaker, endOfTime } from "./timeline_bars.js";
import { breaksOfAxis, fillTimelineRow, makeTimelineRow, TIMELINE_ROW_HEIGHT } from "./timeline_row.js";
import { TimelineTip } from "./timeline_tip.js";
import { VisitTree, visitKey } from "./timeline_rows.js";

/**
 * The visits of an execution over modelled time, or over its events where time does not pass. How a row looks is
 * timeline_row.js's business, where a moment stands is the axis's.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Change} Change
 * @typedef {import("./timeline_rows.js").TimelineRow} TimelineRow
 * @typedef {import("./timeline_row.js").RowElements} RowElements
 */

const HEAD_HEIGHT = 38;
const NARROW_BELOW = 640;
const LABEL_WIDTHS = { wide: 236, narrow: 154 };
// With more rows than that, bars on an axis of the whole run would be too short to see.
const FIT_ABOVE = 300;
const TRACK_MARGIN = 8;
// What is still open fades out behind the last event, so that it can be told from what has just ended.
const OPEN_ROOM = 48;
const TIMELINE_LEGEND = [
  ["work", "works"],
  ["wait", "Wait state"],
  ["callback", "waits for others"],
  ["backoff", "waits to retry"],
];

export class Timeline {
  static title = "Timeline";

  /** @param {Store} store @param {{say: (words: string) => void}} voice */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    this.id = freshId("timeline");
    /** @type {"time"|"events"|null} null: time, if any passes */
    this.chosenUnit = null;
    this.isTrueScale = false;
    /** @type {boolean|null} whether the axis shows only the rows in sight; null: if there are many */
    this.chosenFit = null;
    this.firstInSight = 0;
    /** @type {number|null} the visit whose span fills the axis */
    this.zoomed = null;
    /** @type {Map<string, boolean>} rows that were opened or closed by hand */
    this.toggled = new Map();
    /** @type {TimelineRow[]} */
    this.rows = [];
    this.activeKey = "";
    this.chosenVisit = store.visit;
    this.pen = document.createElement("canvas").getContext("2d");
    /** @type {import("./timeline_row.js").Drawing|null} */
    this.drawing = null;
    this.window = new RowWindow({
      height: TIMELINE_ROW_HEIGHT,
      make: makeTimelineRow,
      fill: (row, index) => this.fillRow(row, index),
      attributes: { class: "sfn-timeline-rows", role: "tree", tabindex: "0", "aria-label": "Timeline of the states" },
    });
    this.axisLine = h("div", { class: "sfn-axis", role: "slider", tabindex: "0", "aria-label": "Moment on the time axis", title: "Click to take the view to that moment" });
    this.overlay = s("svg", { class: "sfn-timeline-overlay", "aria-hidden": "true" });
    this.moment = h("div", { class: "sfn-moment-line", "aria-hidden": "true" });
    this.tip = new TimelineTip();
    this.frame = h("div", { class: "sfn-timeline-frame" }, h("div", { class: "sfn-timeline-head" }, h("span", { class: "sfn-timeline-corner" }, "State"), this.axisLine), this.overlay, this.window.element, this.moment, this.tip.element);
    this.note = h("p", { class: "sfn-quiet sfn-timeline-note" });
    this.element = h("div", { class: "sfn-timeline" }, this.toolbar(), this.frame, h("div", { class: "sfn-timeline-foot" }, this.legend(), this.note));
    this.listen();
    this.window.resized = () => this.layOut();
    this.takeTrace();
  }

  listen() {
    const rows = this.window.element;
    rows.addEventListener("keydown", (event) => this.keyed(event));
    rows.addEventListener("click", (event) => this.clicked(event));
    rows.addEventListener("pointermove", (event) => this.pointed(event));
    rows.addEventListener("pointerleave", () => this.tip.hide());
    rows.addEventListener("blur", () => this.tip.hide());
    rows.addEventListener("scroll", () => this.scrolled());
    this.axisLine.addEventListener("keydown", (event) => this.axisKeyed(event));
    this.axisLine.addEventListener("pointerdown", (event) => this.axisPointed(event, true));
    this.axisLine.addEventListener("pointermove", (event) => event.buttons === 1 && this.axisPointed(event, false));
  }

  close() {
    this.window.close();
  }

  /** @param {Change|"shown"} change */
  update(change) {
    this.chosenVisit = this.store.visit;
    if (change === "trace") this.takeTrace();
    else if (change === "selection") this.selectionChanged();
    else if (change === "moment") this.momentChanged();
    else this.catchUp();
  }

  /** What changed while the pane was not seen. */
  catchUp() {
    this.takeTrace();
    this.selectionChanged();
  }

  toolbar() {
    this.byTime = choiceButton("Time", () => this.chooseUnit("time"), { title: "Modelled time since the execution started" });
    this.byEvents = choiceButton("Events", () => this.chooseUnit("events"), { title: "The same room for each event: for work that takes no modelled time" });
    this.trueScale = choiceButton("True scale", () => this.toggleScale());
    this.zoom = choiceButton("Zoom to selection", () => this.toggleZoom());
    this.fit = choiceButton("Fit rows in sight", () => this.toggleFit(), { title: "Let the axis show only the time of the rows that can be seen" });
    this.tally = h("span", { class: "sfn-quiet sfn-tally" });
    const units = h("span", { class: "sfn-choice", role: "group", "aria-label": "Unit of the axis" }, this.byTime, this.byEvents);
    return h("div", { class: "sfn-pane-bar", role: "toolbar", "aria-label": "Timeline" }, units, this.trueScale, this.fit, this.zoom, this.tally);
  }

  legend() {
    const items = TIMELINE_LEGEND.map(([kind, words]) => h("span", { class: "sfn-legend-item" }, h("span", { class: `sfn-span sfn-span-${kind}`, "data-status": kind === "backoff" ? "RETRYING" : "SUCCEEDED" }), words));
    return h("span", { class: "sfn-legend" }, ...items, h("span", { class: "sfn-legend-item" }, h("span", { class: "sfn-span sfn-span-work sfn-span-open", "data-status": "RUNNING" }), "still open"), h("span", { class: "sfn-legend-item" }, s("svg", { width: 22, height: 12, "aria-hidden": "true" }, s("path", { class: "sfn-profile", d: "M0 12V7H6V2H12V5H17V9H22V12Z" }), s("path", { class: "sfn-profile-failed", d: "M17 0V12" })), "items at a time, failures"));
  }

  // -- what is drawn --------------------------------------------------------------------------------------------------

  /** @returns {"time"|"events"} */
  get unit() {
    const { trace } = this.store;
    return trace && endOfTime(trace) > 0 ? (this.chosenUnit ?? "time") : "events";
  }

  takeTrace() {
    const { trace } = this.store;
    const follows = this.store.moment === null && this.window.count > 0 && this.window.isAtEnd;
    this.tree = trace ? new VisitTree(trace) : null;
    if (this.zoomed !== null && (!trace || this.zoomed >= trace.visits.id.length)) this.zoomed = null;
    this.rebuild();
    if (follows) this.window.reveal(this.rows.length - 1);
  }

  /** Make bars, rows and axis again. */
  rebuild() {
    const { trace } = this.store;
    const { unit } = this;
    this.bars = trace ? new BarMaker(trace, unit) : null;
    this.busy = trace && unit === "time" ? /** @type {BarMaker} */ (this.bars).busySpans() : [];
    this.rows = this.tree ? this.tree.rows(this.toggled) : [];
    this.layOut();
    this.window.setCount(this.rows.length);
    this.pointAtActive();
    if (this.tally) this.tally.textContent = `${count(this.rows.length)} ${this.rows.length === 1 ? "row" : "rows"}`;
  }

  /** Fit the axis into the room there is. */
  layOut() {
    const { trace } = this.store;
    const { clientWidth, offsetWidth } = this.window.element;
    const labels = offsetWidth < NARROW_BELOW ? LABEL_WIDTHS.narrow : LABEL_WIDTHS.wide;
    const width = Math.max(60, clientWidth - labels - TRACK_MARGIN);
    this.labels = labels;
    this.element.style.setProperty("--sfn-timeline-label", `${labels}px`);
    this.element.style.setProperty("--sfn-timeline-track", `${width}px`);
    this.drawing = null;
    if (!trace || !this.tree || !this.bars || !clientWidth) return;
    const axis = this.makeAxis(width);
    this.drawing = { store: this.store, tree: this.tree, bars: this.bars, axis, measure: (words) => this.measure(words), failed: new Map(), breaks: breaksOfAxis(axis) };
    this.drawAxis();
    this.drawControls();
    this.drawMoment();
  }

  /** @param {number} whole pixels */
  makeAxis(whole) {
    const trace = /** @type {import("./store.js").Trace} */ (this.store.trace);
    const axis = this.axisWithin(trace, trace.ended === null ? whole - OPEN_ROOM : whole);
    axis.width = whole;
    return axis;
  }

  /** @param {import("./store.js").Trace} trace @param {number} width */
  axisWithin(trace, width) {
    const bars = /** @type {BarMaker} */ (this.bars);
    const part = this.zoomed !== null ? bars.spanOf(this.zoomed) : this.fits ? this.spanInSight() : null;
    const [from, to] = part && part.to > part.from ? [part.from, part.to] : [this.unit === "time" ? 0 : 1, bars.end];
    if (this.unit === "events") return eventAxis(from, Math.max(to, from + 1), width);
    const busy = (this.busy ?? []).filter((span) => span.to > from && span.from < to);
    return timeAxis({ from, to, width, busy, moments: trace.events.at, breaks: !this.isTrueScale });
  }

  get fits() {
    return this.chosenFit ?? this.rows.length > FIT_ABOVE;
  }

  /** From the first entry to the last end among the rows that can be seen; regions that are open do not count. */
  spanInSight() {
    const bars = /** @type {BarMaker} */ (this.bars);
    const { scrollTop } = this.window.element;
    const first = Math.floor(scrollTop / TIMELINE_ROW_HEIGHT);
    this.firstInSight = first;
    const rows = this.rows.slice(first, first + this.window.page + 1).filter((row) => !row.isOpen);
    const visits = rows.flatMap((row) => (row.visit >= 0 ? [row.visit] : (row.group?.visits ?? [])));
    return visits.length ? bars.spanOfAll(visits) : null;
  }

  scrolled() {
    this.tip.hide();
    if (!this.fits || this.zoomed !== null) return;
    if (Math.floor(this.window.element.scrollTop / TIMELINE_ROW_HEIGHT) === this.firstInSight) return;
    this.layOut();
    this.window.redraw();
  }

  drawControls() {
    const { unit } = this;
    const passes = this.bars !== null && this.bars !== undefined && this.bars.lastTime > 0;
    const gaps = this.drawing?.axis.gaps ?? [];
    this.byTime?.setAttribute("aria-pressed", String(unit === "time"));
    this.byEvents?.setAttribute("aria-pressed", String(unit === "events"));
    if (this.byTime) this.byTime.disabled = !passes;
    this.trueScale?.setAttribute("aria-pressed", String(this.isTrueScale));
    if (this.trueScale) {
      this.trueScale.hidden = unit === "events" || (!gaps.length && !this.isTrueScale);
      this.trueScale.title = this.isTrueScale ? "Shorten long idle times again" : "Draw long idle times as long as they are";
    }
    this.fit?.setAttribute("aria-pressed", String(this.fits));
    if (this.fit) this.fit.hidden = this.zoomed !== null || this.rows.length <= this.window.page;
    if (this.zoom) {
      this.zoom.textContent = this.zoomed === null ? "Zoom to selection" : "Whole run";
      this.zoom.hidden = this.zoomed === null && !this.canZoom();
    }
    this.note.textContent = this.noteWords(passes, gaps);
  }

  /** @param {boolean} passes @param {{from: number, to: number}[]} gaps */
  noteWords(passes, gaps) {
    if (!passes) return "This run took 0 s of modelled time, so the axis counts events.";
    if (this.unit === "events") return "The axis counts events; durations beside the bars are modelled time.";
    if (!gaps.length) return "Time is modelled time since the start.";
    const left = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
    return `${count(gaps.length)} idle ${gaps.length === 1 ? "time is" : "times are"} shortened at the zigzag, ${spanWords(left)} in all; +… counts from there.`;
  }

  /** @param {string} words @returns {number} pixels */
  measure(words) {
    if (!this.pen) return words.length * 6.4;
    this.pen.font = `11px ${getComputedStyle(this.element).fontFamily}`;
    return this.pen.measureText(words).width + 2;
  }

  drawAxis() {
    const { axis } = /** @type {import("./timeline_row.js").Drawing} */ (this.drawing);
    const measure = (/** @type {string} */ words) => this.measure(words);
    const ticks = axis.ticks(measure);
    const gaps = axis.gapLabels(measure);
    const label = (/** @type {import("./timeline_axis.js").Tick} */ tick, /** @type {string} */ kind) => h("span", { class: `sfn-axis-label ${kind}`, style: `left: ${tick.left.toFixed(1)}px` }, tick.words);
    this.axisLine.replaceChildren(...gaps.map((tick) => label(tick, "sfn-axis-gap")), ...ticks.map((tick) => label(tick, tick.isRelative ? "sfn-axis-relative" : "sfn-axis-tick")));
    this.drawOverlay(ticks);
  }

  /** @param {import("./timeline_axis.js").Tick[]} ticks */
  drawOverlay(ticks) {
    const { axis } = /** @type {import("./timeline_row.js").Drawing} */ (this.drawing);
    const height = HEAD_HEIGHT + this.window.element.clientHeight;
    this.overlay.setAttribute("width", String(axis.width));
    this.overlay.setAttribute("height", String(height));
    this.overlay.replaceChildren(s("path", { class: "sfn-axis-lines", d: ticks.map(({ x }) => `M${x.toFixed(1)} ${HEAD_HEIGHT - 4}V${height}`).join("") }));
  }

  drawMoment() {
    const { drawing, store } = this;
    if (!drawing || !this.bars) return;
    const value = this.unit === "time" ? store.seconds : store.now;
    const x = drawing.axis.x(value);
    const isInside = x >= 0 && x <= drawing.axis.width;
    this.moment.hidden = !isInside || store.now === 0;
    this.moment.style.left = `${((this.labels ?? 0) + x).toFixed(1)}px`;
    this.moment.classList.toggle("sfn-at-end", store.moment === null);
    this.axisLine.setAttribute("aria-valuemin", String(Math.min(1, store.lastEvent)));
    this.axisLine.setAttribute("aria-valuemax", String(store.lastEvent));
    this.axisLine.setAttribute("aria-valuenow", String(store.now));
    this.axisLine.setAttribute("aria-valuetext", `event ${count(store.now)} of ${count(store.lastEvent)}, ${sinceStart(store.seconds)}`);
  }

  // -- rows -----------------------------------------------------------------------------------------------------------

  /** @param {RowElements} elements @param {number} index */
  fillRow(elements, index) {
    const row = this.rows[index];
    elements.index = index;
    if (!row || !this.drawing) return;
    fillTimelineRow(elements, row, this.drawing);
    elements.element.id = `${this.id}-${row.key}`;
    const isSelected = row.visit >= 0 && row.visit === this.chosenVisit;
    elements.element.setAttribute("aria-selected", String(isSelected));
    elements.element.classList.toggle("sfn-of-visit", isSelected);
    elements.element.classList.toggle("sfn-active", row.key === this.activeKey);
  }

  get activeIndex() {
    return this.rows.findIndex((row) => row.key === this.activeKey);
  }

  /** @param {number} index */
  activate(index) {
    this.activeKey = this.rows[index]?.key ?? "";
    this.window.reveal(index);
    this.window.redraw();
    this.pointAtActive();
  }

  pointAtActive() {
    const row = this.window.rowAt(this.activeIndex);
    if (this.activeKey && row) this.window.element.setAttribute("aria-activedescendant", row.element.id);
    else this.window.element.removeAttribute("aria-activedescendant");
  }

  /** @param {TimelineRow} row @param {boolean} open */
  toggle(row, open = !row.isOpen) {
    this.toggled.set(row.key, open);
    this.rebuild();
  }

  /**
   * Show in every pane what the row is.
   * @param {TimelineRow} row
   */
  choose(row) {
    if (row.visit >= 0) this.store.selectVisit(row.visit);
    else this.toggle(row);
  }

  // -- what changes ---------------------------------------------------------------------------------------------------

  selectionChanged() {
    const { visit } = this.store;
    if (visit !== null && this.tree && this.rows[this.activeIndex]?.visit !== visit) {
      const closed = this.tree.keysAround(visit).filter((key) => this.rows.find((row) => row.key === key)?.isOpen !== true);
      for (const key of closed) this.toggled.set(key, true);
      if (closed.length) this.rebuild();
      this.activeKey = visitKey(visit);
      this.window.reveal(this.activeIndex, true);
    }
    if (this.zoomed === null) this.drawControls();
    this.window.redraw();
    this.pointAtActive();
  }

  momentChanged() {
    if (this.drawing) this.drawing.failed = new Map();
    if (this.store.moment !== null) this.window.reveal(this.indexOfMoment(), true);
    this.drawMoment();
    this.window.redraw();
  }

  /** The row of what the current event belongs to, or of the closed row around it. */
  indexOfMoment() {
    const { trace, now } = this.store;
    const keys = new Map(this.rows.map((row, index) => [row.key, index]));
    for (let visit = trace?.events.visit[now - 1] ?? -1; visit >= 0; visit = trace?.visits.parent[visit] ?? -1) {
      const index = keys.get(visitKey(visit));
      if (index !== undefined) return index;
    }
    return -1;
  }

  /** @param {"time"|"events"} unit */
  chooseUnit(unit) {
    this.chosenUnit = unit;
    this.rebuild();
  }

  toggleScale() {
    this.isTrueScale = !this.isTrueScale;
    this.rebuild();
  }

  canZoom() {
    const { visit } = this.store;
    const span = visit !== null && this.bars ? this.bars.spanOf(visit) : null;
    return span !== null && span.to > span.from;
  }

  toggleFit() {
    this.chosenFit = !this.fits;
    this.rebuild();
  }

  toggleZoom() {
    this.zoomed = this.zoomed === null && this.canZoom() ? this.store.visit : null;
    this.rebuild();
  }

  // -- keys and pointer -----------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = this.activeIndex;
    const target = this.window.target(event.key, index);
    const row = this.rows[index];
    if (target >= 0) this.activate(target);
    else if (row && event.key === "ArrowRight") this.inward(row, index);
    else if (row && event.key === "ArrowLeft") this.outward(row);
    else if (row && (event.key === "Enter" || event.key === " ")) this.choose(row);
    else if (event.key === "Escape" && this.tip.isShown) this.tip.hide();
    else return;
    // A notebook would take these keys for its own cells.
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== "Escape") this.showTip(this.activeIndex);
  }

  /** @param {TimelineRow} row @param {number} index */
  inward(row, index) {
    if (row.canOpen && !row.isOpen) this.toggle(row, true);
    else if (row.canOpen) this.activate(index + 1);
  }

  /** @param {TimelineRow} row */
  outward(row) {
    if (row.isOpen) this.toggle(row, false);
    else if (row.parent) this.activate(this.rows.findIndex((each) => each.key === row.parent));
  }

  /** @param {Event} event @returns {number} */
  indexAt(event) {
    const target = /** @type {Node} */ (event.target);
    return this.window.rows.find(({ element }) => element.contains(target))?.index ?? -1;
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const index = this.indexAt(event);
    const row = this.rows[index];
    if (!row) return;
    this.activate(index);
    if (row.canOpen && /** @type {Element} */ (event.target).closest(".sfn-twisty")) this.toggle(row);
    else this.choose(row);
  }

  /** @param {PointerEvent} event */
  pointed(event) {
    const index = this.indexAt(event);
    if (index < 0) this.tip.hide();
    else this.showTip(index, event.clientX - this.frame.getBoundingClientRect().left);
  }

  /** @param {number} index @param {number} x where the pointer is; from the left of the frame */
  showTip(index, x = (this.labels ?? 0) + 12) {
    const row = this.rows[index];
    const elements = this.window.rowAt(index);
    if (row && elements && this.drawing) this.tip.show(row, elements.element, x, this.drawing);
    else this.tip.hide();
  }

  // -- the axis -------------------------------------------------------------------------------------------------------

  /** @param {PointerEvent} event @param {boolean} begins */
  axisPointed(event, begins) {
    if (!this.drawing) return;
    if (begins) this.axisLine.setPointerCapture(event.pointerId);
    const value = this.drawing.axis.value(event.clientX - this.axisLine.getBoundingClientRect().left);
    this.store.goTo(this.unit === "events" ? Math.round(value) : Math.max(1, this.lastEventBy(value)));
  }

  /**
   * The id of the last event at a time; seconds since the start.
   * @param {number} seconds
   */
  lastEventBy(seconds) {
    const at = this.store.trace?.events.at ?? [];
    let [low, high] = [0, at.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at[middle] <= seconds + 1e-9) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {KeyboardEvent} event */
  axisKeyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { now, lastEvent } = this.store;
    /** @type {{[key: string]: number}} */
    const targets = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, PageUp: now + 10, PageDown: now - 10, Home: 1, End: lastEvent };
    if (!(event.key in targets)) return;
    event.preventDefault();
    event.stopPropagation();
    this.store.goTo(Math.max(1, targets[event.key]));
  }
}
