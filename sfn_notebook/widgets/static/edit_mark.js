// @ts-check
import { h, s } from "./parts.js";

/**
 * The sign of a payload that a person replaced at a breakpoint, as icon and words. Which payloads those are is the
 * store's business.
 */

export const EDITED = "edited by hand";
export const PENCIL = "M11.3 2.5L13.5 4.7L5.4 12.8L2.5 13.5L3.2 10.6ZM9.5 4.3L11.7 6.5";

/**
 * @param {string} words
 * @returns {HTMLElement}
 */
export function editChip(words = EDITED) {
  const icon = s("svg", { viewBox: "0 0 16 16", width: 11, height: 11, "aria-hidden": "true" }, s("path", { d: PENCIL }));
  return h("span", { class: "sfn-edited", title: "A person replaced this payload at a breakpoint" }, icon, h("span", { class: "sfn-edited-words" }, words));
}
