// @ts-check
import { InteractionList } from "./interaction_list.js";
import { InteractionRecord } from "./interaction_record.js";
import { InteractionStore } from "./interactions_model.js";
import { choiceButton } from "./pane_words.js";
import { count, h } from "./parts.js";
import { SequencePane } from "./sequence_pane.js";
import { ServiceTables } from "./service_tables.js";
import { TabStrip } from "./tabs.js";

/**
 * Who called whom: a diagram and a list of the same rows, the record of the chosen one, what the services hold. It puts
 * these together; what each shows is its own matter.
 *
 * @typedef {{get: (key: string) => any, on: (event: string, call: () => void) => void, off: (event: string, call: () => void) => void}} InteractionsModel
 */

export class InteractionsBoard {
  /**
   * @param {any} interactions @param {any} services null: no tab for them
   * @param {{marks: () => any, say: (words: string) => void}} place
   */
  constructor(interactions, services, { marks, say }) {
    this.say = say;
    const store = (this.store = new InteractionStore(interactions));
    const place = { say, open: () => this.openRecord(), close: () => this.closeRecord(), mark: (/** @type {string} */ status) => marks()?.[status]?.icon ?? "" };
    this.diagram = new SequencePane(store, place);
    this.list = new InteractionList(store, place);
    this.services = new ServiceTables(services, { say });
    this.record = new InteractionRecord(store, { marks, say, closed: () => this.closeRecord() });
    this.tabs = new TabStrip("Interactions", [
      { title: "Diagram", element: this.diagram.element, shown: () => this.shown() },
      { title: "List", element: this.list.element, shown: () => this.shown() },
      { title: "Services", element: this.services.element, shown: () => this.shown() },
    ]);
    this.tabs.toggle.hidden = true;
    this.tabs.offer(this.tabs.tabs[2], services !== null);
    this.note = h("p", { class: "sfn-quiet sfn-board-note" });
    this.bar = this.toolbar();
    this.element = h("div", { class: "sfn-board" }, this.bar, this.note, this.tabs.element, this.record.element);
    store.subscribe((change) => this.changed(change));
    this.changed("data");
  }

  close() {
    this.diagram.close();
    this.list.close();
  }

  /** @param {any} interactions @param {any} services */
  take(interactions, services) {
    this.services.take(services);
    this.store.take(interactions);
  }

  // -- what stands above the tabs -------------------------------------------------------------------------------------

  toolbar() {
    const { store } = this;
    this.parties = /** @type {HTMLSelectElement} */ (h("select", { class: "sfn-select", "aria-label": "Participant", onchange: () => store.refilter({ party: Number(this.parties?.value) }) }));
    this.search = /** @type {HTMLInputElement} */ (h("input", { class: "sfn-field", type: "search", placeholder: "Filter", "aria-label": "Filter by words", oninput: () => store.refilter({ words: this.search?.value ?? "" }), onkeydown: (/** @type {Event} */ event) => event.stopPropagation() }));
    this.failed = choiceButton("Failed only", () => store.refilter({ failedOnly: !store.filter.failedOnly }), { title: "Only what failed or was throttled" });
    this.folding = choiceButton("Fold repeats", () => store.refilter({ folded: !store.filter.folded }), { title: "Tell four or more like interactions in a row as one" });
    this.tally = h("span", { class: "sfn-quiet sfn-tally" });
    return h("div", { class: "sfn-pane-bar", role: "toolbar", "aria-label": "Filter of the interactions" }, this.parties, this.search, this.failed, this.folding, this.tally);
  }

  drawBar() {
    const { filter, data, shown } = this.store;
    const options = data.parties.map(({ words }, number) => h("option", { value: number, selected: number === filter.party }, words));
    this.parties?.replaceChildren(h("option", { value: -1 }, "All participants"), ...options);
    this.failed?.setAttribute("aria-pressed", String(filter.failedOnly));
    this.folding?.setAttribute("aria-pressed", String(filter.folded));
    const all = this.store.count;
    const noun = all === 1 ? "interaction" : "interactions";
    if (this.tally) this.tally.textContent = shown.length === all ? `${count(all)} ${noun}` : `${count(shown.length)} of ${count(all)} ${noun}`;
    const forgotten = data.forgotten ? `${count(data.forgotten)} older interactions are not shown.` : "";
    this.note.textContent = all === 0 ? "Nobody has called anybody yet." : shown.length ? forgotten : "No interaction matches the filter.";
    this.note.hidden = !this.note.textContent;
  }

  // -- what changes ---------------------------------------------------------------------------------------------------

  /** @param {import("./interactions_model.js").InteractionChange} change */
  changed(change) {
    if (change !== "selection") this.drawBar();
    if (change === "filter") this.say(this.tally?.textContent ?? "");
    const pane = this.pane;
    if (pane && change === "selection") pane.chosen();
    else if (pane) this.shown();
    this.record.draw(change === "data");
  }

  /** The pane of rows that is seen. */
  get pane() {
    const shown = this.tabs.shown?.title;
    return shown === "Diagram" ? this.diagram : shown === "List" ? this.list : null;
  }

  /** A tab is seen, or its rows are new: what changed while it was not seen is caught up. */
  shown() {
    const areRows = Boolean(this.pane);
    this.bar.hidden = !areRows;
    this.note.hidden = !areRows || !this.note.textContent;
    this.record.element.hidden = !areRows || !this.record.isOpen;
    this.element.style.setProperty("--sfn-entries", String(this.store.entries.length));
    this.pane?.refresh();
    if (this.pane && this.pane.chosenIndex >= 0) this.pane.window.reveal(this.pane.chosenIndex);
  }

  // -- the record -----------------------------------------------------------------------------------------------------

  openRecord() {
    this.record.open(true);
    const pane = this.pane;
    if (pane) pane.window.reveal(pane.chosenIndex);
  }

  closeRecord() {
    if (!this.record.isOpen) return false;
    this.record.open(false);
    this.pane?.window.element.focus({ preventScroll: true });
    return true;
  }

  /**
   * Choose a row and show its record.
   * @param {number} row
   */
  show(row) {
    if (row < 0) return;
    if (!this.store.places.has(row)) this.store.refilter({ party: -1, failedOnly: false, words: "" });
    this.store.select(row);
    this.openRecord();
  }
}

export class InteractionsView {
  /** @param {InteractionsModel} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.live = h("div", { class: "sfn-hidden", role: "status", "aria-live": "polite" });
    const title = model.get("title") || "Who called whom";
    this.board = new InteractionsBoard(model.get("interactions"), model.get("services"), {
      marks: () => model.get("marks"),
      say: (words) => (this.live.textContent = words),
    });
    this.root = h("div", { class: "sfn-view", role: "region", "aria-label": title }, h("header", { class: "sfn-header" }, h("span", { class: "sfn-heading" }, title)), this.board.element, this.live);
    el.append(this.root);
    this.retake = () => this.board.take(model.get("interactions"), model.get("services"));
    model.on("change:interactions", this.retake);
    model.on("change:services", this.retake);
    // Only what is on the page can be measured.
    this.board.shown();
  }

  close() {
    this.model.off("change:interactions", this.retake);
    this.model.off("change:services", this.retake);
    this.board.close();
    // A notebook keeps the element of every view that it ever showed; what was in it shall not stay with it.
    this.root.replaceChildren();
    this.root.remove();
  }
}
