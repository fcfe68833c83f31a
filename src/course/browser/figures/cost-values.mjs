/** The numbers behind the cost calculator's lines: counted by formula, or measured. */

import { bill, lastWhere, rest } from "./attention-costs.mjs";
import { LONGEST } from "./cost-controls.mjs";

/** What was measured of a kind for the chosen task, `[length, mean, low, high, peak]` each. */
export function timesOf(kind, { machine, task }, { measured }) {
  return measured[machine].kinds[kind]?.[task] ?? [];
}

/** A kind's value of the chosen quantity at a length, from its formula. */
export function valueOf(kind, length, { quantity, model }) {
  return kind === "rest" ? rest(length, model) : bill(kind, length, model)[quantity];
}

/** What was measured next to a length; null if all of it is much shorter or longer. */
export function nearest(points, length) {
  const off = (point) => Math.abs(Math.log2(point[0] / length));
  const best = points.reduce((a, b) => (a && off(a) <= off(b) ? a : b), null);
  return best && off(best) <= 0.5 ? best : null;
}

/** The longest text for whose scores and cache there is room; null if there is at any length. */
export function longestFit(kind, { model, gib }) {
  const room = (length) => {
    const { held, kept } = bill(kind, length, model);
    return held + kept <= gib * 2 ** 30;
  };
  if (room(LONGEST)) return null;
  return room(1) ? lastWhere(room, 1, LONGEST) : 0;
}
