/** The bottleneck: one text through one vector and through attention, and the measured curve. */

import { bar, button, choice, result, slider } from "./controls.mjs";
import { html, set as setAttributes } from "./dom.mjs";
import { fit } from "./fit.mjs";
import { fixed, percent } from "./format.mjs";
import { figure } from "./frame.mjs";
import { curveOf } from "./length-curve.mjs";
import { most, nearest, pointAt } from "./measured.mjs";
import { marked, passing } from "./passing.mjs";
import { STRINGS } from "./strings/bottleneck.mjs";
import { fill } from "./words.mjs";

const MODELS = ["vector", "attention"];
const [WIDEST, PACE] = [720, 400];

export default figure("bottleneck", ({ stage, data }) => {
  const { passes } = data;
  const state = { text: 3, at: 5, measured: data.curves[0].name };
  const lengths = passes.map(({ source }) => source.length);
  const texts = html("div", { class: "s2s-texts" });
  const panels = MODELS.map((model) => panelOf(model, data));
  const curve = html("div");
  const answer = result();
  const moment = result();
  let [view, timer, width] = [null, 0, WIDEST];

  const last = () => Math.max(...MODELS.map((model) => passes[state.text][model].words.length)) - 1;
  const write = (at) => {
    state.at = at;
    word.set(at + 1);
    texts.heat(passes[state.text].attention.weights, at);
    panels.forEach((panel) => panel.set(state));
    moment.set(momentOf(passes[state.text], at));
  };
  const read = (text) => {
    state.text = text;
    length.set(text);
    setAttributes(word.el.querySelector("input"), { max: last() + 1 });
    sourceOf(texts, passes[text]);
    write(Math.min(state.at, last()));
    measure();
  };
  const measure = () => {
    view.set(lengths[state.text]);
    answer.set(answerOf(curveNamed(data, state.measured), lengths[state.text]));
  };
  const redraw = () => {
    view = curveOf(width, curveNamed(data, state.measured), (words) =>
      read(nearest(lengths, words)),
    );
    curve.replaceChildren(view.el);
    measure();
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.set(STRINGS.play);
  };
  const start = () => {
    if (state.at >= last()) write(0);
    play.set(STRINGS.pause);
    timer = setInterval(() => (state.at < last() ? write(state.at + 1) : stop()), PACE);
  };

  const length = slider({
    label: STRINGS.length,
    role: "source",
    min: 0,
    max: passes.length - 1,
    value: state.text,
    format: (text) => fill(STRINGS.lengthOf, { words: lengths[text] }),
    onChange: (text) => (stop(), read(text)),
  });
  const word = slider({
    label: STRINGS.word,
    role: "target",
    min: 1,
    max: last() + 1,
    value: state.at + 1,
    onChange: (at) => (stop(), write(at - 1)),
  });
  const play = button({ label: STRINGS.play, onClick: () => (timer ? stop() : start()) });
  const measured = choice({
    label: STRINGS.measured,
    options: data.curves.map(({ name }) => ({ value: name, label: STRINGS[name] })),
    value: state.measured,
    onChange: (name) => {
      state.measured = name;
      redraw();
    },
  });
  stage.append(
    bar(length, word, play),
    texts,
    html("div", { class: "s2s-pair" }, ...panels.map((panel) => panel.el)),
    html("p", { class: "s2s-note" }, STRINGS.legend),
    moment.el,
    bar(measured),
    curve,
    answer.el,
  );
  redraw();
  read(state.text);
  const unfit = [
    fit(curve, (wide) => {
      width = Math.min(wide, WIDEST);
      redraw();
    }),
    ...panels.map((panel) => panel.fit(() => panel.set(state))),
  ];
  return () => {
    stop();
    unfit.forEach((each) => each());
  };
});

function curveNamed({ curves }, name) {
  return curves.find((curve) => curve.name === name);
}

