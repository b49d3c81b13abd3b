// The thread: questions put one after another without leaving the page, each state with an address of its own.

import { addressAt, addressOf, filtersOf, forAnother, pathOf } from "./address.js";
import { Answer } from "./answer.js";
import { equipBrush } from "./brush.js";
import { equip } from "./card.js";
import { make, say } from "./dom.js";
import { recall, remember } from "./memory.js";
import { ask, fetchPage, Problem, toldOf } from "./service.js";
import { noteThread } from "./threads.js";

/** @typedef {import("./address.js").Address} Address */

/** Takes over the form of a page that has a thread. */
export function equipThread() {
  const place = document.getElementById("thread");
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("ask"));
  if (!place || !form) return;
  const thread = new Thread(place, form);
  form.addEventListener("submit", (event) => thread.submit(event));
  document.getElementById("stop")?.addEventListener("click", () => thread.stop());
  document.addEventListener("keydown", (event) => event.key === "Escape" && thread.stop());
  window.addEventListener("popstate", () => location.reload());
  thread.restore();
}

class Thread {
  /** @param {HTMLElement} place @param {HTMLFormElement} form */
  constructor(place, form) {
    this.place = place;
    this.form = form;
    this.field = /** @type {HTMLInputElement} */ (form.querySelector("#q"));
    /** @type {AbortController | null} */
    this.running = null;
  }

  /** Puts the answers back that were written in this tab, and offers to have the others written. */
  restore() {
    const state = addressOf(location.search);
    if (!state.by) return;
    state.questions.forEach((_, at) => {
      const upTo = { ...state, questions: state.questions.slice(0, at + 1) };
      const section = document.getElementById(`turn-${at + 1}`);
      const place = /** @type {HTMLElement | null} */ (section?.querySelector(".answer") ?? null);
      if (!section || !place) return;
      const answer = new Answer(place, at + 1, state.by);
      const known = recall(pathOf(upTo));
      if (known) {
        answer.begin();
        answer.cites(known.hits.passages);
        answer.finish(known.done);
        if (known.hits.searched) this.show(section, upTo, new AbortController().signal, known.hits.searched);
      } else {
        answer.offer("Have it answer from these passages", () => this.run(section, upTo));
      }
    });
  }

  /**
   * A new question is asked here; without one the form goes its usual way, to apply the filters.
   * @param {Event} event
   */
  submit(event) {
    const asked = this.field.value.trim();
    const state = this.state();
    const changed = pathOf({ ...state, questions: [] }) !== pathOf({ ...addressOf(location.search), questions: [] });
    const full = state.questions.length >= Number(this.place.dataset.most);
    if (!asked || this.running || full || (changed && state.questions.length)) {
      if (this.running) event.preventDefault();
      return;
    }
    event.preventDefault();
    const next = { ...forAnother(state), questions: [...state.questions, asked] };
    noteThread(pathOf(next), next.questions, location.pathname + location.search);
    history.pushState(null, "", pathOf(next));
    document.title = `${asked} – Ibid`;
    this.field.value = "";
    this.prepare(next);
    this.run(this.open(asked, next), next);
  }

  /** Ends what is running; what has been shown stays. */
  stop() {
    this.running?.abort();
  }

  /** What the form says now. @returns {Address} */
  state() {
    const data = new URLSearchParams(/** @type {any} */ (new FormData(this.form)));
    return { ...addressOf(`?${data}`), questions: addressOf(location.search).questions };
  }

  /**
   * The form as it stands below a thread: it asks on.
   * @param {Address} state
   */
  prepare(state) {
    document.getElementById("front")?.classList.add("unseen");
    document.querySelectorAll("#about, .examples, .threads").forEach((each) => each.remove());
    document.body.classList.toggle("beside", Boolean(state.by));
    document.body.classList.toggle("plain", !state.by);
    this.form.parentElement?.classList.add("following");
    this.field.required = false;
    this.field.placeholder = "And …";
    for (const label of this.field.labels ?? []) label.textContent = "Ask on";
    const anew = /** @type {HTMLElement | null} */ (document.querySelector(".anew"));
    anew?.removeAttribute("hidden");
    anew?.querySelector("a")?.setAttribute("href", pathOf({ ...state, questions: [] }));
    document.querySelectorAll("#thread .trail a, .composer .chips a, .composer .narrow a").forEach((link) => carry(/** @type {HTMLAnchorElement} */ (link), state));
    this.form.querySelectorAll("input[type=hidden][name=q]").forEach((field) => field.remove());
    this.form.prepend(...state.questions.map((question) => make("input", { type: "hidden", name: "q", value: question })));
  }

  /** @param {string} question @param {Address} state */
  open(question, state) {
    const number = state.questions.length;
    const heading = make("h2", { class: "question", id: `question-${number}` }, question);
    const section = make(
      "section",
      { class: "turn new", id: `turn-${number}`, "aria-labelledby": `question-${number}` },
      heading,
      state.by && make("aside", { class: "answer", "aria-label": `Answer by ${state.by}` }),
      make("div", { class: "passages" }, make("p", { class: "waiting" }, "Looking …")),
    );
    this.place.append(section);
    section.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    return section;
  }

