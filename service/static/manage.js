// The page of documents: files dropped or chosen, what was read from them, and the job that indexes them.

import { button, counted, make, say } from "./dom.js";
import { fetchJson, fetchText, toldOf } from "./service.js";

/** Makes the page work, where this is it. */
export function equipManage() {
  const place = document.getElementById("manage");
  if (!place) return;
  const within = `?${new URLSearchParams({ collection: place.dataset.collection ?? "" })}`;
  const drop = /** @type {HTMLElement} */ (document.getElementById("drop"));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    send(within, await dropped(event.dataTransfer));
  });
  for (const id of ["files", "folder"]) {
    const input = /** @type {HTMLInputElement} */ (document.getElementById(id));
    input.addEventListener("change", () => {
      send(within, [...(input.files ?? [])].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
      input.value = "";
    });
  }
  document.querySelectorAll("[data-job]").forEach((job) => follow(within, /** @type {HTMLElement} */ (job).dataset.job ?? ""));
  document.querySelectorAll("[data-delete]").forEach((each) => {
    const name = /** @type {HTMLElement} */ (each).dataset.delete ?? "";
    each.addEventListener("click", () => {
      if (!confirm(`Delete ${name}? Its passages go from the collection.`)) return;
      begin(within, `/v1/files${within}&${new URLSearchParams({ name })}`, { method: "DELETE" });
    });
  });
  document.getElementById("again")?.addEventListener("click", () => {
    begin(within, `/v1/jobs${within}`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"rebuild": true}' });
  });
}

/**
 * @typedef {{file: File, name: string}} Sent
 */

/**
 * The files dropped, and those within folders dropped; hidden ones are left out.
 * @param {DataTransfer | null} transfer
 * @returns {Promise<Sent[]>}
 */
async function dropped(transfer) {
  const items = [...(transfer?.items ?? [])].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry());
  const plain = items.map((item) => item.getAsFile());
  const sent = await Promise.all(entries.map((entry, at) => (entry ? filesOf(entry, "") : [{ file: plain[at], name: plain[at]?.name ?? "" }])));
  return /** @type {Sent[]} */ (sent.flat().filter(({ file }) => file));
}

/**
 * @param {any} entry
 * @param {string} above
 * @returns {Promise<Sent[]>}
 */
async function filesOf(entry, above) {
  if (entry.name.startsWith(".")) return [];
  const name = above + entry.name;
  if (entry.isFile) return [{ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), name }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map((each) => filesOf(each, `${name}/`)))).flat();
}

/** @param {string} within @param {Sent[]} files */
async function send(within, files) {
  if (!files.length) return;
  const held = /** @type {HTMLElement} */ (document.getElementById("held"));
  held.replaceChildren(make("p", { class: "understood" }, `Reading ${counted(files.length, "file")} …`));
  const body = new FormData();
  for (const { file, name } of files) body.append("data", file, name);
  try {
    const upload = JSON.parse(await fetchText(`/v1/uploads${within}`, { method: "POST", body }));
    held.replaceChildren(reportOf(within, upload));
    say(`${counted(upload.files.length, "file")} read; nothing is indexed yet`);
  } catch (error) {
    held.replaceChildren(problemBox(error));
  }
}

/** @param {string} within @param {any} upload */
function reportOf(within, upload) {
  const readable = upload.files.some((/** @type {any} */ file) => !file.problem);
  const box = make("section", { class: "report", "aria-label": "What was read" }, make("h3", {}, "What was read"));
  for (const file of upload.files) box.append(fileBox(file));
  const accept = button("Accept and index", () => {
    box.remove();
    begin(within, `/v1/uploads/${upload.id}/accept${within}`, { method: "POST" });
  });
  const discard = button("Discard", () => {
    box.remove();
    fetchText(`/v1/uploads/${upload.id}${within}`, { method: "DELETE" }).catch(() => undefined);
  });
  box.append(make("p", {}, readable && accept, " ", discard));
  return box;
}

/** @param {any} file */
function fileBox(file) {
  if (file.problem) return make("div", { class: "read weak" }, make("b", {}, file.name), make("p", {}, `Left out, because it cannot be read: ${file.problem}`));
  return make("div", { class: "read" }, make("b", {}, file.name), ...file.documents.map(documentBox));
}

/** @param {any} told */
function documentBox(told) {
  const doubt = told.layout === "unsure" ? "" : ", in doubt";
  const verdict = told.layout ? `layout ${told.layout}${told.sure ? "" : `${doubt}: texts that are not sure stay without an attribution`}` : "";
  const counts = [counted(told.excerpts, "passage"), told.uncited && `${told.uncited} without a citation`];
  const more = told.unparsed && `${told.unparsed} whose citation was not read whole`;
  const line = [...counts, more, `read as ${told.reader}`, verdict].filter(Boolean).join("; ");
  const doubts = [...told.doubts, ...told.warnings].map((/** @type {string} */ each) => make("li", {}, each));
  return make("div", { class: told.sure ? "" : "unsure" }, make("p", {}, `${told.title}: ${line}.`), doubts.length > 0 && make("ul", {}, ...doubts));
}

/** @param {string} within @param {string} path @param {RequestInit} init */
async function begin(within, path, init) {
  const jobs = /** @type {HTMLElement} */ (document.getElementById("jobs"));
  try {
    const job = JSON.parse(await fetchText(path, init));
    jobs.prepend(make("div", { class: "job", "data-job": job.id }));
    follow(within, job.id);
  } catch (error) {
    jobs.prepend(problemBox(error));
  }
}

/** @param {string} within @param {string} id */
function follow(within, id) {
  const place = /** @type {HTMLElement} */ (document.querySelector(`[data-job="${CSS.escape(id)}"]`));
  const events = new EventSource(`/v1/jobs/${encodeURIComponent(id)}/events${within}`);
  events.addEventListener("job", (event) => {
    const job = JSON.parse(event.data);
    show(within, place, job);
    if (["done", "failed", "cancelled"].includes(job.state)) events.close();
  });
  events.addEventListener("error", async () => {
    events.close();
    const job = await fetchJson(`/v1/jobs/${encodeURIComponent(id)}${within}`).catch(() => null);
    if (job) show(within, place, job);
  });
}

/** @param {string} within @param {HTMLElement} place @param {any} job */
function show(within, place, job) {
  const words = { queued: "Waiting", running: "Indexing", done: "Indexed", failed: "Failed", cancelled: "Stopped" };
  const ended = ["done", "failed", "cancelled"].includes(job.state);
  const far = job.total ? `${job.done.toLocaleString("en")} of ${job.total.toLocaleString("en")} windows` : "";
  place.dataset.state = job.state;
  const shown = make(
    "div",
    {},
    make("p", {}, [/** @type {any} */ (words)[job.state], far, job.message].filter(Boolean).join(": ")),
    !ended && make("progress", job.total ? { max: job.total, value: job.done, "aria-label": "progress" } : { "aria-label": "progress" }),
    !ended && button("Stop", () => fetchText(`/v1/jobs/${job.id}/cancel${within}`, { method: "POST" }).catch(() => undefined)),
    job.state === "done" && make("p", {}, make("a", { href: `/${within}` }, "Ask the collection"), " ", make("a", { href: `/manage${within}` }, "Show all documents")),
  );
  place.replaceChildren(...shown.childNodes);
}

/** @param {unknown} error */
function problemBox(error) {
  const { title, detail } = toldOf(error);
  return make("section", { class: "status weak", role: "alert" }, make("h3", {}, title), make("p", {}, detail));
}
