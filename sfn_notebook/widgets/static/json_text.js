// @ts-check
/**
 * JSON text read without a loss, its paths, and a search in it; it draws nothing and knows nothing of executions.
 * Values stay pieces of the text that was sent, so that no integer is rounded and 1.0 stays 1.0, and a value is taken
 * apart only when its children are asked for, so that a payload of many megabytes is read at once.
 *
 * @typedef {(string|number)[]} JsonPath Names and indices, outermost first.
 * @typedef {{places: number[], at: number}} JsonMatch
 *   The place of the match's value among the children at each level; `at` is where in that value's text it was found,
 *   -1: in its name.
 */

const MOST_MATCHES = 1000;
const CHECKED_UP_TO = 1_000_000;
// Codes of the characters that shape a text: reading by code is several times faster than by character.
const [QUOTE, COMMA, COLON, BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END] = [34, 44, 58, 92, 123, 125, 91, 93];
const NAME = /^[A-Za-z_]\w*$/;
const JSONATA_WORDS = new Set(["and", "or", "in", "true", "false", "null", "function"]);

// -- reading ----------------------------------------------------------------------------------------------------------

/** @param {string} text @param {number} at where a string begins @returns {number} the place after it */
function endOfString(text, at) {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((quote - before) % 2) return quote + 1;
  }
  return text.length;
}

/** @param {string} text @param {number} at @returns {number} */
function afterBlanks(text, at) {
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
}

/** @param {string} text @param {number} at where a value begins @returns {number} the place after it */
function endOfValue(text, at) {
  if (text.charCodeAt(at) === QUOTE) return endOfString(text, at);
  let depth = 0;
  for (let place = at; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code === QUOTE) place = endOfString(text, place) - 1;
    else if (code === BRACE || code === BRACKET) depth++;
    else if (code === BRACE_END || code === BRACKET_END) {
      if (depth === 0) return place;
      depth--;
      if (depth === 0) return place + 1;
    } else if (depth === 0 && (code === COMMA || code <= 32)) return place;
  }
  return text.length;
}

/** @param {string} token a string as JSON @returns {string} */
function stringOf(token) {
  try {
    return JSON.parse(token);
  } catch {
    return token;
  }
}

/**
 * Characters that cannot be seen or that reorder their neighbours, as JSON escapes.
 * @param {string} text
 */
export function visibleText(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => {
    if (sign === "\n" || sign === "\t" || sign === "\u200c" || sign === "\u200d") return sign;
    return [...Array(sign.length).keys()].map((place) => `\\u${sign.charCodeAt(place).toString(16).padStart(4, "0")}`).join("");
  });
}

/** One value: a piece of a JSON text. */
export class JsonNode {
  /** @param {string} source @param {number} start @param {number} end */
  constructor(source, start, end) {
    this.source = source;
    this.start = start;
    this.end = end;
    /** @type {number[]|null} four places for each child: of its name (-1: none) and of its value */
    this.edges = null;
  }

  /** @returns {"object"|"array"|"string"|"number"|"word"} */
  get kind() {
    const sign = this.source[this.start];
    if (sign === "{") return "object";
    if (sign === "[") return "array";
    if (sign === '"') return "string";
    return sign === "t" || sign === "f" || sign === "n" ? "word" : "number";
  }

  /** Its JSON, character by character as it was sent. */
  get text() {
    return this.source.slice(this.start, this.end);
  }

  get length() {
    return this.end - this.start;
  }

  /** How many children it has: 0 unless it is an object or an array. */
  get size() {
    return this.takeApart().length / 4;
  }

  takeApart() {
    if (this.edges) return this.edges;
    /** @type {number[]} */
    const edges = [];
    const { source, kind } = this;
    for (let at = kind === "object" || kind === "array" ? this.start + 1 : this.end; ; ) {
      at = afterBlanks(source, at);
      if (at >= this.end - 1) break;
      let name = -1;
      let nameEnd = -1;
      if (kind === "object") {
        name = at;
        nameEnd = endOfString(source, at);
        at = afterBlanks(source, afterBlanks(source, nameEnd) + 1);
      }
      const end = endOfValue(source, at);
      edges.push(name, nameEnd, at, end);
      at = afterBlanks(source, end) + 1;
    }
    return (this.edges = edges);
  }

  /** @param {number} place @returns {JsonNode} */
  child(place) {
    const edges = this.takeApart();
    return new JsonNode(this.source, edges[place * 4 + 2], edges[place * 4 + 3]);
  }

  /**
   * The name of a child, or its index in an array.
   * @param {number} place @returns {string|number}
   */
  keyOf(place) {
    const token = this.nameOf(place);
    return token === "" ? place : stringOf(token);
  }

