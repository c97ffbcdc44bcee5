/* Move and enlarge the maps: wheel with Ctrl, drag, buttons, two fingers; a pin where the page asks for one. */
(() => {
  for (const box of document.querySelectorAll(".mapbox")) {
    const svg = box.querySelector("svg.netmap");
    if (!svg) continue;
    const whole = svg.viewBox.baseVal;
    const full = { x: whole.x, y: whole.y, w: whole.width, h: whole.height };
    let view = { ...full };
    const show = () => {
      svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
      svg.style.setProperty("--k", Math.max(view.w / full.w, 0.02));
    };
    const place = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return { x: point.x, y: point.y };
    };
    const zoom = (factor, at) => {
      const w = Math.min(full.w * 1.5, Math.max(full.w / 60, view.w * factor));
      const k = w / view.w;
      view = { x: at.x - (at.x - view.x) * k, y: at.y - (at.y - view.y) * k, w, h: view.h * k };
      show();
    };
    const middle = () => ({ x: view.x + view.w / 2, y: view.y + view.h / 2 });
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, place(event));
    }, { passive: false });
    let held = null;
    let moved = false;
    svg.addEventListener("pointerdown", (event) => { held = place(event); moved = false; });
    svg.addEventListener("pointermove", (event) => {
      if (!held || (event.pointerType === "touch" && view.w >= full.w)) return;
      const at = place(event);
      if (Math.hypot(at.x - held.x, at.y - held.y) > view.w / 200) moved = true;
      if (!moved) return;
      view.x -= at.x - held.x;
      view.y -= at.y - held.y;
      show();
    });
    for (const name of ["pointerup", "pointerleave", "pointercancel"]) svg.addEventListener(name, () => { held = null; });
    svg.addEventListener("click", (event) => {
      if (moved) { event.preventDefault(); return; }
      const form = box.dataset.pin && document.querySelector(box.dataset.pin);
      if (!form || event.target.closest("a")) return;
      const at = place(event), d = svg.dataset;
      form.querySelector("[name=lon]").value = (+d.west + (at.x - d.left) / d.scale / d.flat).toFixed(6);
      form.querySelector("[name=lat]").value = (+d.north - (at.y - 30) / d.scale).toFixed(6);
      form.requestSubmit();
    }, true);
    box.querySelector("[data-zoom=in]")?.addEventListener("click", () => zoom(0.7, middle()));
    box.querySelector("[data-zoom=out]")?.addEventListener("click", () => zoom(1.43, middle()));
    box.querySelector("[data-zoom=all]")?.addEventListener("click", () => { view = { ...full }; show(); });
    show();
  }
})();
