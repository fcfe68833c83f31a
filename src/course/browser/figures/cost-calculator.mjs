/** Cost calculator: what each kind of attention multiplies, holds and keeps, and where memory ends. */

import { crossing, KINDS } from "./attention-costs.mjs";
import { result } from "./controls.mjs";
import { controlsOf, EIGHTHS, LONGEST, PRESETS } from "./cost-controls.mjs";
import { costLines } from "./cost-lines.mjs";
import { costTable } from "./cost-table.mjs";
import { nearest, timesOf, valueOf } from "./cost-values.mjs";
import * as words from "./cost-words.mjs";
import { html } from "./dom.mjs";
import { fit } from "./fit.mjs";
import { figure } from "./frame.mjs";

const FIRST = ["full", "fused", "window", "random", "linear"];
const AT_FIRST = 720; // pixels, until the width is known

export default figure("cost-calculator", ({ stage, data }) => {
  const state = {
    length: PRESETS.document,
    model: { ...data.models.chapter },
    quantity: "multiplications",
    gib: 24,
    machine: 0,
    task: "training",
    drawn: FIRST,
  };
  const place = html("div", { class: "s2s-cost-place" });
  const [outcome, crossed, why] = [result(), note(), note()];
  let [drawing, lines, width] = [null, [], AT_FIRST];

  const atLength = () => {
    drawing.mark(
      state.length,
      lines.map(({ kind }) => pointAt(kind, state, data)),
    );
    table.set(...words.cells(state, data));
    outcome.set(words.conclusion(state, data));
  };
  const redraw = () => {
    lines = linesOf(state, data);
    const crossings = crossingsOf(state, data);
    drawing = costLines({
      width,
      quantity: state.quantity,
      lines,
      crossings: crossings.filter(({ always }) => !always),
      range: [EIGHTHS[0], LONGEST],
      gib: ["held", "kept"].includes(state.quantity) ? state.gib : null,
    });
    drawing.drag((length) => change({ length }));
    place.replaceChildren(drawing.el);
    crossed.textContent = words.crossed(crossings, state);
    atLength();
  };
  const change = (changes, from) => {
    Object.assign(state, changes);
    if (changes.quantity === "time") state.length = Math.min(state.length, longest(state, data));
    controls.show(state, data, from);
    why.textContent = words.why(state, data);
    if (Object.keys(changes).join() === "length") atLength();
    else redraw();
  };
  const controls = controlsOf(state, data, change);
  const table = costTable({
    kinds: KINDS,
    drawn: state.drawn,
    onChange: (kind, on) => {
      const drawn = KINDS.filter((each) => (each === kind ? on : state.drawn.includes(each)));
      change({ drawn });
    },
  });
  stage.append(...controls.bars.slice(0, 1), why, ...controls.bars.slice(1));
  stage.append(place, crossed, outcome.el, table.el);
  change({ drawn: state.drawn });
  return fit(place, (wide) => {
    width = wide;
    redraw();
  });
});

function note() {
  return html("p", { class: "s2s-note" });
}

function linesOf(state, data) {
  if (state.quantity === "time") return measuredLines(state, data);
  const kinds = state.quantity === "multiplications" ? [...state.drawn, "rest"] : state.drawn;
  return kinds
    .map((kind) => ({ kind, points: EIGHTHS.map((n) => [n, valueOf(kind, n, state)]) }))
    .filter(({ points }) => points.every((point) => point[1] > 0));
}

function measuredLines(state, data) {
  return state.drawn
    .map((kind) => ({ kind, found: timesOf(kind, state, data) }))
    .filter(({ found }) => found.length)
    .map(({ kind, found }) => ({
      kind,
      points: found.map(([length, mean]) => [length, mean]),
      band: [
        ...found.map(([length, , low]) => [length, low]),
        ...found.map(([length, , , high]) => [length, high]).reverse(),
      ],
    }));
}

/** The longest length at which anything was measured. */
function longest(state, data) {
  return timesOf("fused", state, data).at(-1)[0];
}

/** Where a line is at the chosen length: a length and a value, or null where it has none. */
function pointAt(kind, state, data) {
  if (state.quantity !== "time") return [state.length, valueOf(kind, state.length, state)];
  const point = nearest(timesOf(kind, state, data), state.length);
  return point && point.slice(0, 2);
}

/** Where each drawn kind begins to take less than full attention, if not `always`. */
function crossingsOf(state, data) {
  if (!state.drawn.includes("full")) return [];
  const lengths =
    state.quantity === "time" ? timesOf("full", state, data).map((point) => point[0]) : EIGHTHS;
  const at = (kind) => (length) =>
    state.quantity === "time"
      ? (timesOf(kind, state, data).find((point) => point[0] === length)?.[1] ?? Infinity)
      : valueOf(kind, length, state);
  const find = state.quantity === "time" ? firstBelow : crossing;
  return state.drawn
    .filter((kind) => kind !== "full" && at(kind)(lengths.at(-1)) > 0)
    .map((kind) => ({ kind, length: find(at(kind), at("full"), lengths) }))
    .filter(({ length }) => length !== null)
    .map(({ kind, length }) => ({
      kind,
      length,
      value: at(kind)(length),
      always: length === lengths[0],
    }));
}

/** As `crossing`, at lengths that were measured only. */
function firstBelow(mine, other, lengths) {
  const last = lengths.findLastIndex((length) => !(mine(length) < other(length)));
  return last === lengths.length - 1 ? null : lengths[last + 1];
}
