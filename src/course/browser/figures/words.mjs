/** Sentences with gaps. */

/** The sentence with each `{name}` replaced by `values.name`. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
