/** Errors against length, with and without attention, on which a length can be dragged. */

import { chart, ticks } from "./chart.mjs";
import { set as setAttributes, svg } from "./dom.mjs";
import { drag } from "./drag.mjs";
import { fixed } from "./format.mjs";
import { corners, outline, pointAt } from "./measured.mjs";
import { STRINGS } from "./strings/bottleneck.mjs";
import { fill } from "./words.mjs";

const MODELS = ["vector", "attention"];
const [HEIGHT, FURTHEST] = [250, 42];
const STEP = 0.2; // of the axis of errors

/** The measured curve; `set(words)` marks a length, `choose` is told where the reader drags it. */
export function curveOf(width, { name, points, trained }, choose) {
  const unit = STRINGS.unit[name];
  const highest = top(points);
  const drawing = chart({
    width,
    height: HEIGHT,
    label: fill(STRINGS.curve, { unit }),
    x: {
      from: 0,
      to: FURTHEST,
      ticks: ticks(0, FURTHEST - 2, width < 500 ? 4 : 10),
      label: fill(STRINGS.lengthAxis, { axis: STRINGS.axis[name] }),
    },
    y: {
      from: 0,
      to: highest,
      ticks: ticks(0, highest, highest / STEP),
      label: fill(STRINGS.errors, { unit }),
    },
    room: { top: 36, right: 88 },
  });
  const { el, x, y, path } = drawing;
  if (trained) el.append(...limit(drawing, trained));
  const line = svg("line", { class: "s2s-here", y1: y(0), y2: y(highest) });
  el.append(line);
  const spots = MODELS.map((model) => {
    const around = outline(points, model);
    if (around) el.append(svg("path", { d: `${path(around)}Z`, class: `s2s-band-${model}` }));
    const middle = corners(points, (point) => point[model][0]);
    el.append(svg("path", { d: path(middle), class: `s2s-line-${model}` }));
    const [endX, endY] = middle.at(-1);
    el.append(
      svg("text", { x: x(endX) + 8, y: y(endY) + 4, class: `s2s-name-${model}` }, STRINGS[model]),
    );
    return svg("circle", { r: 6, class: `s2s-at-${model}` });
  });
  const values = MODELS.map((model) =>
    svg("text", { "text-anchor": "end", class: `s2s-value s2s-name-${model}` }),
  );
  el.append(...spots, ...values);
  drag(el, ({ x: across }) => choose(drawing.valueAt(across)));
  const set = (words) => {
    const point = pointAt(points, words);
    setAttributes(line, { x1: x(words), x2: x(words) });
    MODELS.forEach((model, i) => {
      spots[i].style.display = point ? "" : "none";
      values[i].style.display = point ? "" : "none";
      if (!point) return;
      const value = point[model][0];
      setAttributes(spots[i], { cx: x(words), cy: y(value) });
      setAttributes(values[i], { x: x(words) - 10, y: y(value) - 8 });
      values[i].textContent = fixed(value);
    });
  };
  return { el, set };
}

/** The end of the axis: a whole step above all values. */
function top(points) {
  const highest = Math.max(...points.flatMap((point) => [...point.vector, ...point.attention]));
  return Math.ceil(highest / STEP) * STEP;
}

/** The longest input that these models were trained on. */
function limit({ x, y }, trained) {
  const at = x(trained + 0.5);
  return [
    svg("line", { x1: at, x2: at, y1: y(0), y2: 22, class: "s2s-limit" }),
    svg("text", { x: at + 4, y: 30, class: "s2s-label" }, fill(STRINGS.trained, { trained })),
  ];
}
