/* Saves a choice without a reload, and wakes what waits for it in <template data-grc-needs>. */
(function () {
  "use strict";
  if (window.grcConsent) return;

  function agreed() {
    var found = document.cookie.match(/(?:^|; )grc_choice=([^;]*)/);
    return found ? found[1].split(".") : [];
  }

  function wake() {
    var list = agreed();
    document.querySelectorAll("template[data-grc-needs]").forEach(function (template) {
      var needs = template.dataset.grcNeeds.split(/[\s|]+/).filter(Boolean);
      if (needs.length && needs.every(function (name) { return list.includes(name); })) {
        template.replaceWith(document.importNode(template.content, true));
      }
    });
    tellGoogle(list);
  }

  function tellGoogle(list) {
    if (!document.querySelector("[data-grc-google]")) return;
    var layer = (window.dataLayer = window.dataLayer || []);
    function gtag() { layer.push(arguments); }
    function state(name) { return list.includes(name) ? "granted" : "denied"; }
    gtag("consent", window.grcConsent.told ? "update" : "default", {
      ad_storage: state("marketing"),
      ad_user_data: state("marketing"),
      ad_personalization: state("marketing"),
      analytics_storage: state("analytics"),
      functionality_storage: state("preferences"),
      personalization_storage: state("personalisation")
    });
    window.grcConsent.told = true;
  }

  /* What is being made in the background, shown as it goes on. */
  function follow() {
    var shown = document.querySelector("[data-grc-follow]");
    if (!shown) return;
    setTimeout(function () {
      fetch(location.href)
        .then(function (response) { return response.text(); })
        .then(function (text) {
          var page = new DOMParser().parseFromString(text, "text/html");
          var now = page.querySelector("." + shown.className);
          if (now && !("grcFollow" in now.dataset)) delete shown.dataset.grcFollow;
          if (now) shown.replaceChildren.apply(shown, Array.from(now.childNodes));
        })
        .finally(follow);
    }, 1500);
  }

  function done(form) {
    var banner = form.closest("section");
    var said = banner.nextElementSibling;
    var main = document.querySelector("main") || document.body;
    said.textContent = form.dataset.grcSaved;
    banner.remove();
    if (!main.hasAttribute("tabindex")) main.setAttribute("tabindex", "-1");
    main.focus({ preventScroll: true });
    wake();
    document.dispatchEvent(new CustomEvent("grc:consent", { detail: agreed() }));
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var button = event.submitter;
    if (!("grcChoose" in form.dataset) || form.dataset.grcFailed || !button) return;
    event.preventDefault();
    var fields = new URLSearchParams(new FormData(form));
    fields.set(button.name, button.value);
    fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } })
      .then(function (response) {
        if (!response.ok) throw new Error(response.status);
        done(form);
      })
      .catch(function () {
        form.dataset.grcFailed = "1";
        form.requestSubmit(button);
      });
  });

  window.grcConsent = { agreed: agreed };
  wake();
  follow();
})();
