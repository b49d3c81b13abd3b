// The theme: as the system has it, light or dark. The only script that is no module: it runs before anything is painted.

{
  const KEY = "ibid.theme";
  const SYSTEM = "light dark";
  const scheme = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="color-scheme"]'));

  /** What was chosen in this browser, as a list of colour schemes. @returns {string} */
  const chosen = () => {
    try {
      const kept = localStorage.getItem(KEY);
      return kept === "light" || kept === "dark" ? kept : SYSTEM;
    } catch {
      return SYSTEM; // storage switched off
    }
  };

  /** Paints the page as chosen, and shows what is. */
  const apply = () => {
    scheme.content = chosen();
    for (const choice of themes()) choice.checked = choice.value === scheme.content;
  };

  /** @param {Event} event */
  const choose = ({ target }) => {
    const choice = /** @type {HTMLInputElement} */ (target);
    scheme.content = choice.value;
    try {
      localStorage.setItem(KEY, choice.value);
    } catch {
      // storage switched off: this page only
    }
  };

  /** @returns {NodeListOf<HTMLInputElement>} */
  const themes = () => document.querySelectorAll('input[name="theme"]');

  apply();
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    themes().forEach((choice) => choice.addEventListener("change", choose));
  });
  window.addEventListener("pageshow", apply); // back from a page on which it was changed
  window.addEventListener("storage", (event) => event.key === KEY && apply());
}
