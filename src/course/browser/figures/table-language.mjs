/**
 * A language small enough to list: after each word, how probable is each next one (chapter 4).
 *
 * `{ start, end, words, next }`: `next[word]` maps what may follow to its probability, and `words`
 * names all, start and end among them; a token is a place in `words`.
 */

import { beamSearch, greedy, lengthPenalty } from "../search.mjs";

/** The language as an engine that `search.mjs` can search; the state is the last word. */
export class TableEngine {
  constructor({ words, next }) {
    Object.assign(this, { words, next });
  }

  async encode() {
    return null;
  }

  async start() {
    return null;
  }

  async step(memory, state, rows, tokens) {
    const logProbs = tokens.map((token) => {
      const found = new Float32Array(this.words.length).fill(-Infinity);
      for (const [word, p] of Object.entries(this.next[this.words[token]] ?? {}))
        found[this.words.indexOf(word)] = Math.log(p);
      return found;
    });
    return { logProbs, state, weights: null };
  }
}

/** All that the language can say, best score first: `{ tokens, text, p, logProb, score }`. */
export function everything(language, { alpha }) {
  const score = lengthPenalty({ alpha });
  const found = [];
  const say = (word, p, said) => {
    for (const [following, q] of Object.entries(language.next[word] ?? {}))
      if (following !== language.end) say(following, p * q, [...said, following]);
      else found.push({ said, p: p * q });
  };
  say(language.start, 1, []);
  return found
    .map(({ said, p }) => ({
      tokens: said.map((word) => language.words.indexOf(word)),
      text: said.join(" "),
      p,
      logProb: Math.log(p),
      score: score(Math.log(p), said.length + 1), // the end counts, too
    }))
    .sort((a, b) => b.score - a.score);
}

/** A beam search of the language, its steps with pieces; and what greedy search and exact search find. */
export async function searched(language, { beam, alpha }) {
  const engine = new TableEngine(language);
  const token = (word) => language.words.indexOf(word);
  const special = { start: token(language.start), end: token(language.end), never: [] };
  const options = { maxLength: language.words.length, special };
  const found = await beamSearch(engine, [], { ...options, beam, penalty: { alpha } });
  const first = await greedy(engine, [], options);
  const piece = (each) => (each === special.end ? "</s>" : `▁${language.words[each]}`);
  const steps = found.steps.map((step) =>
    step.map((each) => ({ ...each, piece: piece(each.token) })),
  );
  const all = everything(language, { alpha });
  return {
    steps,
    hypothesis: found.hypotheses[0],
    greedy: first.hypotheses[0].tokens,
    exact: all[0].tokens,
    all,
  };
}

/** How many steps of a path (its end among them) the tree holds, and the nodes: `{ nodes, lost }`. */
export function followed(steps, tokens) {
  const nodes = [];
  let place = null;
  for (let step = 0; step <= tokens.length; step++) {
    const isNext = ({ parent, token, piece }) =>
      parent === place && (step < tokens.length ? token === tokens[step] : piece === "</s>");
    const at = steps[step]?.findIndex(isNext) ?? -1;
    if (at < 0) return { nodes, lost: step };
    nodes.push([step, at]);
    if (steps[step][at].status === "pruned") return { nodes, lost: step };
    place = at;
  }
  return { nodes, lost: null };
}
