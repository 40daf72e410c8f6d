// The live figure: measures and orders, tooltip, arrow keys, and a card for each cell. The page is complete without
// this; where anything fails, the static figure stays.
// Elements are made here and hold text only: no label is ever read as markup.
const made = (tag, properties = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
};
const named = (list, name) => list.find((entry) => entry.name === name);
// What is shown.
const chosen = (model, state) => named(model.measures, state.measure);

// The view in the address: #view;measure=lift;order=clustered;values=off;min=on;cell=left-0-1
const isView = () => /^#view(;|$)/.test(window.location.hash);
const readAddress = () => {
  const view = {};
  if (!isView()) return view;
  for (const part of window.location.hash.slice(1).split(";").slice(1)) {
    const [name, value = ""] = part.split("=");
    try { view[name] = decodeURIComponent(value); } catch { /* not ours */ }
  }
  return view;
};
const writeAddress = (view) => {
  const texts = Object.entries(view).map(([name, value]) => `;${name}=${encodeURIComponent(value)}`);
  if (!texts.length && !isView()) return;
  const [page] = window.location.href.split("#");
  try { window.history.replaceState(window.history.state, "", texts.length ? `${page}#view${texts.join("")}` : page); } catch { /* a page that may not */ }
};

// Numbers in words, as cells write them.
const isNumber = (value) => typeof value === "number";
const decimal = (value, digits) => value.toFixed(digits).replace("-", "\u2212");
const grouped = (value, most) => value.toLocaleString("en-US", { maximumFractionDigits: most });
const SHARES = ["share", "fraction"];
const IN_PERCENT = ["share", "percent"];
const numberText = (value, kind) => {
  if (kind === "count") return grouped(value, 2);
  if (kind === "ratio") return ratioText(value);
  return IN_PERCENT.includes(kind) ? percent(value) : decimal(value, 2);
};
// Two significant digits, but two decimals up to 1.1.
const ratioText = (value) => {
  if (value > 0 && value <= 0.005) return "<0.01";
  if (value < 1.095 && value !== 1) return decimal(value + 1e-9, 2);
  return value < 9.95 ? decimal(value + 1e-9, 1) : grouped(Number((value + 1e-9).toPrecision(2)), 0);
};
const endText = (value, kind) => {
  if (kind !== "count") return numberText(value, kind);
  return value < 1 ? String(Number(value.toPrecision(2))) : grouped(value, 1);
};
const countsText = ({ joint, of }, unit) => {
  if (!isNumber(joint)) return "not known";
  return `${grouped(joint, 1)}${isNumber(of) ? ` of ${grouped(of, 1)}` : ""} ${unit}`;
};

const percent = (share) => {
  const whole = Math.round(100 * share + 1e-9);
  if (whole >= 100 && share < 1) return "over\u00a099%";
  return whole <= 0 && share > 0 ? "under\u00a01%" : `${whole}%`;
};
const span = (low, high) => (/^[-\u2212]/.test(low + high) ? `${low} to ${high}` : `${low}–${high}`);
// An interval of shares; ends that round to the same number get a decimal.
const shareRange = (low, high) => {
  const digits = Math.round(100 * low) === Math.round(100 * high) ? 1 : 0;
  const [first, last] = [low, high].map((end) => (100 * end + 1e-9).toFixed(digits));
  if (Number(first) <= 0 && Number(last) >= 100) return "0–100%";
  if (Number(last) >= 100) return `at\u00a0least\u00a0${first}%`;
  return Number(first) <= 0 ? `at\u00a0most\u00a0${last}%` : `${first}–${last}%`;
};
// A template's words with names and numbers in the place of what stands in braces; these are never read as a template.
const filled = (words, values) => words.split(/\{(\w+)\}/).map((part, at) => (at % 2 ? values[part] ?? "" : part)).join("");

