// @ts-check
import { spanWords } from "./pane_words.js";
import { count } from "./parts.js";

/**
 * Where a time or an event stands on a line of so many pixels. Long idle stretches can be broken out of the line, so that
 * a wait of a week leaves room for the seconds around it. It knows nothing of states and draws nothing.
 *
 * @typedef {{from: number, to: number}} Span
 * @typedef {{from: number, to: number, left: number, right: number, isGap: boolean}} Stretch
 *   `left` and `right` in pixels; a gap is a stretch that is drawn shorter than it is.
 * @typedef {{x: number, words: string, isRelative: boolean, left: number}} Tick
 *   A relative tick counts from the end of the gap before it; `left` is where its label begins.
 */

const BROKEN_FROM = 4;
const GAP_WIDTH = 46;
const GAPS_SHARE = 0.5;
const STRETCH_MARGIN = 6;
const TICK_DISTANCE = 66;
const LABEL_MARGIN = 10;
const SECOND_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2419200, 7862400, 31536000];

export class Axis {
  /** @param {Stretch[]} stretches in order, without holes @param {number} width @param {"time"|"events"} unit */
  constructor(stretches, width, unit) {
    this.stretches = stretches;
    this.width = width;
    this.unit = unit;
    this.gaps = stretches.filter((each) => each.isGap);
    const long = stretches.find((each) => !each.isGap && each.to > each.from);
    /** Pixels for each second or event. */
    this.scale = long ? (long.right - long.left - 2 * STRETCH_MARGIN) / (long.to - long.from) : 0;
  }

  /** @param {number} value @returns {number} pixels from the left; beyond the line for what lies outside */
  x(value) {
    let [low, high] = [0, this.stretches.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value > this.stretches[middle].to) low = middle + 1;
      else high = middle;
    }
    // On the border of a gap, the stretch beside it is meant: that is where things happen.
    if (this.stretches[low].isGap && value === this.stretches[low].to && low + 1 < this.stretches.length) low += 1;
    return this.within(this.stretches[low], value);
  }

  /** @param {Stretch} stretch @param {number} value */
  within({ from, to, left, right, isGap }, value) {
    const margin = isGap ? 0 : STRETCH_MARGIN;
    if (to === from) return value < from ? left - 1000 : value > to ? right + 1000 : (left + right) / 2;
    return left + margin + ((right - left - 2 * margin) * (value - from)) / (to - from);
  }

  /** @param {number} x @returns {number} the value at a place, at most one end of the line */
  value(x) {
    const last = this.stretches[this.stretches.length - 1];
    const { from, to, left, right, isGap } = this.stretches.find((each) => x <= each.right) ?? last;
    const margin = isGap ? 0 : STRETCH_MARGIN;
    const share = (x - left - margin) / Math.max(1, right - left - 2 * margin);
    return from + (to - from) * Math.max(0, Math.min(1, share));
  }

  /**
   * Ticks whose labels do not touch each other.
   * @param {(words: string) => number} measure pixels of a label @returns {Tick[]}
   */
  ticks(measure) {
    const step = this.unit === "time" ? timeStep(TICK_DISTANCE / this.scale) : eventStep(TICK_DISTANCE / this.scale);
    const all = this.stretches.flatMap((stretch, place) => (stretch.isGap ? [] : this.stretchTicks(stretch, place > 0, step)));
    // Labels that tell a time of their own go first: the relative ones mean nothing without them.
    const ordered = [...all.filter((tick) => !tick.isRelative), ...all.filter((tick) => tick.isRelative)];
    return withoutOverlap(ordered, measure, this.width).sort((one, other) => one.x - other.x);
  }

  /** @param {Stretch} stretch @param {boolean} isRelative @param {number} step @returns {{x: number, words: string, isRelative: boolean}[]} */
  stretchTicks(stretch, isRelative, step) {
    const { from, to } = stretch;
    const tick = (/** @type {number} */ value, /** @type {string} */ words, /** @type {boolean} */ relative) => ({ x: this.within(stretch, value), words, isRelative: relative });
    const found = isRelative ? [tick(from, spanWords(from, 4), false)] : this.unit === "events" ? [tick(from, this.wordsAt(from), false)] : [];
    if (!Number.isFinite(step)) return isRelative ? found : [tick(from, this.wordsAt(from), false)];
    const base = isRelative ? from : 0;
    const first = isRelative ? 1 : Math.ceil(from / step - 1e-9);
    for (let number = first; base + number * step <= to + step * 1e-6; number++) {
      const value = base + number * step;
      found.push(tick(value, isRelative ? `+${spanWords(number * step)}` : this.wordsAt(value), isRelative));
    }
    return found;
  }

  /** @param {number} value */
  wordsAt(value) {
    return this.unit === "time" ? spanWords(value, 3) : count(Math.max(1, value));
  }

  /**
   * How long each gap really is, where there is room to say so.
   * @param {(words: string) => number} measure @returns {Tick[]}
   */
  gapLabels(measure) {
    const longestFirst = [...this.gaps].sort((one, other) => other.to - other.from - (one.to - one.from));
    const labels = longestFirst.map(({ from, to, left, right }) => ({ x: (left + right) / 2, words: spanWords(to - from), isRelative: false }));
    return withoutOverlap(labels, measure, this.width);
  }
}

