// A figure's static drawing, recoloured: what Python has worked out for a view is put into the squares, signs, numbers,
// colour bars and names of the SVG that stands in the page. Every change can be taken back, so that the declared view is
// the static drawing itself.
const SVG = "http://www.w3.org/2000/svg";
const PAPER = "#ffffff";
const GRID = "#c9cdd2";
const HATCH = "#8a9099";
const MASK = "#e4e6e9";
const VACANT = "#eff1f3";
const INK = "#16191d";
const MUTED = "#565d66";
const KEY_BOX = 11;
const BAR_LINE = 12;
const LABEL_LIMIT = 150;
// How a part's width on a screen compares with its own, and the margin around a part.
const SMALLEST = 1.2;
const LARGEST = 1.32;
const MARGIN = 4;
const node = (tag, attributes = {}, text = undefined) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
};
const keyed = (element, key) => {
  element.dataset.cell = key;
  return element;
};
// A column: plain values, or places in a list of texts.
const decoded = (column, at) => (Array.isArray(column) ? column[at] : column.of[column.at[at]]) ?? null;
// Shown, but not interpreted.
const faint = (state) => state === "few" || state === "uncertain";
const squarePath = (x, y, side) => `M${x},${y}h${side}v${side}h-${side}Z`;
const signPath = (outline, half) => outline.replaceAll(/-?[\d.]+/g, (number) => String(Number((number * half).toFixed(3))));
// The colour of a level from 0 to 1 on evenly spaced stops, as the theme mixes it.
const shade = (stops, level) => {
  const place = Math.min(Math.max(level, 0), 1) * (stops.length - 1);
  const first = Math.min(Math.floor(place), stops.length - 2);
  const channels = (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const [low, high] = [channels(stops[first]), channels(stops[first + 1])];
  return `#${low.map((one, at) => Math.floor(one + (high[at] - one) * (place - first) + 0.5).toString(16).padStart(2, "0")).join("")}`;
};
// A colour follows the page into the dark by a rule of its own, as those of the static drawing do.
const known = new Set();
const inTheDark = (light, dark, what = "fill") => {
  if (known.has(`${what}${light}`)) return;
  known.add(`${what}${light}`);
  const sheet = [...document.styleSheets].find(({ href }) => !href);
  sheet?.insertRule(`@media screen and (prefers-color-scheme: dark) { .drawing svg [${what}="${light}"] { ${what}: ${dark}; } }`, sheet.cssRules.length);
};
const TINTS = { masked: MASK, empty: VACANT };
const wrapped = (title, most) => title.split(" ").reduce((lines, word) => {
  const last = lines.at(-1);
  return last && `${last} ${word}`.length <= most ? [...lines.slice(0, -1), `${last} ${word}`] : [...lines, word];
}, []);
const placeOf = (key) => {
  const found = /^(.+)-(\d+)-(\d+)$/.exec(key ?? "");
  return found && { panel: found[1], given: Number(found[2]), outcome: Number(found[3]) };
};

class Drawing {
  constructor(svg, model) {
    Object.assign(this, { svg, model, undoing: [], axes: {}, view: model.measures[0] });
    this.frames = new Map(model.panels.map((panel, at) => {
      const marks = (part) => [...svg.querySelectorAll(`[class*=" p${at}_${part}_"]`)];
      const [cells, base, whole] = [marks("cell"), marks("base"), [...marks("all"), ...marks("whole")]];
      const [top, sizes] = [marks("top"), marks("rows")];
      return [panel.id, { panel, cells, base, whole, top, sizes, group: cells[0].parentNode }];
    }));
  }

  // The columns of a panel's cells in a view: those of the declared one, but for what differs.
  columns(view, id) {
    const own = Object.entries({ ...this.model.measures[0].cells[id], ...view.cells[id] });
    return Object.fromEntries(own.filter(([, column]) => column !== null));
  }

  // What is known of a cell in the view that is shown.
  row(key) {
    const { panel, given, outcome } = placeOf(key);
    const at = given * this.frames.get(panel).panel.outcome.length + outcome;
    return Object.fromEntries(Object.entries(this.columns(this.view, panel)).map(([name, column]) => [name, decoded(column, at)]));
  }

  paint(view, axes, { values = true, min = false } = {}) {
    this.undoing.reverse().forEach((undo) => undo());
    this.undoing = [];
    Object.assign(this, { view, axes });
    const declared = view === this.model.measures[0];
    if (declared && !Object.keys(axes).length && values && !min) {
      if (this.keyIsCut) this.paintKey(view.key, min);
      return;
    }
    for (const frame of this.frames.values()) {
      this.paintPanel(frame, view, { values, min });
      if (axes[frame.panel.id]) this.rename(frame, axes[frame.panel.id]);
      if (!declared) {
        this.paintBar(frame, view.bars[frame.panel.id]);
        this.reread(frame, view.readings[frame.panel.id]);
        this.count(frame, view.sizes[frame.panel.id]);
        this.write(frame.whole.flatMap((group) => [...group.children]), view.wholes[frame.panel.id] ?? []);
      }
    }
    if (!declared) this.paintSharedBar(view);
    this.paintKey(view.key, min);
  }

  // Put nodes in the place of others; once is enough to take it back.
  swap(old, nodes) {
    const [first] = old;
    if (!first) return;
    first.before(...nodes);
    old.forEach((element) => element.remove());
    this.undoing.push(() => {
      nodes[0]?.before(...old);
      nodes.forEach((element) => element.remove());
    });
  }

  // The given and outcome categories of a panel in the order shown, as places.
  order(id) {
    const { panel } = this.frames.get(id);
    return this.axes[id] ?? [[...panel.given.keys()], [...panel.outcome.keys()]];
  }

  // Where a cell is drawn: the column and the row, counted from 0.
  where(key) {
    const { panel, given, outcome } = placeOf(key);
    const [rows, columns] = this.order(panel);
    return [columns.indexOf(outcome), rows.indexOf(given)];
  }

  has(key) {
    const place = placeOf(key);
    const panel = place && this.frames.get(place.panel)?.panel;
    return Boolean(panel && place.given < panel.given.length && place.outcome < panel.outcome.length);
  }

  paintPanel({ panel, cells, base, whole }, view, { values, min }) {
    const { step } = this.model;
    const [rows, outcomes] = this.order(panel.id);
    const columns = this.columns(view, panel.id);
    if (this.model.picture) {
      this.swap(cells, [this.pictured(panel, columns, min, view.bars[panel.id])]);
      this.paintBase({ panel, base, whole }, view, outcomes, rows.length, { values, min });
      return;
    }
    const layers = this.layers();
    rows.forEach((given, y) => outcomes.forEach((outcome, x) => {
      const at = given * panel.outcome.length + outcome;
      const one = this.teller(columns, view.bars[panel.id], at);
      this.cell(layers, x * step, y * step, one, { values, min, key: `${panel.id}-${given}-${outcome}` });
    }));
    this.swap(cells, Object.values(layers));
    this.paintBase({ panel, base, whole }, view, outcomes, rows.length, { values, min });
  }

  // What stands in columns at a place; a cell's colour by its level.
  teller(columns, { stops, dark }, at) {
    return (name) => {
      if (name !== "fill") return columns[name] ? decoded(columns[name], at) : null;
      const level = columns.level ? decoded(columns.level, at) : null;
      if (level === null) return null;
      const fill = shade(stops, level);
      inTheDark(fill, shade(dark, level));
      return fill;
    };
  }

  // A matrix of very many cells is one picture: a square of pixels for each.
  pictured(panel, columns, min, bar) {
    const [rows, outcomes] = this.order(panel.id);
    const side = Math.max(1, Math.min(8, Math.floor(1600 / Math.max(rows.length, outcomes.length))));
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: side * outcomes.length, height: side * rows.length });
    const brush = canvas.getContext("2d");
    rows.forEach((given, y) => outcomes.forEach((outcome, x) => {
      const at = given * panel.outcome.length + outcome;
      const state = decoded(columns.state, at);
      const level = min && state === "few" ? null : decoded(columns.level, at);
      if (level === null && state !== "masked") return;
      brush.globalAlpha = faint(state) ? this.model.pale : 1;
      brush.fillStyle = level === null ? MASK : shade(bar.stops, level);
      brush.fillRect(x * side, y * side, side, side);
    }));
    const { step } = this.model;
    const size = { width: step * outcomes.length, height: step * rows.length, preserveAspectRatio: "none" };
    const group = node("g", { class: "mark-image role-mark" });
    group.append(node("image", { ...size, href: canvas.toDataURL("image/png"), "data-panel": panel.id }));
    return group;
  }

  paintBase({ panel, base, whole }, view, outcomes, below, { values, min }) {
    const { step, gap } = this.model;
    if (!base.length || !view.base[panel.id]) {
      for (const part of [base, ...whole.map((text) => [text])]) this.swap(part, [node("g")]);
      return;
    }
    const under = this.layers();
    outcomes.forEach((outcome, x) => {
      const one = this.teller(view.base[panel.id], view.bars[panel.id], outcome);
      this.cell(under, x * step, below * step + gap, one, { values, min });
    });
    this.swap(base, Object.values(under));
  }

  layers() {
    const group = (kind) => node("g", { class: `mark-${kind} role-mark` });
    return { filled: group("rect"), blank: group("rect"), signs: group("symbol"), numbers: group("text") };
  }

  cell(layers, x, y, one, { values, min, key }) {
    const { step, line, signs } = this.model;
    const state = one("state");
    const fill = min && state === "few" ? null : one("fill");
    const blank = fill === null || faint(state) || state === "fixed";
    const [d, size] = [squarePath(x, y, step), this.view.valuePx];
    const square = blank
      ? node("path", { d, "stroke-width": line, fill: TINTS[state] ?? PAPER, stroke: GRID })
      : node("path", { d, "stroke-width": line, fill, stroke: PAPER });
    if (state !== "size") layers[blank ? "blank" : "filled"].append(key ? keyed(square, key) : square);
    if (fill !== null && faint(state)) layers.signs.append(this.strip(x + step / 2, y + step / 2, step / 2, fill));
    if (signs[state]) layers.signs.append(this.sign(state, x + step / 2, y + step / 2, step / 2));
    if (!values || !size || one("text") === null || (min && state === "few")) return;
    const lift = faint(state) ? step * this.model.lifted : 0;
    layers.numbers.append(node("text", {
      "text-anchor": "middle", x: x + step / 2, y: Number((y + step / 2 - lift + Math.round(0.3 * size)).toFixed(3)),
      "font-size": `${size}px`, fill: one("ink"),
    }, one("text")));
  }

  sign(state, x, y, half) {
    const width = this.model.step >= 10 ? 0.8 : 0.4;
    const look = state === "nothing" ? { fill: HATCH } : { fill: "none", stroke: HATCH, "stroke-width": width };
    return node("path", { transform: `translate(${x},${y})`, d: signPath(this.model.signs[state], half), ...look });
  }

  // The colour of a value from too little data.
  strip(x, y, half, fill) {
    return node("path", { transform: `translate(${x},${y})`, d: signPath(this.model.strip, half), fill });
  }

  // The names at a panel's axes go with their rows and columns.
  rename({ panel, group, top, sizes }, [rows, columns]) {
    for (const labels of [...group.querySelectorAll(":scope > .role-axis .role-axis-label"), ...top, ...sizes]) {
      const texts = [...labels.children];
      const across = new Set(texts.map((text) => text.getAttribute("x") ?? /translate\(([-\d.]+)/.exec(text.getAttribute("transform"))?.[1])).size > 1;
      const [names, order] = across ? [panel.outcome, columns] : [panel.given, rows];
      if (texts.length !== order.length) continue;
      const drawn = texts.map((text) => text.textContent);
      texts.forEach((text, at) => { if (drawn[at]) this.fit(text, drawn[order[at]] || names[order[at]]); });
      this.undoing.push(() => texts.forEach((text, at) => { text.textContent = drawn[at]; }));
    }
  }

  // A name that is not drawn in the declared order, where not every one is: cut as the others are.
  fit(text, name) {
    text.textContent = name;
    for (let length = name.length; text.getComputedTextLength?.() > LABEL_LIMIT && length > 1; length -= 1) {
      text.textContent = `${name.slice(0, length)}…`;
    }
  }

  paintBar({ group }, { title, stops, dark, ticks }) {
    const legend = group.querySelector(":scope > .role-legend");
    if (!legend) return;
    const gradient = this.svg.querySelector(`[id="${/#([^)]*)/.exec(legend.querySelector('[fill^="url("]').getAttribute("fill"))[1]}"]`);
    const shades = stops.map((colour, at) => {
      inTheDark(colour, shade(dark, at / (stops.length - 1)), "stop-color");
      return node("stop", { offset: at / (stops.length - 1), "stop-color": colour });
    });
    this.swap([...gradient.children], shades);
    const labels = [...legend.querySelectorAll(".role-legend-label text")];
    const height = ({ attributes }) => Number(/,\s*([-\d.]+)\)/.exec(attributes.transform.value)[1]);
    const [low, high] = [height(labels[0]), height(labels.at(-1))];
    const [x] = /[-\d.]+/.exec(labels[0].getAttribute("transform"));
    const texts = ticks.map(([level, words]) => {
      const text = labels[0].cloneNode();
      text.setAttribute("transform", `translate(${x},${low + (high - low) * level})`);
      text.textContent = words;
      return text;
    });
    this.swap(labels, texts);
    const [name] = legend.querySelectorAll(".role-legend-title text");
    const lines = wrapped(title, 10);
    const whole = name.cloneNode();
    lines.forEach((words, at) => whole.append(node("tspan", { x: 0, y: BAR_LINE * (at + 1 - lines.length) }, at ? ` ${words}` : words)));
    this.swap([name], [whole]);
  }

  // The numbers under the names of rows.
  count({ panel, sizes: [group] }, texts) {
    if (!group || !texts) return;
    const [rows] = this.order(panel.id);
    this.write([...group.children], rows.map((given) => texts[given]));
  }

  write(elements, texts) {
    const drawn = elements.map((element) => element.textContent);
    const put = (all) => elements.forEach((element, at) => { element.textContent = all[at] ?? drawn[at]; });
    put(texts);
    this.undoing.push(() => put(drawn));
  }

  // The line that says what a cell is.
  reread({ group }, lines) {
    const [text] = group.querySelectorAll(":scope > .role-title .role-title-subtitle text");
    if (!text || !lines.length) return;
    const spread = text.querySelectorAll("tspan");
    const height = spread.length > 1 ? Number(spread[1].getAttribute("dy")) : 11.25;
    const whole = text.cloneNode();
    lines.forEach((words, at) => whole.append(node("tspan", { x: 0, dy: at ? height : 0 }, at ? ` ${words}` : words)));
    this.swap([text], [whole]);
  }

  // The colour bar above all panels: title, colours, ticks, and points at ends that values lie beyond.
  paintSharedBar({ bar, bars }) {
    const old = [...this.svg.querySelectorAll('[class*=" bar_"][class$="_marks"]')];
    if (!old.length || !bar) return;
    const { stops, dark } = Object.values(bars)[0];
    const start = bar.low ? 8 : 0;
    const width = this.model.barPx - start - (bar.high ? 8 : 0);
    const group = node("g", { class: "bar_shown", transform: `translate(${start - this.model.barLeft},0)` });
    const id = `${this.model.figure}-shown-bar`;
    const gradient = node("linearGradient", { id, x1: 0, x2: 1, y1: 0, y2: 0 });
    stops.forEach((colour, at) => {
      const level = at / (stops.length - 1);
      inTheDark(colour, shade(dark, level), "stop-color");
      gradient.append(node("stop", { offset: level, "stop-color": colour }));
    });
    group.append(gradient, node("text", { transform: "translate(0,8)", "font-size": "9.2px", "font-weight": "bold", fill: INK }, bar.title));
    group.append(node("path", { d: `M0,12h${width}v8h-${width}Z`, fill: `url(#${id})` }));
    for (const [level, words] of bar.ticks) {
      const anchor = level <= 0 ? null : level >= 1 ? "end" : "middle";
      group.append(node("text", { "text-anchor": anchor, transform: `translate(${level * width},30)`, "font-size": "9.2px", fill: INK }, words));
    }
    const ends = [[bar.low, `M0,12L-8,16L0,20Z`, stops[0], dark[0]], [bar.high, `M${width},12l8,4l-8,4Z`, stops.at(-1), dark.at(-1)]];
    for (const [pointed, d, fill, night] of ends) {
      if (!pointed) continue;
      inTheDark(fill, night);
      group.append(node("path", { d, fill }));
    }
    this.swap(old, [group]);
  }

  // The key: a sign and words for each state that is shown.
  paintKey(entries, min) {
    const old = [...this.svg.querySelectorAll('[class*=" key_"][class$="_marks"]')];
    if (!old.length) return;
    const [signs, texts] = [node("g", { class: "mark-symbol key_shown" }), node("g", { class: "mark-text key_shown" })];
    const half = KEY_BOX / 2;
    const orange = this.model.avoided;
    const most = Math.min(this.model.keyPx, this.svg.clientWidth / SMALLEST - 2 * MARGIN);
    const parts = entries.flatMap(([state, text, width]) => (width <= most ? [[state, text, width]]
      : wrapped(text, Math.floor((text.length * (most - KEY_BOX - 4)) / width)).map((words, at) => [at ? "beyond" : state, words, most])));
    const set = (apart) => {
      let [right, line] = [0, 0];
      return parts.map(([state, text, width]) => {
        if (right && ((apart && state === "beyond") || right + width > most)) [right, line] = [0, line + 1];
        const x = right;
        right += width + 13;
        return [state, text, x, state === "beyond" ? x : x + KEY_BOX + 4, (line + 0.5) * 15];
      });
    };
    const foot = (set) => (set.at(-1)?.[4] ?? 0) + 7.5;
    let places = set(true);
    if (foot(places) > 30) places = set(false); // with words without a sign apart it would be higher than the colour bar
    const top = Math.max(0, (33 - foot(places)) / 2);
    for (const [state, text, x, at, height] of places) {
      const middle = top + height;
      const place = { transform: `translate(${x + half},${middle})`, d: squarePath(-half, -half, KEY_BOX) };
      const look = { fill: TINTS[state] ?? PAPER, stroke: GRID, "stroke-width": 0.75 };
      if (state === "avoided") signs.append(node("path", { ...place, fill: orange }));
      else if (state !== "beyond") signs.append(node("path", { ...place, ...look }));
      if (faint(state)) signs.append(this.strip(x + half, middle, half, this.model.few));
      if (this.model.signs[state]) signs.append(this.sign(state, x + half, middle, half));
      const words = min && state === "few" ? this.model.hidden : text;
      texts.append(node("text", { transform: `translate(${at},${middle + 3})`, "font-size": "9.2px", fill: MUTED }, words));
    }
    this.swap(old, [signs, texts]);
    this.grow(signs.closest("svg"));
  }

  // Whether the key, as it is drawn, is wider than the page.
  get keyIsCut() {
    const part = this.svg.querySelector('[class*=" key_"]')?.closest("svg");
    return Boolean(part) && part.getBoundingClientRect().width > this.svg.clientWidth + 1;
  }

  // The part with the key has room for all of it, and no more than the page has.
  grow(element) {
    if (!element?.classList.contains("part")) return;
    const isCut = this.svg.clientWidth > 0 && element.getBoundingClientRect().width > this.svg.clientWidth + 1;
    const box = element.getAttribute("viewBox");
    const [left, top, width, tall] = box.split(/[\s,]+/).map(Number);
    const own = element.getBBox();
    const [end, foot] = [own.x + own.width + MARGIN, own.y + own.height + MARGIN];
    const [right, bottom] = [isCut ? end : Math.max(left + width, end), Math.max(top + tall, foot)];
    if (!isCut && right <= left + width && bottom <= top + tall) return;
    element.setAttribute("viewBox", `${left} ${top} ${right - left} ${bottom - top}`);
    element.style.maxInlineSize = `min(100%, ${LARGEST * (right - left)}px)`;
    if (isCut) element.style.minInlineSize = `min(100%, ${SMALLEST * (right - left)}px)`;
    this.undoing.push(() => {
      element.setAttribute("viewBox", box);
      element.removeAttribute("style");
    });
  }

  // The cell at a point of the window, null beside them.
  at(x, y) {
    for (const [id, { panel, group }] of this.frames) {
      const matrix = group.getScreenCTM();
      if (!matrix || !group.getClientRects().length) continue; // not shown
      const point = new DOMPoint(x, y).matrixTransform(matrix.inverse());
      const [column, row] = [Math.floor(point.x / this.model.step), Math.floor(point.y / this.model.step)];
      if (row < 0 || column < 0 || row >= panel.given.length || column >= panel.outcome.length) continue;
      const [rows, columns] = this.order(id);
      return `${id}-${rows[row]}-${columns[column]}`;
    }
    return null;
  }

  // Where a cell is in the window.
  box(key) {
    const [column, row] = this.where(key);
    const { step } = this.model;
    const matrix = this.frames.get(placeOf(key).panel).group.getScreenCTM();
    const corner = new DOMPoint(column * step, row * step).matrixTransform(matrix);
    return new DOMRect(corner.x, corner.y, step * matrix.a, step * matrix.d);
  }

  // A frame around a row (of a given category) or a column (of an outcome), whichever is not null.
  band(id, given, outcome, kind) {
    const frame = this.frames.get(id);
    const { step } = this.model;
    const [rows, columns] = this.order(id);
    const [y, x] = [rows.indexOf(given), columns.indexOf(outcome)];
    if (!frame || (x < 0 && y < 0)) return null;
    const [width, height] = [step * columns.length, step * rows.length];
    const d = y >= 0 ? `M0,${y * step}h${width}v${step}h-${width}Z` : `M${x * step},0h${step}v${height}h-${step}Z`;
    const band = node("path", { d, class: `band ${kind}` });
    frame.group.append(band);
    return band;
  }

  // Rings stand over all squares, so that no neighbour covers them.
  ring(key, kind) {
    if (!this.has(key)) return null;
    const [column, row] = this.where(key);
    const { step } = this.model;
    const ring = node("path", { d: squarePath(column * step, row * step, step), class: kind });
    this.frames.get(placeOf(key).panel).group.append(ring);
    return ring;
  }
}
