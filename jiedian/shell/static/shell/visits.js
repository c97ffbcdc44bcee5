// The visitor's form. Every answer goes into IndexedDB at once; what is finished is handed in when there is a network.
// A finished visit carries one submission number, so handing it in twice changes nothing.
const DATA = JSON.parse(document.getElementById("visits-data").textContent);
const WORDS = DATA.words;
const root = document.getElementById("visits");
const net = document.getElementById("net");

const store = new Promise((done, fail) => {
  const asked = indexedDB.open(`visits-${DATA.user}`, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "uid" });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
});

async function db(mode, act) {
  const base = await store;
  return new Promise((done, fail) => {
    const asked = act(base.transaction("drafts", mode).objectStore("drafts"));
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}
const read = async (uid) =>
  (await db("readonly", (s) => s.get(uid))) || { uid, ratings: {}, notes: {}, photos: [], state: "draft" };
const write = (draft) => db("readwrite", (s) => s.put(draft));
const all = () => db("readonly", (s) => s.getAll());

// drafts live in memory and go to the store with every change; the mark says whether the store has the last one
const drafts = new Map();
const marks = new Map();
async function change(uid, act) {
  const draft = drafts.get(uid);
  if (!draft || draft.state !== "draft") return;
  act(draft);
  const mark = (marks.get(uid) || 0) + 1;
  marks.set(uid, mark);
  saved(uid, "no");
  await write(draft);
  if (marks.get(uid) === mark) saved(uid, "yes");
  tell(uid, draft);
}
const saved = (uid, word) => { document.getElementById(`state-${uid}`).dataset.saved = word; };

function make(tag, attributes = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
}

function tell(uid, draft, more = "") {
  const isBegun = Object.keys(draft.ratings || {}).length + (draft.photos || []).length > 0;
  const words = { draft: isBegun ? WORDS.draft : WORDS.todo, queued: WORDS.queued, sent: WORDS.sent };
  const place = document.getElementById(`state-${uid}`);
  if (place) {
    place.textContent = more || words[draft.state];
    place.className = `chip ${{ draft: isBegun ? "run" : "", queued: "wait", sent: "done" }[draft.state]}`;
    place.dataset.state = draft.state;
  }
}

const where = () =>
  new Promise((done) => {
    if (!navigator.geolocation) return done({});
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ lat: coords.latitude, lon: coords.longitude, accuracy_m: coords.accuracy }),
      () => done({}),
      { timeout: 4000, maximumAge: 60000 },
    );
  });

