// @ts-check
import { PayloadBox, textBlock } from "./json_tree.js";
import { count, h, s } from "./parts.js";

/**
 * What queues, topics, buses, tables and buckets hold, as small tables. What they hold, the kernel has told.
 *
 * @typedef {import("./interactions_model.js").Party} Party
 * @typedef {{heading: string, columns: string[], rows: [string[], number][], left_out: number, is_latest: boolean}} ServiceSection
 *   The number is that of the whole payload in `texts`, -1: none.
 * @typedef {{party: Party, facts: [string, string][], sections: ServiceSection[]}} ServiceTable
 * @typedef {{tables?: ServiceTable[], note?: string, texts?: string[], cut?: {[text: string]: number}}} ServiceData
 */

export class ServiceTables {
  /** @param {any} given @param {{say: (words: string) => void}} voice */
  constructor(given, { say }) {
    this.say = say;
    /** @type {ServiceData} */
    this.data = {};
    this.element = h("div", { class: "sfn-services", tabindex: "0", role: "group", "aria-label": "What the services hold" });
    this.take(given);
  }

  /** @param {any} given */
  take(given) {
    this.data = (typeof given === "string" ? JSON.parse(given || "{}") : given) ?? {};
    const { tables = [], note } = this.data;
    const shown = tables.map((table) => this.table(table));
    if (!shown.length) shown.push(h("p", { class: "sfn-quiet" }, "There was no queue, topic, bus, table or bucket when this was shown."));
    this.element.replaceChildren(...shown, ...(note ? [h("p", { class: "sfn-quiet" }, note)] : []));
  }

  get count() {
    return this.data.tables?.length ?? 0;
  }

  /** @param {ServiceTable} table */
  table({ party, facts, sections }) {
    const icon = s("svg", { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" }, s("path", { d: party.icon }));
    const title = h("h3", { class: "sfn-service-title", "data-look": party.look }, h("span", { dir: "auto" }, party.name), h("span", { class: "sfn-quiet" }, party.kind));
    title.prepend(icon);
    const told = facts.map(([name, value]) => h("span", { class: "sfn-service-fact" }, `${name} `, h("b", { dir: "auto" }, value)));
    return h("section", { class: "sfn-service", "aria-label": party.words }, title, facts.length ? h("div", { class: "sfn-service-facts" }, ...told) : null, ...sections.map((section) => this.section(section, party)));
  }

  /** @param {ServiceSection} section @param {Party} party */
  section({ heading, columns, rows, left_out, is_latest }, party) {
    if (!rows.length) return h("p", { class: "sfn-quiet" }, `${heading[0].toUpperCase()}${heading.slice(1)}`);
    const body = h("tbody");
    rows.forEach(([cells, payload], place) => body.append(this.row(cells, payload, columns.length, body, `${party.words}, row ${place + 1}`)));
    const hasMore = rows.some(([, payload]) => payload >= 0);
    const head = h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)), hasMore ? h("th", { scope: "col" }, h("span", { class: "sfn-hidden" }, "Whole")) : null);
    const rest = left_out > 0 ? h("p", { class: "sfn-quiet" }, `… ${count(left_out)} ${is_latest ? "earlier" : "more"}`) : null;
    return h("div", {}, h("table", { class: "sfn-service-table" }, h("caption", {}, heading), h("thead", {}, head), body), rest);
  }

  /** @param {string[]} cells @param {number} payload @param {number} columns @param {HTMLElement} body @param {string} label */
  row(cells, payload, columns, body, label) {
    const row = h("tr", {}, ...cells.map((cell) => h("td", { dir: "auto", title: cell }, h("span", { class: "sfn-cut" }, cell))));
    if (payload < 0) return row;
    /** @type {HTMLElement|null} */
    let more = null;
    const button = h("button", { class: "sfn-button", type: "button", "aria-expanded": "false", "aria-label": `Show the whole: ${label}` }, "Show");
    button.addEventListener("click", () => {
      if (more) more.remove();
      more = more ? null : this.whole(payload, columns + 1, label);
      if (more) row.after(more);
      button.setAttribute("aria-expanded", String(Boolean(more)));
      button.textContent = more ? "Hide" : "Show";
    });
    row.append(h("td", { class: "sfn-service-show" }, button));
    return row;
  }

  /** @param {number} payload @param {number} span @param {string} label */
  whole(payload, span, label) {
    const text = this.data.texts?.[payload] ?? "";
    const all = this.data.cut?.[payload];
    const isCut = all !== undefined;
    const note = isCut ? h("p", { class: "sfn-quiet" }, `The first ${count(text.length)} of ${count(all)} characters.`) : null;
    const box = isCut ? textBlock(text, label) : new PayloadBox({ label, text, missing: 0, say: this.say }).element;
    return h("tr", { class: "sfn-service-whole sfn-inspector" }, h("td", { colspan: span }, note, box));
  }
}
