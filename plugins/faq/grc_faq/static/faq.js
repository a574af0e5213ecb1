/* Suggestions while somebody types: an ARIA combobox around a form that works without it. */
(function () {
  "use strict";

  function enhance(form) {
    var input = form.querySelector("input[type=search]");
    var list = document.createElement("ul");
    var status = document.createElement("p");
    var active = -1, timer = 0, asked = "";
    if (!input || form.dataset.grcReady) return;
    form.dataset.grcReady = "1";
    list.className = "grc-faq-options";
    list.id = input.id + "-options";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", form.dataset.some);
    status.className = "grc-faq-hidden";
    status.setAttribute("role", "status");
    input.parentNode.append(list, status);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    close();

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function show(found) {
      list.replaceChildren.apply(list, found.map(function (item, index) {
        var option = document.createElement("li");
        option.id = list.id + "-" + index;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = item.question;
        option.dataset.url = item.url;
        return option;
      }));
      status.textContent = found.length ? form.dataset.some : form.dataset.none;
      if (!found.length) return close();
      active = -1;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }

    function move(by) {
      var options = list.children;
      if (list.hidden || !options.length) return;
      if (options[active]) options[active].setAttribute("aria-selected", "false");
      active = (active + by + options.length) % options.length;
      options[active].setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", options[active].id);
    }

    function ask() {
      var text = input.value.trim();
      if (text === asked) return;
      asked = text;
      if (text.length < 3) return close();
      var fields = new URLSearchParams({ q: text, locale: form.dataset.lang });
      fetch(form.dataset.grcFaqSuggest + "?" + fields, { credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.json() : []; })
        .then(function (found) { if (text === asked) show(found); })
        .catch(close);
    }

    input.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(ask, 150);
    });
    input.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        move(event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1);
        event.preventDefault();
      } else if (event.key === "Escape" && !list.hidden) {
        close();
        event.preventDefault();
      } else if (event.key === "Enter" && list.children[active]) {
        location.assign(list.children[active].dataset.url);
        event.preventDefault();
      }
    });
    input.addEventListener("blur", function () { setTimeout(close, 150); });
    list.addEventListener("mousedown", function (event) {
      var option = event.target.closest("[role=option]");
      if (option) location.assign(option.dataset.url);
      event.preventDefault();
    });
  }

  function all() {
    document.querySelectorAll("form[data-grc-faq-suggest]").forEach(enhance);
  }

  /* An address with # opens the answer that it names. */
  function open() {
    var found = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (found && found.tagName === "DETAILS") found.open = true;
  }

  all();
  open();
  document.addEventListener("grc:filled", all);
  window.addEventListener("hashchange", open);
})();
