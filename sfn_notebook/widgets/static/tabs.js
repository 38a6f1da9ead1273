// @ts-check
import { h } from "./parts.js";

/**
 * A strip of tabs over one panel that can be closed, by the ARIA pattern for tabs. What a tab shows is its pane's own
 * matter.
 *
 * @typedef {{title: string, element: HTMLElement, shown: () => void}} Tab
 */

export class TabStrip {
  /**
   * @param {string} label @param {Tab[]} tabs
   */
  constructor(label, tabs) {
    this.tabs = tabs;
    this.isOpen = true;
    this.selected = 0;
    this.buttons = tabs.map(({ title }, place) =>
      h("button", { class: "sfn-tab", type: "button", role: "tab", onclick: () => this.select(place) }, title),
    );
    this.toggle = h("button", { class: "sfn-button sfn-tab-toggle", type: "button", onclick: () => this.open(!this.isOpen) });
    this.list = h("div", { class: "sfn-tabs", role: "tablist", "aria-label": label }, ...this.buttons);
    this.panels = tabs.map(({ title, element }) => h("div", { class: "sfn-panel-place", role: "tabpanel", "aria-label": title }, element));
    this.element = h("section", { class: "sfn-details", "aria-label": label }, h("div", { class: "sfn-tab-row" }, this.list, this.toggle), ...this.panels);
    this.list.addEventListener("keydown", (event) => this.keyed(event));
    this.draw();
  }

  /** The tab whose panel is seen. */
  get shown() {
    return this.isOpen && !this.element.hidden ? this.tabs[this.selected] : null;
  }

  /**
   * Leave a tab out, or take it in again.
   * @param {Tab} tab @param {boolean} isOffered
   */
  offer(tab, isOffered) {
    const place = this.tabs.indexOf(tab);
    if (this.buttons[place].hidden === !isOffered) return;
    this.buttons[place].hidden = !isOffered;
    if (!isOffered && place === this.selected) this.select(this.buttons.findIndex((button) => !button.hidden));
  }

  /** @param {number} place */
  select(place) {
    this.selected = Math.max(0, place);
    this.open(true);
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.isOpen = isOpen;
    this.draw();
    this.shown?.shown();
  }

  draw() {
    this.buttons.forEach((button, place) => {
      const isSelected = place === this.selected;
      button.setAttribute("aria-selected", String(isSelected));
      button.setAttribute("tabindex", isSelected ? "0" : "-1");
      this.panels[place].hidden = !isSelected || !this.isOpen;
    });
    this.element.classList.toggle("sfn-closed", !this.isOpen);
    this.toggle.setAttribute("aria-expanded", String(this.isOpen));
    this.toggle.textContent = this.isOpen ? "Hide" : "Show";
    this.toggle.title = `${this.isOpen ? "Hide" : "Show"} the panel below`;
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    const offered = this.buttons.filter((button) => !button.hidden);
    const here = offered.indexOf(this.buttons[this.selected]);
    const last = offered.length - 1;
    /** @type {{[key: string]: number}} */
    const ways = { ArrowRight: here === last ? 0 : here + 1, ArrowLeft: here === 0 ? last : here - 1, Home: 0, End: last };
    if (!(event.key in ways) || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = offered[ways[event.key]];
    this.select(this.buttons.indexOf(target));
    target.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
