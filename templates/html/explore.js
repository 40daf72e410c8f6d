// From thirty categories on: find a category by its name, a cross under the pointer, and a closer look.
const MANY = 30;
const MOST_ZOOM = 4;
const explore = (live) => {
  const { figure, model, region, picture, drawing } = live;
  if (!model.panels.some(({ given, outcome }) => Math.max(given.length, outcome.length) >= MANY)) return;
  const outlines = { found: [], cross: [] };
  const outline = (kind, places) => {
    for (const one of outlines[kind]) one.remove();
    outlines[kind] = places.map(([id, given, outcome]) => drawing.band(id, given, outcome, kind)).filter(Boolean);
  };

  // Find: the row and the column of a category, in each panel that has it.
  const names = [...new Set(model.panels.flatMap(({ given, outcome }) => [...given, ...outcome]))];
  const list = made("datalist", { id: `${figure.id}-names` }, ...names.map((value) => made("option", { value })));
  const field = made("input", { type: "search", autocomplete: "off" });
  field.setAttribute("list", list.id);
  let [matches, at] = [[], 0];
  const show = () => {
    const name = matches[at];
    const places = model.panels.flatMap(({ id, given, outcome }) => [
      ...(given.includes(name) ? [[id, given.indexOf(name), null]] : []),
      ...(outcome.includes(name) ? [[id, null, outcome.indexOf(name)]] : []),
    ]);
    outline("found", name === undefined ? [] : places);
    reveal();
    const also = matches.length > 1 ? ` (${at + 1} of ${matches.length}; Enter shows the next)` : "";
    told.textContent = !field.value.trim() ? "" : name === undefined ? "No category has this in its name." : `${name}${also}`;
  };
  // The first row that was found is in sight, and its column too, with the names at the left where both have room.
  const reveal = () => {
    const [one, other = one] = outlines.found;
    if (!one) return;
    const row = one.getBoundingClientRect();
    if (row.top < 0 || row.bottom > window.innerHeight) one.scrollIntoView({ block: "center", behavior: "instant" });
    region.scrollLeft = 0;
    const [column, box] = [other.getBoundingClientRect(), region.getBoundingClientRect()];
    if (column.right > box.right) region.scrollLeft = column.right - box.left - box.width / 2;
    const now = one.getBoundingClientRect();
    if (now.top < box.top || now.bottom > box.bottom) region.scrollTop += now.top - box.top - box.height / 2;
  };
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    const exact = names.filter((name) => name.toLowerCase() === wanted);
    [matches, at] = [!wanted ? [] : exact.length ? exact : names.filter((name) => name.toLowerCase().includes(wanted)), 0];
    show();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && matches.length) {
      event.preventDefault();
      at = (at + 1) % matches.length;
      show();
    } else if (event.key === "Escape" && field.value) {
      field.value = "";
      [matches, at] = [[], 0];
      show();
    }
  });

  // A cross through the cell that is pointed at or has the focus.
  const cross = ({ detail: { cell, from } }) => {
    const place = from ? null : placeOf(cell);
    const known = place && drawing.has(cell);
    outline("cross", known ? [[place.panel, place.given, null], [place.panel, null, place.outcome]] : []);
  };
  document.addEventListener("diptych:cell", cross);

  // A closer look: the drawing grows within its box, about what is pointed at or has the focus, else about the middle.
  let zoom = 1;
  const look = (next) => {
    next = Math.min(MOST_ZOOM, Math.max(1, next));
    if (next === zoom) return;
    const whole = region.getBoundingClientRect();
    const top = Math.max(whole.top, 0);
    const box = new DOMRect(whole.x, top, whole.width, Math.min(whole.bottom, window.innerHeight) - top);
    const cell = live.focused && drawing.has(live.focused) ? drawing.box(live.focused) : null;
    const point = cell ? [cell.x + cell.width / 2, cell.y + cell.height / 2] : [box.x + box.width / 2, box.y + box.height / 2];
    const old = picture.getBoundingClientRect();
    const part = [(point[0] - old.x) / old.width, (point[1] - old.y) / old.height];
    zoom = next;
    figure.toggleAttribute("data-zoomed", zoom > 1);
    picture.style.inlineSize = zoom > 1 ? `${100 * zoom}%` : "";
    const now = picture.getBoundingClientRect();
    region.scrollLeft += now.x + part[0] * now.width - (box.x + box.width / 2);
    region.scrollTop += now.y + part[1] * now.height - (region.getBoundingClientRect().y + region.clientHeight / 2);
    smaller.disabled = all.disabled = zoom === 1;
    larger.disabled = zoom === MOST_ZOOM;
    told.textContent = `${Math.round(100 * zoom)}%`;
    live.settle();
  };
  const button = (text, label, press) => {
    const one = made("button", { type: "button", className: "tool", textContent: text, "aria-label": label });
    one.addEventListener("click", press);
    return one;
  };
  const larger = button("+", "Zoom in", () => look(zoom * 1.5));
  const smaller = button("\u2212", "Zoom out", () => look(zoom / 1.5));
  const all = button("Whole", "Show the whole figure", () => look(1));
  smaller.disabled = all.disabled = true;
  region.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.ctrlKey || event.target !== region) return;
    const steps = { "+": zoom * 1.5, "=": zoom * 1.5, "-": zoom / 1.5, 0: 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    look(steps[event.key]);
  });
  live.help.textContent += " Plus and minus zoom, 0 shows the whole figure.";

  const told = made("span", { className: "told", role: "status" });
  const zooms = made("span", { className: "zooms", role: "group", "aria-label": "Zoom" }, larger, smaller, all);
  const box = made("div", { className: "explore" }, made("label", {}, "Find ", field), list, zooms, told);
  field.placeholder = "a row or column";
  region.before(box);
};
