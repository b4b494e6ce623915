// Runs before the first paint (a classic script in the head), so that a page
// set to dark on a light system does not flash white.
(() => {
  let theme = "auto";
  try {
    theme = localStorage.getItem("theme") || "auto";
  } catch {
    // Storage is blocked: the system's preference holds.
  }
  document.documentElement.dataset.theme = theme;
})();
