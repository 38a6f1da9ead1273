// @ts-check
/**
 * Where a text stops being JSON, by line and column; browsers tell it each in another way, or not at all.
 *
 * @typedef {{line: number, column: number, reason: string}} JsonMistake Both count from 1.
 */

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b/y;

class MistakeFinder {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.place = 0;
    /** @type {string[]} what closes the values that are open */
    this.open = [];
  }

  /** @param {RegExp} pattern @returns {boolean} whether it stood here and was passed */
  take(pattern) {
    pattern.lastIndex = this.place;
    if (!pattern.test(this.text)) return false;
    this.place = pattern.lastIndex;
    return true;
  }

  /** @param {string} character */
  takes(character) {
    this.take(SPACE);
    if (this.text[this.place] !== character) return false;
    this.place++;
    return true;
  }

  /** @returns {string} what was expected where it stopped, empty: nothing is wrong */
  run() {
    let expected = this.value();
    while (!expected && this.open.length) expected = this.after();
    this.take(SPACE);
    if (!expected && this.place < this.text.length) expected = "the end";
    return expected;
  }

  /**
   * A value begins: a scalar is passed, an object or array is opened.
   * @returns {string}
   */
  value() {
    if (this.takes("{")) {
      this.open.push("}");
      return this.takes("}") ? this.close() : this.key();
    }
    if (this.takes("[")) {
      this.open.push("]");
      return this.takes("]") ? this.close() : this.value();
    }
    return this.take(STRING) || this.take(SCALAR) ? "" : "a value";
  }

  /**
   * What follows a value inside an object or array.
   * @returns {string}
   */
  after() {
    const closing = this.open[this.open.length - 1];
    if (this.takes(",")) return closing === "}" ? this.key() : this.value();
    return this.takes(closing) ? this.close() : `"," or "${closing}"`;
  }

  close() {
    this.open.pop();
    return "";
  }

  /** @returns {string} */
  key() {
    this.take(SPACE);
    if (!this.take(STRING)) return "a name in double quotes";
    return this.takes(":") ? this.value() : '":"';
  }
}

/** @param {string} text @returns {JsonMistake|null} */
export function jsonMistake(text) {
  try {
    JSON.parse(text);
    return null;
  } catch {
    const finder = new MistakeFinder(text);
    const expected = finder.run();
    const before = text.slice(0, finder.place);
    const found = finder.place < text.length ? JSON.stringify(text[finder.place]) : "the end";
    return {
      line: before.split("\n").length,
      column: finder.place - before.lastIndexOf("\n"),
      reason: expected ? `expected ${expected}, found ${found}` : "it is not JSON",
    };
  }
}
