// What was typed stays: when the language is switched on any page, and in a form with data-draft also when it is loaded anew.
// It is kept in this window alone, taken out once it is back in its form, and forgotten when the form is sent. Never at a kiosk's end.
// A form that was sent after the session had ended, or was refused on a page of its own, comes back too: the page between shows that
// it was not taken.
"use strict";
(() => {
  const atKiosk = document.body.classList.contains("at-kiosk");
  const forms = [...document.querySelectorAll("main form")].filter((form) => form.method === "post");
  const kept = (field) => field.name && !["hidden", "file", "password", "submit", "button"].includes(field.type);
  const name = (form) => `kept:${location.pathname}:${form.id || forms.indexOf(form)}`;
  const of = (field) => field.dataset.of || ""; // what the words are about: those about something else wait until it is back
  const keep = (form) => {
    const fields = [...form.elements].filter(kept), here = new Set(fields.map((field) => field.name + of(field)));
    const others = JSON.parse(sessionStorage.getItem(name(form)) || "[]").filter(([key, , , about]) => about && !here.has(key + about));
    const values = fields.map((field) => [
      field.name,
      field.value,
      ["checkbox", "radio"].includes(field.type) ? field.checked : null,
      of(field),
    ]);
    sessionStorage.setItem(name(form), JSON.stringify([...values, ...others]));
  };
  const fill = (form, values) => {
    const fields = [...form.elements].filter(kept);
    for (const [key, value, isOn, about] of values) {
      if (form.elements[key]?.dataset && "given" in form.elements[key].dataset) continue; // a link said it newly
      const at = fields.findIndex((field) => field.name === key && (isOn === null || field.value === value) && of(field) === (about || ""));
      if (at < 0) continue;
      const [field] = fields.splice(at, 1);
      if (isOn === null) field.value = value;
      else field.checked = isOn;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const sent = sessionStorage.getItem("sent");
  const signsIn = /^\/(account\/login|track\/($|[^/]+\/code\/))/.test(location.pathname) || !!document.querySelector("[data-unopened], [data-untaken]");
  if (sent && signsIn) sessionStorage.setItem("unsent", sent);
  if (!signsIn) {
    if (sent && sessionStorage.getItem("unsent") !== sent) sessionStorage.removeItem(sent);
    for (const key of ["sent", "unsent"]) sessionStorage.removeItem(key);
  }
  for (const form of forms) {
    const text = sessionStorage.getItem(name(form));
    if (text) {
      if (!("draft" in form.dataset)) sessionStorage.removeItem(name(form));
      if (!document.querySelector("main .findings")) fill(form, JSON.parse(text));
    }
    form.addEventListener("submit", () => {
      sessionStorage.removeItem(name(form));
      if (atKiosk || signsIn || !document.body.dataset.keeps) return;
      keep(form);
      sessionStorage.setItem("sent", name(form));
    });
  }
  for (const kind of ["input", "change"]) // also in a form that came in place of another
    document.addEventListener(kind, (event) => { if (event.target.form && "draft" in event.target.form.dataset) keep(event.target.form); });
  document.addEventListener("htmx:afterSettle", () => {
    for (const form of document.querySelectorAll("main form[data-draft][id]")) fill(form, JSON.parse(sessionStorage.getItem(name(form)) || "[]"));
  });
  for (const button of document.querySelectorAll("[data-language] button"))
    button.closest("form").addEventListener("submit", () => forms.forEach(keep));
  if (atKiosk) document.querySelector(".kiosk-bar a")?.addEventListener("click", () => sessionStorage.clear());
})();