class LiveFigure {
  constructor(figure, model, scope, several) {
    Object.assign(this, { figure, model, scope, several });
    this.region = figure.querySelector(".scroll");
    this.picture = figure.querySelector(".drawing");
    this.controls = figure.querySelector(".controls");
    this.state = { measure: "declared", order: "declared", values: true, min: false };
    this.rings = [];
    this.pins = []; // rings of the sentence that is pinned
    this.pinned = [];
    this.about = new Map(); // what stands outside the drawing, by cell
    for (const element of scope.querySelectorAll("td[data-cell], [data-cells]")) {
      for (const key of (element.dataset.cell ?? element.dataset.cells).split(" ")) {
        this.about.set(key, [...(this.about.get(key) ?? []), element]);
      }
    }
  }

  start() {
    this.drawing = new Drawing(this.picture, this.model);
    this.restore(readAddress());
    this.show();
    this.furnish();
    this.listen();
    if (this.controls) Object.assign(this.controls, { disabled: false, hidden: false });
    this.figure.dataset.live = "on";
    const { cell } = this.mine(readAddress());
    if (this.drawing.has(cell)) {
      this.focus(cell, { quietly: true });
      this.region.scrollIntoView({ block: "nearest" });
    }
  }

  show() {
    const { measure, order, values, min } = this.state;
    this.drawing.paint(chosen(this.model, this.state), named(this.model.orders, order).axes, { values, min });
    this.describe();
    this.figure.dataset.measure = measure;
    this.figure.dataset.shown = this.view().map(([, value]) => value).join("-");
    if (this.focused) this.ring(this.focused);
    this.ringPinned();
    if (this.card?.hidden === false) this.fillCard(this.opened);
  }

  // The alternative text is that of what is shown; the caption is about the declared numbers.
  describe() {
    this.picture.setAttribute("aria-label", chosen(this.model, this.state).alt);
    const declared = this.state.measure === "declared";
    for (const sentence of this.figure.querySelectorAll("figcaption > .sentence")) sentence.hidden = !declared;
  }

  // Whether a view in the address is this figure's, and what of it is known here.
  mine(view) {
    return (view.figure ?? this.model.figure) === this.model.figure ? view : {};
  }

  restore(address) {
    const view = this.mine(address);
    const known = (list, name) => (named(list, name) ? name : "declared");
    this.state = {
      measure: known(this.model.measures, view.measure),
      order: known(this.model.orders, view.order),
      values: view.values !== "off",
      min: view.min === "on",
    };
    this.reflect();
  }

  // The controls as the state is.
  reflect() {
    for (const control of this.controls?.elements ?? []) {
      if (control.type === "checkbox") control.checked = this.state[control.name];
      else if (control.name) control.value = this.state[control.name];
    }
  }

  // What is not as declared, as pairs of name and value.
  view() {
    const { measure, order, values, min } = this.state;
    const all = [["measure", measure], ["order", order], ["values", !values && "off"], ["min", min && "on"]];
    return all.filter(([, value]) => value && value !== "declared");
  }

  remember() {
    const view = Object.fromEntries(this.view());
    if (this.focused) view.cell = this.focused;
    writeAddress(this.several && Object.keys(view).length ? { figure: this.model.figure, ...view } : view);
  }

  furnish() {
    const name = this.figure.id;
    this.tip = made("div", { className: "celltip", role: "tooltip", hidden: true, id: `${name}-tip` });
    this.spoken = made("p", { className: "spoken", role: "status", "aria-live": "polite" });
    const help = "Arrow keys go from cell to cell, Home and End to the ends of a row, Enter opens what a cell rests on.";
    this.help = made("p", { className: "spoken", id: `${name}-keys`, textContent: help });
    this.card = made("section", { className: "cellcard", hidden: true, tabIndex: -1, "aria-labelledby": `${name}-cell` });
    this.region.after(this.card, this.spoken, this.help, this.tip);
    const number = this.figure.querySelector(".number")?.textContent.replace(/\.$/, "").toLowerCase() ?? "the figure";
    const about = { role: "group", tabindex: 0, "aria-label": `Cells of ${number}`, "aria-describedby": this.help.id };
    for (const [what, value] of Object.entries(about)) this.region.setAttribute(what, value);
    this.furnishSwitch();
    const options = this.figure.querySelector(".options");
    options?.addEventListener("click", () => {
      options.setAttribute("aria-expanded", String(this.controls.classList.toggle("open")));
    });
    if (typeof explore === "function") explore(this);
  }

