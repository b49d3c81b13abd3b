// Reads {"exports": {name: text}, "pages": {name: html}} and writes what Zotero's own translators make of each:
// {"exports": {name: [item]}, "pages": {name: {"COinS": [item], "Embedded Metadata": [item]}}}.
// usage: node zotero_translators.js FOLDER < given.json; FOLDER holds node_modules with zotero-translators (npm).
const path = require("path")
const folder = path.join(process.argv[2], "node_modules")
const say = process.stdout.write.bind(process.stdout)
console.log = console.error = () => {} // the translators tell of every step
const translators = require(path.join(folder, "zotero-translators"))
const { JSDOM } = require(path.join(folder, "jsdom"))
const xpath = require(path.join(folder, "wicked-good-xpath"))

const WEB = { COinS: "05d07af9-105a-4572-99f6-a8e231c0daef", "Embedded Metadata": "951c027d-74ac-47d4-a107-9c3069ab7b48" }
const URL = "https://ibid.example/page"

async function fromPage(html, id) {
  const translate = new global.Zotero.Translate.Web()
  const items = []
  const page = new JSDOM(html, { url: URL }).window
  xpath.install(page, true)
  page.Attr.prototype.compareDocumentPosition = function (other) {
    // jsdom 13 orders no attributes, which XPath wants in the order of their elements
    const [one, two] = [this.ownerElement, other.ownerElement || other]
    return one === two ? 4 : one.compareDocumentPosition(two)
  }
  translate.setDocument(page.document)
  translate.setLocation(URL)
  translate.setTranslator(id)
  translate.setHandler("itemDone", (_, item) => items.push(item))
  await translate.translate({ libraryID: false })
  return items
}

async function main() {
  const given = JSON.parse(require("fs").readFileSync(0, "utf-8"))
  const told = { exports: {}, pages: {} }
  await translators.referenceImport("TY  - BOOK\r\nTI  - first\r\nER  - \r\n") // makes the translators known
  for (const [name, text] of Object.entries(given.exports)) {
    try {
      told.exports[name] = await translators.referenceImport(text)
    } catch (error) {
      told.exports[name] = [{ error: String(error && error.message ? error.message : error) }]
    }
  }
  for (const [name, html] of Object.entries(given.pages)) {
    told.pages[name] = {}
    for (const [web, id] of Object.entries(WEB)) told.pages[name][web] = await fromPage(html, id)
  }
  say(JSON.stringify(told), () => process.exit(0))
}

main().catch(error => {
  process.stderr.write(String((error && error.stack) || error) + "\n")
  process.exit(1)
})
