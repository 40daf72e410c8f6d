// A number opens the note of its sentence, and closes it again: below the sentence, or, for a sentence above the figure,
// beside the figure, which then does not move. Without scripts, and from the link in the note, the number leads to the
// appendix.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".evidence a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const note = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!note) return;
  event.preventDefault();
  const name = `here-${note.id}`;
  const shown = document.getElementById(name);
  const paragraph = link.closest("p, figcaption, td");
  const again = shown?.paragraph === paragraph;
  if (shown) {
    shown.remove();
    document.querySelector(`[aria-controls="${CSS.escape(name)}"]`)?.setAttribute("aria-expanded", "false");
  }
  if (again || !paragraph) return;
  const here = document.createElement("div");
  here.className = "here";
  here.id = name;
  here.setAttribute("role", "note");
  const [text, more] = [document.createElement("span"), document.createElement("a")];
  text.append(...[...note.childNodes].map((node) => node.cloneNode(true)));
  more.href = link.hash;
  more.textContent = "In the appendix";
  here.append(text, " ", more);
  here.paragraph = paragraph;
  const opening = link.closest(".opening");
  const findings = opening && document.querySelector(".story > .observations > h2");
  const beside = findings && findings.getBoundingClientRect().left >= opening.getBoundingClientRect().right;
  (beside ? findings : paragraph).after(here);
  link.setAttribute("aria-controls", name);
  link.setAttribute("aria-expanded", "true");
});
