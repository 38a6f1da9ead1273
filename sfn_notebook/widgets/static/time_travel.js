// @ts-check
import { h, s } from "./parts.js";
import { sinceStart } from "./pane_words.js";

/**
 * Steps through the events of an execution and says where it stands. It only moves the store's moment; what that shows
 * is for the panes to know.
 *
 * @typedef {import("./store.js").Store} Store
 */

const TRAVEL_ICONS = {
  first: "M4 3v10M13 3L6 8l7 5z",
  back: "M11 3L4 8l7 5z",
  play: "M4 2.5l9 5.5-9 5.5z",
  pause: "M5 3v10M11 3v10",
  forth: "M5 3l7 5-7 5z",
  last: "M12 3v10M3 3l7 5-7 5z",
};
const TICK_MILLISECONDS = 120;
const CALM_TICK_MILLISECONDS = 1500;
// However long an execution is, it plays in about this many ticks; a short one gives every event several.
const TICKS_OF_A_RUN = 120;
const TICKS_PER_EVENT = 4;

export class TimeTravel {
  /** @param {Store} store @param {{say: (words: string) => void}} place */
  constructor(store, { say }) {
    this.store = store;
    this.say = say;
    /** @type {ReturnType<typeof setInterval>|null} */
    this.playing = null;
    this.ticks = 0;
    const button = (/** @type {keyof typeof TRAVEL_ICONS} */ icon, /** @type {string} */ label, /** @type {() => void} */ call) =>
      /** @type {HTMLButtonElement} */ (h("button", { class: "sfn-button sfn-icon-button", type: "button", title: label, "aria-label": label, onclick: call }, drawnIcon(icon)));
    this.first = button("first", "First event", () => this.goTo(1));
    this.back = button("back", "Previous event ([)", () => this.goTo(store.now - 1));
    this.play = button("play", "Play", () => this.toggle());
    this.forth = button("forth", "Next event (])", () => this.goTo(store.now + 1));
    this.last = button("last", "Last event", () => this.goTo(null));
    this.slider = /** @type {HTMLInputElement} */ (h("input", { class: "sfn-slider", type: "range", min: 1, max: 1, step: 1, value: 1, "aria-label": "Moment" }));
    this.slider.addEventListener("input", () => {
      this.pause();
      store.goTo(Number(this.slider.value));
    });
    this.words = h("span", { class: "sfn-moment-words" });
    this.element = h(
      "section",
      { class: "sfn-travel", "aria-label": "Time travel" },
      h("div", { class: "sfn-travel-buttons" }, this.first, this.back, this.play, this.forth, this.last),
      this.slider,
      this.words,
    );
    this.draw();
  }

  close() {
    this.pause();
  }

  /** @param {string} change */
  update(change) {
    if (change !== "selection") this.draw();
  }

  draw() {
    const { store } = this;
    const { now, lastEvent } = store;
    const isEmpty = lastEvent === 0;
    // A slider that is being dragged keeps its own place; it is what set the moment.
    this.slider.max = String(Math.max(1, lastEvent));
    this.slider.value = String(Math.max(1, now));
    this.slider.disabled = isEmpty;
    this.slider.setAttribute("aria-valuetext", this.momentWords());
    this.slider.style.setProperty("--sfn-done", `${lastEvent > 1 ? ((now - 1) / (lastEvent - 1)) * 100 : 100}%`);
    this.words.textContent = isEmpty ? "No events yet" : this.momentWords();
    this.words.title = this.words.textContent;
    for (const [button, isUseless] of /** @type {[HTMLButtonElement, boolean][]} */ ([
      [this.first, now <= 1],
      [this.back, now <= 1],
      [this.play, lastEvent < 2],
      [this.forth, store.moment === null],
      [this.last, store.moment === null],
    ])) {
      // A disabled button would lose the focus under the reader's finger.
      button.setAttribute("aria-disabled", String(isEmpty || isUseless));
    }
    this.element.classList.toggle("sfn-in-past", store.moment !== null);
  }

  /** Such as `event 17 of 42: TaskStateEntered Charge, +3 s`. */
  momentWords() {
    const { trace, now, lastEvent } = this.store;
    if (!trace || now < 1) return "";
    const { events, visits, states, event_types: types } = trace;
    const visit = events.visit[now - 1];
    const state = visit === undefined || visit < 0 ? "" : ` ${states[visits.state[visit]].name}`;
    const seconds = events.at[now - 1];
    return `event ${now.toLocaleString("en")} of ${lastEvent.toLocaleString("en")}: ${types[events.type[now - 1]]}${state}, ${sinceStart(seconds)}`;
  }

  /** @param {number|null} moment */
  goTo(moment) {
    this.pause();
    this.step(moment);
    this.say(this.momentWords());
  }

  /** @param {number|null} moment */
  step(moment) {
    if (this.store.lastEvent) this.store.goTo(moment);
  }

  /**
   * The nearest event at which a state is entered, before or after the moment.
   * @param {1|-1} way @returns {number|null}
   */
  transition(way) {
    const { trace, now, lastEvent } = this.store;
    for (let event = now + way; trace && event >= 1 && event <= lastEvent; event += way) {
      if (trace.event_types[trace.events.type[event - 1]].endsWith("StateEntered")) return event;
    }
    return way > 0 ? null : 1;
  }

  /**
   * Answer a key that was pressed anywhere in the view.
   * @param {KeyboardEvent} event @returns {boolean} whether it did
   */
  keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.store.lastEvent) return false;
    if (event.key === "[") this.goTo(this.store.now - 1);
    else if (event.key === "]") this.goTo(this.store.now + 1);
    else if (event.key === "{") this.goTo(this.transition(-1));
    else if (event.key === "}") this.goTo(this.transition(1));
    else return false;
    return true;
  }

  // -- playing --------------------------------------------------------------------------------------------------------

  toggle() {
    if (this.playing !== null) this.pause();
    else if (this.store.lastEvent > 1) this.start();
  }

  start() {
    // Whoever wants less motion gets one state at a time, slowly.
    const isCalm = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
    if (this.store.moment === null) this.step(1);
    this.ticks = 0;
    this.playing = setInterval(() => this.tick(isCalm), isCalm ? CALM_TICK_MILLISECONDS : TICK_MILLISECONDS);
    this.showPlaying();
    this.say("Playing");
  }

  /** @param {boolean} isCalm */
  tick(isCalm) {
    const { store } = this;
    this.ticks++;
    const stride = store.lastEvent / TICKS_OF_A_RUN;
    if (isCalm) this.step(this.transition(1));
    else if (stride > 1 / TICKS_PER_EVENT) this.step(Math.round(store.now + Math.max(1, stride)));
    else if (this.ticks % TICKS_PER_EVENT === 0) this.step(store.now + 1);
    if (store.moment === null) this.goTo(null);
  }

  pause() {
    if (this.playing === null) return;
    clearInterval(this.playing);
    this.playing = null;
    this.showPlaying();
  }

  showPlaying() {
    const isPlaying = this.playing !== null;
    const label = isPlaying ? "Pause" : "Play";
    this.play.replaceChildren(drawnIcon(isPlaying ? "pause" : "play"));
    this.play.setAttribute("aria-label", label);
    this.play.title = label;
  }
}

/** @param {keyof typeof TRAVEL_ICONS} name */
function drawnIcon(name) {
  return s("svg", { class: "sfn-glyph", viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" }, s("path", { d: TRAVEL_ICONS[name] }));
}
