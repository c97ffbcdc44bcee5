// A page that keeps itself fresh and takes nothing away from whoever works on it.
// data-refresh="20" marks the block and says the seconds, data-fresh="name" the parts in it that are fetched anew.
// When the page that comes back has no such block, what it waited for is over and it asks no more.
// While anything in the block has the focus, is open, selected, ticked or typed, nothing is swapped.
"use strict";
(() => {
  const isChanged = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.type !== "hidden" && field.value !== field.defaultValue;
    const given = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(given, 0);
  };

  const isSelected = (block) => {
    const chosen = getSelection();
    return chosen.rangeCount > 0 && !chosen.isCollapsed && chosen.getRangeAt(0).intersectsNode(block);
  };

  const isInUse = (block) =>
    block.contains(document.activeElement) ||
    block.querySelector("details[open]") !== null ||
    isSelected(block) ||
    [...block.querySelectorAll("input, textarea, select")].some(isChanged);

  const swap = (block, page) => {
    for (const part of block.querySelectorAll("[data-fresh]")) {
      const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
    }
  };

  const keep = (block) => {
    const sign = block.querySelector("[data-paused]");
    let isAsking = false;
    const timer = setInterval(async () => {
      const isPaused = isInUse(block);
      if (sign) sign.hidden = !isPaused;
      if (isPaused || isAsking || document.hidden) return;
      isAsking = true;
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (!answer.ok || answer.redirected) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (isInUse(block)) return;
        swap(block, page);
        if (!page.querySelector("[data-refresh]")) clearInterval(timer);
      } catch {
        // the network is away: the next round asks again
      } finally {
        isAsking = false;
      }
    }, 1000 * Number(block.dataset.refresh));
  };

  const start = () => document.querySelectorAll("[data-refresh]").forEach(keep);
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
