// Shows a BPMN file whole, in the reader's words and colours, with the number of waiting cases on each step as a link
// to them; asks again every 20 seconds. The links are those of the table below, so nobody sees one he may not follow.
const canvas = document.getElementById("canvas");
const words = JSON.parse(document.getElementById("diagram-words").textContent);
const look = getComputedStyle(document.documentElement);
const colour = (name) => look.getPropertyValue(name).trim();
const viewer = new BpmnJS({
  container: canvas,
  bpmnRenderer: {
    defaultFillColor: colour("--card"),
    defaultStrokeColor: colour("--ink-2"),
    defaultLabelColor: colour("--ink"),
  },
});
const HEIGHTS = [260, 560];
const SMALL = 0.6;

function worded(text) {
  const file = new DOMParser().parseFromString(text, "application/xml");
  for (const node of file.querySelectorAll("[id][name]")) {
    const said = words[node.id] ?? words[node.getAttribute("name")];
    if (said) node.setAttribute("name", said);
  }
  return new XMLSerializer().serializeToString(file);
}

function badge(step, count) {
  const row = document.querySelector(`[data-step="${CSS.escape(step)}"]`);
  const made = document.createElement(row ? "a" : "span");
  if (row) made.href = row.href;
  made.className = "token-count";
  made.classList.toggle("is-small", viewer.get("canvas").zoom() < SMALL);
  made.textContent = count;
  made.setAttribute("aria-label", `${words[step] ?? step}: ${count}`);
  return made;
}

async function showTokens() {
  const counts = await (await fetch(canvas.dataset.tokens)).json();
  const overlays = viewer.get("overlays");
  overlays.remove({ type: "token" });
  for (const [step, count] of Object.entries(counts)) {
    overlays.add(step, "token", { position: { top: -14, right: 26 }, html: badge(step, count) });
  }
}

function showAll() {
  const paper = viewer.get("canvas");
  const { inner } = paper.viewbox();
  const wanted = (inner.height * canvas.clientWidth) / inner.width + 48;
  canvas.style.height = `${Math.round(Math.min(Math.max(wanted, HEIGHTS[0]), HEIGHTS[1]))}px`;
  paper.resized();
  paper.zoom("fit-viewport", "auto");
}

for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    const paper = viewer.get("canvas");
    if (button.dataset.zoom === "all") showAll();
    else paper.zoom(paper.zoom() * Number(button.dataset.zoom), "auto");
    showTokens();
  });
}

(async () => {
  await viewer.importXML(worded(await (await fetch(canvas.dataset.file)).text()));
  showAll();
  await showTokens();
  setInterval(showTokens, 20000);
})();