/** Source and reference; `heat` colours what attention looks at. */
function sourceOf(place, { source, reference }) {
  const english = marked({ words: source, lang: "en", name: STRINGS.source });
  const french = marked({ words: reference.split(" "), lang: "fr", name: STRINGS.reference });
  place.heat = (weights, at) => english.heat(weights[Math.min(at, weights.length - 1)]);
  place.replaceChildren(english.el, french.el);
}

/** One model: its title, the drawing, and what it writes. */
function panelOf(model, { passes, width: vectorWidth, places: placeWidth }) {
  const note = html("p", { class: "s2s-note" });
  const drawing = html("div");
  const written = html("div");
  const here = html("p", { class: "s2s-note" });
  const title = html("p", { class: `s2s-title s2s-title-${model}` }, STRINGS[model]);
  const el = html("div", { class: "s2s-panel" }, title, note, drawing, written, here);
  const longest = Math.max(
    ...passes.flatMap((pass) => [pass.source, ...MODELS.map((each) => pass[each].words)].map(size)),
  );
  let [wide, shown, text] = [300, null, null];
  const set = (state) => {
    const pass = passes[state.text];
    const output = pass[model];
    const at = Math.min(state.at, output.words.length - 1);
    if (shown !== state.text) {
      text = marked({ words: output.words, lang: "fr", name: STRINGS.french });
      written.replaceChildren(text.el);
      note.textContent = fill(STRINGS[`${model}Note`], {
        words: pass.source.length,
        width: model === "vector" ? vectorWidth : placeWidth,
        places: pass.pieces,
      });
      here.textContent = fill(STRINGS.here, { errors: fixed(output.errors) });
      shown = state.text;
    }
    text.set({ at, wrong: output.wrong });
    const looks = output.weights && pass.source[most(output.weights[at])];
    const facts = { words: pass.source.length, width: vectorWidth, at: at + 1, most: looks };
    drawing.replaceChildren(
      passing({
        width: wide,
        most: longest,
        read: pass.source.length,
        output,
        at,
        label: fill(STRINGS[`${model}Label`], facts),
        box: model === "vector" && fill(STRINGS.box, { width: vectorWidth }),
      }),
    );
  };
  const refit = (changed) =>
    fit(drawing, (width) => {
      wide = width;
      changed();
    });
  return { el, set, fit: refit };
}

function size(list) {
  return list.length;
}

function momentOf({ source, vector, attention }, at) {
  const weights = attention.weights[Math.min(at, attention.weights.length - 1)];
  const looks = most(weights);
  return fill(STRINGS.now, {
    at: at + 1,
    vector: vector.words[at] ?? STRINGS.nothing,
    attention: attention.words[at] ?? STRINGS.nothing,
    most: source[looks],
    weight: percent(weights[looks] / 100),
  });
}

function answerOf({ name, points, trained }, length) {
  const point = pointAt(points, length);
  const words = { axis: STRINGS.axis[name], unit: STRINGS.unit[name] };
  if (!point) return fill(STRINGS.unmeasured, { ...words, length, last: points.at(-1).words[1] });
  const [low, high] = point.words;
  const [vector, attention] = MODELS.map((model) => point[model].map((value) => fixed(value ?? 0)));
  const facts = {
    ...words,
    length: low === high ? low : fill(STRINGS.range, { low, high }),
    vector: vector[0],
    attention: attention[0],
  };
  const paired = point.vector[1] === null;
  if (paired) {
    const [difference, from, to] = point.attention.map((value) => fixed(value - point.vector[0]));
    return fill(STRINGS.answerReal, { ...facts, difference, low: from, high: to });
  }
  const ends = {
    vectorLow: vector[1],
    vectorHigh: vector[2],
    low: attention[1],
    high: attention[2],
  };
  const beyond = trained && length > trained ? STRINGS.beyond : "";
  return fill(STRINGS.answerSeeds, { ...facts, ...ends }) + beyond;
}
