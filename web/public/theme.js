// The theme that the person chose, or that of their system.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("sostenuto.theme");
  } catch {
    // Storage may be forbidden; the system's theme is then all there is.
  }
  const light = chosen === "light" || (chosen !== "dark" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
