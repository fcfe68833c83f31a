/** A mean with its interval on a short line, for lists of results. The numbers stand beside it. */

import { html } from "./dom.mjs";

/**
 * @param {number[]} interval mean, low, high
 * @param {object} options
 * @param {number} options.from left end of the line
 * @param {number} options.to right end
 * @param {number} [options.mark] where an upright stroke stands, for something to compare with
 * @param {string} [options.role] whose colour it has
 */
export function strip([mean, low, high], { from, to, mark, role = "attention" }) {
  const share = (value) => (100 * (Math.min(Math.max(value, from), to) - from)) / (to - from);
  const part = (name, left, right = left) => {
    const el = html("span", { class: `s2s-strip-${name}` });
    el.style.left = `${left}%`;
    if (right > left) el.style.width = `${right - left}%`;
    return el;
  };
  const parts = [part("range", share(low), share(high)), part("mean", share(mean))];
  if (mark !== undefined) parts.unshift(part("mark", share(mark)));
  const el = html("span", { class: "s2s-strip", "aria-hidden": "true" }, ...parts);
  el.style.setProperty("--s2s-strip", `var(--mark-${role})`);
  return el;
}
