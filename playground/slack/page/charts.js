// data_visualization: line, bar, area and pie as inline SVG, drawn at the width
// that there is, so that letters keep their size on a phone. The numbers stand
// in a table under the picture for those who do not see it.

import { h, svg, uid } from "./dom.js";

const HEIGHT = 220; // px of the drawing with axes
const EDGE = { top: 10, right: 12, bottom: 24, left: 44 };
const PIE = 168; // px across
const NARROW = 240; // px: the least width that is drawn
const LETTER = 6.6; // px: about the width of a letter in the axis' type, to tell which labels fit

/** A data_visualization block as a figure. */
export function chart(block) {
  const spec = block.chart || {};
  const title = uid("chart");
  const data = spec.type === "pie" ? pieData(spec) : seriesData(spec);
  const place = h("div", { class: "chart-place" });
  const label = `${block.title || "Chart"}. ${summary(spec, data)}`;
  let drawn = 0;
  const draw = () => {
    const width = Math.max(NARROW, Math.round(place.clientWidth || 480));
    if (width === drawn) return;
    drawn = width;
    const picture = spec.type === "pie" ? pie(data) : axes(spec, data, width);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", label);
    place.replaceChildren(picture);
  };
  new ResizeObserver(draw).observe(place);
  draw();
  return h("figure", { class: `chart chart-${spec.type}`, "aria-labelledby": title },
    h("figcaption", { id: title, class: "chart-title" }, block.title || "Chart"),
    h("div", { class: "chart-body" }, place, legend(spec, data)),
    h("details", { class: "chart-data" }, h("summary", null, "Show the numbers"), numbers(spec, data)));
}

function pieData(spec) {
  return { segments: (spec.segments || []).map((s) => ({ label: s.label, value: Math.max(0, Number(s.value) || 0) })) };
}

function seriesData(spec) {
  const categories = (spec.axis_config || {}).categories || (((spec.series || [])[0] || {}).data || []).map((p) => p.label);
  const series = (spec.series || []).map((s) => ({
    name: s.name,
    // Points are matched by label: their order in a series need not be the axis' order.
    values: categories.map((label) => {
      const point = (s.data || []).find((p) => p.label === label);
      return point ? Number(point.value) : null;
    }),
  }));
  return { categories, series };
}

function figure(value) {
  return new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 }).format(value);
}

function summary(spec, data) {
  if (spec.type === "pie") return `Pie chart: ${data.segments.map((s) => `${s.label} ${figure(s.value)}`).join(", ")}.`;
  const parts = data.series.map((s) => {
    const known = s.values.filter((v) => v !== null);
    return `${s.name} from ${figure(Math.min(...known))} to ${figure(Math.max(...known))}, last ${figure(known[known.length - 1])}`;
  });
  return `${spec.type[0].toUpperCase()}${spec.type.slice(1)} chart over ${data.categories.length} points: ${parts.join("; ")}.`;
}

function legend(spec, data) {
  const total = spec.type === "pie" ? data.segments.reduce((sum, s) => sum + s.value, 0) || 1 : 0;
  const entries = spec.type === "pie"
    ? data.segments.map((s) => `${s.label} · ${figure(s.value)} (${Math.round((100 * s.value) / total)}%)`)
    : data.series.map((s) => s.name);
  if (spec.type !== "pie" && entries.length < 2) return null; // one series is named by the title
  return h("ul", { class: "legend" }, entries.map((text, n) => h("li", null, h("span", { class: `key s${n + 1}`, "aria-hidden": "true" }), text)));
}

function numbers(spec, data) {
  const head = spec.type === "pie" ? ["", "Value"] : [(spec.axis_config || {}).x_label || "", ...data.series.map((s) => s.name)];
  const rows = spec.type === "pie"
    ? data.segments.map((s) => [s.label, figure(s.value)])
    : data.categories.map((c, n) => [c, ...data.series.map((s) => (s.values[n] === null ? "–" : figure(s.values[n])))]);
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "The chart's numbers" }, h("table", { class: "data" },
    h("thead", null, h("tr", null, head.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", null, rows.map(([first, ...rest]) => h("tr", null, h("th", { scope: "row" }, first), rest.map((text) => h("td", { class: "align-right" }, text)))))));
}

/** Round steps (1, 2, 2.5, 5 × 10ⁿ) that cover the values, zero included. */
function ticks(low, high) {
  const span = high - low || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const out = [];
  for (let n = Math.floor(low / step); n <= Math.ceil(high / step); n += 1) out.push(Number((n * step).toPrecision(12)));
  return out;
}

function axes(spec, data, width) {
  const all = data.series.flatMap((s) => s.values).filter((v) => v !== null);
  const steps = ticks(Math.min(0, ...all), Math.max(0, ...all) || 1);
  const [low, high] = [steps[0], steps[steps.length - 1]];
  const config = spec.axis_config || {};
  const bottom = EDGE.bottom + (config.x_label ? 18 : 0);
  const left = EDGE.left + (config.y_label ? 14 : 0);
  const inner = { width: width - left - EDGE.right, height: HEIGHT - EDGE.top - bottom };
  const y = (value) => EDGE.top + inner.height * (1 - (value - low) / (high - low));
  const band = inner.width / Math.max(1, data.categories.length);
  const x = (n) => left + band * (n + 0.5);
  const frame = { x, y, band, left, right: width - EDGE.right, foot: y(Math.max(low, 0)) };
  return svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, class: "chart-svg" },
    steps.map((value) => [
      svg("line", { class: value === 0 ? "axis" : "grid", x1: left, x2: frame.right, y1: y(value), y2: y(value) }),
      svg("text", { class: "tick", x: left - 8, y: y(value) + 4, "text-anchor": "end" }, compact(value)),
    ]),
    labels(data.categories, frame, HEIGHT - bottom + 16),
    config.x_label ? svg("text", { class: "axis-title", x: left + inner.width / 2, y: HEIGHT - 4, "text-anchor": "middle" }, config.x_label) : null,
    config.y_label ? svg("text", { class: "axis-title", transform: `translate(11 ${EDGE.top + inner.height / 2}) rotate(-90)`, "text-anchor": "middle" }, config.y_label) : null,
    { line: lineMarks, area: areaMarks, bar: barMarks }[spec.type]?.(data, frame));
}

