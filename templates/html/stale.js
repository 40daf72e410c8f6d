// Says that the data are old, where they are: only a reader's clock knows. A page without scripts has the date alone.
for (const note of document.querySelectorAll(".stale")) {
  const age = Date.now() - Date.parse(note.previousElementSibling.dateTime);
  note.hidden = !(age > Number(note.dataset.days) * 864e5);
}
