"use strict";
(() => {
  const box = document.querySelector(".search");
  const input = document.getElementById("search");
  const found = document.getElementById("found");
  const entries = [...document.querySelectorAll("[data-names]")];
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const names = entries.map((entry) => fold(entry.dataset.names));
  box.hidden = false;
  input.addEventListener("input", () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    let n = 0;
    entries.forEach((entry, place) => {
      const fits = words.every((word) => names[place].includes(word));
      entry.hidden = !fits;
      n += fits && !entry.closest(".first"); // these are listed again below
    });
    found.textContent = words.length ? `${n} ${n === 1 ? "entry" : "entries"} found` : "";
  });
  // A box is a region, and a stop of the Tab key, only where it scrolls.
  const watcher = new ResizeObserver((seen) => seen.forEach(({ target }) => {
    for (const [name, value] of [["tabindex", "0"], ["role", "region"]]) {
      if (target.scrollWidth > target.clientWidth + 1) target.setAttribute(name, value);
      else target.removeAttribute(name);
    }
  }));
  for (const box of document.querySelectorAll(".scroll")) watcher.observe(box);
})();
