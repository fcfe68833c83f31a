/** A line chart's ground: axes with names, grid, and functions from values to places. */

import { svg } from "./dom.mjs";
import { number } from "./format.mjs";

const ROOM = { left: 44, right: 12, top: 14, bottom: 40 };

/**
 * @param {object} options
 * @param {number} options.width in pixels; the drawing is never scaled up
 * @param {number} options.height
 * @param {{ from: number, to: number, ticks: number[], label: string, format?: Function }} options.x
 * @param {object} options.y the same
 * @param {string} options.label what the drawing shows, for those who can't see it
 * @param {object} [options.room] margins, where labels need other ones
 * @returns {{ el: SVGElement, x: Function, y: Function, path: Function, valueAt: Function }}
 *   `path` gives the `d` of a line through `[x, y]` values, `valueAt` the value at a place across
 */
export function chart({ width, height, x, y, label, room = {} }) {
  const space = { ...ROOM, ...room };
  const toX = scale(x, space.left, width - space.right);
  const toY = scale(y, height - space.bottom, space.top);
  const el = svg("svg", {
    class: "s2s-chart",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-label": label,
  });
  const [right, bottom] = [width - space.right, height - space.bottom];
  for (const tick of y.ticks) {
    el.append(line(space.left, toY(tick), right, toY(tick), "s2s-grid"));
    el.append(words(space.left - 6, toY(tick) + 4, "end", (y.format ?? number)(tick)));
  }
  for (const tick of x.ticks) {
    el.append(line(toX(tick), bottom, toX(tick), bottom + 4, "s2s-axis"));
    el.append(words(toX(tick), bottom + 17, "middle", (x.format ?? number)(tick)));
  }
  el.append(line(space.left, bottom, right, bottom, "s2s-axis"));
  el.append(words((space.left + right) / 2, height - 6, "middle", x.label));
  el.append(words(0, 10, "start", y.label));
  const path = (points) =>
    points.map(([a, b], i) => `${i ? "L" : "M"}${round(toX(a))},${round(toY(b))}`).join("");
  const valueAt = (place) =>
    x.from + ((place - space.left) / (right - space.left)) * (x.to - x.from);
  return { el, x: toX, y: toY, path, valueAt };
}

/** Round values from `low` to `high`, about `count` steps apart. */
export function ticks(low, high, count) {
  const rough = (high - low) / count;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * ten).find((each) => each >= rough * 0.99);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(9)),
  );
}

function scale({ from, to }, low, high) {
  return (value) => low + ((value - from) / (to - from)) * (high - low);
}

function line(x1, y1, x2, y2, name) {
  return svg("line", { x1, y1, x2, y2, class: name });
}

function words(x, y, anchor, text) {
  return svg("text", { x, y, "text-anchor": anchor, class: "s2s-label" }, text);
}

function round(value) {
  return Math.round(value * 100) / 100;
}