  listen() {
    const { region, controls, tip, card } = this;
    const at = (event) => (this.picture.contains(event.target) ? this.drawing.at(event.clientX, event.clientY) : null);
    region.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      const key = at(event);
      if (key === this.over) return;
      this.over = key;
      if (key) this.hover(key);
      else this.leave();
    });
    region.addEventListener("pointerleave", () => {
      if (this.over) this.leave();
      this.over = null;
    });
    region.addEventListener("click", (event) => {
      const key = at(event);
      if (key) this.press(key, event.pointerType);
    });
    region.addEventListener("keydown", (event) => this.key(event));
    region.addEventListener("focus", () => {
      if (this.focused && region.matches(":focus-visible")) this.focus(this.focused);
    });
    region.addEventListener("blur", () => this.hide());
    tip.addEventListener("pointerenter", () => clearTimeout(this.leaving));
    tip.addEventListener("pointerleave", () => this.leave());
    card.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.escape(); });
    // What the page points at is ringed: a sentence may speak of several cells.
    document.addEventListener("diptych:cell", ({ detail: { cells, from } }) => {
      if (!from || this.picture.contains(from)) return;
      this.ringAll((cells ?? []).map((key) => [key, "ring"]));
      this.bringIntoSight();
      if (!this.rings.length && this.opened) this.ring(this.opened);
    });
    document.addEventListener("diptych:pin", ({ detail: { cells } }) => this.pin(cells));
    controls?.addEventListener("change", (event) => this.choose(event.target));
    window.addEventListener("hashchange", () => this.follow());
    let width = region.clientWidth;
    window.addEventListener("resize", () => {
      if (region.clientWidth === width) return;
      width = region.clientWidth;
      this.show();
    }, { passive: true });
    for (const moved of ["scroll", "resize"]) {
      window.addEventListener(moved, () => this.settle(), { passive: true, capture: true });
    }
  }

  choose(control) {
    const { name, type, value } = control;
    this.state[name] = type === "checkbox" ? control.checked : value;
    this.reflect();
    this.hide();
    this.remember();
    this.show();
  }

  follow() {
    if (!isView()) return;
    const view = this.mine(readAddress());
    this.restore(view);
    this.show();
    if (this.drawing.has(view.cell)) this.focus(view.cell, { quietly: true });
  }

  // A cell and the one that reverses it in the other panel.
  mirrored(key) {
    const { panel, given, outcome } = placeOf(key);
    const mirror = this.model.panels.find(({ id }) => id === panel)?.mirror;
    return mirror ? `${mirror}-${outcome}-${given}` : null;
  }

  ring(key) {
    this.ringAll([[this.mirrored(key), "ring mirrored"], [key, "ring"]]);
  }

  ringAll(kinds) {
    for (const ring of this.rings) ring.remove();
    this.rings = kinds.map(([name, kind]) => this.drawing.ring(name, kind)).filter(Boolean);
  }

  // The cells of a pinned sentence are ringed until another is pinned, and are in sight.
  pin(keys) {
    this.pinned = keys.filter((key) => this.drawing.has(key));
    this.ringPinned();
    if (!this.pinned.length) return;
    this.turnTo(placeOf(this.pinned[0]).panel);
    const boxes = this.pins.map((ring) => ring.getBoundingClientRect()).filter(({ width }) => width);
    const seen = boxes.every(({ top, bottom }) => top >= 48 && bottom <= window.innerHeight);
    if (!seen) {
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
      const [top, bottom] = [Math.min(...boxes.map((box) => box.top)), Math.max(...boxes.map((box) => box.bottom))];
      window.scrollBy({ top: (top + bottom - window.innerHeight - 48) / 2, behavior });
    }
  }

  ringPinned() {
    for (const ring of this.pins) ring.remove();
    const drawn = (kind) => this.pinned.map((key) => this.drawing.ring(key, kind)).filter(Boolean);
    this.pins = [...drawn("halo"), ...drawn("ring pinned")];
  }

  // On a narrow screen one panel is shown at a time.
  furnishSwitch() {
    const row = [...this.picture.querySelectorAll(".parts")].find((parts) => parts.querySelector("[data-cell], image"));
    const parts = [...(row?.querySelectorAll(":scope > .part") ?? [])];
    if (parts.length < 2 || parts.length !== this.model.panels.length) return;
    this.turns = this.model.panels.map(({ id, titles: [given, outcome] }, at) => {
      const letter = String.fromCodePoint(97 + at);
      const button = made("button", { type: "button", textContent: `(${letter}) ${given} → ${outcome}` });
      button.addEventListener("click", () => this.turnTo(id));
      return { id, button, part: parts[at] };
    });
    this.figure.querySelector(".panels-switch").append(...this.turns.map(({ button }) => button));
    row.classList.add("turns");
    this.turnTo(this.model.panels[0].id);
  }

  turnTo(panel) {
    for (const { id, button, part } of this.turns ?? []) {
      button.setAttribute("aria-pressed", String(id === panel));
      part.classList.toggle("shown", id === panel);
    }
  }

  // Beside the text a figure that is higher than the window scrolls by itself, to the first cell that is ringed.
  bringIntoSight() {
    const { figure, rings: [ring] } = this;
    if (!ring || figure.scrollHeight <= figure.clientHeight + 1 || getComputedStyle(figure).position !== "sticky") return;
    const [cell, box] = [ring.getBoundingClientRect(), figure.getBoundingClientRect()];
    if (cell.top >= box.top && cell.bottom <= box.bottom) return;
    figure.scrollTop += cell.top - box.top - box.height / 2;
  }

  // Squares, fields and sentences of a cell light up where the page's script hears of it.
  light(key, how) {
    this.ring(key);
    document.dispatchEvent(new CustomEvent("diptych:cell", { detail: { cell: key, how } }));
  }

  dim() {
    for (const ring of this.rings) ring.remove();
    this.rings = [];
    if (this.opened) this.ring(this.opened);
    document.dispatchEvent(new CustomEvent("diptych:cell", { detail: { cell: null, how: "hover" } }));
  }

  hover(key) {
    clearTimeout(this.leaving);
    this.light(key, "hover");
    this.point(key);
    // While the pointer wanders the tooltip lets it through; once it rests, it can go onto the tooltip.
    clearTimeout(this.resting);
    this.tip.classList.remove("solid");
    this.resting = setTimeout(() => this.tip.classList.add("solid"), 400);
  }

  leave() {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => {
      this.hide();
      if (this.focused && this.region === document.activeElement) this.focus(this.focused, { again: true });
    }, 150);
  }

  hide() {
    clearTimeout(this.leaving);
    clearTimeout(this.resting);
    this.dim();
    this.tip.hidden = true;
    this.pointing = null;
    this.over = null;
  }

  focus(key, { quietly = false, again = false } = {}) {
    this.focused = key;
    if (!again) this.turnTo(placeOf(key).panel);
    this.light(key, "focus");
    if (!quietly) this.point(key);
    if (again) return;
    this.rings.at(-1).scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    this.settle();
    if (!quietly) this.spoken.textContent = this.words(key);
    this.remember();
  }

  escape() {
    if (!this.tip.hidden) this.hide();
    else if (!this.card.hidden) this.close();
  }

  // What is known of a cell, as names, titles and texts; what it has not is left out.
  lines(key) {
    const { panel: id, given, outcome } = placeOf(key);
    const at = this.model.panels.findIndex((panel) => panel.id === id);
    const [panel, row, view] = [this.model.panels[at], this.drawing.row(key), chosen(this.model, this.state)];
    const hidden = this.state.min && row.state === "few";
    const number = hidden ? null : row.value;
    const kind = view.kinds[at];
    const ends = [row.low, row.high];
    const told = ends.some((end) => (end ?? null) === null) || hidden ? null
      : IN_PERCENT.includes(kind) ? shareRange(...ends) : span(...ends.map((end) => endText(end, kind)));
    const all = [
      ["given", panel.titles[0], panel.given[given]],
      ["outcome", panel.titles[1], panel.outcome[outcome]],
      ["number", view.titles[at], isNumber(number) ? numberText(number, kind) : null],
      ["interval", "Interval", told && `${told} (${panel.level})`],
      ["counts", "Counts", countsText(row, panel.unit)],
      ["baseline", "Base rate", isNumber(row.base) ? (kind === "fraction" ? decimal(row.base, 2) : percent(row.base)) : null],
      ["ratio", "Lift", isNumber(row.lift) ? ratioText(row.lift) : null],
      ["chance", "q", isNumber(row.q) ? (row.q < 0.0005 ? "under 0.001" : decimal(row.q, 3)) : null],
      ["reading", "State", hidden ? this.model.hidden : this.model.states[row.state] ?? null],
    ];
    return all.filter(([, , text]) => text !== null).map(([name, title, text]) => [title, text, name]);
  }

  // A cell in sentences: how many have both categories, the share of the row, and the base rate.
  words(key) {
    const { panel: id, given, outcome } = placeOf(key);
    const at = this.model.panels.findIndex((panel) => panel.id === id);
    const [panel, row, lines] = [this.model.panels[at], this.drawing.row(key), this.lines(key)];
    const line = (name) => lines.find(([, , of]) => of === name)?.[1];
    const reading = line("reading");
    if (!panel.told.length || !isNumber(row.of) || !row.of) return `${lines.map(([title, text]) => `${title}: ${text}`).join(". ")}.`;
    const known = { given: panel.given[given], outcome: panel.outcome[outcome], joint: grouped(row.joint, 1), of: grouped(row.of, 1) };
    const measured = SHARES.includes(chosen(this.model, this.state).kinds[at]);
    const interval = isNumber(row.low) && isNumber(row.high) && line("interval");
    const share = percent(row.joint / row.of);
    const all = [row.joint
      ? `${filled(panel.told[0], known)}: ${share}${measured && interval ? ` (${shareRange(row.low, row.high)})` : ""}.`
      : filled(panel.told[1], known)];
    if (isNumber(row.base)) all.push(filled(panel.told[2], { base: percent(row.base) }));
    if (!measured && line("number")) all.push(`${chosen(this.model, this.state).titles[at]}: ${line("number")}${interval ? ` (${interval})` : ""}.`);
    if (reading && row.joint) all.push(`${reading.slice(0, 1).toUpperCase()}${reading.slice(1)}.`);
    return all.join(" ");
  }

  list(key) {
    return this.lines(key).map(([title, text, name]) => made(
      "div", { className: name }, made("dt", { textContent: title }), made("dd", { textContent: text, dir: "auto" }),
    ));
  }

  point(key) {
    this.pointing = key;
    this.tip.replaceChildren(made("p", { textContent: this.words(key), dir: "auto" }));
    this.tip.hidden = false;
    this.settle();
  }

  // Beside its cell, above it where there is room, and always within the window.
  settle() {
    if (!this.pointing || this.tip.hidden) return;
    const [cell, box, gap] = [this.drawing.box(this.pointing), this.tip.getBoundingClientRect(), 8];
    const [width, height] = [document.documentElement.clientWidth, window.innerHeight];
    const within = (start, size, whole) => Math.max(gap, Math.min(start, whole - size - gap));
    const above = cell.top - box.height - gap;
    const top = above >= gap ? above : cell.bottom + gap;
    this.tip.style.left = `${within(cell.left + cell.width / 2 - box.width / 2, box.width, width)}px`;
    this.tip.style.top = `${within(top, box.height, height)}px`;
  }

  press(key, pointer) {
    if (pointer === "touch" && this.focused !== key) {
      this.region.focus({ preventScroll: true });
      this.focus(key);
      return;
    }
    this.focus(key, { quietly: true });
    this.open(key);
  }

  key(event) {
    if (event.altKey || event.metaKey || event.shiftKey || event.target !== this.region) return;
    if (event.key === "Enter" && this.focused) {
      event.preventDefault();
      this.open(this.focused);
      return;
    }
    const next = this.next(event.key, event.ctrlKey);
    if (!next) return;
    event.preventDefault();
    this.focus(next);
  }

  // The cell that a key leads to, in the order shown; rows go on in the next panel. Null for other keys.
  next(name, whole) {
    if (!["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(name)) return null;
    const { panels } = this.model;
    const shown = (at) => {
      const panel = panels[at];
      const { axes } = named(this.model.orders, this.state.order);
      return axes[panel.id] ?? [[...panel.given.keys()], [...panel.outcome.keys()]];
    };
    const keyOf = (at, row, column) => {
      const [given, outcome] = shown(at);
      const [y, x] = [Math.min(row, given.length - 1), column < 0 ? outcome.length - 1 : column];
      return `${panels[at].id}-${given[y]}-${outcome[x]}`;
    };
    if (!this.focused) return keyOf(0, 0, 0);
    const here = placeOf(this.focused);
    const at = panels.findIndex(({ id }) => id === here.panel);
    const [given, outcome] = shown(at);
    const [row, column] = [given.indexOf(here.given), outcome.indexOf(here.outcome)];
    const [last, end] = [given.length - 1, outcome.length - 1];
    switch (name) {
      case "ArrowUp": return keyOf(at, Math.max(row - 1, 0), column);
      case "ArrowDown": return keyOf(at, Math.min(row + 1, last), column);
      case "ArrowLeft": return column > 0 ? keyOf(at, row, column - 1) : keyOf(Math.max(at - 1, 0), row, at ? -1 : 0);
      case "ArrowRight":
        if (column < end) return keyOf(at, row, column + 1);
        return at + 1 < panels.length ? keyOf(at + 1, row, 0) : keyOf(at, row, column);
      case "Home": return keyOf(at, whole ? 0 : row, 0);
      default: return keyOf(at, whole ? last : row, end);
    }
  }

  open(key) {
    this.tip.hidden = true;
    this.opened = key;
    this.fillCard(key);
    this.card.hidden = false;
    this.card.focus({ preventScroll: true });
    this.makeRoom();
  }

  // The sheet covers neither its cell nor the targets of its links.
  makeRoom() {
    const sheet = this.card.getBoundingClientRect();
    document.documentElement.style.scrollPaddingBlockEnd = sheet.height ? `${sheet.height}px` : "";
    if (!sheet.height) return;
    const cell = this.drawing.box(this.opened);
    const isBeside = sheet.left >= cell.right || sheet.right <= cell.left;
    const hidden = cell.bottom + 12 - sheet.top;
    if (hidden > 0 && !isBeside) window.scrollBy({ top: hidden, behavior: "instant" });
  }

  close() {
    this.card.hidden = true;
    this.opened = null;
    this.dim();
    this.makeRoom();
    this.region.focus({ preventScroll: true });
  }

  fillCard(key) {
    const [[givenTitle, given], [outcomeTitle, outcome]] = this.lines(key);
    const title = made("p", { className: "cardtitle", id: `${this.figure.id}-cell` },
      `${givenTitle} `, made("bdi", { textContent: given }), `, ${outcomeTitle} `, made("bdi", { textContent: outcome }));
    const shut = made("button", { type: "button", className: "tool", textContent: "Close" });
    shut.addEventListener("click", () => this.close());
    const numbers = made("dl", {}, ...this.list(key));
    const inside = [made("div", { className: "cardhead" }, title, shut), numbers, ...this.bars(key)];
    this.card.replaceChildren(...inside, ...this.behind(key), ...this.links(key));
  }

  // What is inside a cell, beside its numbers.
  inside(key) {
    return this.model.inside?.[placeOf(key).panel] ?? {};
  }

  // The share of a cell with its interval against that of all units, and the same within each stratum: the line across
  // a bar is the share of all units there.
  bars(key) {
    const { panel: id, given, outcome } = placeOf(key);
    const panel = this.model.panels.find((one) => one.id === id);
    const { unit } = panel;
    const row = this.drawing.row(key);
    if (!isNumber(row.of) || !row.of || !isNumber(row.joint)) return [];
    const bar = (name, share, base, words, ends) => {
      const track = made("span", { className: "track", role: "img", "aria-label": `${words}; of all ${unit} ${percent(base)}` });
      const part = (kind, from, to) => {
        const piece = made("span", { className: kind });
        piece.style.insetInlineStart = `${100 * from}%`;
        if (to !== undefined) piece.style.inlineSize = `${Math.max(0.4, 100 * (to - from))}%`;
        track.append(piece);
      };
      if (ends) part("ends", ...ends);
      else if (share) part("length", 0, share);
      if (ends) part("point", share);
      part("base", base);
      return [made("dt", { textContent: name, dir: "auto" }), made("dd", {}, track, made("span", { textContent: words }))];
    };
    const shares = SHARES.includes(chosen(this.model, this.state).kinds[this.model.panels.indexOf(panel)]);
    const ends = shares && isNumber(row.low) && isNumber(row.high) ? [row.low, row.high] : null;
    const share = row.joint / row.of;
    const all = isNumber(row.base) ? bar(`all ${unit}`, share, row.base, ends ? `${percent(share)} (${shareRange(...ends)})` : percent(share), ends) : [];
    const { strata } = this.inside(key);
    const lines = (strata?.levels ?? []).map((name, at) => {
      const [n, of] = [strata.joint[at][given * panel.outcome.length + outcome], strata.given[at][given]];
      return of ? bar(name, n / of, strata.outcome[at][outcome] / strata.n[at], `${grouped(n, 1)} of ${grouped(of, 1)}: ${percent(n / of)}`) : null;
    }).filter(Boolean);
    if (!all.length && !lines.length) return [];
    const title = lines.length ? `Share, and within each ${strata.name}` : "Share";
    const left = lines.length ? strata.of - strata.levels.length : 0;
    const told = `The line across a bar is the share of all ${unit}${lines.length ? " there" : ""}.${left ? ` ${left} smaller ones are not shown.` : ""}`;
    return [
      made("p", { className: "label", textContent: title }),
      made("dl", { className: "bars" }, ...all, ...lines.flat()),
      made("p", { className: "made", textContent: told }),
    ];
  }

  // The first units of a cell by name, and a field to search them.
  behind(key) {
    const { given, outcome } = placeOf(key);
    const { behind } = this.inside(key);
    const names = (behind?.cells[`${given}-${outcome}`] ?? []).map((at) => behind.names[at]);
    if (!names.length) return [];
    const { joint } = this.drawing.row(key);
    const unit = this.model.panels.find(({ id }) => id === placeOf(key).panel).unit;
    const items = names.map((textContent) => made("li", { textContent, dir: "auto" }));
    const list = made("ul", { className: "behind", "aria-label": `${unit} of this cell` }, ...items);
    const some = isNumber(joint) && joint > names.length ? `, the first ${names.length} of ${grouped(joint, 1)}` : "";
    const field = made("input", { type: "search", autocomplete: "off" });
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(wanted);
    });
    return [
      made("p", { className: "label", textContent: `${unit} of this cell${some}` }),
      ...(names.length > 5 ? [made("label", { className: "search" }, "Search these ", field)] : []),
      list,
    ];
  }

  // Where else the page speaks of a cell: its fields in tables, and sentences.
  links(key) {
    const found = this.about.get(key) ?? [];
    const shown = (element) => !element.closest(".cellcard, figure");
    const link = (element, text) => {
      if (!element.id) element.id = `cell-${key}`;
      return made("li", {}, made("a", { href: `#${encodeURIComponent(element.id)}`, textContent: text, dir: "auto" }));
    };
    const fields = found.filter((element) => element.matches(".matrix td")).slice(0, 1).map((field) => {
      const number = field.closest(".tablebox")?.querySelector(".number")?.textContent.replace(/\.$/, "") ?? "Table";
      return link(field, `${number}, this cell`);
    });
    const sentences = found.filter((element) => !element.matches("td") && element.id && shown(element));
    const items = sentences.slice(0, 6).map((sentence) => link(sentence, sentence.textContent.trim()));
    if (!fields.length && !items.length) return [];
    const name = `${this.figure.id}-where`;
    return [
      made("p", { className: "label", id: name, textContent: "Where the report speaks of it" }),
      made("ul", { className: "where", "aria-labelledby": name }, ...fields, ...items),
    ];
  }
}

