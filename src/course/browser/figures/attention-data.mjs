/**
 * From a translation to a table of attention: which rows, which columns, which numbers.
 *
 * A side is `{ text, pieces, words }` as `translate.mjs` gives them; `weights` holds for each target
 * token `{ layers, heads, source, data }`. Subwords become words as chapter 5 does it: a word's
 * share is the sum over its source pieces and the mean over its target pieces (Zenkel et al., 2019).
 */

const WORD_START = "▁";
export const UNITS = ["words", "pieces"];

/**
 * The table of one reading: `{ rows, columns, values }`.
 *
 * `layer` and `head` are indices, or null for the mean over all. Rows and columns are
 * `{ label, end }`, `end` true for the token that ends a sentence.
 */
export function attentionTable({ source, target, weights }, { layer, head, unit }) {
  const columns = groups(source, unit);
  const rows = groups(target, unit);
  const tokens = weights.map((each) => averaged(each, layer, head));
  const values = rows.map(({ members }) =>
    columns.map((column) => {
      const ofToken = (token) => column.members.reduce((sum, i) => sum + tokens[token][i], 0);
      return members.reduce((sum, token) => sum + ofToken(token), 0) / members.length;
    }),
  );
  return { rows: rows.map(named), columns: columns.map(named), values };
}

/** How many layers and heads a reading has. */
export function sizes({ weights }) {
  return { layers: weights[0].layers, heads: weights[0].heads };
}

/** The columns that a row watches most: `[column, share]`, largest first, none below `least`. */
export function mostWatched(values, { count = 3, least = 0.05 } = {}) {
  return values
    .map((share, column) => [column, share])
    .sort((a, b) => b[1] - a[1])
    .filter(([, share], rank) => rank === 0 || share >= least)
    .slice(0, count);
}

/** One row of weights (S), averaged over the layers and heads that are asked for. */
function averaged({ layers, heads, source, data }, layer, head) {
  const chosen = [];
  for (let l = 0; l < layers; l++) {
    for (let h = 0; h < heads; h++) {
      if ((layer ?? l) === l && (head ?? h) === h) chosen.push((l * heads + h) * source);
    }
  }
  return Array.from(
    { length: source },
    (_, i) => chosen.reduce((sum, start) => sum + data[start + i], 0) / chosen.length,
  );
}

/** The tokens of a side, one by one or word by word; the end token is a group of its own. */
function groups({ text, pieces, words }, unit) {
  const found = [];
  const names = text.split(" ");
  pieces.forEach((piece, i) => {
    const end = i >= words.length;
    const last = found.at(-1);
    if (unit === "words" && !end && last?.word === words[i]) last.members.push(i);
    else {
      const label = unit === "words" && !end ? (names[words[i]] ?? piece) : readable(piece);
      found.push({ label, end, word: end ? null : words[i], members: [i] });
    }
  });
  return found;
}

function named({ label, end }) {
  return { label, end };
}

/** A piece as a label: one that continues a word begins with a dot. */
export function readable(piece) {
  return piece.startsWith(WORD_START) ? piece.slice(1) || "·" : `·${piece}`;
}
