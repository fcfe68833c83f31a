/** Numbers as a reader sees them: few digits, a true minus sign. */

/** A number with at most `digits` after the point; what is huge or tiny as a power of ten. */
export function number(value, digits = 2) {
  if (value === -Infinity) return "−∞";
  if (Math.abs(value) >= 1e5) return power(value);
  const shown = String(Number(value.toFixed(digits)));
  return (shown === "-0" ? "0" : shown).replace("-", "−");
}

/** A number with exactly `digits` after the point, so that columns line up. */
export function fixed(value, digits = 2) {
  const shown = value.toFixed(digits);
  return (Number(shown) === 0 ? (0).toFixed(digits) : shown).replace("-", "−");
}

/** A share as a whole percentage. */
export function percent(value) {
  return `${Math.round(100 * value)}%`;
}

/** A vector: (3, 0). */
export function vector(values, digits = 2) {
  return `(${values.map((value) => number(value, digits)).join(", ")})`;
}

const RAISED = { 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

function power(value) {
  const [digits, exponent] = value.toExponential(0).split("e+");
  return `${digits.replace("-", "−")}·10${[...exponent].map((digit) => RAISED[digit]).join("")}`;
}
