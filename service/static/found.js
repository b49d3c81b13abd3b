// What was found for a question: how well it answers, and the cards. The server draws the same (parts.html).

import { hitCard } from "./card.js";
import { counted, make } from "./dom.js";

/**
 * @param {any} answer the AnswerView of the service
 * @param {number} turn the number of the question
 * @param {string | null} more the address that shows more passages
 * @returns {HTMLElement[]}
 */
export function foundParts(answer, turn, more) {
  const cards = (/** @type {any[]} */ hits) => make("div", { class: "cards" }, ...hits.map((hit) => hitCard(hit, turn)));
  const parts = [understood(answer), status(answer), cards(answer.hits)];
  if (more) parts.push(make("p", { class: "more" }, make("a", { rel: "next", href: more }, "More passages")));
  if (answer.nearest.length) parts.push(make("details", { class: "nearest" }, make("summary", {}, "Show the nearest passages"), cards(answer.nearest)));
  return parts.filter((part) => part !== null);
}

/**
 * The same in a sentence, for those who listen.
 * @param {any} answer
 */
export function foundTold(answer) {
  if (!answer.hits.length) return answer.explanation;
  const best = answer.hits[0] ? ` Best: ${answer.hits[0].citation.formatted}` : "";
  return `${answer.explanation ? `${answer.explanation} ` : ""}${counted(answer.hits.length, "passage")}.${best}`;
}

/** @param {any} answer */
function understood({ rewritten }) {
  return rewritten && rewritten.how !== "as_asked" ? make("p", { class: "understood" }, `Searched for: ${rewritten.text}`) : null;
}

/** @param {any} answer */
function status({ status, hits, works, explanation }) {
  if (explanation) {
    const [title, ...more] = explanation.split(/(?<=\.) /);
    return box(status, title, more.join(" "));
  }
  const from = works.flatMap((/** @type {any} */ work) => [", ", make("a", { href: `/sources/${encodeURIComponent(work.work)}` }, work.label), work.hits > 1 && ` (${work.hits})`]);
  return box(status, counted(hits.length, "passage"), "From ", ...from.slice(1), ".");
}

/** @param {string} kind @param {string} title @param {...import("./dom.js").Child | 0} told */
function box(kind, title, ...told) {
  const said = told.filter(Boolean);
  return make("div", { class: `status ${kind}` }, make("h3", {}, title), said.length > 0 && make("p", {}, .../** @type {any[]} */ (said)));
}
