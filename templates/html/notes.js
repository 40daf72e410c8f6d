// Evidence opens in place: the note that a number leads to is shown below its sentence, and shut by the same number.
// Without scripts, and from a link in the note, the appendix is where it stands.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".evidence a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const note = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!note) return;
  event.preventDefault();
  const name = `here-${note.id}`;
  const shown = document.getElementById(name);
  const paragraph = link.closest("p, figcaption, td");
  const again = shown && shown.previousElementSibling === paragraph;
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
  paragraph.after(here);
  link.setAttribute("aria-controls", name);
  link.setAttribute("aria-expanded", "true");
});
