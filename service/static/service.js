// Talks to the service: JSON, events, and problems as errors that a reader understands.

/**
 * What went wrong, in the service's own words.
 */
export class Problem extends Error {
  /** @param {{title?: string, found?: string, rule?: string, remedy?: string, detail?: string}} told */
  constructor(told) {
    super(told.title ?? "Something went wrong");
    this.detail = [told.found, told.rule, told.remedy].filter(Boolean).map((part) => sentence(String(part))).join(" ") || told.detail || "";
  }
}

/**
 * Any error as its title and its detail.
 * @param {unknown} error
 */
export function toldOf(error) {
  return { title: error instanceof Error ? error.message : String(error), detail: error instanceof Problem ? error.detail : "" };
}

const LOST = { title: "The service cannot be reached", found: "the connection failed or was lost", remedy: "ask again in a moment" };

/**
 * The body of an answer as text. Throws a Problem.
 * @param {string} path
 * @param {RequestInit} [init]
 */
export async function fetchText(path, init) {
  return (await fetchOk(path, init)).text();
}

/**
 * The body of an answer as JSON. Throws a Problem.
 * @param {string} path
 */
export async function fetchJson(path) {
  return (await fetchOk(path)).json();
}

/**
 * A page of the service, parsed but not shown; nothing in it runs. Throws a Problem, or an AbortError.
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<Document>}
 */
export function fetchPage(path, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", path);
    request.responseType = "document"; // the browser parses it; no script of ours ever does
    request.setRequestHeader("accept", "text/html");
    request.onload = () => (request.response ? resolve(request.response) : reject(new Problem({ title: `The service answered with ${request.status}` })));
    request.onerror = () => reject(new Problem(LOST));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send();
  });
}

/**
 * The events of a question, each as its name and its data. Throws a Problem, or an AbortError.
 * @param {object} question the body of POST /v1/ask
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<{event: string, data: any}>}
 */
export async function* ask(question, signal) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question), signal };
  const response = await fetchOk(`/v1/ask${withinCollections()}`, init);
  if (!response.body) throw new Problem(LOST);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  while (true) {
    const { value, done } = await reader.read().catch((error) => lost(error));
    if (done) return;
    const blocks = (held + value).split("\n\n");
    held = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) yield event;
    }
  }
}

/** The collections of this page, as a query. */
function withinCollections() {
  const names = new URLSearchParams(location.search).getAll("collection");
  return names.length ? `?${new URLSearchParams(names.map((name) => ["collection", name]))}` : "";
}

/** @param {string} block */
function eventOf(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5));
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}

/** @param {string} path @param {RequestInit} [init] */
async function fetchOk(path, init) {
  const response = await fetch(path, init).catch((error) => lost(error));
  if (response.ok) return response;
  const told = await response.json().catch(() => ({ title: `The service answered with ${response.status}` }));
  throw new Problem(told);
}

/** @param {Error} error @returns {never} */
function lost(error) {
  throw error.name === "AbortError" ? error : new Problem(LOST);
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
