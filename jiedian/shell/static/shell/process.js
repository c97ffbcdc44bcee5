// Shows a BPMN file and puts the number of waiting cases on each step; asks again every 20 seconds.
const canvas = document.getElementById("canvas");
const viewer = new BpmnJS({ container: canvas });

async function showTokens() {
  const counts = await (await fetch(canvas.dataset.tokens)).json();
  const overlays = viewer.get("overlays");
  overlays.remove({ type: "token" });
  for (const [step, count] of Object.entries(counts)) {
    const badge = document.createElement("div");
    badge.className = "token-count";
    badge.textContent = count;
    overlays.add(step, "token", { position: { top: -12, right: 14 }, html: badge });
  }
}

for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    const paper = viewer.get("canvas");
    if (button.dataset.zoom === "all") paper.zoom("fit-viewport", "auto");
    else paper.zoom(paper.zoom() * Number(button.dataset.zoom));
  });
}

(async () => {
  await viewer.importXML(await (await fetch(canvas.dataset.file)).text());
  const paper = viewer.get("canvas");
  paper.zoom("fit-viewport", "auto");
  if (paper.zoom() < 0.55) {
    paper.zoom(0.55, { x: 0, y: 0 });
    const { x, y } = paper.viewbox().inner;
    paper.viewbox({ ...paper.viewbox(), x: x - 20, y: y - 40 });
  }
  await showTokens();
  setInterval(showTokens, 20000);
})();
