// What is shared out so far, beside what there is to share.
for (const line of document.querySelectorAll("[data-points]")) {
  const boxes = [...line.closest("fieldset").querySelectorAll("input[inputmode=numeric]")];
  const show = () => {
    const sum = boxes.reduce((all, box) => all + (Number.parseInt(box.value, 10) || 0), 0);
    line.querySelector("output").textContent = sum;
    line.classList.toggle("error", sum !== 0 && sum !== Number(line.dataset.points));
  };
  boxes.forEach((box) => box.addEventListener("input", show));
  show();
}
