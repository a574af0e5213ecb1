// The console works without this; it adds comfort: a menu that folds, colours, a guard against
// leaving a form unsaved, and tables that answer while one types (by htmx).
(() => {
  const root = document.documentElement;

  const menuButton = document.querySelector(".menu-button");
  menuButton?.addEventListener("click", () => {
    const open = menuButton.getAttribute("aria-expanded") !== "true";
    menuButton.setAttribute("aria-expanded", String(open));
    root.classList.toggle("menu-open", open);
    if (open) document.querySelector("#menu a")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (root.classList.contains("menu-open")) {
      menuButton.click();
      menuButton.focus();
    }
    const open = document.querySelector("details.confirm[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  const themes = ["system", "light", "dark"];
  const themeButton = document.querySelector(".theme-button");
  const say = () => {
    const now = root.dataset.theme || "system";
    themeButton.textContent = `${themeButton.dataset.label} ${themeButton.dataset[now]}`;
  };
  if (themeButton) {
    themeButton.hidden = false;
    say();
    themeButton.addEventListener("click", () => {
      const next = themes[(themes.indexOf(root.dataset.theme || "system") + 1) % 3];
      try {
        if (next === "system") {
          delete root.dataset.theme;
          localStorage.removeItem("grc-theme");
        } else {
          root.dataset.theme = next;
          localStorage.setItem("grc-theme", next);
        }
      } catch {
        // no storage: the choice lasts as long as this page
      }
      say();
      document.dispatchEvent(new CustomEvent("grc:theme"));
    });
  }

  // A form that was changed, or came back with errors, is not left by accident.
  const changed = new Set(document.querySelectorAll("form[data-changed]"));
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-unsaved]");
    if (form) changed.add(form);
  });
  document.addEventListener("submit", (event) => changed.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
  document.querySelector(".summary")?.focus();

  // One box chooses every row that shows.
  const ready = (box) => { box.disabled = false; };
  document.querySelectorAll(".choose-all").forEach(ready);
  document.addEventListener("htmx:afterSettle", () => {
    document.querySelectorAll(".choose-all").forEach(ready);
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".choose-all")) return;
    const rows = event.target.closest("table").querySelectorAll("tbody .choose input");
    rows.forEach((box) => { box.checked = event.target.checked; });
  });

  // What was said once is not said again when the page is loaded anew or kept as a bookmark.
  const address = new URL(location.href);
  if (address.searchParams.has("note")) {
    address.searchParams.delete("note");
    history.replaceState(history.state, "", address);
  }
})();
