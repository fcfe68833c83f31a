/** The controls of the cost calculator. */

import { bar, choice, list, numberBox, slider } from "./controls.mjs";
import { html } from "./dom.mjs";
import { grouped } from "./format.mjs";
import { STRINGS } from "./strings/cost-calculator.mjs";

/** How many words; strings say why. */
export const PRESETS = {
  sentence: 32,
  document: (300 * 300 * 4) / 3,
  image: (4096 / 16) ** 2,
  video: 60 * 60 * 16 ** 2,
};
const LENGTHS = [5, 20]; // powers of two
export const EIGHTHS = Array.from({ length: 8 * (LENGTHS[1] - LENGTHS[0]) + 1 }, (_, i) =>
  Math.round(2 ** (LENGTHS[0] + i / 8)),
);
export const LONGEST = EIGHTHS.at(-1);
const CHOICES = {
  heads: [1, 2, 4, 8, 16, 32, 64],
  width: [64, 128, 256, 512, 1024, 2048, 4096, 8192],
  layers: [1, 2, 6, 12, 24, 32, 48, 80, 128],
  bytes: [1, 2, 4, 8],
  reach: [128, 256, 512, 1024, 2048, 4096],
};
const GIB = [8, 16, 24, 80];
const QUANTITIES = ["multiplications", "held", "kept", "time"];

/** All controls, in rows, and `show` to make them say what the state is, but for the one that told. */
export function controlsOf(state, data, change) {
  const [length, model, view] = [lengthControls(change), modelControls(data, change), {}];
  Object.assign(view, viewControls(data, change));
  const modelBar = bar(
    model.models,
    model.heads,
    model.width,
    model.layers,
    model.bytes,
    model.reach,
  );
  const memoryBar = bar(model.presets, model.gib);
  const timeBar = bar(view.machine, view.task);
  const show = (now, { models }, from) => {
    const presets = Object.keys(PRESETS);
    length.preset.set(presets.find((name) => PRESETS[name] === now.length) ?? null);
    if (from !== length.slider) length.slider.set(Math.log2(now.length));
    if (from !== length.box) length.box.set(now.length);
    for (const name of Object.keys(CHOICES)) model[name].set(now.model[name]);
    model.models.set(Object.keys(models).find((name) => same(models[name], now.model)) ?? null);
    model.presets.set(GIB.includes(now.gib) ? now.gib : null);
    if (from !== model.gib) model.gib.set(now.gib);
    modelBar.hidden = memoryBar.hidden = now.quantity === "time";
    timeBar.hidden = now.quantity !== "time";
  };
  const bars = [
    bar(length.preset, length.slider, length.box),
    bar(view.quantity),
    modelBar,
    memoryBar,
    timeBar,
  ];
  return { bars, show };
}

function lengthControls(change) {
  const controls = {
    preset: choice({
      label: STRINGS.preset,
      options: Object.keys(PRESETS).map((value) => ({ value, label: STRINGS.presets[value] })),
      onChange: (name) => change({ length: PRESETS[name] }),
    }),
    slider: slider({
      label: STRINGS.length,
      min: LENGTHS[0],
      max: LENGTHS[1],
      step: 0.05,
      value: LENGTHS[0],
      format: (log) => grouped(Math.round(2 ** log)),
      onChange: (log) => change({ length: Math.round(2 ** log) }, controls.slider),
    }),
    box: boxed({
      label: STRINGS.exact,
      min: EIGHTHS[0],
      max: LONGEST,
      onChange: (length) => change({ length: Math.round(length) }, controls.box),
    }),
  };
  return controls;
}

function modelControls({ models }, change) {
  const current = { ...models.chapter };
  const settle = (changes) => {
    Object.assign(current, changes);
    change({ model: { ...current } });
  };
  const lists = Object.entries(CHOICES).map(([name, values]) => [
    name,
    list({
      label: STRINGS[name === "bytes" ? "bits" : name],
      options: values.map((value) => ({
        value,
        label: grouped(name === "bytes" ? 8 * value : value),
      })),
      value: current[name],
      onChange: (value) => settle({ [name]: Number(value) }),
    }),
  ]);
  const controls = {
    models: choice({
      label: STRINGS.model,
      options: Object.keys(models).map((value) => ({ value, label: STRINGS.models[value] })),
      onChange: (name) => settle(models[name]),
    }),
    ...Object.fromEntries(lists),
    presets: choice({
      label: STRINGS.memory,
      options: GIB.map((value) => ({ value, label: `${value} ${STRINGS.gib}` })),
      onChange: (gib) => change({ gib }),
    }),
    gib: boxed({
      label: STRINGS.memoryBox,
      unit: STRINGS.gib,
      min: 0.001,
      max: 1e6,
      onChange: (gib) => change({ gib }, controls.gib),
    }),
  };
  return controls;
}

function viewControls({ measured }, change) {
  return {
    quantity: choice({
      label: STRINGS.show,
      options: QUANTITIES.map((value) => ({ value, label: STRINGS.quantities[value] })),
      value: QUANTITIES[0],
      onChange: (quantity) => change({ quantity }),
    }),
    machine: choice({
      label: STRINGS.machine,
      options: measured.map(({ machine }, value) => ({ value, label: machine })),
      value: 0,
      onChange: (machine) => change({ machine }),
    }),
    task: choice({
      label: STRINGS.task,
      options: ["forward", "training"].map((value) => ({ value, label: STRINGS.tasks[value] })),
      value: "training",
      onChange: (task) => change({ task }),
    }),
  };
}

/** A box for a number, with its unit behind it. */
function boxed({ unit, ...options }) {
  const box = numberBox({ value: options.min, ...options });
  const el = html("span", { class: "s2s-cost-box" }, box.el, ...(unit ? [unit] : []));
  return { el, set: box.set };
}

function same(a, b) {
  return Object.keys(CHOICES).every((name) => a[name] === b[name]);
}
