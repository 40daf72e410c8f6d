// A box is a region, and a stop of the Tab key, only where it scrolls; an edge that hides something fades.
(() => {
  const boxes = [...document.querySelectorAll(".scroll")];
  const settle = (box) => {
    const hidden = box.scrollWidth - box.clientWidth;
    const at = Math.abs(box.scrollLeft);
    box.classList.toggle("before", hidden > 1 && at > 1);
    box.classList.toggle("after", hidden > 1 && at < hidden - 1);
    if (box.closest('figure[data-live="on"]')) return;
    for (const [name, value] of [["tabindex", "0"], ["role", "region"]]) {
      if (hidden > 1) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  };
  const watcher = new ResizeObserver((seen) => seen.forEach(({ target }) => settle(target)));
  for (const box of boxes) {
    watcher.observe(box);
    box.addEventListener("scroll", () => settle(box), { passive: true });
  }
})();
