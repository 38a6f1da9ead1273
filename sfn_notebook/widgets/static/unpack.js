// @ts-check
import { EventPlaces, isEntered } from "./event_places.js";
import { faithfulText, PackedTexts } from "./packed_texts.js";
import { unpackValue } from "./packed_values.js";

/**
 * Makes a trace of the columns and payloads that the kernel packed (`views/trace.py`), so that the kernel need not.
 *
 * @typedef {import("./store.js").Trace} Trace
 * @typedef {import("./store.js").TraceAttempt} TraceAttempt
 * @typedef {import("./store.js").TraceEvents} TraceEvents
 * @typedef {import("./store.js").TraceVisits} TraceVisits
 * @typedef {{packed: DataView|Uint8Array|string}} PackedTrace Bytes from a kernel or a saved notebook, or base64 text.
 */

/** The stages that a visit may have, by their names in the trace. */
const STAGES = ["after_input_path", "after_parameters", "after_result_selector", "after_result_path"];

/**
 * @param {Trace|PackedTrace|{}|undefined} sent @returns {Trace|null} null where there is no trace yet
 */
export function traceFrom(sent) {
  if (!sent) return null;
  if ("visits" in sent) return sent;
  if (!("packed" in sent)) return null;
  const bytes = bytesOf(sent.packed);
  return bytes.length ? new Unpacking(unpackValue(bytes)).trace() : null;
}

/** @param {DataView|Uint8Array|string} packed */
function bytesOf(packed) {
  if (typeof packed !== "string") return new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
  return Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
}

class Unpacking {
  /** @param {Map<string, any>} columns */
  constructor(columns) {
    this.columns = columns;
    /** @type {number} */
    this.started = columns.get("started");
    this.texts = new PackedTexts();
    const payloads = unpackValue(columns.get("payloads"), { exact: true });
    /** @type {Map<string, number[]>} by column, the numbers of its texts */
    this.numbers = new Map();
    const { cells } = payloads;
    const byName = new Map(cells.map((/** @type {any} */ cell, /** @type {number} */ place) => [cell, cells[place + 1]]));
    // The texts of the events first: what visits have is nearly always one of them.
    for (const name of new Set(["details", ...byName.keys()])) {
      const column = byName.get(name);
      if (Array.isArray(column)) this.numbers.set(name, column.map((value) => this.texts.numberOf(value)));
    }
    this.events = this.eventsOf();
    this.visits = this.visitsOf();
  }

  /** @param {string} name */
  get(name) {
    return this.columns.get(name);
  }

  /** @param {string} name @returns {number[]} */
  texted(name) {
    return this.numbers.get(name) ?? [];
  }

  /**
   * Seconds since the start, without the noise of subtracting two large numbers.
   * @param {number|null} seconds
   */
  since(seconds) {
    return seconds === null ? null : Number((seconds - this.started).toFixed(6));
  }

  /** @param {number[]} seconds */
  allSince(seconds) {
    let before = NaN;
    let since = 0;
    // Many events happen at the same moment.
    return seconds.map((each) => (each === before ? since : (since = /** @type {number} */ (this.since((before = each))))));
  }

  /** @returns {TraceEvents} */
  eventsOf() {
    const [numbers, previousIds, seconds, names] = this.get("events");
    // A copy of the bytes, which stand anywhere among the others.
    const previous = [...new Int32Array(previousIds.slice().buffer)];
    const { types, numbered, count } = this.typesOf(numbers);
    this.types = types;
    const [pointers, iterations] = this.get("visits");
    const states = this.get("states");
    const tried = new Set(this.get("attempts")?.[0] ?? []);
    const visitAt = (/** @type {number} */ visit) => {
      const [, , name, type] = states.get(pointers[visit]);
      return { name, type, iteration: iterations[visit], tried: tried.has(visit) };
    };
    this.places = new EventPlaces(types, numbered, previous, names, visitAt);
    return {
      type: numbered,
      at: this.allSince(seconds.slice(0, count)),
      visit: this.places.visits,
      previous: previous.slice(0, count),
      details: this.texted("details").slice(0, count),
    };
  }

  /**
   * The types that occur, by numbers of their own, and how many events can be read: up to the one whose visit is not
   * there yet, as it was about to be.
   * @param {Uint8Array} numbers
   */
  typesOf(numbers) {
    /** @type {string[]} */
    const names = this.get("event_types");
    /** @type {Map<number, number>} */
    const own = new Map();
    const entering = names.map(isEntered);
    let left = this.get("visits")[0].length;
    /** @type {number[]} */
    const numbered = [];
    for (const number of numbers) {
      if (entering[number] && left-- === 0) break;
      let mine = own.get(number);
      if (mine === undefined) own.set(number, (mine = own.size));
      numbered.push(mine);
    }
    return { types: [...own.keys()].map((number) => names[number]), numbered, count: numbered.length };
  }

