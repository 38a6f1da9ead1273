// @ts-check
/**
 * How a picture closes up around collapsed regions: room that only hidden states needed is squeezed out of both axes, so
 * that what stays keeps its size and its neighbours. It moves elements and decides on no colour.
 *
 * @typedef {import("./graph_model.js").GraphModel} GraphModel
 * @typedef {import("./graph_model.js").Place} Place
 * @typedef {import("./graph_model.js").Box} Box
 * @typedef {[number, number]} Span
 * @typedef {(at: number) => number} Axis
 */

/** The least size of a collapsed region; its summary stands below its header. */
const FOLDED_WIDTH = 216;
export const FOLDED_HEADER = 46;
const FOLDED_HEIGHT = 104;
// How far its badge stands from the lower corner: on the upper edge it would cover an arrow that was squeezed there.
const FOLDED_BADGE = { right: 21, bottom: 17.5 };
const PANEL_RADIUS = 12;
// A little of what is squeezed stays, so that arrows side by side do not become one.
const KEPT_SHARE = 0.06;
const KEPT_AT_LEAST = 6;

/** @param {GraphModel} model @param {Set<string>} collapsed ids of regions @param {{region: string}} inner */
export function isFolded(model, collapsed, inner) {
  return model.around(inner).some((region) => collapsed.has(region.id));
}

/** @param {GraphModel} model @param {Set<string>} collapsed @returns {{across: Axis, down: Axis}} */
function foldedAxes(model, collapsed) {
  const places = [...model.places.values()].filter((place) => !isFolded(model, collapsed, place));
  const folded = places.filter((place) => collapsed.has(place.id)).map((place) => place.box);
  /** @type {Box[]} */
  const taken = model.arrows.filter((arrow) => !isFolded(model, collapsed, arrow)).flatMap((arrow) => arrow.label ?? []);
  for (const place of places) taken.push(place.isRegion ? headerBox(place, collapsed.has(place.id)) : place.box);
  return {
    across: squeezed(folded.map(({ left, right }) => [left, right]), taken.map(({ left, right }) => [left, right])),
    down: squeezed(folded.map(({ top, bottom }) => [top, bottom]), taken.map(({ top, bottom }) => [top, bottom])),
  };
}

/**
 * What a region needs for itself.
 * @param {Place} place @param {boolean} collapsed @returns {Box}
 */
function headerBox(place, collapsed) {
  const { left, top, right, bottom } = place.box;
  const ends = [...place.element.querySelectorAll(":scope > text")].map((text) => Number(text.getAttribute("x")) + Number(text.getAttribute("data-room")));
  const width = Math.min(right - left, Math.max(...ends, left) - left + 14);
  if (!collapsed) return { left, top, right: left + width, bottom: Math.min(bottom, top + FOLDED_HEADER) };
  const half = Math.min(right - left, Math.max(width, FOLDED_WIDTH)) / 2;
  const middle = (left + right) / 2;
  return { left: middle - half, top, right: middle + half, bottom: Math.min(bottom, top + FOLDED_HEIGHT) };
}

/**
 * An axis on which the spans shrink wherever nothing else stands.
 * @param {Span[]} spans @param {Span[]} taken @returns {Axis}
 */
function squeezed(spans, taken) {
  const cuts = [...new Set([...spans, ...taken].flat())].sort((one, other) => one - other);
  const within = (/** @type {Span[]} */ all, /** @type {number} */ at) => all.some(([low, high]) => low <= at && at <= high);
  /** @type {Span[]} */
  const free = [];
  for (let place = 0; place + 1 < cuts.length; place++) {
    const middle = (cuts[place] + cuts[place + 1]) / 2;
    if (!within(spans, middle) || within(taken, middle)) continue;
    const last = free[free.length - 1];
    if (last && last[1] === cuts[place]) last[1] = cuts[place + 1];
    else free.push([cuts[place], cuts[place + 1]]);
  }
  return (at) => {
    let moved = at;
    for (const [low, high] of free) {
      const length = high - low;
      const kept = Math.min(1, Math.max(KEPT_SHARE, KEPT_AT_LEAST / length));
      moved -= Math.max(0, Math.min(at, high) - low) * (1 - kept);
    }
    return moved;
  };
}

