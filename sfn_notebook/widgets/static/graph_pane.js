// @ts-check
import { h, readPicture, s } from "./parts.js";
import { DragToPan } from "./drag_to_pan.js";
import { GraphModel } from "./graph_model.js";
import { Folding, isFolded } from "./graph_folding.js";
import { Badges } from "./graph_badges.js";
import { EDITED } from "./edit_mark.js";
import { countsInWords, editedAt, mapCountsAt, statusesAt, takenWays } from "./graph_status.js";

/**
 * The picture of the machine: shows statuses, counters and the way taken; pans, zooms and folds. What is selected and
 * which moment is shown is the store's to know.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./graph_model.js").Place} Place
 * @typedef {import("./graph_status.js").MapCounts} MapCounts
 * @typedef {import("./graph_status.js").StateStatus} StateStatus
 */

// Below this scale names can no longer be read, so the picture scrolls instead.
const READABLE_SCALE = 0.62;
const ZOOM_STEP = 1.25;
const ZOOM_BOUNDS = [0.1, 4];
const PAN_STEP = 60;
const STAGE_PADDING = 12;
/** @type {{[key: string]: [number, number]}} */
const GRAPH_DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class GraphPane {
  /** @param {Store} store @param {{say: (words: string) => void}} place */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    /** @type {number|"auto"|"fit"} */
    this.scaling = "auto";
    this.scale = 1;
    /** @type {Set<string>} ids of the regions that are collapsed */
    this.collapsed = new Set();
    /** @type {Map<Place, Place[]>} */
    this.inside = new Map();
    /** @type {Place|undefined} */
    this.marked = undefined;
    /** @type {Map<string, StateStatus>|null} the statuses of a moment in the past */
    this.past = null;
    /** @type {Map<string, MapCounts>} */
    this.counts = new Map();
    /** @type {Set<string>} pointers of the states with a replaced payload */
    this.edited = new Set();
    this.badges = new Badges(() => store.model.get("marks") ?? {});
    this.stage = h("div", { class: "sfn-stage" });
    this.drag = new DragToPan(this.stage);
    this.level = this.button("Zoom to natural size", () => this.zoomTo(1), "100%");
    this.level.classList.add("sfn-zoom-level");
    this.fit = this.button("Fit", () => this.toggleFit(), "Fit");
    this.fit.title = "Show the whole picture or its natural size (0)";
    this.fold = this.button("", () => this.foldAll(), "");
    this.element = h(
      "section",
      { class: "sfn-graph-pane", "aria-label": "Graph" },
      h(
        "div",
        { class: "sfn-toolbar", role: "group", "aria-label": "Picture" },
        this.button("Zoom out (-)", () => this.zoomBy(1 / ZOOM_STEP), "−"),
        this.level,
        this.button("Zoom in (+)", () => this.zoomBy(ZOOM_STEP), "+"),
        this.fit,
        this.fold,
      ),
      this.stage,
    );
    this.stage.addEventListener("click", (event) => this.clicked(event));
    this.stage.addEventListener("keydown", (event) => this.keyed(event));
    this.stage.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    this.redrawn = () => this.drawPicture();
    this.restated = () => this.drawStatuses();
    store.model.on("change:svg", this.redrawn);
    store.model.on("change:statuses", this.restated);
    store.model.on("change:execution", this.restated);
    this.resized = typeof ResizeObserver === "function" ? new ResizeObserver(() => this.shown()) : null;
    this.resized?.observe(this.stage);
    this.drawPicture();
  }

  close() {
    this.resized?.disconnect();
    this.store.model.off("change:svg", this.redrawn);
    this.store.model.off("change:statuses", this.restated);
    this.store.model.off("change:execution", this.restated);
  }

  /** @param {string} change */
  update(change) {
    if (change === "selection") this.drawSelection();
    else if (change === "shown") this.shown();
    else this.readTrace();
  }

  /** What the trace says beside the statuses, once for each trace and moment: statuses come far more often. */
  readTrace() {
    this.past = this.store.moment === null ? null : statusesAt(this.store);
    this.counts = mapCountsAt(this.store);
    this.edited = editedAt(this.store);
    this.drawStatuses();
    this.drawWays();
  }

  /** @param {string} label @param {() => void} call @param {string} text */
  button(label, call, text) {
    const name = label === text ? {} : { "aria-label": label, title: label };
    return /** @type {HTMLButtonElement} */ (h("button", { class: "sfn-button", type: "button", onclick: call, ...name }, text));
  }

  // -- the picture ----------------------------------------------------------------------------------------------------

  drawPicture() {
    const picture = readPicture(this.store.model.get("svg") || "<svg xmlns='http://www.w3.org/2000/svg'/>");
    this.stage.replaceChildren(...(picture ? [picture] : []));
    this.picture = picture ?? s("svg", {});
    this.graph = new GraphModel(/** @type {SVGElement} */ (this.picture));
    this.folding = new Folding(this.graph);
    this.collapsed.clear();
    this.inside.clear();
    this.isPlaced = false;
    for (const place of this.graph.states.values()) {
      place.element.setAttribute("tabindex", "-1");
      if (place.isRegion) this.addToggle(place);
    }
    this.foldPicture();
    this.makeReachable(this.inReadingOrder()[0]);
    this.readTrace();
    this.drawSelection();
    if (typeof requestAnimationFrame === "function") requestAnimationFrame(() => this.squeezeTexts());
  }

  /** How high the whole picture is, in pixels at its natural size. */
  get naturalHeight() {
    return Math.round(this.graph?.height ?? 100);
  }

  get hasMap() {
    return this.graph?.regions.some(({ kind }) => kind === "map" || kind === "distributed-map") ?? false;
  }

  /** The scale at which the whole picture is seen. */
  get wholeScale() {
    const roomX = this.stage.clientWidth - STAGE_PADDING;
    const roomY = this.stage.clientHeight - STAGE_PADDING;
    const { width, height } = /** @type {Folding} */ (this.folding);
    return roomX > 0 && roomY > 0 ? Math.min(1, roomX / width, roomY / height) : 1;
  }

  /** Do what could only be guessed while the picture was not on the page. */
  shown() {
    this.scalePicture();
    if (!this.stage.clientWidth) return;
    if (this.badges.isGuessing) {
      this.badges.isGuessing = false;
      for (const { element } of this.graph?.states.values() ?? []) delete element.dataset.badge;
      this.drawStatuses();
    }
    const start = [...(this.graph?.places.values() ?? [])].find(({ kind }) => kind === "start");
    if (!this.isPlaced && start) this.stage.scrollLeft = ((start.box.left + start.box.right) / 2) * this.scale - this.stage.clientWidth / 2;
    this.isPlaced = true;
  }

  scalePicture() {
    const { width, height } = /** @type {Folding} */ (this.folding);
    const whole = this.wholeScale;
    this.scale = typeof this.scaling === "number" ? this.scaling : this.scaling === "fit" ? whole : Math.max(whole, READABLE_SCALE);
    this.picture?.setAttribute("viewBox", `0 0 ${width.toFixed(1)} ${height.toFixed(1)}`);
    this.picture?.setAttribute("width", (width * this.scale).toFixed(1));
    this.picture?.setAttribute("height", (height * this.scale).toFixed(1));
    this.fit.setAttribute("aria-pressed", String(Math.abs(this.scale - whole) < 0.001));
    this.level.textContent = `${Math.round(this.scale * 100)}%`;
  }

  toggleFit() {
    this.scaling = this.fit.getAttribute("aria-pressed") === "true" ? 1 : "fit";
    this.scalePicture();
  }

  /** @param {number} factor @param {{x: number, y: number}} [kept] what must not move, in pixels of the page */
  zoomBy(factor, kept) {
    this.zoomTo(this.scale * factor, kept);
  }

  /** @param {number} scale @param {{x: number, y: number}} [kept] */
  zoomTo(scale, kept) {
    const stage = this.stage.getBoundingClientRect();
    const { x, y } = kept ?? { x: stage.left + stage.width / 2, y: stage.top + stage.height / 2 };
    const before = /** @type {Element} */ (this.picture).getBoundingClientRect();
    const [atX, atY] = [(x - before.left) / this.scale, (y - before.top) / this.scale];
    this.scaling = Math.min(ZOOM_BOUNDS[1], Math.max(ZOOM_BOUNDS[0], scale));
    this.scalePicture();
    const after = /** @type {Element} */ (this.picture).getBoundingClientRect();
    this.stage.scrollBy({ left: after.left + atX * this.scale - x, top: after.top + atY * this.scale - y });
  }

  /** @param {WheelEvent} event */
  wheeled(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 250), { x: event.clientX, y: event.clientY });
  }

  /** Text that a wider font would push out of its box is squeezed into the room it was given. */
  squeezeTexts() {
    for (const text of /** @type {NodeListOf<SVGTextElement>} */ (this.stage.querySelectorAll("text[data-room]"))) {
      const room = Number(text.getAttribute("data-room")) * 1.04 + 2;
      if (text.getComputedTextLength() <= room) continue;
      text.setAttribute("textLength", String(room));
      text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
  }

  // -- folding --------------------------------------------------------------------------------------------------------

  /** @param {Place} region */
  addToggle(region) {
    const { left, top } = region.box;
    const toggle = s("g", { class: "sfn-toggle", "aria-hidden": "true" }, s("circle", { cx: left, cy: top + 23, r: 8 }), s("path", { d: "" }));
    const place = { left, top: top + 23 };
    toggle.setAttribute("data-at", `${place.left} ${place.top}`);
    const title = s("title", {});
    toggle.append(title);
    const summary = s("g", { class: "sfn-summary", "aria-hidden": "true" });
    const counters = s("g", { class: "sfn-counters", "aria-hidden": "true" });
    region.element.append(summary, counters, toggle);
    toggle.addEventListener("click", (event) => {
      event.stopPropagation();
      if (!this.drag.hasJustEnded) this.toggleFold(region);
    });
  }

  /** @param {Place} region */
  toggleFold(region) {
    if (!this.collapsed.delete(region.id)) this.collapsed.add(region.id);
    this.foldPicture();
    this.drawStatuses();
    this.drawSelection();
    this.focusOn(region);
    this.say(`${region.name} ${this.collapsed.has(region.id) ? "collapsed" : "expanded"}`);
  }

  foldAll() {
    const regions = this.graph?.regions ?? [];
    const all = this.collapsed.size === 0;
    this.collapsed = new Set(all ? regions.map((region) => region.id) : []);
    this.foldPicture();
    this.drawStatuses();
    this.drawSelection();
    this.say(all ? "All regions collapsed" : "All regions expanded");
  }

  foldPicture() {
    this.folding?.apply(this.collapsed);
    const regions = this.graph?.regions ?? [];
    for (const region of regions) {
      const isCollapsed = this.collapsed.has(region.id);
      region.element.setAttribute("aria-expanded", String(!isCollapsed));
      region.element.setAttribute("aria-keyshortcuts", "C");
      const toggle = region.element.querySelector(":scope > .sfn-toggle");
      const [x, y] = (toggle?.getAttribute("data-at") ?? "0 0").split(" ").map(Number);
      toggle?.querySelector("path")?.setAttribute("d", `M${x - 3.5} ${y}h7${isCollapsed ? `M${x} ${y - 3.5}v7` : ""}`);
      const title = toggle?.querySelector("title");
      if (title) title.textContent = `${isCollapsed ? "Expand" : "Collapse"} ${region.name} (C)`;
    }
    this.fold.hidden = regions.length === 0;
    this.fold.textContent = this.collapsed.size ? "Expand all" : "Collapse all";
    if (this.reachable && this.isHidden(this.reachable)) this.makeReachable(this.shownInstead(this.reachable));
    this.scalePicture();
  }

  /** @param {Place} place */
  isHidden(place) {
    return this.graph !== undefined && isFolded(this.graph, this.collapsed, place);
  }

  /**
   * The place itself, or the outermost collapsed region that hides it.
   * @param {Place} place @returns {Place}
   */
  shownInstead(place) {
    const around = this.graph?.around(place).filter((region) => this.collapsed.has(region.id)) ?? [];
    return around[around.length - 1] ?? place;
  }

  /**
   * The states that a region hides while it is collapsed.
   * @param {Place} region
   */
  statesInside(region) {
    const known = this.inside.get(region);
    if (known) return known;
    const found = [...(this.graph?.states.values() ?? [])].filter((state) => this.graph?.around(state).includes(region));
    this.inside.set(region, found);
    return found;
  }

  // -- statuses -------------------------------------------------------------------------------------------------------

  get hasRun() {
    return Boolean(this.store.model.get("execution")?.status);
  }

  drawStatuses() {
    const { past, counts } = this;
    const live = this.store.model.get("statuses") || {};
    this.picture?.classList.toggle("sfn-has-run", this.hasRun);
    this.picture?.classList.toggle("sfn-past", past !== null);
    for (const place of this.graph?.states.values() ?? []) {
      /** @type {StateStatus|undefined} */
      const status = past ? past.get(place.pointer) : live[place.pointer];
      this.drawStatus(place, status, counts.get(place.pointer));
    }
  }

  /** @param {Place} place @param {StateStatus|undefined} status @param {MapCounts|undefined} counts */
  drawStatus(place, status, counts) {
    const isEdited = this.edited.has(place.pointer);
    const words = status ? [status.badge, counts ? countsInWords(counts) : "", isEdited ? EDITED : ""].filter(Boolean).join(", ") : "";
    const key = status ? `${status.status} ${words}` : "";
    const { element } = place;
    if (element.dataset.badge !== key) {
      element.dataset.badge = key;
      if (status) element.dataset.status = status.status;
      else delete element.dataset.status;
      element.setAttribute("aria-label", [`${place.kind.replace("-", " ")} state ${place.name}`, words].filter(Boolean).join(", "));
      this.badges.draw(place, status, counts);
      this.badges.drawEdit(place, isEdited);
    }
    if (this.collapsed.has(place.id)) this.badges.summarise(place, this.statesInside(place), counts, this.folding?.widths.get(place.id) ?? 0);
  }

  drawWays() {
    const taken = takenWays(this.store);
    for (const arrow of this.graph?.arrows ?? []) arrow.element.classList.toggle("sfn-taken", taken(arrow));
  }

  // -- choosing -------------------------------------------------------------------------------------------------------

  drawSelection() {
    const selected = this.graph?.states.get(this.store.pointer);
    /** @type {Place|undefined} */
    const shown = selected && this.shownInstead(selected);
    if (this.marked && this.marked !== shown) {
      this.marked.element.classList.remove("sfn-selected");
      this.marked.element.removeAttribute("aria-current");
    }
    this.marked = shown;
    if (!shown) return;
    shown.element.classList.add("sfn-selected");
    shown.element.setAttribute("aria-current", "true");
    this.makeReachable(shown);
    this.reveal(shown);
  }

  /** @param {Event} event @returns {Place|undefined} */
  placeAt(event) {
    const element = /** @type {Element} */ (event.target).closest("[data-pointer]");
    return this.graph?.states.get(element?.getAttribute("data-pointer") ?? "");
  }

  /** @param {Event} event */
  clicked(event) {
    const place = this.placeAt(event);
    if (place && !this.drag.hasJustEnded) this.choose(place);
  }

  /** @param {Place} place */
  choose(place) {
    this.store.select(place.pointer);
    this.focusOn(place);
    this.say(`${place.element.getAttribute("aria-label")}, shown in the inspector`);
  }

  /**
   * Give the focus back to what was selected.
   * @param {string} pointer
   */
  focusState(pointer) {
    const place = this.graph?.states.get(pointer);
    if (place) this.focusOn(this.shownInstead(place));
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    const place = this.placeAt(event);
    if (!place || event.ctrlKey || event.metaKey || event.altKey || !this.answer(event, place)) return;
    // A notebook would take these keys for its own cells.
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event @param {Place} place @returns {boolean} whether the key means something here */
  answer({ key, shiftKey }, place) {
    const ordered = this.inReadingOrder();
    if (key in GRAPH_DIRECTIONS) {
      const [dx, dy] = GRAPH_DIRECTIONS[key];
      if (shiftKey) this.stage.scrollBy({ left: dx * PAN_STEP, top: dy * PAN_STEP });
      else this.move(place, dx, dy);
    } else if (key === "Enter" || key === " ") this.choose(place);
    else if (key === "Home") this.focusOn(ordered[0]);
    else if (key === "End") this.focusOn(ordered[ordered.length - 1]);
    else if (key === "+" || key === "=") this.zoomBy(ZOOM_STEP);
    else if (key === "-") this.zoomBy(1 / ZOOM_STEP);
    else if (key === "0") this.toggleFit();
    else if (key.toLowerCase() === "c" && place.isRegion) this.toggleFold(place);
    else return false;
    return true;
  }

  /**
   * The point that stands for a place: a region's is in its header.
   * @param {Place} place @returns {[number, number]}
   */
  pointOf({ box, isRegion }) {
    return [(box.left + box.right) / 2, isRegion ? box.top + 20 : (box.top + box.bottom) / 2];
  }

  inReadingOrder() {
    return [...(this.graph?.states.values() ?? [])]
      .filter((place) => !this.isHidden(place))
      .map((place) => ({ place, at: this.pointOf(place) }))
      .sort((one, other) => one.at[1] - other.at[1] || one.at[0] - other.at[0])
      .map(({ place }) => place);
  }

  /**
   * Focus the next state in a direction: one that an arrow leads to, or else the nearest.
   * @param {Place} here @param {number} dx @param {number} dy
   */
  move(here, dx, dy) {
    const [x, y] = this.pointOf(here);
    const nearest = (/** @type {Iterable<Place>} */ places) => {
      let best = null;
      let least = Infinity;
      for (const place of places) {
        const [toX, toY] = this.pointOf(place);
        const along = (toX - x) * dx + (toY - y) * dy;
        const across = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx);
        if (along > 1 && along + 2 * across < least && !this.isHidden(place)) [best, least] = [place, along + 2 * across];
      }
      return best;
    };
    const joined = dy ? nearest(this.graph?.neighbours(here) ?? []) : null;
    this.focusOn(joined ?? nearest(this.graph?.states.values() ?? []));
  }

  /** @param {Place|undefined|null} place */
  focusOn(place) {
    if (!place) return;
    this.makeReachable(place);
    place.element.focus({ preventScroll: true });
    this.reveal(place);
  }

  /**
   * Scroll the stage, and only the stage, until the place is seen.
   * @param {Place} place
   */
  reveal(place) {
    const card = place.element.querySelector(":scope > :is(.sfn-card, .sfn-panel)")?.getBoundingClientRect();
    const stage = this.stage.getBoundingClientRect();
    if (!card || !stage.width) return;
    const miss = (/** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ from, /** @type {number} */ to) =>
      low < from || high - low > to - from ? Math.min(low - from, 0) || Math.max(0, low - to + 60) : Math.max(0, high - to);
    const left = miss(card.left - 12, card.right + 12, stage.left, stage.right);
    const top = miss(card.top - 12, card.bottom + 12, stage.top, stage.bottom);
    if (left || top) this.stage.scrollBy({ left, top });
  }

  /**
   * One state is in the tab order, the arrow keys reach the others.
   * @param {Place|undefined} place
   */
  makeReachable(place) {
    this.reachable?.element.setAttribute("tabindex", "-1");
    place?.element.setAttribute("tabindex", "0");
    this.reachable = place;
  }
}
