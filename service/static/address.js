// The state of a thread is its address: questions, filters, who may answer; as service/pages.py reads it.

/** Names of filters, as index/filters.py has them. */
const FILTERS = (document.body.dataset.filters ?? "").split(" ");

/**
 * @typedef {{questions: string[], narrowed: [string, string][], by: string, limit: string, collections: string[]}} Address
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
    collections: parameters.getAll("collection"),
  };
}

/**
 * The address of a state.
 * @param {Address} state
 */
export function pathOf({ questions, narrowed, by, limit, collections }) {
  const pairs = [...questions.map((question) => pair("q", question)), ...narrowed];
  if (by) pairs.push(["by", by]);
  if (limit && questions.length) pairs.push(["limit", limit]);
  pairs.push(...collections.map((name) => pair("collection", name)));
  return pairs.length ? `/?${new URLSearchParams(pairs)}` : "/";
}

/**
 * The same state with one filter set to one value.
 * @param {Address} state
 * @param {string} name
 * @param {string} value
 * @returns {Address}
 */
export function within(state, name, value) {
  return { ...state, narrowed: [...state.narrowed.filter(([each]) => each !== name), [name, value]] };
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