/**
 * @param {{x: number, words: string, isRelative: boolean}[]} labels the more important first
 * @param {(words: string) => number} measure @param {number} width @returns {Tick[]}
 */
function withoutOverlap(labels, measure, width) {
  /** @type {Span[]} */
  const taken = [];
  const kept = [];
  for (const label of labels) {
    const room = measure(label.words);
    const left = Math.max(0, Math.min(width - room, label.x - room / 2));
    if (taken.some((each) => left < each.to + LABEL_MARGIN && left + room + LABEL_MARGIN > each.from)) continue;
    taken.push({ from: left, to: left + room });
    kept.push({ ...label, left });
  }
  return kept;
}

/** @param {number} least seconds @returns {number} a round number of seconds, minutes, hours or days */
function timeStep(least) {
  if (!(least < Infinity)) return Infinity;
  if (least <= 0.5) return Math.max(0.001, roundStep(least));
  return SECOND_STEPS.find((step) => step >= least) ?? roundStep(least / 31536000) * 31536000;
}

/** @param {number} least @returns {number} */
function eventStep(least) {
  return least < Infinity ? Math.max(1, roundStep(least)) : Infinity;
}

/**
 * 1, 2 or 5 times a power of ten.
 * @param {number} least @returns {number}
 */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((each) => each * power >= least * (1 - 1e-9)) ?? 10) * power;
}

/**
 * Each event takes the same room.
 * @param {number} from @param {number} to @param {number} width @returns {Axis}
 */
export function eventAxis(from, to, width) {
  return new Axis([{ from, to, left: 0, right: width, isGap: false }], width, "events");
}

/**
 * Modelled time in proportion; with `breaks`, the long idle stretches are gaps.
 * @param {{from: number, to: number, width: number, busy: Span[], moments: number[], breaks: boolean}} options
 *   `busy` is where work goes on, `moments` is when anything happened; both in any order.
 * @returns {Axis}
 */
export function timeAxis({ from, to, width, busy, moments, breaks }) {
  const gaps = breaks ? longIdleSpans(from, to, busy, moments) : [];
  /** @type {Stretch[]} */
  const stretches = [];
  let done = from;
  for (const gap of gaps) {
    stretches.push({ from: done, to: gap.from, left: 0, right: 0, isGap: false });
    stretches.push({ ...gap, left: 0, right: 0, isGap: true });
    done = gap.to;
  }
  stretches.push({ from: done, to, left: 0, right: 0, isGap: false });
  layOut(stretches, width);
  return new Axis(stretches, width, "time");
}

/** @param {Stretch[]} stretches @param {number} width */
function layOut(stretches, width) {
  const gaps = stretches.filter((each) => each.isGap).length;
  const gapWidth = gaps ? Math.min(GAP_WIDTH, (GAPS_SHARE * width) / gaps) : 0;
  const seconds = stretches.reduce((sum, each) => sum + (each.isGap ? 0 : each.to - each.from), 0);
  const margins = Math.min(2 * STRETCH_MARGIN, (0.4 * width) / (stretches.length - gaps));
  const room = Math.max(0, width - gaps * gapWidth - (stretches.length - gaps) * margins);
  let left = 0;
  for (const stretch of stretches) {
    stretch.left = left;
    left += stretch.isGap ? gapWidth : margins + (seconds ? (room * (stretch.to - stretch.from)) / seconds : room / (stretches.length - gaps));
    stretch.right = left;
  }
}

/**
 * The idle spans beside which everything else would vanish: sorted by length, all from the first that is several times
 * longer than whatever is shorter, together.
 * @param {number} from @param {number} to @param {Span[]} busy @param {number[]} moments @returns {Span[]}
 */
function longIdleSpans(from, to, busy, moments) {
  const { idle, work } = idleSpans(from, to, busy, moments);
  const byLength = [...idle].sort((one, other) => one.to - one.from - (other.to - other.from));
  let shorter = work;
  let place = 0;
  for (; place < byLength.length; place++) {
    const length = byLength[place].to - byLength[place].from;
    if (shorter > 0 && length > BROKEN_FROM * shorter) break;
    shorter += length;
  }
  return byLength.slice(place).sort((one, other) => one.from - other.from);
}

/**
 * Between each two moments, either something works all the time or nothing does.
 * @param {number} from @param {number} to @param {Span[]} busy @param {number[]} moments
 */
function idleSpans(from, to, busy, moments) {
  const inside = (/** @type {number} */ value) => value >= from && value <= to;
  const borders = [from, to, ...moments, ...busy.flatMap((span) => [span.from, span.to])].filter(inside);
  const sorted = [...new Set(borders)].sort((one, other) => one - other);
  const spans = [...busy].sort((one, other) => one.from - other.from);
  /** @type {Span[]} */
  const idle = [];
  let work = 0;
  let next = 0;
  let until = -Infinity;
  for (let place = 0; place + 1 < sorted.length; place++) {
    const span = { from: sorted[place], to: sorted[place + 1] };
    for (; next < spans.length && spans[next].from <= span.from; next++) until = Math.max(until, spans[next].to);
    if (until > span.from) work += span.to - span.from;
    else idle.push(span);
  }
  return { idle, work };
}