  /**
   * Asks the last question of a state and draws what comes.
   * @param {HTMLElement} section
   * @param {Address} state
   */
  async run(section, state) {
    const number = state.questions.length;
    const place = /** @type {HTMLElement | null} */ (section.querySelector(".answer"));
    const answer = place && new Answer(place, number, state.by);
    answer?.begin();
    this.running = new AbortController();
    this.busy(true);
    try {
      await this.follow(section, state, answer, this.running.signal);
    } catch (error) {
      this.broken(section, state, answer, /** @type {Error} */ (error));
    } finally {
      this.running = null;
      this.busy(false);
    }
  }

  /** @param {HTMLElement} section @param {Address} state @param {Answer | null} answer @param {AbortSignal} signal */
  async follow(section, state, answer, signal) {
    if (!answer) return this.show(section, state, signal, "");
    let hits = null;
    for await (const { event, data } of ask(body(state), signal)) {
      if (event === "hits") {
        hits = { passages: data.passages, searched: data.rewritten && data.rewritten.how !== "as_asked" ? data.rewritten.text : "" };
        await this.show(section, state, signal, hits.searched);
        answer.cites(data.passages);
        if (!data.hits.length) section.querySelector(".answer")?.remove();
      } else if (event === "check") {
        answer.take(data.sentences);
      } else if (event === "error") {
        throw new Problem(data);
      } else if (event === "done") {
        answer.finish(data);
        if (data.answer !== null) remember(pathOf(state), { hits, done: data });
        return;
      }
    }
    throw new Problem({ title: "The answer broke off", found: "the connection was lost", remedy: "ask again in a moment" });
  }

  /**
   * Puts in the passages of a question as the server draws them.
   * @param {HTMLElement} section @param {Address} state @param {AbortSignal} signal
   * @param {string} searched what a language model made of the question
   */
  async show(section, state, signal, searched) {
    const path = addressAt("/turn", state);
    const page = await fetchPage(searched ? `${path}&searched=${encodeURIComponent(searched)}` : path, signal);
    const found = page.querySelector(".passages");
    if (!found) throw new Problem({ title: page.querySelector("h1, h3")?.textContent ?? "The service cannot be reached" });
    document.querySelectorAll("#thread .more, #thread .ways").forEach((each) => each.remove());
    section.querySelector(".passages")?.replaceWith(document.adoptNode(found));
    section.querySelectorAll(".card").forEach((card) => equip(/** @type {HTMLElement} */ (card)));
    equipBrush(section);
    if (searched && !section.querySelector(".understood")) section.querySelector(".passages")?.prepend(make("p", { class: "understood" }, `Searched for: ${searched}`));
    say(toldIn(section));
  }

  /** @param {HTMLElement} section @param {Address} state @param {Answer | null} answer @param {Error} error */
  broken(section, state, answer, error) {
    const stopped = error.name === "AbortError";
    const again = () => this.run(section, state);
    const waiting = section.querySelector(".waiting");
    if (waiting) {
      const title = stopped ? "Stopped." : `${error.message}.`;
      const detail = make("p", {}, stopped ? "" : toldOf(error).detail, " ", make("button", { type: "button", class: "quiet", click: again }, "Ask again"));
      waiting.replaceWith(make("div", { class: "status weak waiting", role: "alert" }, make("h3", {}, title), detail));
    } else if (stopped) {
      answer?.stop();
    } else {
      answer?.fail(error.message, { found: "what it had written is not shown, because it was not checked to its end", remedy: "ask again in a moment" });
    }
    if (stopped) say("Stopped");
    if (!(error instanceof Problem) && !stopped) throw error;
  }

  /** @param {boolean} running */
  busy(running) {
    this.form.setAttribute("aria-busy", String(running));
    const stop = document.getElementById("stop");
    const hadFocus = document.activeElement === stop;
    stop?.toggleAttribute("hidden", !running);
    this.form.querySelector(".row button[type=submit]")?.toggleAttribute("hidden", running);
    if (hadFocus && !running) this.field.focus();
  }
}

/** @param {Address} state */
function body(state) {
  const earlier = state.questions.slice(0, -1);
  return {
    question: state.questions.at(-1),
    filters: filtersOf(state.narrowed),
    history: earlier.map((content) => ({ role: "user", content })),
    mode: state.by ? "answer" : "passages",
    ...(state.by && { model: state.by }),
    ...(state.limit && { limit: Number(state.limit) }),
    stream: true,
  };
}

/**
 * Lets a link that narrows lead to the whole thread as it now is.
 * @param {HTMLAnchorElement} link
 * @param {Address} state
 */
function carry(link, state) {
  const url = new URL(link.href);
  url.searchParams.delete("q");
  const kept = [...state.questions.map((question) => ["q", question]), ...url.searchParams];
  link.href = `${url.pathname}?${new URLSearchParams(kept)}`;
}

/**
 * What was found in a sentence, for those who listen.
 * @param {HTMLElement} section
 */
function toldIn(section) {
  const best = section.querySelector(".card .citation")?.textContent;
  const counted = section.querySelector(".status.answered");
  const parts = section.querySelectorAll(counted ? ".status > h3" : ".status > :is(h3, p):not(.confidence)");
  const status = [...parts].map((each) => each.textContent?.trim().replace(/\s+/g, " ")).join(" ");
  return best ? `${status}${counted ? "." : ""} Best: ${best}` : status;
}
