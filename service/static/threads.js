// Threads asked earlier in this browser: kept here only, named by the reader, taken away as a file.

import { button, counted, make, say } from "./dom.js";

const KEY = "ibid.threads";
const MOST = 50;

/** @typedef {{path: string, name: string, at: string}} Kept */

/** @returns {Kept[]} */
function keptThreads() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return []; // storage switched off, or not ours
  }
}

/** @param {Kept[]} threads */
function keep(threads) {
  try {
    localStorage.setItem(KEY, JSON.stringify(threads.slice(0, MOST)));
  } catch {
    say("This browser keeps no threads");
  }
}

/**
 * Notes a thread under its first question; a longer state of the same thread takes the place of the shorter one.
 * @param {string} path @param {string[]} questions @param {string} before the path of the state before
 */
export function noteThread(path, questions, before) {
  const threads = keptThreads();
  const known = threads.find((each) => each.path === before || each.path === path);
  const name = known?.name ?? questions[0];
  keep([{ path, name, at: new Date().toISOString() }, ...threads.filter((each) => each !== known)]);
}

/** Lists the threads on the page to begin with. */
export function showThreads() {
  const place = document.getElementById("about");
  const threads = keptThreads();
  if (!place || !threads.length) return;
  const list = make("ul", {}, ...threads.map((each) => item(each)));
  const all = make("p", { class: "group" }, button("Save as a file", save), button("Forget all", () => {
    keep([]);
    section.remove();
    say("All threads are forgotten");
  }));
  const section = make("details", { class: "threads" }, make("summary", {}, `${counted(threads.length, "earlier thread")} in this browser`), list, all);
  place.after(section);
}

/** @param {Kept} thread */
function item(thread) {
  const link = make("a", { href: thread.path }, thread.name);
  const rename = button("Rename", () => {
    const name = prompt("Name of this thread", thread.name)?.trim();
    if (!name) return;
    keep(keptThreads().map((each) => (each.path === thread.path ? { ...each, name } : each)));
    thread.name = name;
    link.textContent = name;
  });
  const forget = button("Forget", () => {
    keep(keptThreads().filter((each) => each.path !== thread.path));
    row.remove();
    say("Forgotten");
  });
  for (const each of [rename, forget]) each.setAttribute("aria-label", `${each.textContent}: ${thread.name}`);
  const row = make("li", {}, link, " ", make("time", { datetime: thread.at }, thread.at.slice(0, 10)), " ", rename, " ", forget);
  return row;
}

function save() {
  const lines = keptThreads().map(({ path, name, at }) => ({ name, asked: at, address: new URL(path, location.href).href }));
  const file = new Blob([JSON.stringify(lines, null, 2)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: "ibid-threads.json" });
  link.click();
  URL.revokeObjectURL(/** @type {HTMLAnchorElement} */ (link).href);
}
