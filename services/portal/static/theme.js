// Before the first paint: light, dark, or as the system has it.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "auto" ? (system.matches ? "dark" : "light") : wanted;
  };
  system.addEventListener("change", apply);
  apply();
})();