  /**
   * The name of a child as JSON; empty in an array.
   * @param {number} place @returns {string}
   */
  nameOf(place) {
    const edges = this.takeApart();
    return edges[place * 4] < 0 ? "" : this.source.slice(edges[place * 4], edges[place * 4 + 1]);
  }
}

/**
 * Read JSON text; null if it is none, as a text that was cut.
 * @param {string} text @returns {JsonNode|null}
 */
export function readJson(text) {
  const start = afterBlanks(text, 0);
  const end = endOfValue(text, start);
  const whole = end > start && afterBlanks(text, end) === text.length;
  // The kernel writes whole JSON or says that it was cut; checking many megabytes of it again takes long.
  return whole && (text.length > CHECKED_UP_TO || isJson(text)) ? new JsonNode(text, start, end) : null;
}

/** @param {string} text */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The text itself if it is no JSON, the string if it is one.
 * @param {string} text
 */
export function proseOf(text) {
  return text.startsWith('"') ? stringOf(text) : text;
}

// -- paths ------------------------------------------------------------------------------------------------------------

/**
 * What a function that failed said, where the cause is a function's.
 * @param {string} cause @returns {string|null}
 */
export function errorMessageOf(cause) {
  try {
    const message = JSON.parse(cause)?.errorMessage;
    return typeof message === "string" ? message : null;
  } catch {
    // A cause is any text.
    return null;
  }
}

/**
 * A path in JSONPath: `$.a['b c'][0]`.
 * @param {JsonPath} path @param {string} root such as `$`; `$` before a variable's name is its own
 */
export function jsonPathOf(path, root = "$") {
  return path.reduce((/** @type {string} */ text, key, level) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (NAME.test(key)) return level === 0 && root === "" ? `$${key}` : `${text}.${key}`;
    return `${text}['${key.replace(/[\\']/g, "\\$&")}']`;
  }, root);
}

/**
 * A path in JSONata: `$states.input.a.'b c'[0]` with backquotes.
 * @param {JsonPath} path @param {string} root
 */
export function jsonataOf(path, root = "$states.input") {
  return path.reduce((/** @type {string} */ text, key, level) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (level === 0 && root === "") return `$${key}`;
    if (NAME.test(key) && !JSONATA_WORDS.has(key)) return `${text}.${key}`;
    // A name between backquotes has no way to write a backquote.
    return key.includes("`") || key === "" ? `$lookup(${text}, ${JSON.stringify(key)})` : `${text}.\`${key}\``;
  }, root);
}

// -- searching --------------------------------------------------------------------------------------------------------

/**
 * What finds the words in JSON text, upper or lower case, escaped there or not.
 * @param {string} words
 */
export function searchPattern(words) {
  const forms = new Set([words, JSON.stringify(words).slice(1, -1)]);
  return new RegExp([...forms].map((form) => form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "giu");
}

/**
 * Every name and value in which the words stand, at most `most` of them.
 * @param {JsonNode} root @param {string} words @returns {{matches: JsonMatch[], more: boolean}}
 */
export function findInJson(root, words, most = MOST_MATCHES) {
  /** @type {JsonMatch[]} */
  const matches = [];
  if (!words) return { matches, more: false };
  const pattern = searchPattern(words);
  const { source } = root;
  /** @type {number[]} the place in each container around */
  const places = [];
  let named = false;
  let next = pattern.exec(source)?.index ?? Infinity;
  for (let at = root.start; at < root.end && next < Infinity; ) {
    const begun = at;
    const code = source.charCodeAt(at);
    if (code <= 32 || code === COLON) at++;
    else if (code === BRACE || code === BRACKET || code === BRACE_END || code === BRACKET_END || code === COMMA) {
      if (code === COMMA) places[places.length - 1]++;
      else if (code === BRACE || code === BRACKET) places.push(0);
      else places.pop();
      named = false;
      at++;
    }
    if (at > begun) continue;
    const end = code === QUOTE ? endOfString(source, at) : endOfValue(source, at);
    const isName = code === QUOTE && source.charCodeAt(afterBlanks(source, end)) === COLON;
    while (next < at) next = matchFrom(pattern, source, at);
    if (next < end) {
      if (matches.length >= most) return { matches, more: true };
      // A value whose name matches too is one match.
      if (isName || !named) matches.push({ places: [...places], at: isName ? -1 : next - at });
      named = isName;
      next = matchFrom(pattern, source, end);
    } else named = false;
    at = end;
  }
  return { matches, more: false };
}

/** @param {RegExp} pattern @param {string} source @param {number} at */
function matchFrom(pattern, source, at) {
  pattern.lastIndex = at;
  return pattern.exec(source)?.index ?? Infinity;
}
