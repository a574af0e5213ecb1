/* Tells the shop which recommendations were seen and taken up, and adds several at once. */
(function () {
  "use strict";

  function tell(box, what, product) {
    if (!navigator.sendBeacon) return;
    var fields = new FormData();
    fields.append("what", what);
    fields.append("widget", box.dataset.grcRecs);
    if (product) fields.append("product", product);
    navigator.sendBeacon(box.dataset.grcTo, fields);
  }

  function watch(box) {
    if (box.dataset.grcWatched) return;
    box.dataset.grcWatched = "1";
    var all = box.querySelector(".grc-recs-all");
    if (all) all.hidden = false;
    if (!window.IntersectionObserver) return;
    var seen = new IntersectionObserver(function (entries) {
      if (!entries.some(function (entry) { return entry.isIntersecting; })) return;
      seen.disconnect();
      tell(box, "impression");
    }, { threshold: 0.3 });
    seen.observe(box);
  }

  function watchAll() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-grc-recs]"), watch);
  }

  function addAll(button) {
    var box = button.closest("[data-grc-recs]");
    var forms = Array.prototype.slice.call(box.querySelectorAll("form"));
    button.disabled = true;
    // one after the other: a cart in a cookie keeps only the last of parallel answers
    forms.slice(0, -1).reduce(function (before, form) {
      return before.then(function () {
        tell(box, "add", form.closest("[data-product]").dataset.product);
        return fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      });
    }, Promise.resolve()).then(function () {
      forms[forms.length - 1].requestSubmit();
    }, function () { button.disabled = false; });
  }

  document.addEventListener("click", function (event) {
    var box = event.target.closest("[data-grc-recs]");
    if (!box) return;
    if (event.target.closest("[data-grc-add-all]")) addAll(event.target);
    else if (event.target.closest("a")) {
      var card = event.target.closest("[data-product]");
      if (card) tell(box, "click", card.dataset.product);
    }
  });
  document.addEventListener("submit", function (event) {
    var card = event.target.closest("[data-grc-recs] [data-product]");
    if (card) tell(card.closest("[data-grc-recs]"), "add", card.dataset.product);
  });
  document.addEventListener("grc:filled", watchAll);
  watchAll();
})();
