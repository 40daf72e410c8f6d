// Files that travel in the page can be saved from it, figures as SVG and PNG too; texts can be copied.
(() => {
  const block = document.getElementById("report-files");
  const { places: files = {}, packed = "" } = block ? JSON.parse(block.textContent) : {};
  const status = document.getElementById("status");
  const say = (text) => { if (status) status.textContent = text; };
  const types = { csv: "text/csv", json: "application/json", svg: "image/svg+xml" };
  const named = (path) => path.slice(path.lastIndexOf("/") + 1);

  // The bytes of a file, as the build wrote them: a part of all of them, which are unpacked once.
  let whole = null;
  const inflated = async () => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  const unpacked = async (path) => {
    whole ??= inflated();
    return (await whole).subarray(...files[path]);
  };
  const save = (parts, type, name) => {
    const address = URL.createObjectURL(new Blob(parts, { type }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    say(`${name} saved`);
  };

  // What a figure shows, which may be another measure or order than the declared one, and how that is called.
  const shown = (button) => {
    const figure = button.closest("figure");
    const drawing = figure.querySelector(".drawing");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const [, , width, height] = drawing.dataset.box.split(/[\s,]+/);
    const about = { viewBox: drawing.dataset.box, width, height, "font-family": "Diptych Sans, IBM Plex Sans, sans-serif" };
    for (const [name, value] of Object.entries(about)) svg.setAttribute(name, value);
    for (const part of drawing.querySelectorAll("svg.part")) svg.append(...part.cloneNode(true).childNodes);
    for (const ring of svg.querySelectorAll(".ring, .halo, .band")) ring.remove();
    return { text: new XMLSerializer().serializeToString(svg), name: (figure.dataset.shown ?? "").replaceAll(/[^\w.-]+/g, "_") };
  };
  // A drawing with the page's typeface in it, so that it looks the same wherever it is opened.
  const faces = () => [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSFontFaceRule && rule.style.getPropertyValue("font-family") === "Report")
    .map((rule) => rule.cssText.replace(/font-family: ?"?Report"?/, 'font-family: "Diptych Sans"'))
    .join("\n");
  const drawing = (button) => {
    const { text } = shown(button);
    const start = text.indexOf(">", text.indexOf("<svg")) + 1;
    return `${text.slice(0, start)}<style type="text/css">${faces()}</style>${text.slice(start)}`;
  };
  const picture = async (text) => {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * image.naturalWidth;
    canvas.height = 2 * image.naturalHeight;
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  };
  const called = (path, button) => {
    const { name } = shown(button);
    return name ? named(path).replace(/\.svg$/, `-${name}.svg`) : named(path);
  };
  const saving = {
    file: async (path) => save([await unpacked(path)], types[path.split(".").pop()], named(path)),
    svg: async (path, button) => save([drawing(button)], types.svg, called(path, button)),
    png: async (path, button) => {
      const content = await picture(drawing(button));
      save([content], "image/png", called(path, button).replace(/svg$/, "png"));
    },
  };
  for (const button of document.querySelectorAll("[data-save]")) {
    const { save: path, as: how = "file" } = button.dataset;
    if (how === "file" && (!(path in files) || typeof DecompressionStream === "undefined")) button.remove();
    else button.addEventListener("click", () => saving[how](path, button).catch((error) => say(`Not saved: ${error.message}`)));
  }

  const copy = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      return "Selected";
    }
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      button.textContent = await copy(document.getElementById(button.dataset.copy));
      say(`${button.textContent}: ${button.dataset.what}`);
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  // HTML for another page names the address of this page, wherever it was published.
  const embedding = async (snippet) => {
    const here = window.location.href;
    const text = here.startsWith("http") ? snippet.replace(/src="([^"]+)"/g, (_, path) => `src="${new URL(path, here)}"`) : snippet;
    try {
      await navigator.clipboard.writeText(text);
      return "Copied";
    } catch {
      window.prompt("HTML for another page", text);
      return "Shown";
    }
  };
  for (const button of document.querySelectorAll("[data-embed]")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      button.textContent = await embedding(button.dataset.embed);
      say(`${button.textContent}: ${button.dataset.what}`);
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
})();
