// Search and sort for lists that are on the page whole. Lists in pages are searched and sorted by the server.
"use strict";
(() => {
  const zh = document.documentElement.lang.startsWith("zh");
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const text = (row, at) => (row.cells[at] ? row.cells[at].textContent.trim() : "");

  const live = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].filter((row) => !row.querySelector(".empty"));
    if (rows.length < 2) return;
    const find = document.createElement("input");
    find.type = "search";
    find.className = "find noprint";
    find.placeholder = zh ? "在表中查找" : "Search this table";
    find.setAttribute("aria-label", find.placeholder);
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    table.before(find);
    [...(table.tHead ? table.tHead.rows[0].cells : [])].forEach((cell, at) => {
      if (!cell.textContent.trim() || cell.querySelector("a")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        const down = cell.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort((a, b) => order.compare(text(a, at), text(b, at)) * (down ? -1 : 1));
        body.append(...rows);
      });
    });
  };

  const start = () => document.querySelectorAll("table[data-live], [data-live] table").forEach(live);
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-tick-all]")) return;
    const name = event.target.dataset.tickAll || "number";
    for (const box of document.querySelectorAll(`input[name="${name}"]`)) box.checked = event.target.checked;
  });
})();
