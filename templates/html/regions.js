// A box is a region, and a stop of the Tab key, only where it scrolls.
const watcher = new ResizeObserver((seen) => seen.forEach(({ target }) => {
  for (const [name, value] of [["tabindex", "0"], ["role", "region"]]) {
    if (target.scrollWidth > target.clientWidth + 1) target.setAttribute(name, value);
    else target.removeAttribute(name);
  }
}));
for (const box of document.querySelectorAll(".scroll")) watcher.observe(box);