/** Move everything to where it stands while some regions are collapsed. */
export class Folding {
  /** @param {GraphModel} model */
  constructor(model) {
    this.model = model;
    /** @type {Map<Element, string>} the path of each line as the kernel drew it */
    this.drawn = new Map();
    /** @type {Map<string, number>} how wide each region is drawn, by its id */
    this.widths = new Map();
    this.width = model.width;
    this.height = model.height;
  }

  /** @param {Set<string>} collapsed ids of regions */
  apply(collapsed) {
    const { across, down } = foldedAxes(this.model, collapsed);
    for (const place of this.model.places.values()) {
      place.element.classList.toggle("sfn-folded", isFolded(this.model, collapsed, place));
      place.element.classList.toggle("sfn-collapsed", collapsed.has(place.id));
      if (place.isRegion) this.movePanel(place, across, down, collapsed.has(place.id));
      else move(place.element, place.box, across, down);
    }
    for (const arrow of this.model.arrows) {
      arrow.element.classList.toggle("sfn-folded", isFolded(this.model, collapsed, arrow));
      this.moveArrow(arrow, across, down);
    }
    this.width = across(this.model.width);
    this.height = down(this.model.height);
  }

  /** @param {Element} path */
  pathOf(path) {
    const known = this.drawn.get(path) ?? path.getAttribute("d") ?? "";
    this.drawn.set(path, known);
    return known;
  }

  /** @param {Place} place @param {Axis} across @param {Axis} down @param {boolean} isCollapsed */
  movePanel(place, across, down, isCollapsed) {
    const { left, top, right, bottom } = place.box;
    const [x, y, width, height] = [across(left), down(top), across(right) - across(left), down(bottom) - down(top)];
    this.widths.set(place.id, width);
    for (const part of place.element.children) {
      if (part.classList.contains("sfn-panel")) this.panel(part, x, y, width, height, place);
      else if (part.classList.contains("sfn-mark") && isCollapsed) part.setAttribute("transform", `translate(${x + width - right - FOLDED_BADGE.right} ${y + height - top - FOLDED_BADGE.bottom})`);
      else if (part.classList.contains("sfn-mark")) part.setAttribute("transform", `translate(${x + width - right} ${y - top})`);
      else if (part.classList.contains("sfn-counters")) part.setAttribute("transform", `translate(${x + width - right} ${y + height - bottom})`);
      else part.setAttribute("transform", `translate(${x - left} ${y - top})`);
    }
  }

  /** @param {Element} path @param {number} x @param {number} y @param {number} width @param {number} height @param {Place} place */
  panel(path, x, y, width, height, place) {
    const drawn = this.pathOf(path);
    const { left, top, right, bottom } = place.box;
    const same = x === left && y === top && width === right - left && height === bottom - top;
    const r = PANEL_RADIUS;
    const corner = (/** @type {number} */ dx, /** @type {number} */ dy) => `a${r} ${r} 0 0 1 ${dx} ${dy}`;
    const sides = `M${x + r} ${y}h${width - 2 * r}${corner(r, r)}v${height - 2 * r}${corner(-r, r)}h${2 * r - width}${corner(-r, -r)}v${2 * r - height}${corner(r, -r)}Z`;
    path.setAttribute("d", same ? drawn : sides);
  }

  /** @param {import("./graph_model.js").Arrow} arrow @param {Axis} across @param {Axis} down */
  moveArrow({ element, label }, across, down) {
    for (const part of element.children) {
      if (part.classList.contains("sfn-line")) {
        let place = 0;
        part.setAttribute("d", this.pathOf(part).replace(/-?\d+(?:\.\d+)?/g, (text) => String(Number((place++ % 2 ? down : across)(Number(text)).toFixed(2)))));
      } else if (part.classList.contains("sfn-tip")) {
        const [x, y] = this.pathOf(part).match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [0, 0];
        part.setAttribute("transform", `translate(${across(x) - x} ${down(y) - y})`);
      } else if (label) move(part, label, across, down);
    }
  }
}

/**
 * Move something as a whole.
 * @param {Element} element @param {Box} box @param {Axis} across @param {Axis} down
 */
function move(element, { left, top, right, bottom }, across, down) {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const [dx, dy] = [across(x) - x, down(y) - y];
  if (dx || dy) element.setAttribute("transform", `translate(${dx} ${dy})`);
  else element.removeAttribute("transform");
}
