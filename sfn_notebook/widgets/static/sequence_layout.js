// @ts-check
/**
 * Where the lifelines of a sequence diagram stand: each gap as wide as the words in it need. It draws nothing.
 *
 * @typedef {import("./interactions_model.js").InteractionStore} InteractionStore
 * @typedef {{xs: number[], width: number, left: number, head: number, places: Map<number, number>}} SequenceLayout
 *   The middle of each column, the whole width, the width of the times and of a head, and the column of each party.
 */

/** A head's width and the smallest gap between lifelines: where there is room, and where there is not. */
const ROOMY = { head: 140, gap: 152 };
const TIGHT = { head: 122, gap: 128 };
const LARGEST_WORDS = 250;
const CHARACTER = 6.35;
const LONE_ROOM = 30;
const ARROW_ROOM = 40;
const MEASURED = 3000;

/** @param {string} words */
export function wordsWidth(words) {
  let width = 0;
  // Ideographs are about twice as wide as letters.
  for (const sign of words) width += (sign.codePointAt(0) ?? 0) > 0x2e80 ? 2 * CHARACTER : CHARACTER;
  return width;
}

/**
 * @param {InteractionStore} store @param {number} room the width that there is
 * @returns {SequenceLayout}
 */
export function sequenceLayout(store, room) {
  const roomy = laidOut(store, room, ROOMY);
  return roomy.width > room ? laidOut(store, room, TIGHT) : roomy;
}

/**
 * @param {InteractionStore} store @param {number} room @param {{head: number, gap: number}} sizes
 * @returns {SequenceLayout}
 */
function laidOut(store, room, { head, gap }) {
  const { source, target } = store.data.columns;
  const entries = (store.entries).filter(({ rows }) => rows.length);
  /** @type {Map<number, number>} */
  const places = new Map();
  for (const { rows } of entries) for (const party of [source[rows[0]], target[rows[0]]]) if (!places.has(party)) places.set(party, places.size);
  const columns = Math.max(places.size, 1);
  let times = 40;
  /** @type {number[]} how wide the words between a column and the next one are */
  const needed = new Array(columns).fill(gap);
  for (const { rows } of entries.slice(0, MEASURED)) {
    times = Math.max(times, wordsWidth(store.time(rows)));
    const [from, to] = [places.get(source[rows[0]]) ?? 0, places.get(target[rows[0]]) ?? 0];
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    const words = Math.min(wordsWidth([store.action(rows), ...store.details(rows)].join(", ")), LARGEST_WORDS);
    const wide = words + (first === last ? LONE_ROOM : ARROW_ROOM);
    const has = needed.slice(first, Math.max(last, first + 1)).reduce((sum, each) => sum + each, 0);
    if (wide > has) needed[Math.max(last, first + 1) - 1] += wide - has;
  }
  const left = Math.min(times, 190) + 26;
  const xs = [left + head / 2];
  for (let column = 1; column < columns; column++) xs.push(xs[column - 1] + needed[column - 1]);
  const end = xs[columns - 1] + Math.max(head / 2 + 12, needed[columns - 1] === gap ? 0 : needed[columns - 1]);
  spread(xs, room - end);
  return { xs, width: Math.max(end, room), left, head, places };
}

/**
 * Give what room is left over to the gaps, within reason.
 * @param {number[]} xs @param {number} spare
 */
function spread(xs, spare) {
  if (spare <= 0 || xs.length < 2) return;
  const more = Math.min(spare / (xs.length - 1), 70);
  xs.forEach((_, column) => (xs[column] += more * column));
}
