// A language model's answer beside the passages: what was checked, sentence by sentence, with the verdict on each quotation.

import { button, counted, make, say } from "./dom.js";

/** @type {{kept: "proved", replaced: "repaired", unquoted: "removed"}} */
const FATES = { kept: "proved", replaced: "repaired", unquoted: "removed" };
const MEANINGS = {
  proved: "stands word for word in the passage",
  repaired: "was altered; these are the source’s own words",
  removed: "is not in the passage as quoted; its quotation marks were removed",
};
/** @type {Record<string, string>} */
const TAGS = { emphasis: "em", strong: "strong", code: "code" };

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

  /** A sentence of the tree, in the block that it begins or goes on with. @param {any} sentence */
  drawn(sentence) {
    if (!sentence.nodes.length) return [];
    const opens = sentence.opens;
    const gap = opens ? [make("span", { class: "gap" })] : [" "];
    const sign = opens?.kind === "item" ? [opens.number ? `${opens.number}. ` : "• "] : [];
    const tag = sentence.kind === "block" ? "blockquote" : sentence.kind === "heading" ? "strong" : "span";
    const nodes = sentence.nodes.flatMap((/** @type {any} */ node) => this.node(node, sentence));
    const kinds = [sentence.stands ? "stands" : "unproved", sentence.support.verdict === "contradicted" ? "disagrees" : ""].join(" ").trim();
    return [...gap, make(tag, { class: kinds }, ...sign, ...nodes, ...warnings(sentence))];
  }

  /**
   * The model's plain words, a citation, or a quotation with its marks and its verdict; only text, whatever it holds.
   * @param {any} node @param {any} sentence
   * @returns {(string | HTMLElement)[]}
   */
  node(node, sentence) {
    if (node.type === "cites") return [this.link(node.number, `[${node.number}]`)];
    if (node.type === "words") {
      const parts = withRemoved(node.text, sentence);
      return TAGS[node.style] ? [make(TAGS[node.style], {}, ...parts)] : parts;
    }
    const text = node.slices.join(" […] ");
    const replaced = sentence.quotations.some((/** @type {any} */ each) => each.action === "replaced" && each.finding.places.some((/** @type {any} */ place) => place.text === text));
    const fate = replaced ? "repaired" : "proved";
    return [make("span", { class: `quotation ${fate}` }, sentence.kind === "block" ? text : `“${text}”`), " ", verdict(fate)];
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
    const open = this.sentences.filter((sentence) => sentence.kind === "sentence" && !sentence.cites).length;
    const quotations = fates.length ? `${counted(fates.length, "quotation")}: ${counts.map(([count, fate]) => `${count} ${fate}`).join(", ")}.` : "It quotes nothing.";
    return open ? `${quotations} ${counted(open, "sentence")} ${open === 1 ? "cites" : "cite"} no passage.` : quotations;
  }
}

/** @param {any} quotation @returns {"proved" | "repaired" | "removed"} */
function fateOf(quotation) {
  return FATES[/** @type {keyof FATES} */ (quotation.action)];
}

/** @param {"proved" | "repaired" | "removed"} fate */
function verdict(fate) {
  return make("span", { class: `fate ${fate}` }, fate, make("span", { class: "unseen" }, `: this quotation ${MEANINGS[fate]}`));
}

/**
 * Plain words; what of them stood between marks and is no quotation is followed by its verdict.
 * @param {string} text @param {any} sentence
 * @returns {(string | HTMLElement)[]}
 */
function withRemoved(text, sentence) {
  const parts = [];
  let rest = text;
  for (const quotation of sentence.quotations) {
    const at = quotation.action === "unquoted" && quotation.words ? rest.indexOf(quotation.words) : -1;
    if (at < 0) continue;
    parts.push(rest.slice(0, at), make("span", { class: "quotation removed" }, quotation.words), " ", verdict("removed"));
    rest = rest.slice(at + quotation.words.length);
  }
  return [...parts, rest];
}

/** Where its passage says otherwise, or the sentence quoted says more. @param {any} sentence @returns {(string | HTMLElement)[]} */
function warnings(sentence) {
  const scopes = sentence.quotations.flatMap((/** @type {any} */ each) => (each.finding.accepted ? (each.finding.scope?.warnings ?? []) : []));
  const reasons = [...(sentence.support.verdict === "contradicted" ? sentence.support.reasons : []), ...scopes];
  return reasons.length ? [" ", make("span", { class: "warning" }, `Check this: ${reasons.join("; ")}.`)] : [];
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