// A sentence or a finding that is chosen, by click, tap or its button, keeps its cells ringed until another is chosen, or
// Escape is pressed.
const choosePins = (scope) => {
  const keysOf = (element) => [element, ...element.querySelectorAll("[data-cells]")]
    .flatMap(({ dataset }) => dataset.cells?.split(" ") ?? []);
  let pinned = null;
  const buttons = new Map();
  const pin = (element) => {
    pinned?.classList.remove("pinned-item");
    pinned = element === pinned ? null : element;
    pinned?.classList.add("pinned-item");
    for (const [item, button] of buttons) {
      button.textContent = item === pinned ? "Clear" : "Show in figure";
      button.setAttribute("aria-pressed", String(item === pinned));
    }
    const cells = pinned ? [...new Set(keysOf(pinned))] : [];
    document.dispatchEvent(new CustomEvent("diptych:pin", { detail: { cells } }));
  };
  const items = [...scope.querySelectorAll(".items > li")].filter((item) => item.querySelector(".thumbs"));
  for (const item of items) {
    const button = made("button", { type: "button", className: "pin", textContent: "Show in figure", "aria-pressed": "false" });
    button.addEventListener("click", (event) => { event.stopPropagation(); pin(item); });
    buttons.set(item, button);
    item.append(button);
  }
  const loose = [...scope.querySelectorAll("main .sentence[data-cells]")].filter((one) => !one.closest("figure, .cellcard"));
  for (const element of new Set(loose.map((one) => items.find((item) => item.contains(one)) ?? one))) {
    element.addEventListener("click", ({ target }) => {
      if (!target.closest("a, button, summary") && !String(window.getSelection())) pin(element);
    });
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== element) return;
      event.preventDefault();
      pin(element);
    });
  }
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape" && pinned) pin(pinned); });
};
// On paper every section is open.
let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const one of opened) one.open = true;
});
window.addEventListener("afterprint", () => { for (const one of opened) one.open = false; });

const unpacked = async (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
};
const start = async (block) => {
  const scope = block.closest("[data-diptych]") ?? document;
  const { figures } = JSON.parse(block.textContent);
  for (const { figure: name, model: text } of figures) {
    const figure = [...scope.querySelectorAll("figure[data-figure]")].find((f) => f.dataset.figure === name);
    if (!figure || figure.dataset.live) continue;
    figure.dataset.live = "starting";
    try {
      const model = await unpacked(text);
      new LiveFigure(figure, model, scope, figures.length > 1).start();
    } catch {
      figure.dataset.live = "off";
    }
  }
};
const ready = () => {
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 1));
  for (const block of document.querySelectorAll('script[type="application/json"][id$="report-data"]')) {
    const scope = block.closest("[data-diptych]") ?? document;
    idle(() => start(block).then(() => choosePins(scope)), { timeout: 300 });
  }
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
else ready();
