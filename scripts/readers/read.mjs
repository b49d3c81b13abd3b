// Renders Markdown as chat windows do: each line on standard input is a JSON list of texts, and is answered by a line
// {"marked": [html…], "remark": [html…]} on standard output, until the input ends.
import { createInterface } from "node:readline";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { marked } from "marked";

marked.use({ gfm: true, breaks: true });
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const texts = JSON.parse(line);
  const html = {
    marked: texts.map((text) => marked.parse(text)),
    remark: texts.map((text) => renderToStaticMarkup(createElement(Markdown, { remarkPlugins: [remarkGfm] }, text))),
  };
  process.stdout.write(`${JSON.stringify(html)}\n`);
}
