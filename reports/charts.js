// Draws every figure of the page in the colours of the reader's theme, and again when the theme or the medium changes.
(() => {
  "use strict";
  // Width of a page of A4 less its margins, in CSS pixels: 178 mm at 96 to the inch.
  const PRINTED = 672;
  const NARROW = 560;
  const config = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false };
  const root = document.documentElement;
  const read = (name) => JSON.parse(document.getElementById(name)?.textContent ?? "[]");
  // Long lists of dates stand once on the page; a trace names its own by number.
  const axes = read("axes");
  const figures = [...document.querySelectorAll("[data-figure]")].map((box) => {
    const figure = read(box.dataset.figure);
    for (const trace of figure.data) {
      if (typeof trace.x === "string") trace.x = axes[Number(trace.x.slice("axis:".length))];
    }
    return { box, figure };
  });
  const themed = (value, style) => {
    if (typeof value === "string") {
      const named = /^var\((--[a-z-]+)\)$/.exec(value);
      return named ? style.getPropertyValue(named[1]).trim() : value;
    }
    if (Array.isArray(value)) return value.map((item) => themed(item, style));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, themed(item, style)]));
  };
  // On a phone every entry of the legend takes a line: the figure grows by them.
  const narrow = (layout, data) => {
    const entries = layout.showlegend === false ? 0 : data.filter((trace) => trace.showlegend !== false).length;
    layout.font.size = 11;
    layout.height += 17 * entries;
  };
  const draw = (width) => {
    const style = getComputedStyle(root);
    for (const { box, figure } of figures) {
      const layout = themed(figure.layout, style);
      layout.width = width ?? box.clientWidth;
      if (layout.width < NARROW) narrow(layout, figure.data);
      Plotly.react(box, themed(figure.data, style), layout, config);
    }
  };
  const redraw = () => {
    root.classList.remove("printing");
    draw();
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("resize", redraw);
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    draw(PRINTED);
  });
  addEventListener("afterprint", redraw);
})();
