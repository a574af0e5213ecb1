/* Fetches the slots that a page kept for everybody leaves open, 32 in one request. */
(function () {
  "use strict";
  var script = document.currentScript;
  var about = ["product", "order", "token", "seal"];
  var most = 32;

  function query(slots) {
    var token = new URLSearchParams(location.search).get("grc_order");
    var fields = new URLSearchParams();
    fields.append("path", location.pathname);
    fields.append("lang", document.documentElement.lang);
    if (token) fields.append("token", token);
    slots.forEach(function (slot) {
      fields.append("slot", slot.getAttribute("name"));
      about.forEach(function (name) {
        if (slot.dataset[name]) fields.append(name, slot.dataset[name]);
      });
    });
    return fields.toString();
  }

  function put(slot, html) {
    var template = document.createElement("template");
    template.innerHTML = html;
    slot.replaceWith(template.content);
  }

  function fill(slots) {
    fetch(script.dataset.slots + "?" + query(slots), {
      credentials: "same-origin",
      headers: { Accept: "application/json" }
    })
      .then(function (response) { return response.ok ? response.json() : { slots: [] }; })
      .then(function (answer) {
        requestAnimationFrame(function () {
          slots.forEach(function (slot, index) {
            put(slot, answer.slots[index] ? answer.slots[index].html : "");
          });
          document.dispatchEvent(new CustomEvent("grc:filled"));
        });
      })
      .catch(function () { /* a page without its widgets is still the page */ });
  }

  function load() {
    var slots = Array.prototype.slice.call(document.querySelectorAll("grc-slot[data-grc-fetch]"), 0, 64);
    if (!script) return;
    for (var from = 0; from < slots.length; from += most) fill(slots.slice(from, from + most));
  }

  load();
})();
