// A language model's answer beside the passages: what was checked, sentence by sentence, with the verdict on each quotation.

import { button, counted, make, say } from "./dom.js";

/** @type {{kept: "proved", replaced: "repaired", unquoted: "removed"}} */
const FATES = { kept: "proved", replaced: "repaired", unquoted: "removed" };
const MEANINGS = {
  proved: "stands word for word in the passage",
  repaired: "was altered; these are the source’s own words",
  removed: "is not in the passage as quoted; its quotation marks were removed",
};
const MARKS = ["“”", '""', "«»", "„“", "‘’", "''"];
const CITATION = /(\[\d+\])/;

/** Draws one answer into its place; `passages` is the number of the turn whose cards `[n]` leads to. */
export class Answer {
  /** @param {HTMLElement} place @param {number} turn @param {string} by */
  constructor(place, turn, by) {
    this.place = place;
    this.turn = turn;
    this.by = by;
    /** @type {any[]} */
    this.sentences = [];
    /** @type {Map<number, string>} */
    this.passages = new Map();
  }

  /** Before the first words. */
  begin() {
    this.head = make("h3", {}, `${this.by} reads the passages …`);
    this.text = make("div", { class: "written", role: "log", "aria-live": "polite", "aria-label": `Answer by ${this.by}` });
    this.place.classList.add("begun");
    this.place.replaceChildren(this.head, this.text);
  }

  /**
   * A button in place of the answer, where asking again would cost something.
   * @param {string} label
   * @param {() => void} write
   */
  offer(label, write) {
    this.place.replaceChildren(make("h3", {}, this.by), button(label, write));
  }

  /**
   * Which passages `[1]`, `[2]` … cite.
   * @param {{number: number, excerpt: string}[]} passages
   */
  cites(passages) {
    this.passages = new Map(passages.map(({ number, excerpt }) => [number, excerpt]));
  }

  /**
   * More sentences, checked.
   * @param {any[]} sentences
   */
  take(sentences) {
    this.sentences.push(...sentences);
    this.text?.append(...sentences.flatMap((sentence) => this.drawn(sentence)));
  }

  /**
   * The end: all of it is known, or why there is none.
   * @param {{answer: string | null, check: any, problem: any}} done
   */
  finish({ answer, check, problem }) {
    if (answer === null) return this.fail(problem?.title ?? "There is no answer", problem);
    if (check) {
      this.text?.replaceChildren(...check.sentences.flatMap((/** @type {any} */ sentence) => this.drawn(sentence)));
      this.sentences = check.sentences;
    }
    this.end(`${this.by}, checked`, this.summary(check));
    say(`Answer by ${this.by} complete. ${this.told()}`);
  }

  /**
   * No answer, or not all of it: what was shown does not stand.
   * @param {string} title
   * @param {{found?: string, remedy?: string} | null} [problem]
   */
  fail(title, problem) {
    const why = [problem?.found, problem?.remedy].filter(Boolean).map((part) => `${String(part).charAt(0).toUpperCase()}${String(part).slice(1)}.`);
    this.place.classList.remove("begun");
    this.place.replaceChildren(make("h3", {}, this.by), make("div", { class: "failed", role: "alert" }, make("p", {}, `${title}. The passages stand.`), make("p", { class: "why" }, why.join(" "))));
  }

  /** The reader has heard enough. */
  stop() {
    this.end(this.by, make("p", { class: "note" }, "Stopped. What stands here was checked."));
  }

  /** @param {string} title @param {HTMLElement} note */
  end(title, note) {
    if (this.head) this.head.textContent = title;
    this.place.append(note);
  }

  /** A sentence, and a gap where a line ends after it. @param {any} sentence */
  drawn(sentence) {
    const gap = sentence.text.trimEnd() === sentence.text.replace(/ +$/, "") ? [] : [make("span", { class: "gap" })];
    if (!sentence.text.trim()) return gap;
    const nodes = quoted(sentence).flatMap((part) => this.cited(part));
    const tag = sentence.kind === "block" ? "blockquote" : "span";
    return [make(tag, { class: sentence.stands ? "stands" : "unproved" }, ...nodes), ...gap];
  }

  /** `[n]` as links. @param {string | HTMLElement} part */
  cited(part) {
    if (typeof part !== "string") {
      if (part.classList.contains("quotation")) part.replaceChildren(...this.linked(part.textContent ?? ""));
      return [part];
    }
    return this.linked(part);
  }

