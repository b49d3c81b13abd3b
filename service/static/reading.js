// The reading view: marks the place in the address (#p=start-end), finds words, and shows the printed page beside the text.

import { counted } from "./dom.js";

const PLACE = /^#p=(\d+)-(\d+)$/;

/** Makes a document's page mark places, find words and turn the printed page along; does nothing on other pages. */
export function equipReading() {
  const reading = document.querySelector(".reading");
  if (!(reading instanceof HTMLElement)) return;
  const show = () => showPlace(reading);
  window.addEventListener("hashchange", show);
  show();
  equipFinding(reading);
  equipLeaves(reading);
}

/** @param {HTMLElement} reading */
function showPlace(reading) {
  const place = PLACE.exec(location.hash);
  clear(reading);
  if (!place) return;
  const [start, end] = [Number(place[1]), Number(place[2])];
  if (start < Number(reading.dataset.from) || start >= Number(reading.dataset.to)) {
    const other = `${location.pathname}?at=${start}`;
    if (other !== location.pathname + location.search) location.replace(other + location.hash);
    return;
  }
  const marks = runsOf(reading).flatMap((run) => markWithin(run, [[start, end]]));
  marks[0]?.scrollIntoView({ block: "center" });
}

/**
 * Takes all marks away, so that each run is one text again.
 * @param {HTMLElement} reading
 */
function clear(reading) {
  for (const mark of reading.querySelectorAll("mark")) mark.replaceWith(...mark.childNodes);
  for (const run of runsOf(reading)) run.normalize();
}

/** @param {HTMLElement} reading @returns {HTMLElement[]} */
function runsOf(reading) {
  return [...reading.querySelectorAll("[data-start]")].filter((each) => each instanceof HTMLElement);
}

/**
 * Marks spans of the document within one run; offsets count code points.
 * @param {HTMLElement} run
 * @param {[number, number][]} spans in order, not overlapping
 */
function markWithin(run, spans) {
  const points = Array.from(run.textContent ?? "");
  const first = Number(run.dataset.start);
  /** @type {HTMLElement[]} */
  const marks = [];
  /** @type {(Node | string)[]} */
  const nodes = [];
  let at = 0;
  for (const [start, end] of spans) {
    const from = Math.max(at, start - first);
    const to = Math.min(points.length, end - first);
    if (to <= from) continue;
    const mark = document.createElement("mark");
    mark.textContent = points.slice(from, to).join("");
    nodes.push(points.slice(at, from).join(""), mark);
    marks.push(mark);
    at = to;
  }
  if (marks.length) run.replaceChildren(...nodes, points.slice(at).join(""));
  return marks;
}

/** @param {HTMLElement} reading */
function equipFinding(reading) {
  const form = document.querySelector("form.find");
  const output = form?.querySelector("output");
  const input = form?.querySelector("input");
  if (!(form instanceof HTMLFormElement) || !input || !output) return;
  form.hidden = false;
  /** @type {HTMLElement[]} */
  let found = [];
  let at = -1;
  let words = "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = fold(input.value.trim()).join("");
    if (wanted !== words) {
      clear(reading);
      words = wanted;
      found = wanted ? runsOf(reading).flatMap((run) => markWithin(run, spansOf(run, wanted))) : [];
      at = -1;
    }
    at = found.length ? (at + 1) % found.length : -1;
    output.textContent = found.length ? `${at + 1} of ${counted(found.length, "place")}` : "Nowhere in what this page shows.";
    found[at]?.scrollIntoView({ block: "center" });
  });
}

/**
 * Where words stand in a run: words broken at the end of a line are joined, and white space is white space.
 * @param {HTMLElement} run
 * @param {string} wanted folded
 */
function spansOf(run, wanted) {
  const points = Array.from(run.textContent ?? "");
  const first = Number(run.dataset.start);
  /** @type {number[]} */
  const places = [];
  let text = "";
  for (let index = 0; index < points.length; index += 1) {
    const point = points[index] ?? "";
    if (/[-\u00ad\u2010]/.test(point) && points[index + 1] === "\n" && /\p{Ll}/u.test(points[index + 2] ?? "")) {
      index += 1;
      continue;
    }
    const folded = fold(point).join("");
    if (folded === " " && text.endsWith(" ")) continue;
    for (let each = 0; each < folded.length; each += 1) places.push(index);
    text += folded;
  }
  /** @type {[number, number][]} */
  const spans = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    spans.push([first + (places[at] ?? 0), first + (places[at + wanted.length - 1] ?? 0) + 1]);
  }
  return spans;
}

/** @param {string} text */
function fold(text) {
  return Array.from(text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " "));
}

/** @param {HTMLElement} reading */
function equipLeaves(reading) {
  const image = document.querySelector(".leaf-image img");
  const leaves = [...reading.querySelectorAll("a.leaf")];
  if (!(image instanceof HTMLImageElement) || !leaves.length) return;
  const base = image.src.replace(/\/\d+$/, "");
  const turn = () => {
    const middle = innerHeight / 2;
    const current = leaves.filter((leaf) => leaf.getBoundingClientRect().top < middle).at(-1) ?? leaves[0];
    const number = current instanceof HTMLElement ? current.dataset.page : undefined;
    const wanted = `${base}/${number}`;
    if (number && image.src !== wanted) {
      image.src = wanted;
      image.alt = `${current?.textContent} as printed`;
    }
  };
  let waiting = 0;
  addEventListener("scroll", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(turn, 150);
  }, { passive: true });
  turn();
}
