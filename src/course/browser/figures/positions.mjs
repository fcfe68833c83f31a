/** Positional encodings: a picture of each scheme, and similarity against distance for a place. */

import { dot } from "./attention.mjs";
import { chart, ticks } from "./chart.mjs";
import { bar, choice, result, slider } from "./controls.mjs";
import { html, set as setAttributes, svg } from "./dom.mjs";
import { drag } from "./drag.mjs";
import { alibi, rotate, sinusoidal } from "./encodings.mjs";
import { fit } from "./fit.mjs";
import { fixed } from "./format.mjs";
import { figure } from "./frame.mjs";
import { grid } from "./grid.mjs";
import { STRINGS } from "./strings/positions.mjs";
import { fill } from "./words.mjs";

const SCHEMES = ["sinusoidal", "learned", "rotary", "alibi"];
const CELL = 11;
const [AT_FIRST, HEIGHT] = [720, 240]; // pixels; the width until the real one is known

export default figure("positions", ({ stage, data }) => {
  const state = { scheme: SCHEMES[0], head: 0, asks: 8, read: 12 };
  const picture = html("div", { class: "s2s-panels" });
  const curve = html("div");
  const key = html("p", { class: "s2s-note" }, STRINGS.key);
  const outcome = result();
  const last = data.places - 1;
  let [shown, line, width] = [null, null, AT_FIRST];

  const place = () => {
    shown.mark(state);
    line.set(state);
    outcome.set(conclusion(shown, state));
  };
  const redraw = () => {
    line = curveOf(width, shown, state, moveTo);
    curve.replaceChildren(line.el);
    line.set(state);
  };
  const moveTo = (where) => {
    Object.assign(state, where);
    asks.set(state.asks);
    read.set(state.read);
    place();
  };
  const change = (changes) => {
    Object.assign(state, changes);
    head.el.hidden = state.scheme !== "alibi";
    shown = pictures(picture, scheme(data, state), data, moveTo);
    redraw();
    place();
  };
  const { head, ...others } = settingsOf(data, state, change);
  const range = { min: 0, max: last, value: 0 };
  const asks = slider({
    ...range,
    label: STRINGS.asks,
    role: "query",
    onChange: (value) => moveTo({ asks: value }),
  });
  const read = slider({
    ...range,
    label: STRINGS.read,
    role: "key",
    onChange: (value) => moveTo({ read: value }),
  });
  stage.append(bar(others.scheme, head), picture, bar(asks, read), outcome.el, curve, key);
  asks.set(state.asks);
  read.set(state.read);
  change({});
  return fit(curve, (wide) => {
    width = wide;
    redraw();
  });
});

function settingsOf({ slopes }, state, change) {
  return {
    scheme: choice({
      label: STRINGS.scheme,
      options: SCHEMES.map((value) => ({ value, label: STRINGS[value] })),
      value: state.scheme,
      onChange: (wanted) => change({ scheme: wanted }),
    }),
    head: choice({
      label: STRINGS.head,
      options: slopes.map((_, value) => ({ value, label: String(value) })),
      value: state.head,
      onChange: (wanted) => change({ head: wanted }),
    }),
  };
}

/** A scheme's vectors, if it has any, and the value of each pair of places. */
function scheme({ places, width, learned, query, key, slopes }, { scheme: kind, head }) {
  const every = [...Array(places).keys()];
  const waves = () => every.map((place) => sinusoidal(place, width));
  const turned = (vector) => every.map((place) => rotate(vector, place));
  const pairs = (of) => every.map((asks) => every.map((read) => of(asks, read)));
  const made = {
    sinusoidal: () => waves(),
    learned: () => learned,
    rotary: () => turned(query),
    alibi: () => null,
  }[kind]();
  const keys = kind === "rotary" ? turned(key) : made;
  const value = {
    sinusoidal: (asks, read) => dot(made[asks], made[read]) / (width / 2),
    learned: (asks, read) => cosine(made[asks], made[read]),
    rotary: (asks, read) => dot(made[asks], keys[read]) / Math.sqrt(width),
    alibi: (asks, read) => alibi(asks, read, slopes[head]),
  }[kind];
  return { kind, vectors: made, values: pairs(value) };
}

