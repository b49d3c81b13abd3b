// Answers that a language model has written in this tab, so that reload and back show them without asking it again.

const PREFIX = "ibid.answer ";

/**
 * The answer remembered for a state, or null.
 * @param {string} path
 * @returns {{hits: any, done: any} | null}
 */
export function recall(path) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + path) ?? "null");
  } catch {
    return null; // storage switched off
  }
}

/**
 * Remembers an answer; one that finds no room is asked for again.
 * @param {string} path
 * @param {{hits: any, done: any}} answer
 */
export function remember(path, answer) {
  try {
    sessionStorage.setItem(PREFIX + path, JSON.stringify(answer));
  } catch {
    sessionStorage.clear();
  }
}
