"use strict";
// The live figure: the drawing of the page made again by Vega, pixel for pixel, and then whatever a static one cannot
// do. The page is complete without this; where anything fails, the static figure stays.
(() => {
  const LARGE = 5000; // cells
  // What a model says, put together: report/figures/live.py (`drawn`) does the same.
  const decoded = (column, at) => (Array.isArray(column) ? column[at] : column.of[column.at[at]] ?? null);
  const rowsOf = (columns, panel) => {
    const fields = Object.entries(columns).filter(([, column]) => column !== null);
    const length = Math.max(...fields.map(([, column]) => (column.at ?? column).length));
    return Array.from({ length }, (_, place) => {
      const row = {};
      for (const [name, column] of fields) {
        const value = decoded(column, place);
        if (value !== null) row[name] = value;
      }
      if (!panel) return row;
      const [given, outcome] = [Math.floor(place / panel.outcome.length), place % panel.outcome.length];
      row.key = `${panel.id}-${given}-${outcome}`;
      row.given = panel.given[given];
      row.outcome = panel.outcome[outcome];
      return row;
    });
  };
  const change = (spec, path, value) => {
    const place = path.slice(0, -1).reduce((part, step) => part[step], spec);
    if (value.length) place[path.at(-1)] = value[0];
    else delete place[path.at(-1)];
  };
  const parts = function* (part) {
    if (part === null || typeof part !== "object") return;
    yield part;
    for (const inner of Object.values(part)) yield* parts(inner);
  };
  const arrange = (spec, panel, [given, outcome]) => {
    const domains = {
      y: given.map((place) => panel.given[place]),
      x: outcome.map((place) => panel.outcome[place]),
    };
    for (const { data, encoding } of parts(spec)) {
      if (![`${panel.id}_cells`, `${panel.id}_baseline`].includes(data?.name)) continue;
      for (const axis of ["x", "y"]) if (encoding?.[axis]?.scale?.domain) encoding[axis].scale.domain = domains[axis];
    }
  };
  const isNumber = (layer) => layer.mark?.type === "text" && layer.encoding?.fill?.field === "ink";
  const hideFew = (spec, model) => {
    for (const rows of Object.values(spec.datasets)) {
      for (const row of rows) {
        if (row.state !== "few") continue;
        if (row.line === undefined) for (const name of ["value", "low", "high", "text", "ink"]) delete row[name];
        else row.text = model.hidden;
      }
    }
  };
  const named = (list, name) => list.find((entry) => entry.name === name);
  // What is shown: a measure, or the declared one at an earlier time.
  const chosen = (model, state) => (state.time ? named(model.times, state.time) : named(model.measures, state.measure));
  const specification = (model, state, face) => {
    const measure = chosen(model, state);
    const spec = structuredClone(model.spec);
    for (const [path, ...value] of structuredClone(measure.changes)) change(spec, path, value);
    spec.datasets = {};
    for (const [name, own] of Object.entries(measure.sets)) {
      const panel = model.panels.find(({ id }) => name === `${id}_cells`);
      spec.datasets[name] = rowsOf({ ...model.sets[name], ...own }, panel);
    }
    const { axes } = named(model.orders, state.order);
    for (const panel of model.panels) if (axes[panel.id]) arrange(spec, panel, axes[panel.id]);
    if (!state.values) for (const part of parts(spec)) if (part.layer) part.layer = part.layer.filter((l) => !isNumber(l));
    if (state.min) hideFew(spec, model);
    spec.config.font = face;
    return spec;
  };

  const embedded = (host, spec, mode) => window.vegaEmbed(host, spec, {
    mode, renderer: "svg", ast: true, actions: false, defaultStyle: false, hover: false, tooltip: () => {}, logLevel: 0,
  });

  // What Vega would say of a cell that it has not drawn: a view without marks, of one row at a time.
  const teller = async (model, panel) => {
    const { transform } = [...parts(model.spec)].find(({ data, layer }) => layer && data?.name === `${panel.id}_cells`);
    const formulas = transform.map(({ calculate, as }) => ({ type: "formula", expr: calculate, as }));
    const { view } = await embedded(document.createElement("div"), { data: [{ name: "row", transform: formulas }] }, "vega");
    const columns = Object.entries(model.sets[`${panel.id}_cells`]);
    return (given, outcome) => {
      const at = given * panel.outcome.length + outcome;
      const values = columns.map(([name, column]) => [name, decoded(column, at)]).filter(([, value]) => value !== null);
      const row = { ...Object.fromEntries(values), given: panel.given[given], outcome: panel.outcome[outcome] };
      view.data("row", [row]).run();
      return { ...view.data("row")[0] };
    };
  };

  // Draw outside the page; give every square the short name of its cell, and keep what Vega says of it.
  const drawing = async (model, state, face) => {
    const host = document.createElement("div");
    const { view } = await embedded(host, specification(model, state, face), "vega-lite");
    const svg = host.querySelector("svg");
    const [squares, data] = [new Map(), new Map()];
    for (const square of svg.querySelectorAll(".mark-rect path")) {
      const datum = square.__data__?.datum;
      if (!datum?.key) continue;
      square.dataset.cell = datum.key;
      squares.set(datum.key, square);
      data.set(datum.key, datum);
    }
    view.finalize();
    if (!squares.size) throw new Error("no cells");
    for (const noise of ["width", "height", "style", "class"]) svg.removeAttribute(noise);
    for (const element of svg.querySelectorAll("[role], [aria-hidden], [aria-roledescription]")) {
      for (const noise of ["role", "aria-hidden", "aria-roledescription", "aria-label"]) element.removeAttribute(noise);
    }
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    return { svg, squares, data };
  };

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
  const place = (key) => {
    const found = /^(.+)-(\d+)-(\d+)$/.exec(key);
    return found && { panel: found[1], given: Number(found[2]), outcome: Number(found[3]) };
  };

  // Cells that are one picture get a square when somebody asks for it: a clear one, over the picture.
  class LaidSquares extends Map {
    constructor(picture, panels) {
      super();
      Object.assign(this, { picture, panels });
    }

    // The picture of a panel, and how large a cell is on it.
    of(name) {
      const image = this.picture.querySelector(`image[data-panel="${CSS.escape(name)}"]`);
      const panel = this.panels.find(({ id }) => id === name);
      const size = (side, n) => Number(image.getAttribute(side)) / n;
      return image && panel && { image, panel, width: size("width", panel.outcome.length), height: size("height", panel.given.length) };
    }

    under({ target, clientX, clientY }) {
      const { panel } = this.of(target.dataset.panel);
      const box = target.getBoundingClientRect();
      const step = (at, length, n) => Math.min(Math.max(Math.floor((at / length) * n), 0), n - 1);
      const given = step(clientY - box.top, box.height, panel.given.length);
      return `${panel.id}-${given}-${step(clientX - box.left, box.width, panel.outcome.length)}`;
    }

    get(key) {
      if (!super.has(key) && place(key ?? "")) {
        const { panel, given, outcome } = place(key);
        const found = this.of(panel);
        if (!found || given >= found.panel.given.length || outcome >= found.panel.outcome.length) return undefined;
        const { image, width, height } = found;
        const square = document.createElementNS("http://www.w3.org/2000/svg", "path");
        square.setAttribute("d", `M${outcome * width},${given * height}h${width}v${height}h${-width}Z`);
        square.setAttribute("fill", "transparent");
        square.dataset.cell = key;
        image.after(square);
        this.set(key, square);
      }
      return super.get(key);
    }

    has(key) {
      return Boolean(this.get(key));
    }
  }

  // The view in the address: #view;measure=lift;order=clustered;time=2024;values=off;min=on;cell=left-0-1
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

  class LiveFigure {
    constructor(figure, model, scope, several) {
      Object.assign(this, { figure, model, scope, several });
      this.region = figure.querySelector(".scroll");
      this.picture = figure.querySelector(".drawing");
      this.controls = figure.querySelector(".controls");
      this.face = getComputedStyle(this.picture.querySelector("svg")).fontFamily;
      this.state = { measure: "declared", order: "declared", time: "", values: true, min: false };
      this.rings = [];
      this.about = new Map(); // what stands outside the drawing, by cell
      for (const element of scope.querySelectorAll("td[data-cell], [data-cells]")) {
        for (const key of (element.dataset.cell ?? element.dataset.cells).split(" ")) {
          this.about.set(key, [...(this.about.get(key) ?? []), element]);
        }
      }
    }

    async start() {
      this.restore(readAddress());
      const asDeclared = !readAddress().order && !readAddress().min && !this.state.time;
      const large = this.picture.querySelector("image[data-panel]") || this.picture.querySelectorAll("path[data-cell]").length > LARGE;
      if (asDeclared && large) await this.adopt();
      else await this.show();
      this.furnish();
      this.listen();
      if (this.controls) Object.assign(this.controls, { disabled: false, hidden: false });
      this.figure.dataset.live = "on";
      const { cell } = this.mine(readAddress());
      if (this.squares.has(cell)) {
        this.focus(cell, { quietly: true });
        this.region.scrollIntoView({ block: "nearest" });
      }
    }

    // A drawing of very many cells takes seconds: the static one stays until another is asked for.
    async adopt() {
      this.data = new Map();
      this.tellers = new Map();
      for (const panel of this.model.panels) this.tellers.set(panel.id, await teller(this.model, panel));
      this.squares = this.picture.querySelector("image[data-panel]") ? new LaidSquares(this.picture, this.model.panels) : new Map();
      for (const square of this.picture.querySelectorAll("path[data-cell]")) this.squares.set(square.dataset.cell, square);
    }

    datum(key) {
      if (!this.data.has(key)) {
        const { panel, given, outcome } = place(key);
        this.data.set(key, this.tellers.get(panel)(given, outcome));
      }
      return this.data.get(key);
    }

    async show() {
      this.turn = (this.turn ?? 0) + 1;
      const { turn } = this;
      this.figure.setAttribute("aria-busy", "true");
      const drawn = await drawing(this.model, this.state, this.face);
      if (turn !== this.turn) return;
      this.figure.removeAttribute("aria-busy");
      Object.assign(this, drawn);
      this.picture.replaceChildren(drawn.svg);
      this.describe();
      this.figure.dataset.measure = this.state.measure;
      this.figure.dataset.time = this.state.time;
      this.figure.dataset.shown = this.view().map(([, value]) => value).join("-");
      this.rings = [];
      if (this.focused) this.ring(this.focused);
      if (this.card?.hidden === false) this.fillCard(this.opened);
    }

    // Caption and alternative text are those of what is shown.
    describe() {
      const { alt, captions } = chosen(this.model, this.state);
      this.picture.setAttribute("aria-label", alt);
      const sentences = this.figure.querySelectorAll("figcaption > .sentence");
      captions.forEach((text, at) => { if (sentences[at]) sentences[at].textContent = text; });
    }

    // Whether a view in the address is this figure's, and what of it is known here.
    mine(view) {
      return (view.figure ?? this.model.figure) === this.model.figure ? view : {};
    }

    restore(address) {
      const view = this.mine(address);
      const known = (list, name) => (named(list, name) ? name : "declared");
      const time = named(this.times, view.time) ? view.time : "";
      this.state = {
        measure: time ? "declared" : known(this.model.measures, view.measure),
        time,
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
        else if (control.type === "range") {
          const at = this.times.findIndex(({ name }) => name === this.state.time);
          control.value = at < 0 ? this.times.length : at;
          this.tell(control);
        } else if (control.name) control.value = this.state[control.name];
      }
    }

    // A place on the time control in words; its output is read aloud when it changes.
    tell(control) {
      const words = this.times[Number(control.value)]?.label ?? "this report";
      control.setAttribute("aria-valuetext", words);
      const output = this.controls.querySelector("output");
      if (output.textContent !== words) output.textContent = words;
    }

    get times() {
      return this.model.times ?? [];
    }

    // What is not as declared, as pairs of name and value.
    view() {
      const { measure, order, time, values, min } = this.state;
      const all = [["time", time], ["measure", measure], ["order", order], ["values", !values && "off"], ["min", min && "on"]];
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
      this.region.setAttribute("aria-describedby", this.help.id);
    }

    listen() {
      const { region, controls, tip, card } = this;
      const isPicture = (event) => event.target.matches?.("image[data-panel]");
      const at = (event) => (isPicture(event) ? this.squares.under(event) : event.target.closest?.("path[data-cell]")?.dataset.cell);
      region.addEventListener("pointermove", (event) => { if (isPicture(event)) this.squares.get(at(event)); });
      region.addEventListener("pointerover", (event) => {
        if (event.pointerType !== "touch" && at(event)) this.hover(at(event));
      });
      region.addEventListener("pointerout", (event) => { if (at(event)) this.leave(); });
      region.addEventListener("click", (event) => { if (at(event)) this.press(at(event), event.pointerType); });
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
      controls?.addEventListener("change", (event) => this.choose(event.target));
      controls?.addEventListener("input", ({ target }) => { if (target.type === "range") this.tell(target); });
      window.addEventListener("hashchange", () => this.follow());
      for (const moved of ["scroll", "resize"]) {
        window.addEventListener(moved, () => this.settle(), { passive: true, capture: true });
      }
    }

    choose(control) {
      const { name, type, value } = control;
      // Earlier times are known in the declared measure alone: one choice takes the other back.
      if (type === "range") Object.assign(this.state, { time: this.times[Number(value)]?.name ?? "", measure: "declared" });
      else this.state[name] = type === "checkbox" ? control.checked : value;
      if (this.state.measure !== "declared") this.state.time = "";
      this.reflect();
      this.hide();
      this.remember();
      return this.show();
    }

    async follow() {
      if (!isView()) return;
      const view = this.mine(readAddress());
      this.restore(view);
      await this.show();
      if (this.squares.has(view.cell)) this.focus(view.cell, { quietly: true });
    }

    // A cell and the one that reverses it in the other panel.
    mirrored(key) {
      const { panel, given, outcome } = place(key);
      const mirror = this.model.panels.find(({ id }) => id === panel)?.mirror;
      return mirror ? `${mirror}-${outcome}-${given}` : null;
    }

    // Rings stand over all squares, so that no neighbour covers them.
    ring(key) {
      for (const ring of this.rings) ring.remove();
      this.rings = [];
      for (const [name, kind] of [[this.mirrored(key), "ring mirrored"], [key, "ring"]]) {
        const square = this.squares.get(name);
        if (!square) continue;
        const ring = document.createElementNS("http://www.w3.org/2000/svg", "path");
        ring.setAttribute("d", square.getAttribute("d"));
        if (square.hasAttribute("transform")) ring.setAttribute("transform", square.getAttribute("transform"));
        ring.setAttribute("class", kind);
        square.parentNode.parentNode.append(ring);
        this.rings.push(ring);
      }
    }

    // Squares, fields and sentences of a cell light up where the page's script hears of it.
    light(key, how) {
      this.ring(key);
      document.dispatchEvent(new CustomEvent("diptych:cell", { detail: { cell: key, how } }));
    }

    dim() {
      for (const ring of this.rings) ring.remove();
      this.rings = [];
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
    }

    focus(key, { quietly = false, again = false } = {}) {
      this.focused = key;
      this.light(key, "focus");
      if (!quietly) this.point(key);
      if (again) return;
      this.squares.get(key).scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      this.settle();
      if (!quietly) this.spoken.textContent = this.words(key);
      this.remember();
    }

    escape() {
      if (!this.tip.hidden) this.hide();
      else if (!this.card.hidden) this.close();
    }

    // What is known of a cell, as pairs of title and text; what it has not is left out.
    lines(key) {
      const at = this.model.panels.findIndex(({ id }) => id === place(key).panel);
      const datum = this.datum(key);
      const hidden = this.state.min && datum.state === "few";
      const text = (name) => (name === "reading" && hidden ? this.model.hidden : String(datum[name] ?? "none"));
      const { titles } = chosen(this.model, this.state);
      return this.model.panels[at].lines
        .map(([name, title]) => [name === "number" ? titles[at] : title, text(name), name])
        .filter(([, value, name]) => value !== "none" && !(name === "reading" && value === "measured"));
    }

    words(key) {
      return `${this.lines(key).map(([title, text]) => `${title}: ${text}`).join(". ")}.`;
    }

    list(key) {
      return this.lines(key).map(([title, text, name]) => made(
        "div", { className: name }, made("dt", { textContent: title }), made("dd", { textContent: text, dir: "auto" }),
      ));
    }

    point(key) {
      this.pointing = key;
      this.tip.replaceChildren(made("dl", {}, ...this.list(key)));
      this.tip.hidden = false;
      this.settle();
    }

    // Beside its cell, above it where there is room, and always within the window.
    settle() {
      const square = this.pointing && this.squares.get(this.pointing);
      if (!square || this.tip.hidden) return;
      const [cell, box, gap] = [square.getBoundingClientRect(), this.tip.getBoundingClientRect(), 8];
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
      const here = place(this.focused);
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
      this.card.scrollIntoView({ block: "nearest" });
    }

    close() {
      this.card.hidden = true;
      this.opened = null;
      this.region.focus({ preventScroll: true });
    }

    fillCard(key) {
      const { panel } = place(key);
      const evidence = (this.state.time ? null : this.model.evidence[panel]) ?? {}; // formulas are those of the report
      const [[givenTitle, given], [outcomeTitle, outcome]] = this.lines(key);
      const title = made("p", { className: "cardtitle", id: `${this.figure.id}-cell` },
        `${givenTitle} `, made("bdi", { textContent: given }), `, ${outcomeTitle} `, made("bdi", { textContent: outcome }));
      const shut = made("button", { type: "button", className: "tool", textContent: "Close" });
      shut.addEventListener("click", () => this.close());
      const numbers = made("dl", {}, ...this.list(key));
      const inside = [made("div", { className: "cardhead" }, title, shut), numbers];
      const lines = (evidence.cells?.[key] ?? []).map(([filled, value, ends], row) => {
        const [label, formula] = evidence.rows[row];
        const steps = [formula, filled === value ? "" : filled, value || "undefined"].filter(Boolean).join(" = ");
        return made("div", {}, made("dt", { textContent: label }), made("dd", { textContent: ends ? `${steps} (${ends})` : steps }));
      });
      if (lines.length) {
        inside.push(made("dl", { className: "formulas" }, ...lines));
        inside.push(made("p", { className: "made", textContent: [evidence.names, evidence.made].filter(Boolean).join(" ") }));
      }
      this.card.replaceChildren(...inside, ...this.links(key));
    }

    // Where else the page speaks of a cell: its fields in tables, and sentences.
    links(key) {
      const found = this.about.get(key) ?? [];
      const shown = (element) => !element.closest(".cellcard, figure") && !element.closest(".notes");
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
        await new LiveFigure(figure, model, scope, figures.length > 1).start();
      } catch {
        figure.dataset.live = "off";
      }
    }
  };
  const ready = async () => {
    if (!window.vegaEmbed) return;
    const drawn = document.querySelector("figure[data-figure] .drawing svg");
    if (!drawn) return;
    const face = getComputedStyle(drawn).fontFamily.split(",")[0];
    try { await Promise.all([document.fonts.load(`16px ${face}`), document.fonts.load(`bold 16px ${face}`)]); } catch { /* others will do */ }
    const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 1));
    for (const block of document.querySelectorAll('script[type="application/json"][id$="report-data"]')) {
      idle(() => start(block), { timeout: 300 });
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
})();
