// Tables of panels can be put in the order of a column, and back into the declared one.
(() => {
  const shown = (field) => {
    const copy = field.cloneNode(true);
    copy.querySelectorAll("sup").forEach((mark) => mark.remove());
    return copy.textContent.trim();
  };
  // A number as the table writes it: 1,324, −0.25, <1, >99, 71%. NaN where there is none.
  const number = (text) => {
    const found = text.replace(/\u2212/g, "-").match(/^[<>]?-?\d[\d,]*(\.\d+)?/);
    if (!found) return NaN;
    const value = Number(found[0].replace(/[<>,]/g, ""));
    const beyond = Math.abs(value) * Number.EPSILON;
    return value + (text.startsWith("<") ? -beyond : text.startsWith(">") ? beyond : 0);
  };
  const states = ["none", "first", "second"];
  for (const table of document.querySelectorAll("table.matrix")) {
    const body = table.tBodies[0];
    const declared = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const buttons = heads.filter((head) => head.tagName === "TH").map((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorter";
      button.append(...head.childNodes);
      head.append(button);
      const column = head.cellIndex;
      const numeric = body.rows[0]?.cells[column]?.tagName === "TD";
      const [one, other] = numeric ? ["descending", "ascending"] : ["ascending", "descending"];
      let state = 0;
      const show = () => {
        const order = [null, one, other][state];
        if (order) head.setAttribute("aria-sort", order);
        else head.removeAttribute("aria-sort");
      };
      const reset = () => { state = 0; show(); };
      button.addEventListener("click", () => {
        state = (state + 1) % states.length;
        buttons.filter((entry) => entry.button !== button).forEach((entry) => entry.reset());
        show();
        const order = [null, one, other][state];
        const sign = order === "descending" ? -1 : 1;
        const keys = new Map(declared.map((row) => [row, shown(row.cells[column])]));
        const compared = (a, b) => {
          if (!numeric) return sign * keys.get(a).localeCompare(keys.get(b), document.documentElement.lang);
          const [x, y] = [number(keys.get(a)), number(keys.get(b))];
          if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
          return sign * (x - y);
        };
        body.append(...(order ? [...declared].sort(compared) : declared));
      });
      return { button, reset };
    });
  }
})();
