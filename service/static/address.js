// The state of a thread is its address: questions, filters, who may answer; as service/pages.py reads it.

/** Names of filters, as index/filters.py has them. */
const FILTERS = (document.body.dataset.filters ?? "").split(" ");

/** What else an address says of how passages are shown; the first two concern one question only. */
const SHOWN = ["offset", "inside", "sort", "view", "collection"];

/**
 * The state for a further question: what concerned the last one only is left out.
 * @param {Address} state
 * @returns {Address}
 */
export function forAnother(state) {
  return { ...state, limit: "", shown: state.shown.filter(([name]) => name !== "offset" && name !== "inside") };
}

/**
 * @typedef {{questions: string[], narrowed: [string, string][], by: string, limit: string, shown: [string, string][]}} Address
 */

/**
 * The state in an address.
 * @param {string} search
 * @returns {Address}
 */
export function addressOf(search) {
  const parameters = new URLSearchParams(search);
  return {
    questions: parameters.getAll("q").filter((question) => question.trim()),
    narrowed: FILTERS.flatMap((name) => parameters.getAll(name).filter((value) => value.trim()).map((value) => pair(name, value.trim()))),
    by: parameters.get("by") ?? "",
    limit: parameters.get("limit") ?? "",
    shown: SHOWN.flatMap((name) => parameters.getAll(name).map((value) => pair(name, value))),
  };
}

/**
 * The address of a state.
 * @param {Address} state
 */
export function pathOf(state) {
  return addressAt("/", state);
}

/**
 * The address of a state on some page.
 * @param {string} path @param {Address} state
 */
export function addressAt(path, { questions, narrowed, by, limit, shown }) {
  const pairs = [...questions.map((question) => pair("q", question)), ...narrowed];
  if (by) pairs.push(["by", by]);
  if (limit && questions.length) pairs.push(["limit", limit]);
  pairs.push(...shown.filter(([name]) => questions.length || name === "collection"));
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

/**
 * Filters as POST /v1/ask takes them.
 * @param {[string, string][]} narrowed
 */
export function filtersOf(narrowed) {
  /** @type {Record<string, string[]>} */
  const filters = {};
  for (const [name, value] of narrowed) (filters[name] ??= []).push(value);
  return filters;
}

/** @param {string} name @param {string} value @returns {[string, string]} */
function pair(name, value) {
  return [name, value];
}
