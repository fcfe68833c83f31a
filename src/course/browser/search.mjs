/**
 * Greedy and beam search over one exported decode step: `course.decoding` in JavaScript.
 *
 * An engine is anything that offers
 *
 *     encode(ids)                       -> memory
 *     start(memory)                     -> state of one row, before any token
 *     step(memory, state, rows, tokens) -> { logProbs, state, weights }
 *
 * all of them async. `step` extends the rows `rows` of a state by one token each. `logProbs` has one
 * Float32Array (V) a row; `weights` is null, or for each row `{ layers, heads, source, data }` with a
 * Float32Array (L·H·S). Sums are rounded as PyTorch rounds them, so that ties fall alike.
 */

import { CourseError } from "./strings.mjs";

const DIVISORS = {
  average: (length) => length,
  gnmt: (length) => (5 + length) / 6,
};
const MOST_ALPHA = 10;

/** Length normalisation: score = log p / d(L)^α, where L counts the end token too. */
export function lengthPenalty({ alpha = 1, kind = "average" } = {}) {
  if (!(alpha >= 0 && alpha <= MOST_ALPHA)) throw bad("alpha", alpha);
  if (!Object.hasOwn(DIVISORS, kind)) throw bad("kind", kind);
  return (logProb, length) => logProb / DIVISORS[kind](Math.max(length, 1)) ** alpha;
}

/**
 * Take the most probable next token until the end token comes.
 *
 * `special` is `{ start, end, never }`; `signal` (an AbortSignal) stops the search; `onStep` is told
 * each step and may be async. Returns what `beamSearch` returns; its tree has one branch.
 */
export async function greedy(engine, ids, { maxLength, special, signal, onStep }) {
  checkSize("maxLength", maxLength);
  const score = lengthPenalty();
  const found = { tokens: [], logProb: 0, score: 0, finished: false, weights: [] };
  const steps = [];
  const memory = await engine.encode(ids);
  let state = await engine.start(memory);
  let token = special.start;
  while (!found.finished && found.tokens.length < maxLength) {
    signal?.throwIfAborted();
    const step = await engine.step(memory, state, [0], [token]);
    state = step.state;
    const logProbs = without(step.logProbs[0], special.never);
    token = highest(logProbs);
    if (logProbs[token] === -Infinity) break; // nothing can follow
    found.logProb += logProbs[token];
    found.finished = token === special.end;
    if (step.weights) found.weights.push(step.weights[0]);
    if (!found.finished) found.tokens.push(token);
    steps.push([
      {
        parent: steps.length ? 0 : null,
        token,
        logProb: found.logProb,
        score: score(found.logProb, steps.length + 1),
        status: found.finished ? "finished" : "kept",
      },
    ]);
    await onStep?.(steps.at(-1), steps.length);
  }
  found.score = score(found.logProb, steps.length);
  if (!found.weights.length) found.weights = null;
  return { hypotheses: [found], steps, stopped: found.finished ? "exhausted" : "max_length" };
}

/**
 * Search for the outputs of the highest score, `beam` hypotheses wide.
 *
 * Returns `{ hypotheses, steps, stopped }`. A hypothesis is
 * `{ tokens, logProb, score, finished, weights }`. `steps` is the tree: for each step its candidates
 * `{ parent, token, logProb, score, status }`, best first, `parent` the place of the candidate in the
 * step before (null in the first) and `status` "kept", "finished" or "pruned"; twice the beam in all.
 * `stopped` says why: "exhausted", "bound" (no live hypothesis could still win) or "max_length".
 */
export async function beamSearch(
  engine,
  ids,
  { maxLength, beam = 4, nBest = 1, penalty = {}, special, signal, onStep },
) {
  checkSize("maxLength", maxLength);
  checkSize("beam", beam);
  if (!(Number.isInteger(nBest) && nBest >= 1 && nBest <= beam)) throw bad("nBest", nBest);
  const search = new Beam({ beam, maxLength, nBest, score: lengthPenalty(penalty), special });
  const memory = await engine.encode(ids);
  let state = await engine.start(memory);
  while (search.stopped === null) {
    signal?.throwIfAborted();
    const live = search.live;
    const rows = live.map((node) => node.row);
    const tokens = live.map((node) => node.token);
    const step = await engine.step(memory, state, rows, tokens);
    state = step.state;
    search.advance(step.logProbs, step.weights);
    await onStep?.(search.steps.at(-1), search.steps.length);
  }
  return { hypotheses: search.hypotheses(), steps: search.steps, stopped: search.stopped };
}

