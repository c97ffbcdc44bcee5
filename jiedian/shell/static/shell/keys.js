// Keys of every page ("/" to the search, "?" to the help; never while one types), and the number on the bell.
"use strict";
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea, [popover]:popover-open")) return;
    const seek = document.querySelector(".seek input");
    const help = document.querySelector("[data-help]");
    if (event.key === "/" && seek) seek.focus();
    else if (event.key === "?" && help) location.assign(help.href);
    else return;
    event.preventDefault();
  });

  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const KEPT = "bell", A_MINUTE = 60_000;
  const show = (n) => {
    const sign = bell.querySelector("b");
    sign.hidden = !n;
    sign.textContent = n ? ` ${n}` : "";
  };
  const [at, known] = (sessionStorage.getItem(KEPT) || "0:0").split(":").map(Number);
  const isHere = location.pathname === new URL(bell.href).pathname;
  if (!isHere && Date.now() - at < A_MINUTE) show(known);
  else
    fetch(`${bell.href}?count=1`)
      .then((answer) => (answer.ok && !answer.redirected ? answer.text() : "0"))
      .then((text) => {
        const n = Number.parseInt(text, 10) || 0;
        sessionStorage.setItem(KEPT, `${Date.now()}:${n}`);
        show(n);
      })
      .catch(() => {}); // the network is away: the next page asks again
})();
