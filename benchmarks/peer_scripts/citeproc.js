// Sets CSL items with citeproc-js: reads {style, locales, lang, format, cases: [{item, locator, label}]} from standard input as
// JSON, writes [{citation, entry}] in the same order; `entry` is null where the style lists no such work.
const CSL = require(process.argv[2]);
const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

const items = Object.fromEntries(given.cases.map(({ item }, number) => [`w${number}`, { ...item, id: `w${number}` }]));
const system = { retrieveLocale: (lang) => given.locales[lang], retrieveItem: (id) => structuredClone(items[id]) };
const processor = new CSL.Engine(system, given.style, given.lang, true);
processor.setOutputFormat(given.format);

function set({ locator, label }, number) {
  const id = `w${number}`;
  processor.updateItems([id]);
  const list = processor.makeBibliography();
  const citation = processor.makeCitationCluster([locator ? { id, locator, label } : { id }]);
  return { citation, entry: list && list[1].length ? list[1][0] : null };
}

process.stdout.write(`\n${JSON.stringify(given.cases.map(set))}`);
