// A kiosk left alone goes back to its start, so the next person does not see what was written.
const box = document.querySelector("[data-seconds]");
if (box) {
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => location.replace(box.dataset.start), 1000 * Number(box.dataset.seconds));
  };
  for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, again);
  again();
}
