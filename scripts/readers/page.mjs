// A page that shows Markdown as chat windows do: fetches answers.json, a list of texts, and says in its title when all are shown.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";

const texts = await (await fetch("answers.json")).json();
const shown = texts.map((text, at) =>
  createElement("section", { key: at }, createElement(Markdown, { remarkPlugins: [remarkGfm] }, text)),
);
createRoot(document.getElementById("answers")).render(shown);
const wait = () => {
  if (document.querySelectorAll("section").length === texts.length) document.title = "shown";
  else setTimeout(wait, 20);
};
wait();
