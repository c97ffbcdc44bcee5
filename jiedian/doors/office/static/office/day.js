// The day's list by keyboard, and the chosen case opened beside it without leaving the page.
// j k: next and previous case; Enter: open it beside the list; e: expedite; d: begin with the first. Never while one types.
"use strict";
(() => {
  const box = document.querySelector("[data-peek-box]");
  if (!box) return;
  const links = () => [...document.querySelectorAll("a[data-peek]")];
  let asked = "";

  const mark = (link) => {
    for (const row of document.querySelectorAll("tr.on")) row.classList.remove("on");
    link?.closest("tr")?.classList.add("on");
  };
  const open = async (link) => {
    mark(link);
    asked = link.href;
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-peek-box]");
      if (!answer.ok || !fresh) throw new Error();
      if (asked !== link.href) return;
      box.replaceChildren(...fresh.childNodes);
      history.replaceState(null, "", link.href);
    } catch {
      location.assign(link.href);
    }
  };
  const move = (by) => {
    const all = links();
    if (!all.length) return;
    const now = all.findIndex((link) => link === document.activeElement || link.closest("tr").classList.contains("on"));
    const next = all[Math.min(Math.max(now < 0 ? 0 : now + by, 0), all.length - 1)];
    mark(next);
    next.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-peek]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (target.closest("input, select, textarea, [popover]:popover-open")) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "d") { const [first] = links(); if (first) { first.focus(); open(first); } }
    else if (event.key === "e") document.querySelector("#peek-expedite")?.showPopover();
    else return;
    event.preventDefault();
  });
})();
