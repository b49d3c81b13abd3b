// Cards: a passage with its citation, which the server draws (parts.html), and what a reader can do with it.

import { citationLine } from "./citation.js";
import { citeForms } from "./cite.js";
import { button, make, say } from "./dom.js";
import { SHOWN, spansOf, textBlock } from "./excerpt-text.js";
import { fetchJson, toldOf } from "./service.js";
import { kept, toggle, whenKept } from "./tray.js";

/**
 * Gives a card, wherever it was drawn, its tools: keep, cite, unfold, and what stands before and after.
 * @param {HTMLElement} card
 */
export function equip(card) {
  const id = card.dataset.id ?? "";
  const tools = /** @type {HTMLElement} */ (card.querySelector(".tools"));
  const group = make("div", { class: "group" }, keepButton(id), disclosure("Cite", () => citeForms(id), card));
  if (card.querySelector(".cut")) group.append(unfoldButton(card, id));
  if (!card.classList.contains("whole")) group.append(disclosure("Before and after", () => neighbours(id), card));
  tools.prepend(group);
}

/** @param {string} id */
function passagePath(id) {
  return `/x/${encodeURIComponent(id)}`;
}

/** @param {string} id */
function keepButton(id) {
  const keep = button("Keep", () => {
    const now = toggle(id);
    say(now ? "Kept in the tray" : "Taken out of the tray");
  });
  const show = () => {
    const now = kept().includes(id);
    keep.textContent = now ? "Kept" : "Keep";
    keep.setAttribute("aria-pressed", String(now));
  };
  whenKept(show);
  show();
  return keep;
}

/**
 * A button that shows something below the tools, made when it is first asked for.
 * @param {string} label
 * @param {() => HTMLElement | Promise<HTMLElement>} content
 * @param {HTMLElement} card
 */
function disclosure(label, content, card) {
  /** @type {HTMLElement | undefined} */
  let shown;
  const opener = button(label, async () => {
    const open = opener.getAttribute("aria-expanded") !== "true";
    opener.setAttribute("aria-expanded", String(open));
    if (open && !shown) {
      try {
        shown = await content();
      } catch (error) {
        const { title, detail } = toldOf(error);
        shown = make("p", { class: "problem" }, `${title}. ${detail}`);
      }
      card.append(shown);
    }
    shown?.toggleAttribute("hidden", !open);
  }, { "aria-expanded": "false" });
  return opener;
}

/** @param {HTMLElement} card @param {string} id */
function unfoldButton(card, id) {
  /** @type {string | undefined} */
  let text;
  const unfold = button("Whole passage", async () => {
    const open = unfold.getAttribute("aria-expanded") !== "true";
    text ??= (await fetchJson(`/v1/excerpts/${encodeURIComponent(id)}?before=0&after=0&related=0`)).text;
    const shown = open ? Infinity : SHOWN;
    card.querySelector(".text")?.replaceWith(textBlock(String(text), spansOf(card.dataset.marks ?? ""), shown));
    unfold.setAttribute("aria-expanded", String(open));
    unfold.textContent = open ? "Less of it" : "Whole passage";
  }, { "aria-expanded": "false" });
  return unfold;
}

/** @param {string} id */
async function neighbours(id) {
  const { before, after } = await fetchJson(`/v1/excerpts/${encodeURIComponent(id)}?before=1&after=1&related=0`);
  const shown = [neighbour("Before it", before[0]), neighbour("After it", after[0])];
  return make("div", { class: "around" }, ...shown, !before.length && !after.length && "It stands alone in its document.");
}

/** @param {string} label @param {any} passage */
function neighbour(label, passage) {
  if (!passage) return null;
  const link = make("a", { href: passagePath(passage.id) }, label);
  return make("section", {}, make("h4", {}, link), make("blockquote", {}, passage.text), citationLine(passage.citation.html, passage.citation.likely));
}