function cosine(a, b) {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Both maps of a scheme, and what to see in them; returns how to mark a pair. */
function pictures(place, { kind, vectors, values }, { places, width }, moveTo) {
  const panels = [];
  const marks = [];
  const panel = (title, drawing) =>
    panels.push(
      html("div", { class: "s2s-panel" }, html("p", { class: "s2s-title" }, title), drawing),
    );
  if (vectors) {
    const map = grid({
      rows: places,
      columns: width,
      cell: CELL,
      label: fill(STRINGS.drawingVectors, { vectors: STRINGS.vectors[kind] }),
      across: STRINGS.feature,
      down: STRINGS.place,
    });
    const most = Math.max(...vectors.flat().map(Math.abs));
    map.set(vectors, -most, most);
    drag(map.el, (at) => moveTo({ asks: map.at(at).row }));
    marks.push(({ asks }) => map.mark(asks, null));
    panel(STRINGS.vectors[kind], map.el);
  }
  const map = grid({
    rows: places,
    columns: places,
    cell: CELL,
    label: fill(STRINGS.drawing, { pairs: STRINGS.pairs[kind] }),
    across: STRINGS.read,
    down: STRINGS.asks,
  });
  const flat = values.flat();
  const [low, high] = [Math.min(...flat), Math.max(...flat)];
  map.set(values, low, high);
  drag(map.el, (at) => moveTo({ asks: map.at(at).row, read: map.at(at).column }));
  marks.push(({ asks, read }) => map.mark(asks, read));
  panel(STRINGS.pairs[kind], map.el);
  panels.push(html("p", { class: "s2s-note s2s-beside" }, STRINGS.note[kind]));
  place.replaceChildren(...panels);
  const mark = (at) => marks.forEach((each) => each(at));
  return { kind, values, low, high, mark };
}

/** A curve of value against distance; `set` moves it to another pair of places. */
function curveOf(width, { kind, values, low, high }, state, moveTo) {
  const last = values.length - 1;
  const steps = ticks(low, high, 4);
  const drawing = chart({
    width,
    height: HEIGHT,
    label: "",
    x: { from: -last, to: last, ticks: ticks(-last, last, 6), label: STRINGS.distance },
    y: { from: low, to: high, ticks: steps, label: STRINGS.value[kind] },
    room: { top: 26 },
  });
  const byDistance = (p) => values[p].map((value, s) => [s - p, value]);
  const others = values.map((_, p) => drawing.path(byDistance(p))).join("");
  const path = svg("path", { class: "s2s-curve" });
  const dots = values.map(() => svg("circle", { r: 2.5, class: "s2s-dot" }));
  const spot = svg("circle", { r: 6, class: "s2s-spot" });
  drawing.el.append(svg("path", { d: others, class: "s2s-others" }), path, ...dots, spot);
  drag(drawing.el, ({ x }) => {
    const wanted = state.asks + Math.round(drawing.valueAt(x));
    moveTo({ read: Math.min(Math.max(wanted, 0), last) });
  });
  const set = ({ asks, read }) => {
    const points = byDistance(asks);
    const at = ([x, y]) => ({ cx: drawing.x(x), cy: drawing.y(y) });
    setAttributes(path, { d: drawing.path(points) });
    dots.forEach((each, i) => setAttributes(each, at(points[i])));
    setAttributes(spot, at(points[read]));
    const words = fill(STRINGS.curve, { value: STRINGS.value[kind], asks });
    setAttributes(drawing.el, { "aria-label": words });
  };
  return { el: drawing.el, set };
}

function conclusion({ kind, values }, { asks, read }) {
  const distance = read - asks;
  return fill(STRINGS.result, {
    asks,
    read,
    distance: distance > 0 ? `+${distance}` : fixed(distance, 0),
    value: STRINGS.value[kind],
    number: fixed(values[asks][read]),
  });
}
