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
 * The table of one reading: `{ rows, columns, values, gold }`.
 *
 * A reading may have `gold`, pairs `[source word, target word]` that belong together; then `gold`
 * says of each cell whether it is such a pair, and is null otherwise.
 *
 * `layer` and `head` are indices, or null for the mean over all. Rows and columns are
 * `{ label, end }`, `end` true for the token that ends a sentence.
 */
export function attentionTable({ source, target, weights, gold }, { layer, head, unit }) {
  const columns = groups(source, unit);
  const rows = groups(target, unit);
  const tokens = weights.map((each) => averaged(each, layer, head));
  const values = rows.map(({ members }) =>
    columns.map((column) => {
      const ofToken = (token) => column.members.reduce((sum, i) => sum + tokens[token][i], 0);
      return members.reduce((sum, token) => sum + ofToken(token), 0) / members.length;
    }),
  );
  const links = new Set(gold?.map(String));
  const isGold = (row, column) => links.has(`${column.word},${row.word}`);
  return {
    rows: rows.map(named),
    columns: columns.map(named),
    values,
    gold: gold ? rows.map((row) => columns.map((column) => isGold(row, column))) : null,
  };
}

/**
 * For how many target words the strongest source word is a gold one: `{ right, words }`.
 *
 * The end tokens don't count, neither as a row nor as a column (chapter 5).
 */
export function goldHits(reading, chosen) {
  const { rows, columns, values, gold } = attentionTable(reading, { ...chosen, unit: "words" });
  const words = columns.flatMap(({ end }, j) => (end ? [] : [j]));
  const read = rows.flatMap(({ end }, i) => (end ? [] : [i]));
  const best = (i) => words.reduce((most, j) => (values[i][j] > values[i][most] ? j : most));
  return { right: read.filter((i) => gold[i][best(i)]).length, words: read.length };
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
