// The chart of years among the results: dragging over bars narrows to the years from the first to the last of them.

/** @param {ParentNode} within */
export function equipBrush(within) {
  within.querySelectorAll("svg[data-brush]").forEach((chart) => {
    /** @type {Element | null} */
    let first = null;
    chart.addEventListener("pointerdown", (event) => (first = barAt(event)));
    chart.addEventListener("pointerover", (event) => first && mark(chart, first, barAt(event)));
    chart.addEventListener("dragstart", (event) => event.preventDefault());
    chart.addEventListener("pointerup", (event) => {
      const last = barAt(event);
      if (first && last && first !== last) location.assign(addressOver(first, last));
      first = null;
    });
  });
}

/** @param {Event} event */
function barAt(event) {
  return /** @type {Element} */ (event.target).closest("[data-years]");
}

/** @param {Element} chart @param {Element} first @param {Element | null} last */
function mark(chart, first, last) {
  const bars = [...chart.querySelectorAll("[data-years]")];
  const [from, to] = [bars.indexOf(first), last ? bars.indexOf(last) : -1].sort((left, right) => left - right);
  bars.forEach((bar, at) => bar.classList.toggle("brushed", from >= 0 && at >= from && at <= to));
}

/** @param {Element} first @param {Element} last */
function addressOver(first, last) {
  const years = [first, last].flatMap((bar) => (bar.getAttribute("data-years") ?? "").split("-")).map(Number);
  const url = new URL(first.getAttribute("href") ?? "", location.href);
  url.searchParams.set("year", `${Math.min(...years)}-${Math.max(...years)}`);
  return url.href;
}
