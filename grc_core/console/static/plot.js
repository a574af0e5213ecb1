// Draws every [data-plot] with uPlot, in the colours of the page; the table below has the numbers.
(() => {
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const draw = (element) => {
    drawn.get(element)?.destroy();
    const found = JSON.parse(element.dataset.plot);
    const lines = ["--plot-1", "--plot-2", "--plot-3", "--plot-4"].map(colour);
    const axis = { stroke: colour("--text-quiet"), grid: { stroke: colour("--line"), width: 1 },
                   ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    const language = document.documentElement.lang;
    const number = new Intl.NumberFormat(language);
    const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
    const times = (_, ticks) => ticks.map((tick) => day.format(tick * 1000));
    const written = (value) => (value == null ? "–" : number.format(value) + (found.unit ? ` ${found.unit}` : ""));
    const bars = found.kind === "bars" ? uPlot.paths.bars({ size: [0.7, 48] }) : undefined;
    const named = found.names && { ...axis, incrs: [1], space: 1, rotate: found.names.length > 4 ? -30 : 0, size: found.names.length > 4 ? 80 : 40, values: (_, ticks) => ticks.map((tick) => found.names[tick] ?? "") };
    const options = {
      width: element.clientWidth, height: 240,
      scales: { x: { time: found.time, range: found.names ? [-0.6, found.names.length - 0.4] : undefined }, y: { range: (_, low, high) => [Math.min(0, low), high || 1] } },
      legend: { show: found.labels.length > 1, live: false },
      cursor: { points: { show: !bars } },
      tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), "Etc/UTC"),
      axes: [named || (found.time ? { ...axis, values: times, space: 64, incrs: [86400, 2 * 86400, 7 * 86400, 28 * 86400, 91 * 86400, 365 * 86400] } : axis), { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => number.format(tick)) }],
      series: [{}, ...found.labels.map((label, index) => ({
        label, paths: bars, width: 2, stroke: lines[index % 4], points: { show: bars ? false : undefined },
        fill: bars ? lines[index % 4] : undefined, value: (_, value) => written(value),
      }))],
    };
    drawn.set(element, new uPlot(options, found.data, element));
  };
  const all = () => document.querySelectorAll("[data-plot]").forEach(draw);
  all();
  document.addEventListener("grc:theme", all);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  const resized = new ResizeObserver((entries) => entries.forEach(({ target, contentRect }) => {
    drawn.get(target)?.setSize({ width: contentRect.width, height: 240 });
  }));
  document.querySelectorAll("[data-plot]").forEach((element) => resized.observe(element));
})();
