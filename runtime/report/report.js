"use strict";
const facts = JSON.parse(document.getElementById("trials").textContent);
const tip = document.getElementById("tip");

function light(number) {
  document.querySelectorAll(".lit").forEach((each) => each.classList.remove("lit"));
  document.body.classList.toggle("busy", number !== null);
  if (number === null) { tip.hidden = true; return; }
  document.querySelectorAll(`[data-trial="${number}"]`).forEach((each) => each.classList.add("lit"));
}

function show(number, x, y) {
  const table = document.createElement("table");
  for (const [name, text] of [["trial", number], ...(facts[number] || [])]) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    row.insertCell().textContent = text;
  }
  tip.replaceChildren(table);
  tip.hidden = false;
  tip.style.left = Math.min(x + 14, innerWidth - tip.offsetWidth - 8) + "px";
  tip.style.top = Math.max(8, Math.min(y + 14, innerHeight - tip.offsetHeight - 8)) + "px";
}

document.querySelectorAll("[data-trial]").forEach((each) => {
  const inFigure = each instanceof SVGElement;
  each.addEventListener("mousemove", (event) => {
    light(each.dataset.trial);
    if (inFigure) show(each.dataset.trial, event.clientX, event.clientY);
  });
  each.addEventListener("mouseleave", () => light(null));
});

document.querySelectorAll("table.trials th button").forEach((button) => {
  button.addEventListener("click", () => {
    const head = button.parentElement;
    const up = head.getAttribute("aria-sort") !== "ascending";
    const body = head.closest("table").tBodies[0];
    head.parentElement.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = (row) => row.cells[head.cellIndex].dataset.v ?? row.cells[head.cellIndex].textContent;
    const compare = (a, b) => {
      if (a === "" || b === "") return (a === "") - (b === "");
      const order = isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
      return up ? order : -order;
    };
    body.append(...[...body.rows].sort((a, b) => compare(value(a), value(b))));
  });
});
