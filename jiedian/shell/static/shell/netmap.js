/* The maps: moved and enlarged (drag, Ctrl and wheel, two fingers, buttons, keys), names written where there is room,
   a scale, a pin where the page asks for one, marks and rows of a list tied by data-key, a card at a click.
   .mapbox may say: data-pin the form whose lon and lat a click fills; data-card the element a mark's link is shown in;
   data-look "lon lat" the place to begin at, data-find on a search the address that finds places; data-answer the address that answers for a place, shown in data-card,
   asked with the fields of data-with as well (a name ending in _ stands for all that begin so). */
"use strict";
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const METRES = 111195; // a degree of latitude
  const make = (name, attributes, ...inner) => {
    const node = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...inner);
    return node;
  };
  const wide = (text, size) => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e80 ? size : size * 0.58), 0);
  const pairs = (line) => [...line.points].map((p) => [p.x, p.y]);

  /* The part of a line that is seen: its longest run of segments inside the box, as [from, to] around its middle. */
  const clipped = ([ax, ay], [bx, by], box) => {
    let t0 = 0, t1 = 1;
    const dx = bx - ax, dy = by - ay;
    for (const [p, q] of [[-dx, ax - box.x], [dx, box.x + box.w - ax], [-dy, ay - box.y], [dy, box.y + box.h - ay]]) {
      if (p === 0) { if (q < 0) return null; continue; }
      const t = q / p;
      if (p < 0) t0 = Math.max(t0, t); else t1 = Math.min(t1, t);
      if (t0 > t1) return null;
    }
    return [[ax + t0 * dx, ay + t0 * dy], [ax + t1 * dx, ay + t1 * dy]];
  };
  const seenRun = (points, box) => {
    let best = [], run = [], length = 0, most = 0;
    for (let i = 1; i < points.length; i++) {
      const piece = clipped(points[i - 1], points[i], box);
      if (!piece) { run = []; length = 0; continue; }
      if (!run.length) run.push(piece[0]);
      run.push(piece[1]);
      length += Math.hypot(piece[1][0] - piece[0][0], piece[1][1] - piece[0][1]);
      if (length > most) { most = length; best = [...run]; }
    }
    return { points: best, length: most };
  };
  const along = (points, length, share) => {
    let left = length * share;
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1], points[i]], step = Math.hypot(b[0] - a[0], b[1] - a[1]);
      if (step >= left && step > 0) {
        const t = left / step;
        return { x: a[0] + t * (b[0] - a[0]), y: a[1] + t * (b[1] - a[1]), angle: Math.atan2(b[1] - a[1], b[0] - a[0]) };
      }
      left -= step;
    }
    return null;
  };

  /* Names, the most important first; one that would lie on another or over the edge is not written. */
  const write = (svg, k, metres) => {
    const layer = svg.querySelector(".names"), inverse = svg.getScreenCTM().inverse(), rect = svg.getBoundingClientRect();
    const corner = new DOMPoint(rect.left, rect.top).matrixTransform(inverse);
    const box = { x: corner.x, y: corner.y, w: rect.width * k, h: rect.height * k };
    const taken = [];
    const free = (x, y, w, h) => {
      const b = { l: x - w / 2, r: x + w / 2, t: y - h / 2, b: y + h / 2 };
      if (b.l < box.x || b.r > box.x + box.w || b.t < box.y || b.b > box.y + box.h) return null;
      return taken.some((o) => b.l < o.r && b.r > o.l && b.t < o.b && b.b > o.t) ? null : b;
    };
    const put = (text, x, y, { size = 12, angle = 0, look = "", isDown = false } = {}) => {
      const w = (isDown ? size * 1.25 : wide(text, size) + 6) * k, h = (isDown ? text.length * size + 6 : size * 1.35) * k;
      const [c, s] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
      const place = free(x, y, w * c + h * s, w * s + h * c);
      if (!place) return false;
      taken.push(place);
      const turn = isDown ? "" : ` rotate(${(angle * 180) / Math.PI})`;
      const attributes = { class: `name ${look}${isDown ? " down" : ""}`, transform: `translate(${x} ${y})${turn} scale(${k})` };
      layer.append(make("text", { ...attributes, y: isDown ? 0 : size * 0.36 }, text));
      return true;
    };
    const lineName = (line, look, size, words = line.dataset.name) => {
      const run = seenRun(pairs(line), box), need = wide(words, size) * k;
      if (run.length < need * 1.15) return false;
      return [0.5, 0.3, 0.7, 0.15, 0.85].some((share) => {
        const spot = along(run.points, run.length, share);
        if (!spot) return false;
        let angle = spot.angle;
        if (angle > Math.PI / 2) angle -= Math.PI;
        if (angle <= -Math.PI / 2) angle += Math.PI;
        const isDown = Math.abs(angle) > 1.05 && /^[\u2e80-\uffff]+$/.test(words);
        return put(words, spot.x, spot.y, { size, angle: isDown ? 0 : angle, look, isDown });
      });
    };
    const once = (lines, look, size) => {
      const said = new Set();
      for (const line of lines) if (!said.has(line.dataset.name) && lineName(line, look, size)) said.add(line.dataset.name);
    };
    const spots = (nodes, look, size) => {
      for (const node of nodes) {
        const [x, y] = node.dataset.at.split(" ").map(Number);
        put(node.dataset.name, x, y, { size, look });
      }
    };
    const all = (what) => svg.querySelectorAll(what);

    layer.replaceChildren();
    for (const tool of svg.parentNode.querySelectorAll(".maptools, .scale-bar")) {
      const at = tool.getBoundingClientRect(), [a, b] = [[at.left, at.top], [at.right, at.bottom]].map((p) => new DOMPoint(...p).matrixTransform(inverse));
      taken.push({ l: a.x, r: b.x, t: a.y, b: b.y });
    }
    for (const dot of all(".dot:not(.small):not(.node)")) {
      if (dot.style.display === "none") continue;
      const at = dot.parentNode.transform.baseVal[0].matrix, isPin = dot.classList.contains("pin");
      const half = (isPin ? 11 : dot.querySelector(".no") ? 11 : 6) * k, up = isPin ? 9 * k : 0;
      taken.push({ l: at.e - half, r: at.e + half, t: at.f - up - half, b: at.f - up + half });
    }
    for (const line of all(".wire[data-words]")) lineName(line, `words ${line.classList.contains("new") ? "new" : ""}`, 14, line.dataset.words)
      || [-20, 20, -38, 38].some((off) => put(line.dataset.words, middle(line)[0], middle(line)[1] + off * k, { size: 14, look: `words ${line.classList.contains("new") ? "new" : ""}` }));
    for (const label of all(".dot .label")) {
      const at = label.closest(".dot").parentNode.transform.baseVal[0].matrix, w = (wide(label.textContent, 13) + 4) * k;
      const gap = (+label.getAttribute("data-gap") || 12) * k, high = 16 * k;
      const sides = [[gap + w / 2, 0, "right"], [-gap - w / 2, 0, "left"], [0, -high - 2 * k, "above"], [0, high + 2 * k, "below"]];
      const side = sides.find(([dx, dy]) => free(at.e + dx, at.f + dy, w, high));
      label.dataset.side = side ? side[2] : "none";
      if (side) taken.push(free(at.e + side[0], at.f + side[1], w, high));
    }
    spots(all(".district[data-name]"), "district", 16);
    for (const area of all(".area")) {
      const at = area.dataset.at.split(" ").map(Number), value = area.dataset.value, size = area.getBBox();
      const words = area.classList.contains("kw") ? `${value} kW` : area.dataset.words || value;
      for (const text of [words, value]) {
        if (!text || size.width < (wide(text, 12) + 8) * k || size.height < 18 * k) continue;
        if (put(text, at[0], at[1], { look: "value" })) break;
      }
    }
    once(all(".street.r1[data-name]"), "way", 13);
    once(all("polyline.water[data-name]"), "river", 13);
    spots(all("path.water[data-name], path.park[data-name]"), "land", 12);
    once(all(".wire[data-name]"), "feeder", 12);
    if (metres < 14) once(all(".street.r2[data-name]"), "way", 12);
    if (metres < 14) spots(all(".place.hospital, .place.station, .place.government, .place.village, .place.market"), "land", 12);
    if (metres < 6) once(all(".street.r3[data-name]"), "way", 12);
    if (metres < 6) spots(all(".place"), "land", 12);
  };
  const middle = (line) => {
    const points = pairs(line), run = { points, length: line.getTotalLength() };
    const spot = along(points, run.length, 0.5);
    return spot ? [spot.x, spot.y] : points[0];
  };

  const begin = (box) => {
    const svg = box.querySelector("svg.netmap");
    if (!svg || svg.dataset.alive) return;
    svg.dataset.alive = "1";
    const whole = svg.viewBox.baseVal, d = svg.dataset;
    const edge = svg.querySelector(".dot .no") ? 0.06 : 0; // numbers at the rim stand whole
    const full = { x: whole.x - edge * whole.width, y: whole.y - edge * whole.height, w: whole.width * (1 + 2 * edge), h: whole.height * (1 + 2 * edge) };
    const framed = (x, y, w) => ({ x: x - w / 2, y: y - (w * full.h) / full.w / 2, w, h: (w * full.h) / full.w });
    const [homeX, homeY, homeW] = (d.home || "").split(" ").map(Number);
    let view = d.home ? framed(homeX, homeY, homeW) : { ...full }, waits = 0;
    const measure = box.querySelector("[data-scale-bar]");
    const at = (lon, lat) => ({ x: +d.left + (lon - d.west) * d.flat * d.scale, y: 30 + (d.north - lat) * d.scale });
    const show = () => {
      svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
      const pixels = svg.getScreenCTM()?.a;
      if (!pixels || !svg.getBoundingClientRect().width) return;
      const k = 1 / pixels, metres = (METRES / d.scale) * k;
      svg.style.setProperty("--k", 0.8 * k);
      svg.dataset.zoom = metres < 2 ? 3 : metres < 6 ? 2 : metres < 14 ? 1 : 0;
      svg.classList.toggle("inside", view.w < full.w * 0.98);
      for (const pattern of svg.querySelectorAll("pattern")) pattern.setAttribute("patternTransform", `scale(${k})`);
      cancelAnimationFrame(waits);
      waits = requestAnimationFrame(() => write(svg, k, metres));
      if (measure) ruler(metres);
    };
    const ruler = (metres) => {
      const most = metres * 110, ten = 10 ** Math.floor(Math.log10(most)), round = [5, 2, 1].find((n) => ten * n <= most) * ten;
      measure.hidden = false;
      measure.style.width = `${round / metres}px`;
      measure.textContent = round >= 1000 ? `${round / 1000} km` : `${round} m`;
    };
    const place = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const zoom = (factor, to) => {
      const w = Math.min(full.w * 1.5, Math.max(full.w / 80, view.w * factor)), k = w / view.w;
      view = { x: to.x - (to.x - view.x) * k, y: to.y - (to.y - view.y) * k, w, h: view.h * k };
      show();
    };
    const move = (x, y) => { view.x += x; view.y += y; show(); };
    const middleOf = () => ({ x: view.x + view.w / 2, y: view.y + view.h / 2 });
    const look = (lon, lat, metres = 900) => {
      const to = at(lon, lat), w = Math.min(full.w, Math.max(full.w / 80, (metres / METRES) * d.scale));
      view = framed(to.x, to.y, w);
      show();
    };

    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, place(event));
    }, { passive: false });
    const held = new Map();
    let moved = false, apart = 0;
    const spread = () => {
      const [a, b] = [...held.values()];
      return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    };
    svg.addEventListener("pointerdown", (event) => {
      held.set(event.pointerId, event);
      if (held.size === 1) moved = false;
      if (held.size === 2) apart = spread();
    });
    svg.addEventListener("pointermove", (event) => {
      const before = held.get(event.pointerId);
      if (!before || (event.pointerType === "touch" && held.size === 1 && view.w >= full.w)) return;
      const a = place(before), b = place(event), far = Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
      if (!moved && held.size === 1 && far < 5) return;
      moved = true;
      held.set(event.pointerId, event);
      if (held.size === 2 && spread()) { zoom(apart / spread(), b); apart = spread(); }
      else move(a.x - b.x, a.y - b.y);
    });
    for (const name of ["pointerup", "pointerleave", "pointercancel"]) svg.addEventListener(name, (event) => held.delete(event.pointerId));
    svg.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = view.w / 8, to = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
      if (to) move(...to);
      else if (event.key === "+" || event.key === "=") zoom(0.7, middleOf());
      else if (event.key === "-") zoom(1.43, middleOf());
      else if (event.key === "0") { view = { ...full }; show(); }
      else return;
      event.preventDefault();
    });
    box.querySelector("[data-zoom=in]")?.addEventListener("click", () => zoom(0.7, middleOf()));
    box.querySelector("[data-zoom=out]")?.addEventListener("click", () => zoom(1.43, middleOf()));
    box.querySelector("[data-zoom=all]")?.addEventListener("click", () => { view = { ...full }; show(); });

    const form = box.dataset.pin && document.querySelector(box.dataset.pin);
    const pin = form && { lon: form.querySelector("[name=lon]"), lat: form.querySelector("[name=lat]") };
    const mark = make("g", { class: "dot pin" }, make("use", { href: "#m-pin" })), stand = make("g", {}, mark);
    const card = () => box.dataset.card && document.querySelector(box.dataset.card);
    const told = (field) => (box.dataset.with || "").split(" ").some((name) => name && (field.name === name || name.endsWith("_") && field.name?.startsWith(name)));
    const also = () => {
      const fields = [...(form?.elements || [])].filter((field) => told(field) && field.value && (field.type !== "radio" || field.checked));
      return fields.map((field) => `&${field.name}=${encodeURIComponent(field.value)}`).join("");
    };
    let asked = 0; // one question to the server after the last change, not one for each
    const pinTo = (lon, lat) => {
      const is = Number.isFinite(lon) && Number.isFinite(lat), to = is ? at(lon, lat) : { x: 0, y: 0 };
      mark.style.display = is ? "" : "none";
      stand.setAttribute("transform", `translate(${to.x} ${to.y})`);
      clearTimeout(asked);
      if (is && box.dataset.answer) asked = setTimeout(() => fill(card(), `${box.dataset.answer}?lon=${lon.toFixed(6)}&lat=${lat.toFixed(6)}${also()}`), 300);
    };
    const stick = () => { pinTo(parseFloat(pin.lon.value), parseFloat(pin.lat.value)); show(); };
    const chosen = form?.querySelector("[name=spot]");
    const choose = (words) => { // the words of a place among several hold until another one is taken
      if (!chosen) return;
      chosen.value = words;
      chosen.closest("[data-chosen]").hidden = !words;
      for (const hit of form.querySelectorAll("[data-spot]")) hit.setAttribute("aria-pressed", String(!!words && hit.dataset.spot === words));
    };
    const set = (lon, lat, words = "") => {
      pin.lon.value = lon.toFixed(6);
      pin.lat.value = lat.toFixed(6);
      choose(words);
      stick();
      pin.lat.dispatchEvent(new Event("change", { bubbles: true })); // so that it is kept with what was typed
    };
    if (pin) {
      svg.append(stand);
      svg.classList.add("pinning");
      for (const field of Object.values(pin)) field.addEventListener("input", (event) => { if (event.isTrusted) choose(""); stick(); });
      chosen?.addEventListener("input", () => choose(chosen.value));
      if (box.dataset.with) form.addEventListener("change", (event) => { if (told(event.target)) stick(); });
    }
    svg.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (moved) { event.preventDefault(); return; }
      if (pin) {
        const to = place(event);
        event.preventDefault();
        set(+d.west + (to.x - d.left) / d.scale / d.flat, +d.north - (to.y - 30) / d.scale);
      } else if (link && card() && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        for (const other of svg.querySelectorAll(".chosen-mark")) other.classList.remove("chosen-mark");
        link.classList.add("chosen-mark");
        fill(card(), link.getAttribute("href"));
      }
    }, true);
    box.goTo = (lon, lat, words) => { if (pin) set(lon, lat, words); look(lon, lat); };
    if (pin) { choose(chosen?.value || ""); stick(); }
    const [lon, lat] = (box.dataset.look || "").split(" ").map(Number);
    if (box.dataset.look && Number.isFinite(lat)) {
      if (!pin) { svg.append(stand); pinTo(lon, lat); }
      look(lon, lat);
    }
    addEventListener("resize", show);
    box.closest("details")?.addEventListener("toggle", show);
    new ResizeObserver(show).observe(svg);
    show();
  };

  /* What an address of this site answers, put in its place; where that fails the address is opened. */
  const fill = async (target, address) => {
    if (!target) return;
    target.setAttribute("aria-busy", "true");
    target.setAttribute("aria-live", "polite");
    target.dataset.asked = address;
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(answer.status);
      const words = await answer.text();
      if (target.dataset.asked !== address) return; // an earlier question answered late
      target.innerHTML = words;
      window.htmx?.process(target);
      if (target.getBoundingClientRect().top > innerHeight * 0.8) target.scrollIntoView({ block: "nearest" });
    } catch {
      if ("failed" in target.dataset) target.textContent = target.dataset.failed;
      else location.href = address;
    } finally { target.removeAttribute("aria-busy"); }
  };

  /* Rows and marks of one key light up together. */
  let lit = "";
  const light = (event) => {
    const key = event.target.closest?.("[data-key]")?.dataset.key || "";
    if (key === lit) return;
    lit = key;
    for (const node of document.querySelectorAll(".is-lit")) node.classList.remove("is-lit");
    if (!key) return;
    for (const node of document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) {
      node.classList.add("is-lit");
      node.closest("tr, li")?.classList.add("is-lit");
    }
  };
  document.addEventListener("pointerover", light);
  document.addEventListener("focusin", light);

  /* A place that was found by its name, or where one stands: the map goes there. */
  const boxFor = (node) => node.closest("form, main, body")?.querySelector(".mapbox") || document.querySelector(".mapbox");
  document.addEventListener("click", (event) => {
    const hit = event.target.closest("[data-lon][data-lat]"), box = hit && boxFor(hit);
    if (!box?.goTo || !box.dataset.pin) return;
    event.preventDefault();
    box.goTo(+hit.dataset.lon, +hit.dataset.lat, hit.dataset.spot);
    const words = document.querySelector(`${box.dataset.pin} [name=address]`);
    if (words && !words.value && hit.dataset.words) words.value = hit.dataset.words;
  });
  const here = (button) => {
    if (!window.isSecureContext || !navigator.geolocation) return;
    button.hidden = false;
    button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const box = boxFor(button);
        if (box?.dataset.pin) box.goTo(coords.longitude, coords.latitude);
        else {
          const asked = new URLSearchParams(location.search);
          for (const old of ["at", "where", "device"]) asked.delete(old);
          asked.set("lon", coords.longitude.toFixed(6));
          asked.set("lat", coords.latitude.toFixed(6));
          location.href = `?${asked}${(box?.dataset.card || "").split(" ")[0]}`;
        }
      },
      () => { button.disabled = true; button.textContent = button.dataset.refused; },
      { maximumAge: 60000, timeout: 10000 },
    ));
  };

  /* A search: [data-find] says where to ask; what is found stands in the .found after it, and a sure hit is gone to. */
  const ask = (find) => {
    const input = find.querySelector("input[type=search]"), found = find.parentNode.querySelector(".found");
    const go = async (event) => {
      const isFromElsewhere = event.type === "click" && !event.detail && document.activeElement !== event.currentTarget;
      event.preventDefault();
      if (isFromElsewhere) { // Enter in another field presses the first button of a form
        const send = event.currentTarget.form.querySelector("[name=send]");
        if (send) event.currentTarget.form.requestSubmit(send);
        return;
      }
      event.stopPropagation();
      await fill(found, `${find.dataset.find}&where=${encodeURIComponent(input.value)}`);
      found.querySelector("[data-sure]")?.click();
    };
    if (find.tagName === "FORM") find.addEventListener("submit", go);
    else find.querySelector("button:not([data-here])").addEventListener("click", go);
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") go(event); });
    find.dataset.asks = "1";
  };

  const start = () => {
    for (const find of document.querySelectorAll("[data-find]:not([data-asks])")) ask(find);
    for (const box of document.querySelectorAll(".mapbox")) begin(box);
    for (const button of document.querySelectorAll("[data-here][hidden]")) here(button);
  };
  document.addEventListener("htmx:afterSettle", start);
  start();
})();
