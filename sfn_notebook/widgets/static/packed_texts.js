// @ts-check
import { PackedFloat, PackedObject, PackedTuple } from "./packed_values.js";

/**
 * Payloads as compact JSON, each made when somebody asks for it, exactly as Python would write it. It knows nothing of
 * states and events.
 */

/** Characters of one text that are shown; the kernel keeps to it too. */
const LONGEST_TEXT = 50000;
const KEPT_TEXTS = 200;
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;
const EACH_UNSEEN = /(?![ \n\t\u200c\u200d])[\p{C}\p{Zl}\p{Zp}\p{Zs}]/gu;

/**
 * Characters that are invisible or reorder their neighbours as JSON escapes; lines and tabs stay.
 * @param {string} text
 */
export function faithfulText(text) {
  return UNSEEN.test(text) ? text.replace(EACH_UNSEEN, escaped) : text;
}

/** @param {string} character */
function escaped(character) {
  let text = "";
  for (let place = 0; place < character.length; place++) {
    text += `\\u${character.charCodeAt(place).toString(16).padStart(4, "0")}`;
  }
  return text;
}

/** The numbers that payloads have, and their texts by number: the same value has one number. */
export class PackedTexts {
  constructor() {
    /** @type {any[]} */
    this.values = [];
    /** @type {Map<any, number>} */
    this.numbers = new Map();
    /** @type {Map<number, {text: string, whole: number|undefined}>} */
    this.made = new Map();
  }

  /**
   * @param {any} value of `unpackValue` with `exact` @returns {number} -1 where there is no payload
   */
  numberOf(value) {
    if (value instanceof PackedTuple && !value.items.length) return -1;
    const known = this.numbers.get(value);
    if (known !== undefined) return known;
    const number = this.values.push(value) - 1;
    this.numbers.set(value, number);
    return number;
  }

  /** @param {number} number @returns {string|undefined} */
  textOf(number) {
    return this.make(number)?.text;
  }

  /**
   * The length of the whole text, where not all of it is shown.
   * @param {number} number @returns {number|undefined}
   */
  cutOf(number) {
    return this.make(number)?.whole;
  }

  /** @param {number} number */
  make(number) {
    if (!(number >= 0 && number < this.values.length)) return undefined;
    let made = this.made.get(number);
    if (!made) {
      if (this.made.size >= KEPT_TEXTS) this.made.clear();
      made = packedText(this.values[number]);
      this.made.set(number, made);
    }
    return made;
  }
}

/**
 * The text, and the length of the whole one if it is cut.
 * @param {any} value
 */
function packedText(value) {
  if (value instanceof PackedTuple) {
    // A text and a length: what comes after, the kernel kept back.
    const [text, whole] = value.items;
    return { text: faithfulText(text), whole: whole > text.length ? whole : undefined };
  }
  const writer = new PackedWriter();
  writer.write(value);
  return { text: faithfulText(writer.text()), whole: writer.length > LONGEST_TEXT ? writer.length : undefined };
}

class PackedWriter {
  constructor() {
    /** @type {string[]} */
    this.parts = [];
    this.length = 0;
  }

  /** @param {string} part */
  put(part) {
    if (this.length < LONGEST_TEXT) this.parts.push(part);
    this.length += part.length;
  }

  /** @param {any} value */
  write(value) {
    if (typeof value === "string") this.put(JSON.stringify(value));
    else if (value instanceof PackedFloat) this.put(floatText(value.value));
    else if (value instanceof PackedObject) this.writeObject(value.cells);
    else if (Array.isArray(value)) this.writeArray(value);
    else if (value instanceof PackedTuple) this.writeArray(value.items);
    else this.put(String(value));
  }

  /** @param {any[]} items */
  writeArray(items) {
    this.put("[");
    for (let place = 0; place < items.length; place++) {
      if (place) this.put(",");
      this.write(items[place]);
    }
    this.put("]");
  }

  /** @param {any[]} cells */
  writeObject(cells) {
    this.put("{");
    for (let place = 0; place < cells.length; place += 2) {
      this.put(`${place ? "," : ""}${JSON.stringify(cells[place])}:`);
      this.write(cells[place + 1]);
    }
    this.put("}");
  }

  text() {
    const text = this.parts.join("");
    if (text.length <= LONGEST_TEXT) return text;
    // Half a pair of surrogates is no character.
    return text.slice(0, LONGEST_TEXT - (/[\ud800-\udbff]/.test(text[LONGEST_TEXT - 1]) ? 1 : 0));
  }
}

/**
 * A float as Python writes it: JavaScript finds the same digits, but begins with exponents elsewhere.
 * @param {number} value
 */
function floatText(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  if (Object.is(value, -0)) return "-0.0";
  const [digits, power] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}
