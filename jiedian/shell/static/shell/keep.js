// What was typed stays: when the language is switched on any page, and in a form with data-draft also when it is loaded anew.
// It is kept in this window alone, taken out once it is back in its form, and forgotten when the form is sent. Never at a kiosk's end.
// A form that was sent after the session had ended, or was refused on a page of its own, comes back too: the page between shows that
// it was not taken.
"use strict";
(() => {
  const atKiosk = document.body.classList.contains("at-kiosk");
  const forms = [...document.querySelectorAll("main form")].filter((form) => form.method === "post");
  const kept = (field) => field.name && !["hidden", "file", "password", "submit", "button"].includes(field.type);
  const name = (form) => `kept:${location.pathname}:${forms.indexOf(form)}`;
  const keep = (form) => {
    const values = [...form.elements].filter(kept).map((field) => [
      field.name,
      field.value,
      ["checkbox", "radio"].includes(field.type) ? field.checked : null,
    ]);
    sessionStorage.setItem(name(form), JSON.stringify(values));
  };
  const fill = (form, values) => {
    const fields = [...form.elements].filter(kept);
    for (const [key, value, isOn] of values) {
      if (form.elements[key]?.dataset && "given" in form.elements[key].dataset) continue; // a link said it newly
      const at = fields.findIndex((field) => field.name === key && (isOn === null || field.value === value));
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
    if ("draft" in form.dataset) {
      form.addEventListener("input", () => keep(form));
      form.addEventListener("change", () => keep(form));
    }
    form.addEventListener("submit", () => {
      sessionStorage.removeItem(name(form));
      if (atKiosk || signsIn || !document.body.dataset.keeps) return;
      keep(form);
      sessionStorage.setItem("sent", name(form));
    });
  }
  for (const button of document.querySelectorAll("[data-language] button"))
    button.closest("form").addEventListener("submit", () => forms.forEach(keep));
  if (atKiosk) document.querySelector(".kiosk-bar a")?.addEventListener("click", () => sessionStorage.clear());
})();
