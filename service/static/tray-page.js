// On the page of the tray: shows what this browser keeps, follows changes, and takes over a tray that somebody sent.

import { button, make } from "./dom.js";
import { keep, kept, trayPath, whenKept } from "./tray.js";

/** Only does something on /tray. */
export function equipTrayPage() {
  if (location.pathname !== "/tray") return;
  const shown = new URLSearchParams(location.search).getAll("id");
  if (!shown.length) {
    if (kept().length) location.replace(trayPath(kept()));
    return;
  }
  const place = document.getElementById("clear");
  if (same(shown, kept())) {
    place?.append(button("Empty the tray", () => keep([])));
    whenKept(() => location.replace(trayPath(kept())));
  } else {
    place?.append(button("Keep all of these", () => { keep([...kept(), ...shown]); location.replace(trayPath(kept())); }));
    if (kept().length) place?.append(" ", make("a", { href: trayPath(kept()) }, "Show my own tray"));
  }
}

/** @param {string[]} left @param {string[]} right */
function same(left, right) {
  return left.length === right.length && left.every((id) => right.includes(id));
}
