/**
 * From the steps of a beam search to a tree that can be drawn: paths, words, standings.
 *
 * A step lists its candidates `{ parent, token, logProb, score, status, piece }`, best first, as
 * `search.mjs` gives them. A node is named by its step and its place, `[step, place]`.
 */

const END = "</s>"; // the piece of the token that ends a sentence

/** Whether a candidate ends its sentence. */
export function isEnd({ piece }) {
  return piece === END;
}

/** The nodes from the first step down to one: `[step, place]` each. */
export function pathTo(steps, step, place) {
  const path = [];
  for (let at = place, level = step; level >= 0; level--) {
    path.unshift([level, at]);
    at = steps[level][at].parent;
  }
  return path;
}

/** The text of a hypothesis: the pieces on its path, without the end token. */
export function textOf(steps, step, place) {
  const pieces = pathTo(steps, step, place)
    .map(([level, at]) => steps[level][at])
    .filter((candidate) => !isEnd(candidate))
    .map(({ piece }) => piece);
  return pieces.join("").replaceAll("▁", " ").trim();
}

/** The node that writes the last token of a hypothesis, or null if the tree has none. */
export function nodeOf(steps, { tokens, finished }) {
  const step = finished ? tokens.length : tokens.length - 1;
  if (step < 0 || step >= steps.length) return null;
  const writes = ([level, at]) => {
    const candidate = steps[level][at];
    return level < tokens.length ? candidate.token === tokens[level] : isEnd(candidate);
  };
  const place = steps[step].findIndex((_, at) => pathTo(steps, step, at).every(writes));
  return place < 0 ? null : [step, place];
}

/** After `count` steps: the open hypotheses and the finished ones, best score first. */
export function standings(steps, count) {
  const found = [];
  for (let step = 0; step < count; step++) {
    steps[step].forEach(({ status, score }, place) => {
      const open = status === "kept" && step === count - 1;
      if (open || status === "finished") found.push({ step, place, status, score });
    });
  }
  return found.sort((a, b) => b.score - a.score);
}
