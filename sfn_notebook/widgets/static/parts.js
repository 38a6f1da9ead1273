// @ts-check
/**
 * What every view is built from: elements made of parts and text nodes, pictures read as trees, JSON in colours.
 * Nothing here reads markup from a string, so that no name or payload can become any.
 */

const SVG = "http://www.w3.org/2000/svg";
const COLOURED_UP_TO = 60000;
const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;

/**
 * Make an element; strings among the children become text.
 * @param {string} tag @param {Record<string, any>} attributes @param {(Node|string|null|undefined|false)[]} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child || child === "").map((child) => /** @type {Node|string} */ (child)));
  return element;
}

/** @param {string} tag @param {Record<string, string|number>} attributes @param {Node[]} children */
export function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/**
 * Read the picture as a tree; whatever is not drawing is left out.
 * @param {string} text @returns {SVGElement|null}
 */
export function readPicture(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root.localName !== "svg" || root.querySelector("parsererror")) return null;
  const drawing = new Set(["svg", "g", "path", "text", "title", "rect"]);
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (!drawing.has(element.localName)) element.remove();
    for (const { name } of [...element.attributes]) {
      if (/^on|href$/i.test(name)) element.removeAttribute(name);
    }
  }
  return /** @type {SVGElement} */ (/** @type {unknown} */ (document.importNode(root, true)));
}

/**
 * The parts of JSON text with their meaning as classes; prose stays plain.
 * @param {string} text @returns {(Node|string)[]}
 */
export function coloured(text) {
  if (text.length > COLOURED_UP_TO || !/^(?:[[{"]|-?[\d.eE+]+$|true$|false$|null$)/.test(text)) return [text];
  const parts = [];
  let done = 0;
  for (const match of text.matchAll(TOKENS)) {
    const kind = match[2] !== undefined ? "key" : match[1] !== undefined ? "string" : match[3] ? "word" : "number";
    const token = match[1] ?? match[0];
    parts.push(text.slice(done, match.index ?? 0), h("span", { class: `sfn-json-${kind}` }, token));
    done = (match.index ?? 0) + token.length;
  }
  parts.push(text.slice(done));
  return parts;
}

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages that are not served securely have no clipboard; a selected field still copies.
    const field = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "sfn-hidden", readonly: true }));
    const before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    if (before instanceof HTMLElement || before instanceof SVGElement) before.focus({ preventScroll: true });
  }
}

export const count = (/** @type {number} */ number) => number.toLocaleString("en");

/**
 * A status as icon, word and colour.
 * @param {{[status: string]: {word: string, icon: string}}|undefined} marks @param {string} status
 * @param {string} [word] in place of the status's own
 */
export function statusChip(marks, status, word) {
  const icon = s("svg", { viewBox: "0 0 16 16", width: 12, height: 12, "aria-hidden": "true" });
  icon.append(s("path", { d: marks?.[status]?.icon ?? "" }));
  return h("span", { class: "sfn-chip", "data-status": status }, icon, word ?? marks?.[status]?.word ?? status);
}
