// @ts-check
/**
 * Reads what the kernel packs with Python's pickler, protocol 4: the opcodes of plain data, and no others, so that bytes
 * can make nothing but data. It knows nothing of traces.
 *
 * Payloads are read as exactly as Python has them: a float stays apart from an integer, an object keeps its order, what
 * stands there twice is one value. Elsewhere a float is a number, an object a Map, a tuple an array.
 */

/** A number that Python writes with a point or an exponent: 1.0 is not 1. */
export class PackedFloat {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
  }
}

/** An object of JSON: its names and values in turn. */
export class PackedObject {
  constructor() {
    /** @type {any[]} */
    this.cells = [];
  }
}

export class PackedTuple {
  /** @param {any[]} items */
  constructor(items) {
    this.items = items;
  }
}

/**
 * The value that the bytes hold. Integers beyond the exact ones of JavaScript are BigInts.
 * @param {Uint8Array} bytes @param {{exact?: boolean}} how `exact` for payloads
 */
export function unpackValue(bytes, { exact = false } = {}) {
  return new PackedReader(bytes, exact).read();
}

class PackedReader {
  /** @param {Uint8Array} bytes @param {boolean} exact */
  constructor(bytes, exact) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.exact = exact;
    this.at = 0;
    /** @type {any[]} */
    this.stack = [];
    /** @type {number[]} */
    this.marks = [];
    /** @type {any[]} */
    this.memo = [];
  }

  read() {
    const { bytes, stack, memo } = this;
    for (;;) {
      const opcode = bytes[this.at++];
      if (opcode === 0x2e) return stack[0];
      if (opcode === 0x94) memo.push(stack[stack.length - 1]);
      else if (opcode === 0x28) this.marks.push(stack.length);
      else (READ[opcode] ?? unknown)(this, stack);
    }
  }

  /**
   * Moves on by `length` bytes.
   * @param {number} length @returns {number} where they begin
   */
  pass(length) {
    this.at += length;
    return this.at - length;
  }

  /** What stands on the stack since the last mark. */
  sinceMark() {
    return this.stack.splice(/** @type {number} */ (this.marks.pop()));
  }

  /** @param {number} length */
  text(length) {
    const start = this.pass(length);
    if (length < 24) {
      let text = "";
      let place = start;
      for (; place < this.at && this.bytes[place] < 0x80; place++) text += String.fromCharCode(this.bytes[place]);
      if (place === this.at) return text;
    }
    const part = this.bytes.subarray(start, this.at);
    try {
      return DECODER.decode(part);
    } catch {
      return loneSurrogates(part);
    }
  }

  /** @param {number} length */
  integer(length) {
    let value = 0n;
    const start = this.pass(length);
    for (let place = this.at - 1; place >= start; place--) value = (value << 8n) | BigInt(this.bytes[place]);
    const whole = BigInt.asIntN(8 * length, value);
    const number = Number(whole);
    return Number.isSafeInteger(number) ? number : whole;
  }

  /** The eight bytes of a length. */
  length() {
    return Number(this.view.getBigUint64(this.pass(8), true));
  }

  /** @param {any} target @param {any[]} cells */
  put(target, cells) {
    if (target instanceof PackedObject) for (const cell of cells) target.cells.push(cell);
    else for (let place = 0; place < cells.length; place += 2) target.set(cells[place], cells[place + 1]);
  }

  /** @param {any[]} items */
  tuple(items) {
    return this.exact ? new PackedTuple(items) : items;
  }
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {PackedReader} reader @returns {never} */
function unknown(reader) {
  throw new Error(`no trace: opcode ${reader.bytes[reader.at - 1]} at ${reader.at - 1}`);
}

/**
 * By opcode.
 * @type {{[opcode: number]: (reader: PackedReader, stack: any[]) => void}}
 */
