// What was typed, read back before it is sent for good: a sheet with data-readback lists every field of its form as it
// stands, by its label. Without a script the sheet still asks once.
"use strict";
(() => {
  const words = (field) => {
    if (field.tagName === "SELECT") return field.selectedOptions[0]?.textContent.trim() ?? "";
    return field.value.trim();
  };

  const label = (field) => (field.labels?.[0]?.firstChild?.textContent ?? field.labels?.[0]?.textContent ?? "").trim();

  const group = (field) => field.closest("fieldset")?.querySelector("legend")?.textContent.trim() ?? "";

  const rows = (form) => {
    const told = new Map();
    for (const field of form.elements) {
      if (!field.name || ["hidden", "submit", "button", "file"].includes(field.type)) continue;
      const isPick = field.type === "checkbox" || field.type === "radio";
      if (isPick && !field.checked) continue;
      const own = field.labels?.[0]?.textContent.trim() ?? "";
      const head = isPick ? group(field) || own : label(field);
      const said = isPick ? own : words(field);
      if (said) told.set(head, told.has(head) ? `${told.get(head)}、${said}` : said);
    }
    return told;
  };

  document.addEventListener(
    "toggle",
    (event) => {
      const list = event.target.querySelector?.("[data-readback]");
      if (!list || event.newState !== "open") return;
      const made = [...rows(list.closest("form"))].map(([head, said]) => {
        const row = document.createElement("div");
        row.append(document.createElement("dt"), document.createElement("dd"));
        row.firstChild.textContent = head;
        row.lastChild.textContent = said;
        return row;
      });
      list.replaceChildren(...made);
    },
    true,
  );
})();
