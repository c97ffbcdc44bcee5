/* Move and enlarge the maps: wheel with Ctrl, drag, buttons, two fingers; a pin where the page asks for one:
   a click fills longitude and latitude of the form named by data-pin, and what is typed there moves the pin. */
(() => {
  for (const box of document.querySelectorAll(".mapbox")) {
    const svg = box.querySelector("svg.netmap");
    if (!svg) continue;
    const whole = svg.viewBox.baseVal;
    const full = { x: whole.x, y: whole.y, w: whole.width, h: whole.height };
    let view = { ...full };
    const show = () => {
      svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
      svg.style.setProperty("--k", 0.8 / (svg.getScreenCTM()?.a || 1));
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
      if (!pin || event.target.closest("a")) return;
      const at = place(event), d = svg.dataset;
      pin.lon.value = (+d.west + (at.x - d.left) / d.scale / d.flat).toFixed(6);
      pin.lat.value = (+d.north - (at.y - 30) / d.scale).toFixed(6);
      stick();
    }, true);
    const form = box.dataset.pin && document.querySelector(box.dataset.pin);
    const pin = form && { lon: form.querySelector("[name=lon]"), lat: form.querySelector("[name=lat]") };
    const mark = pin && document.createElementNS(svg.namespaceURI, "g");
    const stick = () => {
      const lon = parseFloat(pin.lon.value), lat = parseFloat(pin.lat.value), d = svg.dataset;
      const known = Number.isFinite(lon) && Number.isFinite(lat);
      mark.style.display = known ? "" : "none";
      if (!known) return;
      mark.style.setProperty("--x", `${+d.left + (lon - d.west) * d.flat * d.scale}px`);
      mark.style.setProperty("--y", `${30 + (d.north - lat) * d.scale}px`);
    };
    if (pin) {
      mark.setAttribute("class", "dot pin");
      const use = document.createElementNS(svg.namespaceURI, "use");
      use.setAttribute("href", "#m-pin");
      mark.append(use);
      svg.append(mark);
      svg.classList.add("pinning");
      for (const field of Object.values(pin)) field.addEventListener("input", stick);
      stick();
    }
    box.querySelector("[data-zoom=in]")?.addEventListener("click", () => zoom(0.7, middle()));
    box.querySelector("[data-zoom=out]")?.addEventListener("click", () => zoom(1.43, middle()));
    box.querySelector("[data-zoom=all]")?.addEventListener("click", () => { view = { ...full }; show(); });
    addEventListener("resize", show);
    box.closest("details")?.addEventListener("toggle", show);
    show();
  }
})();
