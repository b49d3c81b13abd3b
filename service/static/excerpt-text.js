// Excerpts for a reader's eye, as service/cutting.py shows them. Offsets count code points, not UTF-16 units.

import { make } from "./dom.js";

/** Characters of a long excerpt that a card shows around its first highlight. */
export const SHOWN = 1400;

/**
 * @typedef {{start: number, end: number}} Span
 */

/**
 * "3-7 12-20" as spans.
 * @param {string} written
 * @returns {Span[]}
 */
export function spansOf(written) {
  return written.split(" ").filter(Boolean).map((each) => {
    const [start, end] = each.split("-").map(Number);
    return { start, end };
  });
}

/**
 * What a card shows of an excerpt: a short one whole, of a long one the words around its first highlight.
 * @param {string} text
 * @param {Span[]} highlights
 * @param {number} [shown]
 */
export function around(text, highlights, shown = SHOWN) {
  const points = Array.from(text);
  const spans = [...highlights].sort((left, right) => left.start - right.start);
  const [start, end] = points.length <= shown ? [0, points.length] : partOf(points, spans[0] ?? { start: 0, end: 0 }, shown);
  return { nodes: runs(points, spans, start, end), before: start, after: points.length - end };
}

/**
 * A block of an excerpt's text with what is left out of it told before and after.
 * @param {string} text
 * @param {Span[]} highlights
 * @param {number} [shown]
 */
export function textBlock(text, highlights, shown = SHOWN) {
  const { nodes, before, after } = around(text, highlights, shown);
  return make("div", { class: "text" }, cut(before, "before"), make("blockquote", {}, ...nodes), cut(after, "after"));
}

/** @param {number} count @param {string} where */
function cut(count, where) {
  return count > 0 && make("p", { class: "cut" }, `${count.toLocaleString("en")} characters ${where} this`);
}

/** @param {string[]} points @param {Span} first @param {number} shown */
function partOf(points, first, shown) {
  let start = Math.max(0, Math.min(Math.floor((first.start + first.end - shown) / 2), first.start));
  let end = Math.max(start + shown, first.end);
  if (start) start = spaceWithin(points, start, first.start) + 1 || first.start;
  if (end < points.length) end = Math.max(lastSpaceWithin(points, first.end, end), first.end);
  return [start, Math.min(end, points.length)];
}

/** @param {string[]} points @param {Span[]} spans @param {number} start @param {number} end */
function runs(points, spans, start, end) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let at = start;
  for (const span of spans) {
    const opens = Math.min(Math.max(at, span.start), end);
    const closes = Math.min(span.end, end);
    if (opens > at) nodes.push(points.slice(at, opens).join(""));
    if (closes > opens) nodes.push(make("mark", {}, points.slice(opens, closes).join("")));
    at = Math.max(at, closes);
  }
  if (end > at) nodes.push(points.slice(at, end).join(""));
  return nodes;
}

/** @param {string[]} points @param {number} start @param {number} end */
function spaceWithin(points, start, end) {
  const found = points.indexOf(" ", start);
  return found < end ? found : -1;
}

/** @param {string[]} points @param {number} start @param {number} end */
function lastSpaceWithin(points, start, end) {
  const found = points.lastIndexOf(" ", end - 1);
  return found >= start ? found : -1;
}
