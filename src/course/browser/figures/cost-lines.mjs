/** The lines of the cost calculator: both axes logarithmic, labels at the ends, memory's end. */

import { chart } from "./chart.mjs";
import { set as setAttributes, svg } from "./dom.mjs";
import { drag } from "./drag.mjs";
import { bytes, grouped, power } from "./format.mjs";
import { spread } from "./spread.mjs";
import { STRINGS } from "./strings/cost-calculator.mjs";
import { fill } from "./words.mjs";

const HEIGHT = 340;
const LABEL_GAP = 15;
const NARROW = 480; // pixels, below which words are short

/** How each kind is drawn: colour and dashes together are one kind's alone. */
export const STYLES = {
  full: { role: "none" },
  fused: { role: "source" },
  groups: { role: "source", dash: "7 4" },
  window: { role: "key" },
  bigbird: { role: "key", dash: "7 4" },
  lowRank: { role: "value" },
  random: { role: "query" },
  linear: { role: "attention" },
  gated: { role: "target" },
  delta: { role: "target", dash: "7 4" },
  rest: { role: "none", dash: "2 4" },
};

/** A short piece of a kind's line, for the table. */
export function swatch(kind) {
  const { role, dash } = STYLES[kind];
  const line = svg("line", { x1: 1, y1: 6, x2: 29, y2: 6, "stroke-dasharray": dash });
  line.style.stroke = `var(--mark-${role})`;
  return svg("svg", { class: "s2s-swatch", width: 30, height: 12, "aria-hidden": "true" }, line);
}

const UNITS = {
  multiplications: {
    format: (log) => power(10 ** log).replace(/^1·/, ""),
    steps: (low, high) => tens(low, high),
  },
  held: { format: (log) => bytes(Math.round(10 ** log)), steps: (low, high) => units(low, high) },
  kept: { format: (log) => bytes(Math.round(10 ** log)), steps: (low, high) => units(low, high) },
  time: { format: (log) => duration(10 ** log), steps: (low, high) => tens(low, high) },
};

/**
 * @param {object} options
 * @param {number} options.width in pixels
 * @param {string} options.quantity one of `multiplications`, `held`, `kept`, `time`
 * @param {{ kind: string, points: number[][], band?: number[][] }[]} options.lines points are
 *   `[length, value]`; a band is the outline of what repetitions gave
 * @param {{ kind: string, length: number, value: number }[]} options.crossings
 * @param {number[]} options.range shortest and longest length
 * @param {number | null} options.gib where memory ends
 * @returns {{ el: SVGElement, drag: Function, mark: Function }} `drag(tell)` calls `tell(length)`;
 *   `mark(length, points)` puts the upright line at a length, and a dot at each point
 */
export function costLines({ width, quantity, lines, crossings, range, gib }) {
  const ends = gib === null ? [] : [gib * 2 ** 30];
  const values = [...lines.flatMap(({ points }) => points.map((point) => point[1])), ...ends];
  if (!values.length) values.push(1e-3, 1); // nothing is drawn: the axes alone
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.log10);
  const narrow = width < NARROW;
  const room = { left: 58, right: narrow ? 74 : 78, top: 28 };
  const drawing = chart({
    width,
    height: HEIGHT,
    label: "",
    room,
    x: {
      from: Math.log10(range[0]),
      to: Math.log10(range[1]),
      ticks: tens(...range.map(Math.log10)),
      label: STRINGS.words,
      format: (log) => short(10 ** log),
    },
    y: {
      from: low - 0.1,
      to: high + 0.3,
      ticks: UNITS[quantity].steps(low - 0.1, high + 0.3),
      label: STRINGS.axes[quantity],
      format: UNITS[quantity].format,
    },
  });
  const at = (length, value) => ({
    x: drawing.x(Math.log10(length)),
    y: drawing.y(Math.log10(value)),
  });
  if (gib !== null)
    drawing.el.append(...memoryEnds(at, range, gib, width - room.right, room.top, narrow));
  for (const line of lines) drawing.el.append(...lineOf(drawing, line));
  drawing.el.append(...labelsOf(lines, at), ...crossings.map((each) => diamond(at, each)));
  const marker = markerOf(lines.length, room.top, HEIGHT - 40);
  drawing.el.append(marker.el);
  const lengthAt = ({ x }) =>
    Math.round(Math.min(Math.max(10 ** drawing.valueAt(x), range[0]), range[1]));
  const mark = (length, found) => {
    const words = { axis: STRINGS.axes[quantity], length: grouped(length) };
    const kinds = lines.map(({ kind }) => STRINGS.kinds[kind] ?? STRINGS.rest).join(", ");
    setAttributes(drawing.el, { "aria-label": fill(STRINGS.drawing, { ...words, kinds }) });
    marker.set(
      drawing.x(Math.log10(length)),
      found.map((point) => point && at(...point)),
    );
  };
  return {
    el: drawing.el,
    drag: (tell) => drag(drawing.el, (place) => tell(lengthAt(place))),
    mark,
  };
}

