// A kiosk left alone ends the sitting, so that the next person sees nothing of the last one. It says so before it does.
// Back fills in no form here: a page that comes back is asked for anew and its fields are emptied.
"use strict";
(() => {
  const { start, seconds } = document.body.dataset;
  const sign = document.querySelector(".kiosk-left");
  const WARN = 20;
  let end = 0;
  const again = () => {
    end = Date.now() + 1000 * Number(seconds);
    if (sign) sign.hidden = true;
  };
  for (const name of ["pointerdown", "keydown", "input", "scroll", "wheel"]) addEventListener(name, again, { passive: true });
  again();
  setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) {
      sessionStorage.clear();
      location.replace(`${start}?end`);
    } else if (sign && left <= WARN) {
      sign.hidden = false;
      sign.querySelector("b").textContent = left;
    }
  }, 1000);
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
    else if (performance.getEntriesByType("navigation")[0]?.type === "back_forward")
      for (const form of document.forms) form.reset();
  });
})();