async function hash(bytes) {
  const sum = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

function rating(visit, item, draft, counted) {
  const row = make("fieldset", { class: "rate" }, make("legend", {}, item.name));
  if (item.veto) row.firstChild.append(" ", make("span", { class: "chip warn" }, WORDS.veto));
  for (const [value, word] of [[2, WORDS.rate[2]], [1, WORDS.rate[1]], [0, WORDS.rate[0]], ["na", WORDS.na]]) {
    const box = make("input", { type: "radio", name: `${visit.uid}-${item.id}`, value });
    box.checked = draft.ratings[item.id] === value;
    box.addEventListener("change", () => change(visit.uid, (d) => { d.ratings[item.id] = value; counted(d); }));
    row.append(make("label", {}, box, ` ${word}`));
  }
  return row;
}

function dimension(visit, group, draft) {
  const done = make("span", { class: "sub num" });
  const counted = (d) => { done.textContent = ` ${group.items.filter((i) => i.id in d.ratings).length} / ${group.items.length}`; };
  counted(draft);
  const body = make("div", { class: "body" });
  const part = make("details", { class: "fold part" }, make("summary", {}, group.name, done), body);
  for (const item of group.items) body.append(rating(visit, item, draft, counted));
  const note = make("textarea", { maxlength: 400, rows: 2 });
  note.value = draft.notes[group.id] || "";
  note.addEventListener("input", () => change(visit.uid, (d) => { d.notes[group.id] = note.value; }));
  const camera = make("input", { type: "file", accept: "image/jpeg,image/png", capture: "environment" });
  const count = make("span", { class: "sub num" });
  const shown = (d) => { count.textContent = ` ${d.photos.filter((p) => p.item === group.id).length}`; };
  shown(draft);
  camera.addEventListener("change", async () => {
    const file = camera.files[0];
    if (!file) return;
    const bytes = await file.arrayBuffer();
    const photo = { item: group.id, bytes, type: file.type, taken_at: new Date().toISOString(), sha256: await hash(bytes), place: await where() };
    await change(visit.uid, (d) => {
      if (!d.photos.some((p) => p.sha256 === photo.sha256)) d.photos.push(photo);
      shown(d);
    });
  });
  const field = (word, control, ...more) =>
    make("p", { class: "field" }, make("label", { for: control.id }, word), control, ...more);
  note.id = `note-${visit.uid}-${group.id}`;
  camera.id = `photo-${visit.uid}-${group.id}`;
  body.append(field(WORDS.note, note), field(WORDS.photo, camera, count));
  return part;
}

async function card(visit) {
  const draft = await read(visit.uid);
  drafts.set(visit.uid, draft);
  if (visit.state !== "planned" && draft.state !== "queued") draft.state = "sent";
  const groups = DATA.checklists[visit.checklist].filter((g) => g.items.length);
  const state = make("span", { id: `state-${visit.uid}`, class: "chip" });
  const head = make("summary", {}, make("b", {}, `${visit.office} · ${visit.kind}`),
    make("span", { class: "sub num" }, `${visit.day} ${visit.part}`), state);
  const box = make("div", { class: "body" });
  // folds of one name: the browser opens one of them at a time
  root.append(make("details", { class: "fold visit", name: "visit", id: `visit-${visit.uid}` }, head, box));
  tell(visit.uid, draft);
  if (draft.state !== "draft") return box.append(make("p", { class: "muted" }, WORDS.done));
  box.append(...groups.map((group) => dimension(visit, group, draft)));
  const finish = make("button", { class: "btn go", type: "button" }, WORDS.finish);
  const said = make("p", { class: "error", role: "alert" });
  finish.addEventListener("click", () => complete(visit, groups, said));
  box.append(said, finish);
}

async function complete(visit, groups, said) {
  const draft = drafts.get(visit.uid);
  const open = groups.flatMap((g) => g.items).filter((item) => !(item.id in draft.ratings));
  said.textContent = open.length ? `${WORDS.missing}：${open.length}` : "";
  if (open.length) return;
  const place = await where();
  await change(visit.uid, (d) => {
    Object.assign(d, { state: "queued", submission: crypto.randomUUID(), seen_at: new Date().toISOString(), place });
  });
  document.querySelector(`#visit-${visit.uid} > .body`).replaceChildren(make("p", { class: "muted" }, WORDS.done));
  openNext();
  sync();
}

const token = () => (document.cookie.match(/csrftoken=([^;]+)/) || [])[1] || "";
const post = (path, body, headers = {}) =>
  fetch(path, { method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": token(), ...headers } });

async function handIn(draft) {
  for (const photo of draft.photos) {
    if (photo.arrived) continue;
    const form = new FormData();
    form.append("photo", new Blob([photo.bytes], { type: photo.type }), "photo");
    for (const name of ["item", "sha256", "taken_at"]) form.append(name, photo[name]);
    form.append("place", JSON.stringify(photo.place));
    const answer = await post(`/visits/mine/${draft.uid}/photo/`, form);
    if (!answer.ok) return answer;
    photo.arrived = true;
    await write(draft);
  }
  const body = { submission: draft.submission, ratings: draft.ratings, notes: draft.notes, seen_at: draft.seen_at, place: draft.place, photos: draft.photos.map((p) => p.sha256) };
  return post(`/visits/mine/${draft.uid}/`, JSON.stringify(body), { "Content-Type": "application/json" });
}

// the first visit that is still to be filled in stands open
const openNext = () => {
  const next = DATA.visits.find((visit) => drafts.get(visit.uid).state === "draft");
  if (next) document.getElementById(`visit-${next.uid}`).open = true;
};

let busy = false;
async function sync() {
  net.textContent = navigator.onLine ? net.dataset.on : net.dataset.off;
  if (busy || !navigator.onLine) return;
  busy = true;
  try {
    for (const draft of (await all()).filter((d) => d.state === "queued")) {
      const answer = await handIn(draft);
      if (answer.ok) {
        await write({ uid: draft.uid, state: "sent", ratings: {}, notes: {}, photos: [] });
        tell(draft.uid, { state: "sent" });
      } else if (answer.type === "opaqueredirect" || answer.status === 403) {
        tell(draft.uid, draft, WORDS.sign_in);
      } else {
        const why = await answer.json().catch(() => ({ findings: [] }));
        tell(draft.uid, draft, `${WORDS.refused}：${why.findings.join(" ")}`);
      }
    }
  } catch {
    // no network after all; the next "online" or visit of the page tries again
  } finally {
    busy = false;
  }
}

(async () => {
  if ("serviceWorker" in navigator) {
    const there = await navigator.serviceWorker.register("/visits/worker.js");
    await navigator.serviceWorker.ready;
    // keep this very page and its files too where they were fetched before the worker took over
    if (navigator.onLine) {
      const kept = await caches.open("visits-1");
      const files = [...document.querySelectorAll("link[href], script[src]")].map((n) => n.href || n.src);
      const keep = async (path) => (await kept.match(path)) || kept.add(path).catch(() => null);
      await Promise.all([location.href.split(/[?#]/)[0], ...files].map(keep));
    }
    root.dataset.worker = there.active ? "ready" : "";
  }
  if (!DATA.visits.length) root.append(make("div", { class: "nothing" }, WORDS.none));
  for (const visit of DATA.visits) await card(visit);
  openNext();
  root.dataset.ready = "yes";
  addEventListener("online", sync);
  addEventListener("offline", sync);
  sync();
})();
