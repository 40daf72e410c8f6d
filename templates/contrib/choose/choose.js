// The page on which two columns are chosen. Every part comes from the server as HTML, or lies in the file itself.
(() => {
  const of = (id) => document.getElementById(id);
  const stored = of("stored");
  let about = null;
  let waiting = 0;
  const asked = async (path, fields) => {
    const answer = await fetch(path, fields ? { method: "POST", body: new URLSearchParams(fields) } : { cache: "no-store" });
    return answer.text();
  };
  const put = (id, html, focus) => {
    of(id).innerHTML = html;
    const heading = focus && of(id).querySelector("h2");
    if (heading) { heading.focus({ preventScroll: true }); if (innerWidth < 1100) of(id).scrollIntoView(); else of(id).scrollTop = 0; }
  };
  const kept = (key) => [...stored.children].find((part) => part.dataset.key === key)?.innerHTML ?? "";
  const shown = async (tab) => {
    if (tab === "partners" && about !== null) put("pairs", stored ? kept(`partners.${about}`) : await asked(`pairs?tab=partners&about=${about}`), true);
    else put("pairs", stored ? kept(tab) : await asked(`pairs?tab=${tab}${about === null ? "" : `&about=${about}`}`), true);
  };
  const listed = async () => {
    const find = of("find").value;
    if (stored) document.querySelectorAll("[data-about]").forEach((one) => one.setAttribute("aria-pressed", one.dataset.about === about));
    else put("columns", await asked(`columns${about === null ? "" : `?about=${about}`}`));
    of("find").value = find;
    search();
  };
  const search = () => {
    const text = of("find").value.toLowerCase();
    document.querySelectorAll(".columns li").forEach((one) => { one.hidden = !one.dataset.text.includes(text); });
  };
  const filled = () => Object.fromEntries(new FormData(of("form")));
  const choose = async (fields) => put("choice", await asked("choice", fields), true);
  const again = async () => {
    const mine = ++waiting;
    const [view, config] = JSON.parse(await asked("shown", filled()));
    if (mine !== waiting) return;
    of("shown").innerHTML = view;
    of("config").textContent = config;
    of("write").disabled = !config;
  };
  const act = async (what) => {
    const open = [...of("form").querySelectorAll("details")].map((one) => one.open);
    put("choice", await asked("choice", { ...filled(), act: what }));
    of("form").querySelectorAll("details").forEach((one, at) => { one.open = open[at] ?? one.open; });
    (of("form").querySelector(`[data-act="${what}"]`) ?? of("form").querySelector("summary")).focus();
  };
  const write = async () => {
    const [said, done] = JSON.parse(await asked("write", filled()));
    of("written").textContent = said;
    while (done) {
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      if ((await fetch("state")).ok) location.reload(); // the report has taken the place of this page
    }
  };
  document.addEventListener("click", async (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    const { about: place, with: other, tab, pair, act: what, split } = pressed.dataset;
    if (place !== undefined) { about = place; await listed(); await shown("partners"); }
    else if (other !== undefined) await choose({ "given.question": other, "answer.question": about, cross: "on" });
    else if (tab) await shown(tab);
    else if (pair && !stored) await choose(Object.fromEntries(["given.question", "answer.question"].map((name, at) => [name, pair.split(".")[at]])));
    else if (pair) { const more = pressed.closest("article").querySelector("details"); if (more) more.open = !more.open; }
    else if (what) await act(what);
    else if (pressed.id === "write") await write();
    else if (pressed.id === "fold" || split !== undefined) {
      const places = [...document.querySelectorAll("[data-fold]:checked")].map((one) => one.dataset.fold).join(",");
      const fault = await asked(split === undefined ? "fold" : "split", { places: split ?? places });
      if (fault) { of("fold").insertAdjacentText("afterend", ` ${fault}`); return; }
      about = null;
      await listed();
      await shown("background");
    }
  });
  document.addEventListener("input", (event) => {
    const { target } = event;
    if (target.id === "find") search();
    else if (target.dataset.fold !== undefined) of("fold").disabled = document.querySelectorAll("[data-fold]:checked").length < 2;
    else if (target.dataset.anew) act(`anew.${target.dataset.anew}`);
    else if (target.closest("#form")) again();
  });
})();
