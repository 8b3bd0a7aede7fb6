const rows = [...document.querySelectorAll("[data-find]")];
document.getElementById("find").addEventListener("input", (event) => {
  const words = event.target.value.trim().toLowerCase();
  for (const row of rows) {
    row.classList.toggle("away", !row.dataset.find.includes(words));
  }
  for (const details of document.querySelectorAll("details")) {
    details.open = words !== "";
  }
});
