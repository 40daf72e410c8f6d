// A page in a frame says how high it is, so that a script of the page around it can set the height of the frame.
if (window.parent !== window) {
  const post = () => {
    const { height } = document.documentElement.getBoundingClientRect();
    window.parent.postMessage({ diptych: { height: Math.ceil(height) } }, "*");
  };
  new ResizeObserver(post).observe(document.documentElement);
  window.addEventListener("message", ({ source, data }) => {
    if (source === window.parent && data === "diptych:height") post();
  });
}
