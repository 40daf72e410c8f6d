// What makes figures live travels packed, as their numbers do, and is run once it is unpacked: the page's policy lets it
// in by the hash of what comes out.
document.addEventListener("DOMContentLoaded", async () => {
  const block = document.getElementById("report-live");
  if (!block || typeof DecompressionStream === "undefined") return;
  const bytes = Uint8Array.from(atob(block.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.body.append(script);
});
