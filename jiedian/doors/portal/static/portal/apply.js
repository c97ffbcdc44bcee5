// The application, one question at a time on one page; without this script all questions stand below each other.
// The address carries the question, so that Back leads to the question before. The last one shows every answer.
"use strict";
(() => {
  const form = document.querySelector("#apply");
  const asks = [...form.querySelectorAll("[data-ask]")];
  const [at, back, next, send] = ["at", "back", "next", "send"].map((name) => form.querySelector(`[data-${name}]`));
  const { where, none, change } = form.dataset;
  const here = form.querySelector("#here");
  let now = 0;

  const told = (field) => {
    const named = [...field.querySelectorAll("input, select, textarea")];
    if (named[0]?.type === "radio" || named[0]?.type === "checkbox")
      return named.filter((box) => box.checked).map((box) => box.closest("label")?.textContent.trim() || "✓").join("、");
    const [one] = named;
    return one?.tagName === "SELECT" ? one.selectedOptions[0]?.textContent.trim() : one?.value.trim();
  };

  const answers = () => {
    const list = form.querySelector("[data-answers]");
    list.replaceChildren();
    asks.slice(0, -1).forEach((ask, n) => {
      if (isSkipped(ask)) return;
      for (const field of ask.querySelectorAll(".field")) {
        if (field.closest("[hidden]:not([data-ask]), [data-find]")) continue;
        const value = told(field), label = field.querySelector("legend, label");
        const isCount = field.closest(".appliances");
        if (isCount && !(Number(value) > 0)) continue;
        const row = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
        dt.textContent = [...(label?.childNodes || [])].map((node) => node.textContent).join("").split("（")[0].trim();
        dd.textContent = `${value || none} `;
        const link = document.createElement("a");
        link.href = `#${n + 1}`;
        link.textContent = change;
        dd.append(link);
        row.append(dt, dd);
        list.append(row);
      }
    });
  };

  const chosen = () => form.querySelector("[name=declared_class]:checked")?.value;
  const isSkipped = (ask) => ask?.id === "ask-size" && chosen()?.startsWith("PV"); // who only installs PV has power already
  const used = () => {
    const kind = chosen();
    const by = kind === "RES" ? "home" : "shop";
    for (const each of form.querySelectorAll("[data-used-by]")) each.hidden = !["both", by].includes(each.dataset.usedBy);
  };

  const show = (n) => {
    now = Math.min(Math.max(n, 0), asks.length - 1);
    asks.forEach((ask, other) => { ask.hidden = other !== now; });
    const isLast = now === asks.length - 1;
    at.textContent = where.replace("{at}", now + 1).replace("{of}", asks.length).replace("{word}", asks[now].dataset.ask);
    at.hidden = false;
    back.hidden = now === 0;
    next.hidden = isLast;
    send.hidden = !isLast;
    if (here) here.hidden = !["ask-place", "ask-size", "ask-solar", "ask-check"].includes(asks[now].id);
    used();
    if (isLast) answers();
    dispatchEvent(new Event("resize")); // the map measures itself once it is seen
  };

  const isRight = () => {
    for (const field of asks[now].querySelectorAll("input, select, textarea")) if (!field.reportValidity()) return false;
    return true;
  };
  const go = (n) => { location.hash = n + 1; };

  next.addEventListener("click", () => { if (isRight()) go(now + (isSkipped(asks[now + 1]) ? 2 : 1)); });
  back.addEventListener("click", () => go(now - (isSkipped(asks[now - 1]) ? 2 : 1)));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || next.hidden) return;
    event.preventDefault();
    next.click();
  });
  addEventListener("hashchange", () => {
    const n = Number(location.hash.slice(1));
    if (!n) return;
    show(n - 1);
    asks[now].querySelector("input:not([type=hidden]), select, textarea, a")?.focus();
  });
  document.querySelector(".findings")?.addEventListener("click", (event) => {
    const id = event.target.closest("a")?.hash.slice(1);
    const ask = id && document.getElementById(id)?.closest("[data-ask]");
    if (ask) show(asks.indexOf(ask));
  });

  // The voltage that reaches, taken from the answer of the grid: the use and the voltage are changed, and the grid is asked anew.
  form.addEventListener("click", (event) => {
    const use = event.target.closest("[name=use]");
    if (!use) return;
    event.preventDefault();
    const [kind, kv] = use.value.split(":");
    form.querySelector(`[name=declared_class][value="${kind}"]`).checked = true;
    const voltage = form.querySelector("[name=voltage_kv]");
    voltage.value = [...voltage.options].map((one) => one.value).find((one) => Number(one) === Number(kv)) || "";
    voltage.dispatchEvent(new Event("change", { bubbles: true }));
  });

  form.noValidate = true; // a hidden field cannot say what is wrong; each question is checked when one leaves it
  const wrong = asks.findIndex((ask) => ask.querySelector(".wrong"));
  const isRefused = document.querySelector(".findings") !== null;
  // Back after sending: the browser puts the answers back only now, so the summary is drawn again; an empty form begins anew.
  addEventListener("pageshow", (event) => {
    const isBack = event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (isBack) show(chosen() || isRefused ? now : 0);
  });
  show(wrong >= 0 ? wrong : isRefused ? asks.length - 1 : Number(location.hash.slice(1)) - 1 || 0);
})();
