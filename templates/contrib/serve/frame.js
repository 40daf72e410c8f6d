// The page around a report: it asks what is new, reloads the report where it was, and shows what is wrong above it.
// Texts are set as text: nothing of a config or of data is read as markup.
(() => {
  const frame = document.getElementById("report");
  const trouble = document.getElementById("trouble");
  const list = document.getElementById("list");
  const older = document.getElementById("older");
  const ended = document.getElementById("ended");
  let number = 0;
  let report = 0;
  const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
  const key = (details) => `${details.closest("[id]")?.id ?? ""} ${details.querySelector("summary")?.textContent ?? ""}`;
  // Where a person is and what is chosen: measure, order and time stand in the address of the report.
  const place = () => {
    const { scrollX, scrollY, document: page } = frame.contentWindow;
    const open = new Map([...page.querySelectorAll("details")].map((details) => [key(details), details.open]));
    return { scrollX, scrollY, open };
  };
  const back = async ({ scrollX, scrollY, open }) => {
    const view = frame.contentWindow;
    for (const details of view.document.querySelectorAll("details")) {
      if (open.has(key(details))) details.open = open.get(key(details));
    }
    view.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
    await pause(150); // a figure that has come to life may have another height
    view.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
  };
  const loaded = () => new Promise((resolve) => { frame.addEventListener("load", resolve, { once: true }); });
  const show = async () => {
    const kept = frame.dataset.shown ? place() : null;
    const done = loaded();
    if (kept) frame.contentWindow.location.reload();
    else frame.src = "report/index.html";
    await done;
    frame.dataset.shown = String(report);
    document.title = frame.contentDocument.title;
    if (kept) await back(kept);
  };
  const say = (troubles) => {
    list.replaceChildren(...troubles.map(({ message, excerpt }) => {
      const one = document.createElement("div");
      const text = document.createElement("p");
      text.textContent = message;
      one.append(text);
      if (excerpt) {
        const lines = document.createElement("pre");
        lines.textContent = excerpt;
        one.append(lines);
      }
      return one;
    }));
    older.hidden = !report;
    trouble.hidden = !troubles.length;
  };
  const follow = async () => {
    for (;;) {
      try {
        const answer = await fetch(`state?after=${number}`, { cache: "no-store" });
        const state = await answer.json();
        ended.hidden = true;
        number = state.number;
        if (state.report && state.report !== report) {
          report = state.report;
          await show();
        }
        say(state.troubles);
      } catch {
        ended.hidden = false;
        await pause(1000);
      }
    }
  };
  follow();
})();
