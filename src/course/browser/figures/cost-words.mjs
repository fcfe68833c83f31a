/** What the cost calculator says: sentences, and the cells of its table. */

import { bill, KINDS, rest } from "./attention-costs.mjs";
import { LONGEST, PRESETS } from "./cost-controls.mjs";
import { duration, short } from "./cost-lines.mjs";
import { longestFit, nearest, timesOf } from "./cost-values.mjs";
import { bytes, grouped, percent, power } from "./format.mjs";
import { STRINGS } from "./strings/cost-calculator.mjs";
import { fill } from "./words.mjs";

/** The table at the chosen length: title, names of columns, and for each kind its cells. */
export function cells(state, data) {
  return state.quantity === "time" ? measuredCells(state, data) : countedCells(state);
}

/** The finding at the chosen length. */
export function conclusion(state, data) {
  return state.quantity === "time" ? measuredWords(state, data) : countedWords(state);
}

/** Where the lines cross, in words. */
export function crossed(crossings, { quantity, drawn }) {
  const what = STRINGS.crossWhat[quantity];
  const each = ({ kind, length, always }) =>
    fill(always ? STRINGS.crossAlways : STRINGS.crossOne, {
      kind: STRINGS.kinds[kind],
      length: grouped(length),
    });
  const names = crossings.map(each).join(", ");
  const words = fill(names ? STRINGS.cross : STRINGS.crossNowhere, { what, list: names });
  return drawn.includes("full") ? words : "";
}

/** Why so many words; or what was measured. */
export function why({ length, quantity, machine }, { measured }) {
  if (quantity === "time") return fill(STRINGS.timeNote, measured[machine]);
  const preset = Object.keys(PRESETS).find((name) => PRESETS[name] === length);
  return STRINGS.why[preset ?? "own"];
}

function countedCells(state) {
  const { length, model } = state;
  const cells = (kind) => {
    const { multiplications, held, kept } = bill(kind, length, model);
    const end = longestFit(kind, state);
    return [
      large(multiplications),
      bytes(held),
      kept ? bytes(kept) : STRINGS.nothing,
      end === null ? fill(STRINGS.always, { length: short(LONGEST) }) : grouped(end),
    ];
  };
  const { multiplications, held, kept, fits } = STRINGS.columns;
  const title = fill(STRINGS.at, { length: grouped(length) });
  const full = fill(fits, { gib: grouped(state.gib) });
  return [title, [multiplications, held, kept, full], KINDS.map(cells)];
}

function measuredCells(state, data) {
  const near = nearest(timesOf("fused", state, data), state.length);
  const cells = (kind) => {
    const point = nearest(timesOf(kind, state, data), state.length);
    if (!point) return [STRINGS.unmeasured, "", ""];
    const [, mean, low, high, peak] = point;
    const range = low < high ? `${duration(low)} – ${duration(high)}` : "";
    return [duration(mean), range, bytes(peak)];
  };
  const { seconds, range, peak } = STRINGS.columns;
  const title = near
    ? fill(STRINGS.measuredAt, { length: grouped(near[0]) })
    : fill(STRINGS.at, { length: grouped(state.length) });
  return [title, [seconds, range, peak], KINDS.map(cells)];
}

function countedWords(state) {
  const { length, gib, model, quantity } = state;
  const { multiplications, held, kept } = bill("full", length, model);
  const end = longestFit("full", state);
  return fill(STRINGS.result[quantity], {
    length: grouped(length),
    multiplications: large(multiplications),
    share: percent(multiplications / (multiplications + rest(length, model))),
    half: grouped(6 * model.width),
    held: bytes(held),
    kept: bytes(kept),
    gib: grouped(gib),
    end: fill(end === null ? STRINGS.endless : STRINGS.end, { length: grouped(end ?? LONGEST) }),
    fits: fittingWords(state),
  });
}

function fittingWords(state) {
  const fitting = state.drawn.filter(
    (kind) => (longestFit(kind, state) ?? LONGEST) >= state.length,
  );
  const list = fitting.map((kind) => STRINGS.kinds[kind]).join(", ");
  return list ? fill(STRINGS.fits, { list }) : STRINGS.noneFits;
}

function measuredWords(state, data) {
  const { machine, repetitions } = data.measured[state.machine];
  const near = nearest(timesOf("fused", state, data), state.length);
  const most = grouped(timesOf("fused", state, data).at(-1)[0]);
  if (!near) return fill(STRINGS.timeBeyond, { length: grouped(state.length), machine, most });
  const found = state.drawn
    .map((kind) => ({ kind, point: nearest(timesOf(kind, state, data), state.length) }))
    .filter(({ point }) => point)
    .map(({ kind, point }) => `${STRINGS.kinds[kind]} ${duration(point[1])}`);
  const runs = repetitions === 1 ? STRINGS.once : fill(STRINGS.times, { count: repetitions });
  const words = { length: grouped(near[0]), list: found.join(", "), repetitions: runs, machine };
  return fill(STRINGS.timeResult, words);
}

/** A count: as it is while it can be read, then as a power of ten. */
function large(count) {
  return count < 1e6 ? grouped(count) : power(count, 1);
}
