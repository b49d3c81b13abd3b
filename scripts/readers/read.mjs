// Renders Markdown as chat windows do: a JSON list of texts on standard input, {marked: [html…], remark: [html…]} on standard output.
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { marked } from "marked";

let input = "";
for await (const part of process.stdin) input += part;
const texts = JSON.parse(input);
marked.use({ gfm: true, breaks: true });
process.stdout.write(
  JSON.stringify({
    marked: texts.map((text) => marked.parse(text)),
    remark: texts.map((text) => renderToStaticMarkup(createElement(Markdown, { remarkPlugins: [remarkGfm] }, text))),
  }),
);