  /** @param {string} text */
  linked(text) {
    return text.split(CITATION).filter(Boolean).map((part) => CITATION.test(part) ? this.link(Number(part.slice(1, -1)), part) : part);
  }

  /** @param {number} number @param {string} label */
  link(number, label) {
    const id = this.passages.get(number);
    const section = document.getElementById(`turn-${this.turn}`);
    const card = id && section ? [...section.querySelectorAll(".card")].find((each) => /** @type {HTMLElement} */ (each).dataset.id === id) : null;
    return make("a", { href: `#${card?.id ?? `p-${this.turn}-${number}`}`, class: "n", "aria-label": `Passage ${number}` }, label);
  }

  /** What became of the quotations and citations, and of sentences that cite nothing. @param {any} check */
  summary(check) {
    const verdicts = this.sentences.flatMap((sentence) => sentence.quotations.map(verdictItem));
    const removed = this.sentences.flatMap((sentence) => sentence.removed);
    const lines = [this.told()];
    if (removed.length) lines.push(`Removed ${counted(removed.length, "citation")} of passages that were not given: ${removed.join(", ")}.`);
    if (check?.truncated) lines.push("It was cut off at its longest.");
    const details = verdicts.length > 0 && make("details", {}, make("summary", {}, "The check of each quotation"), make("ul", { class: "verdicts" }, ...verdicts));
    return make("div", { class: "note" }, ...lines.map((line) => make("p", {}, line)), details);
  }

  /** The check in a sentence or two. */
  told() {
    const fates = this.sentences.flatMap((sentence) => sentence.quotations.map((/** @type {any} */ each) => fateOf(each)));
    const counts = Object.values(FATES).map((fate) => [fates.filter((each) => each === fate).length, fate]).filter(([count]) => count);
    const open = this.sentences.filter((sentence) => sentence.kind === "sentence" && !sentence.supported).length;
    const quotations = fates.length ? `${counted(fates.length, "quotation")}: ${counts.map(([count, fate]) => `${count} ${fate}`).join(", ")}.` : "It quotes nothing.";
    return open ? `${quotations} ${counted(open, "sentence")} ${open === 1 ? "cites" : "cite"} no passage.` : quotations;
  }
}

/** @param {any} quotation @returns {"proved" | "repaired" | "removed"} */
function fateOf(quotation) {
  return FATES[/** @type {keyof FATES} */ (quotation.action)];
}

/**
 * A sentence's text in runs; its quotations, with their marks, are followed by their verdict.
 * @param {any} sentence
 * @returns {(string | HTMLElement)[]}
 */
function quoted(sentence) {
  let rest = sentence.kind === "block" ? sentence.text.replace(/^ {0,3}> ?/gm, "").trimEnd() : sentence.text.replace(/\n+$/, "");
  const parts = [];
  for (const quotation of sentence.quotations) {
    const source = quotation.finding.places[0]?.text;
    const words = [quotation.words, source].find((each) => each && rest.includes(each));
    if (!words) continue;
    const marked = [...MARKS].map(([open, close]) => `${open}${words}${close}`).find((each) => rest.includes(each)) ?? words;
    const at = rest.indexOf(marked);
    const fate = fateOf(quotation);
    const verdict = make("span", { class: `fate ${fate}` }, fate, make("span", { class: "unseen" }, `: this quotation ${MEANINGS[fate]}`));
    parts.push(rest.slice(0, at), make("span", { class: `quotation ${fate}` }, marked), " ", verdict);
    rest = rest.slice(at + marked.length);
  }
  return [...parts, rest];
}

/** @param {any} quotation */
function verdictItem(quotation) {
  const fate = fateOf(quotation);
  const changes = quotation.finding.changes.flatMap(changed);
  return make("li", {}, make("b", { class: `fate ${fate}` }, fate), ` “${quotation.words}” ${MEANINGS[fate]}.`, changes.length > 0 && make("p", { class: "diff" }, ...changes), quotation.finding.note && make("p", {}, quotation.finding.note));
}

/** @param {{kind: string, quoted: string, source: string}} change @returns {(string | HTMLElement)[]} */
function changed({ kind, quoted, source }) {
  if (kind === "same") return [source, " "];
  return [quoted ? make("del", {}, make("span", { class: "unseen" }, " quoted: "), quoted) : "", " ", source ? make("ins", {}, make("span", { class: "unseen" }, " source: "), source) : "", " "];
}
