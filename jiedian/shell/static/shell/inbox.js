// One tick for all rows.
const all = document.getElementById("all");
if (all) all.addEventListener("change", () => {
  for (const box of document.querySelectorAll("input[name=telling]")) box.checked = all.checked;
});