  /** @returns {TraceVisits} */
  visitsOf() {
    const { ids, ends, parents } = /** @type {EventPlaces} */ (this.places);
    const [pointers, iterations, statuses, nextStates] = this.get("visits");
    const shown = this.get("shown");
    const { at, details } = this.events;
    const count = ids.length;
    /** @type {Map<string, number>} */
    const states = new Map();
    const state = pointers.slice(0, count).map((/** @type {string} */ pointer) => {
      let number = states.get(pointer);
      if (number === undefined) states.set(pointer, (number = states.size));
      return number;
    });
    this.pointers = [...states.keys()];
    const [errorPlaces, errors] = this.get("errors");
    return {
      id: ids,
      end: ends,
      state,
      parent: parents,
      iteration: iterations.slice(0, count),
      entered: ids.map((id) => at[id - 1]),
      exited: this.exited(ends),
      status: [...statuses.subarray(0, count)],
      input: ids.map((id) => details[id - 1]),
      output: ends.map((end) => (this.hasExited(end) ? details[end - 1] : -1)),
      next: nextStates.slice(0, count).map((/** @type {string|null} */ name) => (name === null ? null : (shown.get(name) ?? name))),
      error: byPlace(errorPlaces, errors),
      cause: this.sparse("cause"),
      stages: this.stages(),
      variables: this.sparse("variables"),
      assigned: this.sparse("assigned"),
      attempts: this.attempts(),
    };
  }

  /**
   * Whether an event ends a visit with an output.
   * @param {number} id 0: none
   */
  hasExited(id) {
    const { types, events } = this;
    return id > 0 && types !== undefined && types[events.type[id - 1]].endsWith("StateExited");
  }

  /**
   * When each visit was left: the kernel tells it of those that did not succeed.
   * @param {number[]} ends
   */
  exited(ends) {
    const [places, seconds] = this.get("exited");
    const exited = ends.map((end) => (end ? this.events.at[end - 1] : null));
    places.forEach((/** @type {number} */ place, /** @type {number} */ index) => {
      if (place < exited.length) exited[place] = this.since(seconds[index]);
    });
    return exited;
  }

  /**
   * The numbers of texts that only some visits have, by their places.
   * @param {string} name @returns {{[visit: number]: number}}
   */
  sparse(name) {
    const numbers = this.texted(name);
    return byPlace(this.get("places").get(name), numbers);
  }

  stages() {
    /** @type {TraceVisits["stages"]} */
    const stages = {};
    for (const name of STAGES) {
      for (const [place, number] of Object.entries(this.sparse(name))) (stages[Number(place)] ??= {})[name] = number;
    }
    return stages;
  }

  attempts() {
    /** @type {TraceVisits["attempts"]} */
    const attempts = {};
    const [places, numbers, started, ended, errors, delays, logs, tracebacks] = this.get("attempts") ?? [[]];
    const { spans } = /** @type {EventPlaces} */ (this.places);
    places.forEach((/** @type {number} */ place, /** @type {number} */ index) => {
      const [first, last] = spans.get(place)?.[numbers[index]] ?? [0, 0];
      (attempts[place] ??= []).push({
        started: /** @type {number} */ (this.since(started[index])),
        ended: this.since(ended[index]),
        parameters: this.texted("parameters")[index],
        result: this.texted("results")[index],
        error: errors[index],
        cause: this.texted("attempt_causes")[index],
        delay: delays[index],
        first,
        last,
        logs: shownText(logs[index]),
        traceback: shownText(tracebacks[index]),
      });
    });
    return attempts;
  }

  /** @returns {import("./store.js").TraceState[]} */
  states() {
    const pointers = /** @type {string[]} */ (this.pointers);
    const { state, parent } = this.visits;
    const first = pointers.map((_, number) => state.indexOf(number));
    return pointers.map((raw, number) => {
      const [pointer, name, , type] = this.get("states").get(raw);
      const region = parent[first[number]];
      return { pointer, name, type, parent: region < 0 ? -1 : state[region] };
    });
  }

  edits() {
    const { at, type, visit } = this.events;
    const types = /** @type {string[]} */ (this.types);
    // An edit is noted just before the event that carries the new payload.
    const ids = this.get("edits").filter((/** @type {number} */ id) => id <= at.length);
    return ids.map((/** @type {number} */ id) => ({
      visit: visit[id - 1],
      stage: isEntered(types[type[id - 1]]) ? "input" : "output",
      elapsed_seconds: at[id - 1],
    }));
  }

  /** @returns {Trace} */
  trace() {
    const [input, output] = this.texted("execution");
    return {
      name: this.get("name"),
      machine: this.get("machine"),
      status: this.get("status"),
      started: this.started,
      ended: this.since(this.get("ended")),
      input,
      output,
      error: this.get("error"),
      cause: this.texted("execution_cause")[0],
      texts: byNumber(this.texts.values.length, (number) => this.texts.textOf(number)),
      cut: byNumber(this.texts.values.length, (number) => this.texts.cutOf(number)),
      states: this.states(),
      statuses: this.get("statuses"),
      event_types: /** @type {string[]} */ (this.types),
      visits: this.visits,
      events: this.events,
      edits: this.edits(),
    };
  }
}

/**
 * What stands at the place of each visit that has it.
 * @template T
 * @param {number[]} places @param {T[]} values @returns {{[visit: number]: T}}
 */
function byPlace(places, values) {
  return Object.fromEntries(places.map((place, index) => [place, values[index]]));
}

/** @param {string|null|undefined} text */
function shownText(text) {
  return text === null || text === undefined ? null : faithfulText(text);
}

/**
 * An array that can only be read, each entry made when it is asked for.
 * @param {number} length @param {(number: number) => any} make @returns {any[]}
 */
function byNumber(length, make) {
  return new Proxy([], {
    get(made, key) {
      if (key === "length") return length;
      return typeof key === "string" && /^\d+$/.test(key) ? make(Number(key)) : Reflect.get(made, key);
    },
  });
}
