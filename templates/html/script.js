// The page is complete without this. It reads a cell out below the figure, and rings the cells of a finding.
const SVG = "http://www.w3.org/2000/svg";
const block = document.getElementById("report-readings");
const panels = block ? JSON.parse(block.textContent) : {};
const FIELDS = ["value", "joint", "of", "ends", "base", "within"];

// The sentence of a cell, "left-1-2", as nodes; its value is bold.
const placeOf = (key) => {
  const [, panel, row, column] = /^(.*)-(\d+)-(\d+)$/.exec(key);
  return { panel, row: Number(row), column: Number(column) };
};
const sentence = (key) => {
  const { panel, row, column } = placeOf(key);
  const { given, outcome, says, cells } = panels[panel];
  const texts = cells[row * outcome.length + column].split("|");
  const fields = { given: given[row], outcome: outcome[column] };
  FIELDS.forEach((name, place) => { fields[name] = texts[place] ?? ""; });
  if (!fields.value) return [`${fields.given}, ${fields.outcome}: no number.`];
  const has = (need) => !need || need.split(" ").every((one) => (one[0] === "!" ? !fields[one.slice(1)] : fields[one]));
  const text = says.filter(([, need]) => has(need)).map(([part]) => part).join("");
  return text.split(/\{(\w+)\}/).map((part, odd) => {
    if (odd % 2 === 0) return part;
    if (part !== "value") return fields[part];
    const bold = document.createElement("b");
    bold.textContent = fields.value;
    return bold;
  });
};

// The key of the cell at a point: its square, or its place in a picture of many cells.
const cellAt = ({ target, clientX, clientY }) => {
  const square = target.closest?.("[data-cell]");
  if (square) return square.dataset.cell;
  const picture = target.closest?.("[data-panel]");
  if (!picture) return null;
  const { given, outcome } = panels[picture.dataset.panel];
  const box = picture.getBoundingClientRect();
  const at = (part, whole, n) => Math.min(n - 1, Math.max(0, Math.floor((part / whole) * n)));
  const row = at(clientY - box.top, box.height, given.length);
  return `${picture.dataset.panel}-${row}-${at(clientX - box.left, box.width, outcome.length)}`;
};

// A frame around cells, above everything else in their panel.
const frame = (of, path, kind) => {
  const made = document.createElementNS(SVG, "path");
  made.setAttribute("d", path);
  made.setAttribute("class", `ring ${kind}`);
  made.setAttribute("transform", of.getAttribute("transform") ?? "");
  of.parentNode.parentNode.append(made);
};
const ring = (figure, keys, kind) => {
  figure.querySelectorAll(`.${kind}`).forEach((one) => one.remove());
  for (const key of keys) {
    const { panel, row, column } = placeOf(key);
    for (const square of figure.querySelectorAll(`path[data-cell="${CSS.escape(key)}"]`)) frame(square, square.getAttribute("d"), kind);
    for (const picture of figure.querySelectorAll(`[data-panel="${CSS.escape(panel)}"]`)) {
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => picture[name].baseVal.value); // also if hidden
      const [wide, high] = [width / panels[panel].outcome.length, height / panels[panel].given.length];
      frame(picture, `M${x + column * wide},${y + row * high}h${wide}v${high}h${-wide}Z`, kind);
    }
  }
};

// An enlarged figure scrolls to what is ringed.
const reveal = (figure, kind) => {
  if (!figure.querySelector(".enlarge :checked")) return;
  const seen = [...figure.querySelectorAll(`.${kind}`)].find((one) => one.checkVisibility());
  seen?.scrollIntoView({ block: "nearest", inline: "nearest" });
};

for (const figure of document.querySelectorAll("figure:has(.say p)")) {
  const line = figure.querySelector(".say p");
  const drawing = figure.querySelector(".panels");
  const first = line.dataset.cell;
  const { cell, panel: pictured } = drawing.querySelector("[data-cell], [data-panel]")?.dataset ?? {};
  const start = first ?? cell ?? (pictured && `${pictured}-0-0`);
  let here = null;
  const read = (key) => {
    here = key;
    if (key ?? first) line.replaceChildren(...sentence(key ?? first));
    ring(figure, key ? [key] : [], "here");
  };
  if (first) read(null);
  const point = (event) => { const key = cellAt(event); if (key && key !== here) read(key); };
  drawing.addEventListener("pointermove", point);
  drawing.addEventListener("click", point);
  drawing.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType === "mouse") read(null); });
  drawing.tabIndex = 0;
  drawing.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (event.key === "Escape") read(null);
    if (!steps || !start) return;
    event.preventDefault();
    const { panel, row, column } = placeOf(here ?? start);
    const { order, outcome } = panels[panel]; // rows with too little data are below the others
    const within = (at, n) => Math.min(n - 1, Math.max(0, at));
    const [down, right] = here ? steps : [0, 0];
    read(`${panel}-${order[within(order.indexOf(row) + down, order.length)]}-${within(column + right, outcome.length)}`);
    reveal(figure, "here");
  });
}

// A finding is a button whose cells stay ringed until it is pressed again, or another one is.
for (const findings of document.querySelectorAll(".findings")) {
  const figure = document.getElementById(findings.dataset.figure);
  const buttons = [...findings.querySelectorAll("button[data-cells]")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const isOn = button.getAttribute("aria-pressed") !== "true";
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button && isOn));
      ring(figure, isOn ? button.dataset.cells.split(" ") : [], "on");
      reveal(figure, "on");
      if (isOn) show(figure, button);
    });
  }
}

// Where the window is high enough, figure and finding are in sight together, and else the finding and what is above it.
const show = (figure, button) => {
  const { top } = figure.getBoundingClientRect();
  const { bottom } = button.getBoundingClientRect();
  if (top >= 0 && bottom <= innerHeight) return;
  scrollBy({ top: bottom - top <= innerHeight ? top - 4 : bottom - innerHeight + 8, behavior: "instant" });
};

// What an address leads to is not left folded.
const unfold = () => {
  let name = "";
  try { name = decodeURIComponent(location.hash.slice(1)); } catch { /* not ours */ }
  const target = document.getElementById(name);
  for (let at = target?.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  target?.scrollIntoView();
};
addEventListener("hashchange", unfold);
if (location.hash) unfold();
