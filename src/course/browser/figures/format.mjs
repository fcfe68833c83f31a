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

/** A whole number with its thousands apart. */
export function grouped(value) {
  return value.toLocaleString("en-US");
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Bytes in the largest unit of which there is at least one, three digits. */
export function bytes(value) {
  const step = value < 1024 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), UNITS.length - 1);
  const count = value / 1024 ** step;
  return `${count >= 100 ? Math.round(count) : Number(count.toPrecision(3))} ${UNITS[step]}`;
}

const RAISED = { 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** A number of any size as digits times a power of ten: 8.8·10¹². */
export function power(value, places = 0) {
  const [digits, exponent] = value.toExponential(places).split("e+");
  return `${digits.replace("-", "−")}·10${[...exponent].map((digit) => RAISED[digit]).join("")}`;
}
