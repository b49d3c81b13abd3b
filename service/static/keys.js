// Keys: `/` asks, `j` and `k` go from passage to passage, `o` opens, `c` copies the citation, `?` tells.

import { make, say } from "./dom.js";

/** @type {Record<string, string>} */
const TOLD = { "/": "Write a question", j: "Next passage", k: "Passage before", o: "Open the passage", c: "Copy its citation", "?": "These keys" };

/** Listens on every page; a key pressed in a field, or with Ctrl, Alt or Meta, is left alone. */
export function equipKeys() {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, textarea, select, dialog")) return;
    if (act(event.key)) event.preventDefault();
  });
}

/** @param {string} key */
function act(key) {
  const card = /** @type {HTMLElement | null} */ (document.activeElement?.closest(".card") ?? null);
  if (key === "/") return focus(document.querySelector("#q, #quote"));
  if (key === "j" || key === "k") return step(card, key === "j" ? 1 : -1);
  if (key === "o" && card) return follow(card);
  if (key === "c" && card) return copy(card);
  return key === "?" && tell();
}

/** @param {Element | null} element */
function focus(element) {
  /** @type {HTMLElement | null} */ (element)?.focus();
  return element !== null;
}

/** @param {HTMLElement | null} from @param {number} by */
function step(from, by) {
  const cards = [...document.querySelectorAll(".card")].filter((card) => /** @type {HTMLElement} */ (card).offsetParent);
  const at = from ? cards.indexOf(from) + by : by > 0 ? 0 : cards.length - 1;
  cards[at]?.scrollIntoView({ block: "nearest" });
  return focus(cards[at] ?? null);
}

/** @param {HTMLElement} card */
function follow(card) {
  const link = /** @type {HTMLAnchorElement | null} */ (card.querySelector(".links a"));
  link?.click();
  return link !== null;
}

/** @param {HTMLElement} card */
function copy(card) {
  const citation = card.querySelector(".citation")?.textContent ?? "";
  navigator.clipboard?.writeText(citation.trim()).then(() => say("Citation copied"), () => say("The browser does not allow copying"));
  return true;
}

function tell() {
  const open = document.querySelector("dialog.keys");
  if (open) {
    open.remove();
    return true;
  }
  const rows = Object.entries(TOLD).map(([key, told]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, told)));
  const close = make("button", { type: "button", class: "quiet", click: () => dialog.close() }, "Close");
  const dialog = /** @type {HTMLDialogElement} */ (make("dialog", { class: "keys", "aria-label": "Keys" }, make("dl", {}, ...rows), close));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return true;
}
