// Copies a passage's citation in the form a reader chooses.

import { say } from "./dom.js";
import { fetchText, toldOf } from "./service.js";

/**
 * The buttons that copy, one for each form; what was copied is shown beside them.
 * @param {string} id of the passage
 * @returns {HTMLElement}
 */
export function citeForms(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("cite-forms"));
  const forms = /** @type {HTMLElement} */ (template.content.cloneNode(true).firstChild);
  const shown = /** @type {HTMLElement} */ (forms.querySelector("output"));
  forms.addEventListener("click", async (event) => {
    const chosen = /** @type {HTMLElement} */ (event.target).closest("button");
    if (!chosen) return;
    try {
      const { format = "text", style } = chosen.dataset;
      const citation = (await fetchText(citationPath(id, format, style))).trimEnd();
      const html = format === "text" ? await fetchText(citationPath(id, "html", style)) : "";
      shown.textContent = citation;
      const told = (await copy(citation, html)) ? `Copied as ${chosen.textContent}` : "It could not be copied; it stands below.";
      shown.dataset.told = told;
      say(told);
    } catch (error) {
      const { title, detail } = toldOf(error);
      shown.textContent = detail;
      shown.dataset.told = title;
      say(title);
    }
  });
  return forms;
}

/** @param {string} id @param {string} format @param {string | undefined} style */
function citationPath(id, format, style) {
  const told = { format, ...(style && { style, reference: "true" }) };
  return `/v1/excerpts/${encodeURIComponent(id)}/citation?${new URLSearchParams(told)}`;
}

/**
 * Puts text on the clipboard, and the same with its italics beside it; the older way is for pages that are not served over https.
 * @param {string} text
 * @param {string} html "" for text alone
 */
async function copy(text, html) {
  try {
    if (html && typeof ClipboardItem !== "undefined") {
      const kinds = { "text/plain": text, "text/html": html };
      const blobs = Object.entries(kinds).map(([type, value]) => [type, new Blob([value], { type })]);
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    } else {
      await navigator.clipboard.writeText(text);
    }
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focused?.focus();
    return copied;
  }
}