function compact(value) {
  return new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 2 }).format(value);
}

// Only every n-th label is written where all would run into each other.
function labels(categories, { x, band }, at) {
  const longest = Math.max(...categories.map((c) => c.length), 1) * LETTER + 8;
  const every = Math.max(1, Math.ceil(longest / band));
  return categories.map((text, n) => (n % every ? null : svg("text", { class: "tick", x: x(n), y: at, "text-anchor": "middle" }, text)));
}

function hint(data, series, n) {
  return svg("title", null, `${series.name}, ${data.categories[n]}: ${figure(series.values[n])}`);
}

function points(series, { x, y }) {
  return series.values.map((v, n) => (v === null ? null : [x(n), y(v)])).filter(Boolean);
}

function path(list) {
  return list.map(([px, py], n) => `${n ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
}

function lineMarks(data, frame) {
  return data.series.map((series, s) => oneLine(data, frame, series, s));
}

function oneLine(data, frame, series, s) {
  return [
    svg("path", { class: `line s${s + 1}`, d: path(points(series, frame)) }),
    series.values.map((v, n) => (v === null ? null : svg("circle", { class: `dot s${s + 1}`, cx: frame.x(n), cy: frame.y(v), r: 3.5 }, hint(data, series, n)))),
  ];
}

// Slack lays areas over each other in the order given, the first at the back.
function areaMarks(data, frame) {
  return data.series.map((series, s) => {
    const list = points(series, frame);
    if (!list.length) return null;
    const shape = `${path(list)}L${list[list.length - 1][0].toFixed(1)} ${frame.foot.toFixed(1)}L${list[0][0].toFixed(1)} ${frame.foot.toFixed(1)}Z`;
    return [svg("path", { class: `area s${s + 1}`, d: shape }), oneLine(data, frame, series, s)];
  });
}

function barMarks(data, frame) {
  const gap = Math.min(10, frame.band * 0.2);
  const width = Math.min(44, (frame.band - gap) / Math.max(1, data.series.length));
  return data.series.map((series, s) => series.values.map((v, n) => {
    if (!v) return null; // nothing is no bar
    const left = frame.x(n) - (width * data.series.length) / 2 + width * s;
    const top = Math.min(frame.y(v), frame.foot);
    return svg("rect", { class: `bar s${s + 1}`, x: left + 0.5, y: top, width: Math.max(1, width - 1), height: Math.max(1, Math.abs(frame.y(v) - frame.foot)), rx: Math.min(2, width / 4) }, hint(data, series, n));
  }));
}

function pie(data) {
  const total = data.segments.reduce((sum, s) => sum + s.value, 0) || 1;
  const r = PIE / 2 - 2;
  const middle = PIE / 2;
  const at = (share) => [middle + r * Math.sin(2 * Math.PI * share), middle - r * Math.cos(2 * Math.PI * share)];
  let from = 0;
  const slices = data.segments.map((segment, n) => {
    const to = from + segment.value / total;
    const words = svg("title", null, `${segment.label}: ${figure(segment.value)} (${Math.round((100 * segment.value) / total)}%)`);
    const [x1, y1] = at(from);
    const [x2, y2] = at(to);
    const whole = to - from > 0.9999; // an arc that ends where it began would not be drawn
    const node = whole
      ? svg("circle", { class: `slice s${n + 1}`, cx: middle, cy: middle, r }, words)
      : svg("path", { class: `slice s${n + 1}`, d: `M${middle} ${middle}L${x1} ${y1}A${r} ${r} 0 ${to - from > 0.5 ? 1 : 0} 1 ${x2} ${y2}Z` }, words);
    from = to;
    return node;
  });
  return svg("svg", { viewBox: `0 0 ${PIE} ${PIE}`, width: PIE, height: PIE, class: "chart-svg" }, slices);
}
