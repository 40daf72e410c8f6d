// Sentences, fields and squares point at each other. What is pointed at goes round as an event, so that a live figure
// can say it and hear it: "diptych:cell" with {cell, how}, cell null where nothing is pointed at any more. What comes
// from the page has {cells, from} too: a sentence may speak of several.
(() => {
  const sentences = [...document.querySelectorAll("[data-cells]")];
  const keysOf = (sentence) => sentence.dataset.cells.split(" ");
  const about = new Map();
  for (const sentence of sentences) {
    for (const key of keysOf(sentence)) about.set(key, [...(about.get(key) ?? []), sentence]);
  }
  const fields = (key) => [...document.querySelectorAll(`[data-cell="${CSS.escape(key)}"]`)];
  let marked = [];
  const mark = (elements) => {
    marked.forEach((element) => element.classList.remove("pointed"));
    marked = elements;
    marked.forEach((element) => element.classList.add("pointed"));
  };
  const tell = (cells, how, from) => {
    document.dispatchEvent(new CustomEvent("diptych:cell", { detail: { cell: cells[0] ?? null, cells, how, from } }));
  };
  document.addEventListener("diptych:cell", ({ detail: { cell, cells = cell ? [cell] : [], from } }) => {
    const pointing = cells.length && from?.matches?.("[data-cells]") ? [from] : cells.flatMap((key) => about.get(key) ?? []);
    mark([...new Set([...cells.flatMap(fields), ...pointing])]);
  });
  const connect = (element, cells) => {
    const on = (how) => () => tell(cells, how, element);
    const off = (how) => () => tell([], how, element);
    element.addEventListener("pointerenter", on("hover"));
    element.addEventListener("pointerleave", off("hover"));
    if (element instanceof SVGElement) return; // one that hears of the focus is a stop of the Tab key
    element.addEventListener("focus", on("focus"));
    element.addEventListener("blur", off("focus"));
  };
  // A sentence about cells is a stop of the Tab key, and says why.
  for (const sentence of sentences) {
    const keys = keysOf(sentence);
    connect(sentence, keys);
    if (!keys.some((key) => fields(key).length)) continue;
    const name = `Points at ${keys.length === 1 ? "a cell" : `${keys.length} cells`} of the figure`;
    for (const [what, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", name]]) sentence.setAttribute(what, value);
  }
  for (const field of document.querySelectorAll("[data-cell]")) {
    if (field.dataset.cell) connect(field, [field.dataset.cell]);
  }
})();
// On a phone a button unfolds the deck and the line of authors, date and links.
(() => {
  const brief = document.querySelector(".brief");
  const button = brief?.querySelector("button");
  button?.addEventListener("click", () => button.setAttribute("aria-expanded", String(brief.classList.toggle("open"))));
})();
// What an address leads to is not left folded, nor is a section that the contents lead to.
(() => {
  const unfold = () => {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { /* not ours */ }
    const target = document.getElementById(name);
    if (target?.matches("section")) target.querySelector(":scope > details")?.setAttribute("open", "");
    for (let at = target?.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
})();
// The contents show which section is being read.
(() => {
  const links = new Map();
  for (const link of document.querySelectorAll(".contents a")) links.set(decodeURIComponent(link.hash.slice(1)), link);
  const sections = [...document.querySelectorAll("main section[id]")].filter((section) => links.has(section.id));
  const follow = () => {
    const line = window.innerHeight / 3;
    const end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const above = sections.filter((section) => section.getBoundingClientRect().top < line);
    const here = (end ? sections : above).at(-1) ?? sections[0];
    for (const [id, link] of links) {
      if (id === here?.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waiting = false;
  document.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; follow(); });
  }, { passive: true });
  follow();
})();
