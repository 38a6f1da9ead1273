// @ts-check
/**
 * The kernel's picture of a state machine, read as states, regions and arrows with their boxes. It changes no element
 * and needs none to be on the page: a box is read from the path that draws it.
 *
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 * @typedef {{id: string, element: SVGGElement, kind: string, pointer: string, name: string, region: string, isRegion: boolean,
 *   box: Box}} Place A box: a state, a marker (no pointer), a Parallel, a Map or a branch (no pointer).
 * @typedef {{element: SVGGElement, kind: string, from: Place, to: Place, region: string, label: Box|null}} Arrow
 */

/** @param {Element|null} path @returns {Box} */
export function boxOf(path) {
  const numbers = (path?.getAttribute("d") ?? "0 0").match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [0, 0];
  const across = numbers.filter((_, place) => place % 2 === 0);
  const down = numbers.filter((_, place) => place % 2 === 1);
  return { left: Math.min(...across), top: Math.min(...down), right: Math.max(...across), bottom: Math.max(...down) };
}

export class GraphModel {
  /** @param {SVGElement} picture */
  constructor(picture) {
    /** @type {Map<string, Place>} */
    this.places = new Map();
    /** @type {Map<string, Place>} */
    this.states = new Map();
    for (const element of /** @type {NodeListOf<SVGGElement>} */ (picture.querySelectorAll(".sfn-node, .sfn-region"))) this.addPlace(element);
    /** @type {Arrow[]} */
    this.arrows = [];
    for (const element of /** @type {NodeListOf<SVGGElement>} */ (picture.querySelectorAll(".sfn-edge"))) this.addArrow(element);
    const [, , width, height] = (picture.getAttribute("viewBox") ?? "0 0 300 100").split(" ").map(Number);
    this.width = width;
    this.height = height;
  }

  /** @param {SVGGElement} element */
  addPlace(element) {
    /** @type {Place} */
    const place = {
      id: element.id.replace(/^sfn-/, ""),
      element,
      kind: kindOf(element),
      pointer: element.dataset.pointer ?? "",
      name: element.dataset.name ?? "",
      region: element.dataset.region ?? "",
      isRegion: element.classList.contains("sfn-region"),
      box: boxOf(element.querySelector(".sfn-card, .sfn-panel, .sfn-marker, .sfn-point")),
    };
    this.places.set(place.id, place);
    if (place.pointer) this.states.set(place.pointer, place);
  }

  /** @param {SVGGElement} element */
  addArrow(element) {
    const from = this.places.get(element.dataset.from ?? "");
    const to = this.places.get(element.dataset.to ?? "");
    const label = element.querySelector(".sfn-label");
    if (from && to) this.arrows.push({ element, kind: kindOf(element), from, to, region: element.dataset.region ?? "", label: label && boxOf(label) });
  }

  /** Parallel and Map states, outermost first. */
  get regions() {
    return [...this.states.values()].filter((place) => place.isRegion);
  }

  /**
   * The regions around something, innermost first.
   * @param {{region: string}} inner @returns {Place[]}
   */
  around(inner) {
    /** @type {Set<Place>} */
    const found = new Set();
    for (let place = this.places.get(inner.region); place && !found.has(place); place = this.places.get(place.region)) found.add(place);
    return [...found];
  }

  /**
   * The states that arrows join to this one, through the points where the branches of a region part and meet.
   * @param {Place} place
   */
  neighbours(place) {
    /** @type {Set<Place>} */
    const found = new Set();
    const marker = (/** @type {string} */ kind) => [...this.places.values()].find((each) => each.region === place.id && each.kind === kind);
    const sources = [place, ...(place.isRegion ? [marker("entry"), marker("exit")] : [])];
    for (const { from, to } of this.arrows) {
      if (sources.includes(from)) this.addThrough(found, to);
      if (sources.includes(to)) this.addThrough(found, from);
    }
    found.delete(place);
    return found;
  }

  /** @param {Set<Place>} found @param {Place} place */
  addThrough(found, place) {
    if (place.pointer) found.add(place);
    if (place.pointer || (place.kind !== "exit" && place.kind !== "entry")) return;
    const region = this.places.get(place.region);
    if (!region) return;
    found.add(region);
    for (const { from, to } of this.arrows) {
      if (place.kind === "exit" && from === region) this.addThrough(found, to);
      if (place.kind === "entry" && to === region) this.addThrough(found, from);
    }
  }
}

/** @param {Element} element */
function kindOf(element) {
  return /sfn-kind-([\w-]+)/.exec(element.getAttribute("class") ?? "")?.[1] ?? "";
}
