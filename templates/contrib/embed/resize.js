addEventListener("message", ({ data, source }) => {
  const height = data?.diptych?.height;
  if (!(height > 0 && height < 1e5)) return;
  for (const frame of document.querySelectorAll("iframe[data-diptych]")) {
    if (frame.contentWindow === source) frame.style.height = `${height}px`;
  }
});
for (const frame of document.querySelectorAll("iframe[data-diptych]")) frame.contentWindow.postMessage("diptych:height", "*");
