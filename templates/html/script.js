"use strict";
// Sentences and cells point at each other. The page is complete without this.
(() => {
  const cells = new Map();
  for (const field of document.querySelectorAll("[data-cell]")) {
    const list = cells.get(field.dataset.cell) ?? [];
    list.push(field);
    cells.set(field.dataset.cell, list);
  }
  const sentences = [...document.querySelectorAll("[data-cells]")];
  const about = (key) => sentences.filter((s) => s.dataset.cells.split(" ").includes(key));
  const mark = (elements, on) => elements.forEach((element) => element.classList.toggle("pointed", on));
  const connect = (element, others) => {
    if (!others.length) return;
    const set = (on) => () => mark([element, ...others], on);
    element.addEventListener("pointerenter", set(true));
    element.addEventListener("pointerleave", set(false));
    element.addEventListener("focus", set(true));
    element.addEventListener("blur", set(false));
  };
  for (const sentence of sentences) {
    const others = sentence.dataset.cells.split(" ").flatMap((key) => cells.get(key) ?? []);
    if (others.length) sentence.tabIndex = 0;
    connect(sentence, others);
  }
  for (const [key, fields] of cells) {
    for (const field of fields) connect(field, [...about(key), ...fields.filter((other) => other !== field)]);
  }
  // The contents show which section is being read.
  const links = new Map();
  for (const link of document.querySelectorAll(".contents a")) links.set(link.hash.slice(1), link);
  const sections = [...document.querySelectorAll("main section[id]")];
  const follow = () => {
    const line = window.innerHeight / 3;
    const here = sections.filter((section) => section.getBoundingClientRect().top < line).at(-1) ?? sections[0];
    for (const [id, link] of links) {
      if (here && decodeURIComponent(id) === here.id) link.setAttribute("aria-current", "true");
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