const READ = {
  0x80: (reader) => reader.pass(1), // PROTO
  0x95: (reader) => reader.pass(8), // FRAME
  0x4e: (_, stack) => stack.push(null), // NONE
  0x88: (_, stack) => stack.push(true), // NEWTRUE
  0x89: (_, stack) => stack.push(false), // NEWFALSE
  0x4b: (reader, stack) => stack.push(reader.bytes[reader.at++]), // BININT1
  0x4d: (reader, stack) => stack.push(reader.view.getUint16(reader.pass(2), true)), // BININT2
  0x4a: (reader, stack) => stack.push(reader.view.getInt32(reader.pass(4), true)), // BININT
  0x8a: (reader, stack) => stack.push(reader.integer(reader.bytes[reader.at++])), // LONG1
  0x8b: (reader, stack) => stack.push(reader.integer(reader.view.getInt32(reader.pass(4), true))), // LONG4
  // BINFLOAT
  0x47: (reader, stack) => {
    const value = reader.view.getFloat64(reader.pass(8));
    stack.push(reader.exact ? new PackedFloat(value) : value);
  },
  0x8c: (reader, stack) => stack.push(reader.text(reader.bytes[reader.at++])), // SHORT_BINUNICODE
  0x58: (reader, stack) => stack.push(reader.text(reader.view.getUint32(reader.pass(4), true))), // BINUNICODE
  0x8d: (reader, stack) => stack.push(reader.text(reader.length())), // BINUNICODE8
  0x43: (reader, stack) => pushBytes(reader, stack, reader.bytes[reader.at++]), // SHORT_BINBYTES
  0x42: (reader, stack) => pushBytes(reader, stack, reader.view.getUint32(reader.pass(4), true)), // BINBYTES
  0x8e: (reader, stack) => pushBytes(reader, stack, reader.length()), // BINBYTES8
  0x5d: (_, stack) => stack.push([]), // EMPTY_LIST
  0x7d: (reader, stack) => stack.push(reader.exact ? new PackedObject() : new Map()), // EMPTY_DICT
  0x29: (reader, stack) => stack.push(reader.tuple([])), // EMPTY_TUPLE
  0x85: (reader, stack) => stack.push(reader.tuple(stack.splice(-1))), // TUPLE1
  0x86: (reader, stack) => stack.push(reader.tuple(stack.splice(-2))), // TUPLE2
  0x87: (reader, stack) => stack.push(reader.tuple(stack.splice(-3))), // TUPLE3
  0x74: (reader, stack) => stack.push(reader.tuple(reader.sinceMark())), // TUPLE
  0x61: (_, stack) => stack[stack.length - 2].push(stack.pop()), // APPEND
  // APPENDS
  0x65: (reader, stack) => {
    const items = reader.sinceMark();
    stack[stack.length - 1].push(...items);
  },
  // SETITEM
  0x73: (reader, stack) => {
    const cells = stack.splice(-2);
    reader.put(stack[stack.length - 1], cells);
  },
  // SETITEMS
  0x75: (reader, stack) => {
    const cells = reader.sinceMark();
    reader.put(stack[stack.length - 1], cells);
  },
  0x68: (reader, stack) => stack.push(reader.memo[reader.bytes[reader.at++]]), // BINGET
  0x6a: (reader, stack) => stack.push(reader.memo[reader.view.getUint32(reader.pass(4), true)]), // LONG_BINGET
};

/** @param {PackedReader} reader @param {any[]} stack @param {number} length */
function pushBytes(reader, stack, length) {
  const start = reader.pass(length);
  stack.push(reader.bytes.subarray(start, start + length));
}

/**
 * UTF-8 in which halves of surrogate pairs stand alone, which the browser's own decoder refuses.
 * @param {Uint8Array} bytes
 */
function loneSurrogates(bytes) {
  let text = "";
  for (let place = 0; place < bytes.length; ) {
    const first = bytes[place++];
    const more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let code = more ? first & (0x3f >> more) : first;
    for (let left = more; left > 0; left--) code = (code << 6) | (bytes[place++] & 0x3f);
    text += String.fromCodePoint(code);
  }
  return text;
}