/** Hypotheses as a tree: a node is a token and the node that it extends. */
class Beam {
  constructor({ beam, maxLength, nBest, score, special }) {
    Object.assign(this, { beam, maxLength, nBest, score, special });
    this.live = [{ parent: null, token: special.start, logProb: 0, score: 0, row: 0, place: null }];
    this.last = this.live; // where every path is a dead end, these are all there is to return
    this.finished = [];
    this.steps = [];
    this.stopped = null;
    this.length = 0;
  }

  /** Extend the live hypotheses by every token; keep the best. */
  advance(logProbs, weights) {
    this.length++;
    const nodes = this.#best(logProbs, 2 * this.beam).map(({ row, token, logProb }, place) => ({
      parent: this.live[row],
      token,
      logProb,
      score: this.score(logProb, this.length),
      row,
      place,
      weights: weights ? weights[row] : null,
    }));
    this.steps.push(nodes.map((node) => this.#candidate(node)));
    const kept = nodes.slice(0, this.beam);
    this.finished.push(...kept.filter((node) => node.token === this.special.end));
    this.finished.sort((a, b) => b.score - a.score);
    this.finished.length = Math.min(this.finished.length, this.nBest);
    this.live = kept.filter((node) => node.token !== this.special.end);
    this.stopped = this.#whyStop();
    if (this.live.length || this.finished.length) this.last = this.live;
  }

  /** The `count` most probable extensions, best first. */
  #best(logProbs, count) {
    const best = [];
    logProbs.forEach((ofRow, row) => {
      const before = this.live[row].logProb;
      const possible = without(ofRow, this.special.never);
      for (let token = 0; token < possible.length; token++) {
        const logProb = Math.fround(before + possible[token]);
        if (logProb === -Infinity) continue;
        if (best.length === count && logProb <= best[count - 1].logProb) continue;
        let place = best.length;
        while (place > 0 && best[place - 1].logProb < logProb) place--;
        best.splice(place, 0, { row, token, logProb });
        if (best.length > count) best.pop();
      }
    });
    return best;
  }

  #candidate(node) {
    const kept = node.token === this.special.end ? "finished" : "kept";
    return {
      parent: node.parent.place,
      token: node.token,
      logProb: node.logProb,
      score: node.score,
      status: node.place < this.beam ? kept : "pruned",
    };
  }

  #whyStop() {
    if (!this.live.length) return "exhausted";
    if (this.length === this.maxLength) return "max_length";
    if (this.finished.length < this.nBest) return null;
    // a further token can only lower the log-probability, and no length serves it better
    const possible = Math.max(...this.live.map((node) => node.logProb));
    const worst = this.finished[this.nBest - 1].score;
    return worst >= this.score(possible, this.maxLength) ? "bound" : null;
  }

  /** The best `nBest`, finished ones first. */
  hypotheses() {
    const live = [...this.last].sort((a, b) => b.score - a.score);
    return [...this.finished, ...live].slice(0, this.nBest).map((node) => this.#hypothesis(node));
  }

  #hypothesis(node) {
    const path = [];
    for (let each = node; each.parent !== null; each = each.parent) path.unshift(each);
    const weights = path.map((each) => each.weights).filter((each) => each !== null);
    return {
      tokens: path.map((each) => each.token).filter((token) => token !== this.special.end),
      logProb: node.logProb,
      score: node.score,
      finished: node.token === this.special.end,
      weights: weights.length ? weights : null,
    };
  }
}

function highest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** The same log-probabilities with padding and the like ruled out: no output holds them. */
function without(logProbs, never) {
  const possible = Float32Array.from(logProbs);
  for (const token of never) possible[token] = -Infinity;
  return possible;
}

function checkSize(name, value) {
  if (!(Number.isInteger(value) && value >= 1)) throw bad(name, value);
}

function bad(name, value) {
  return new CourseError("badArgument", { name, value });
}
