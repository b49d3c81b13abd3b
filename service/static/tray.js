// The tray: ids of passages kept in this browser, and the link to the page that shows them.

const KEY = "ibid.tray";
const MOST = 200;

/** The ids kept, in the order they were. @returns {string[]} */
export function kept() {
  try {
    const ids = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return []; // storage switched off, or written by something else
  }
}

/**
 * Keeps exactly these passages.
 * @param {string[]} ids
 */
export function keep(ids) {
  try {
    localStorage.setItem(KEY, JSON.stringify([...new Set(ids)].slice(0, MOST)));
  } catch {
    // storage switched off: the tray lives in its address only
  }
  window.dispatchEvent(new Event("ibid:kept"));
}

/**
 * Puts a passage into the tray or takes it out; returns whether it is in it now.
 * @param {string} id
 */
export function toggle(id) {
  const ids = kept();
  const out = ids.includes(id);
  keep(out ? ids.filter((each) => each !== id) : [...ids, id]);
  return !out;
}

/**
 * The page of a tray; its address holds all of it.
 * @param {string[]} ids
 */
export function trayPath(ids) {
  return ids.length ? `/tray?${new URLSearchParams(ids.map((id) => ["id", id]))}` : "/tray";
}

/**
 * Calls back whenever the tray changes, here or in another tab.
 * @param {() => void} changed
 */
export function whenKept(changed) {
  window.addEventListener("ibid:kept", changed);
  window.addEventListener("storage", (event) => event.key === KEY && changed());
}

/** Lets the link in the head of every page lead to the tray, and count it. */
export function showTray() {
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("tray"));
  const count = document.getElementById("kept");
  const show = () => {
    const ids = kept();
    if (link) link.href = trayPath(ids);
    if (count) count.textContent = ids.length ? ` (${ids.length})` : "";
  };
  whenKept(show);
  show();
}
