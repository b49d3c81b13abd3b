// Makes elements. Text enters a page here, as text nodes only: nothing on these pages ever parses HTML.

/**
 * @typedef {Node | string | null | undefined | false} Child
 */

/**
 * An element with its attributes and children; strings become text, and what is null, undefined or false is left out.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | ((event: Event) => void)>} [attributes] a function is a listener; true is ""
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * A button that does one thing.
 * @param {string} label
 * @param {(event: Event) => void} click
 * @param {Record<string, string>} [attributes]
 */
export function button(label, click, attributes = {}) {
  return make("button", { type: "button", class: "quiet", click, ...attributes }, label);
}

/**
 * Tells screen readers, politely, what has happened.
 * @param {string} text
 */
export function say(text) {
  const said = document.getElementById("said");
  if (said) said.textContent = said.textContent === text ? `${text}\u00a0` : text;
}

/**
 * "1 passage", "2 passages".
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
