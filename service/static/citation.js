// A formatted citation as nodes: the few tags that the service writes, and everything else as text.

import { make } from "./dom.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#39;": "'", "&#34;": '"' };
const TAG = /(<\/?(?:i|b|sup|sub|span)(?: style="font-style: normal")?>)/;

/**
 * @param {string} html what the service says under `citation.html`
 * @param {string[]} [likely] the fields that are likely, not certain
 * @returns {HTMLElement}
 */
export function citationLine(html, likely = []) {
  const line = make("p", { class: "citation" });
  let within = line;
  for (const part of html.split(TAG)) {
    if (!TAG.test(part)) {
      within.append(unescaped(part));
    } else if (part.startsWith("</")) {
      within = within.parentElement ?? line;
    } else {
      const [tag] = part.slice(1, -1).split(" ");
      const element = make(tag, tag === "span" ? { class: "upright" } : {});
      within.append(element);
      within = element;
    }
  }
  if (likely.length) line.append(" ", make("small", { class: "likely", title: `Likely, not certain: ${likely.join(", ")}` }, `(likely: ${likely.join(", ")})`));
  return line;
}

/** @param {string} text */
function unescaped(text) {
  return text.replace(/&(?:amp|lt|gt|quot|#x27|#39|#34);/g, (entity) => ENTITIES[/** @type {keyof ENTITIES} */ (entity)]);
}