/** A line; what was measured has a dot at each point and a shaded band. */
function lineOf(drawing, { kind, points, band }) {
  const { role, dash } = STYLES[kind];
  const logs = (each) => each.map((point) => point.map(Math.log10));
  const d = drawing.path(logs(points));
  const path = svg("path", { d, class: "s2s-cost-line", "stroke-dasharray": dash });
  path.style.stroke = `var(--mark-${role})`;
  if (!band) return [path];
  const area = svg("path", { d: `${drawing.path(logs(band))}z`, class: "s2s-cost-band" });
  const dots = logs(points).map(([x, y]) =>
    svg("circle", { cx: drawing.x(x), cy: drawing.y(y), r: 3 }),
  );
  for (const each of [area, ...dots]) each.style.fill = `var(--mark-${role})`;
  return [area, path, ...dots];
}

/** Names behind the lines' ends; those that end at the same length make room for one another. */
function labelsOf(lines, at) {
  const ends = lines.map(({ points }) => at(...points.at(-1)));
  const placed = ends.map(({ y }) => y);
  for (const x of new Set(ends.map((end) => end.x))) {
    const same = [...ends.keys()].filter((i) => ends[i].x === x);
    const ys = spread(
      same.map((i) => ends[i].y),
      LABEL_GAP,
      34,
      HEIGHT - 44,
    );
    same.forEach((i, place) => (placed[i] = ys[place]));
  }
  return lines.map(({ kind }, i) => {
    const words = STRINGS.brief[kind] ?? STRINGS.kinds[kind];
    const label = svg(
      "text",
      { x: ends[i].x + 7, y: placed[i] + 4, class: "s2s-cost-name" },
      words,
    );
    label.style.fill = `var(--text-${STYLES[kind].role})`;
    return label;
  });
}

function diamond(at, { length, value, kind }) {
  const { x, y } = at(length, value);
  const d = `M${x - 6},${y}l6,-6l6,6l-6,6z`;
  const mark = svg("path", { d, class: "s2s-cost-cross" });
  mark.style.fill = `var(--mark-${STYLES[kind].role})`;
  return mark;
}

function memoryEnds(at, range, gib, right, top, narrow) {
  const { x, y } = at(range[0], gib * 2 ** 30);
  const words = fill(narrow ? STRINGS.endsBriefly : STRINGS.ends, { gib: grouped(gib) });
  return [
    svg("rect", {
      x,
      y: top,
      width: right - x,
      height: Math.max(y - top, 0),
      class: "s2s-cost-over",
    }),
    svg("line", { x1: x, x2: right, y1: y, y2: y, class: "s2s-cost-end" }),
    svg("text", { x: x + 6, y: y - 7, class: "s2s-cost-ends" }, words),
  ];
}

function markerOf(count, top, bottom) {
  const line = svg("line", { y1: top, y2: bottom, class: "s2s-cost-at" });
  const dots = Array.from({ length: count }, () => svg("circle", { r: 4, class: "s2s-cost-dot" }));
  const set = (x, places) => {
    setAttributes(line, { x1: x, x2: x });
    dots.forEach((dot, i) => {
      dot.style.display = places[i] ? "" : "none";
      if (places[i]) setAttributes(dot, { cx: places[i].x, cy: places[i].y });
    });
  };
  return { el: svg("g", {}, line, ...dots), set };
}

/** Powers of ten, every one or every few, about six of them. */
function tens(low, high) {
  const every = Math.max(1, Math.ceil((high - low) / 6));
  const first = Math.ceil(low / every) * every;
  const count = Math.floor((high - first) / every) + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => first + i * every);
}

/** KiB, MiB, GiB … as logarithms, and steps of 32 between them where there is room. */
function units(low, high) {
  const step = Math.log10(2) * (high - low > 6 ? 10 : 5);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => (first + i) * step);
}

/** A length in few letters, rounded down from a million on: 100k, 1M. */
export function short(length) {
  if (length >= 1e6) return `${Math.floor(length / 1e6)}M`;
  return length >= 1e3 ? `${Math.round(length / 1e3)}k` : String(Math.round(length));
}

/** Seconds, in the unit that needs no zeros. */
export function duration(seconds) {
  if (seconds >= 1) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds >= 1e-3) return `${Number((1e3 * seconds).toPrecision(3))} ms`;
  return `${Number((1e6 * seconds).toPrecision(3))} µs`;
}
