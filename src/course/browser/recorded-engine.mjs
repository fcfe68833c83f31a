/**
 * An engine that plays a recording: what a model said after each beginning of some sentences.
 *
 * A recording is `{ vocabSize, sentences: [{ ids, steps }] }`. `steps` maps a beginning, its tokens
 * joined by spaces (the start token first), to `{ top, rest, weights }`: `top` lists `[token,
 * logProb]` pairs, `rest` is the log-probability of each token that is not listed, `weights` null or
 * `{ layers, heads, source, data }`. So figures work at once, before any model is loaded.
 */

import { CourseError } from "./strings.mjs";

export class RecordedEngine {
  constructor(recording) {
    this.vocabSize = recording.vocabSize;
    this.sentences = new Map(recording.sentences.map(({ ids, steps }) => [ids.join(" "), steps]));
  }

  async encode(ids) {
    const steps = this.sentences.get([...ids].join(" "));
    if (!steps) throw new CourseError("notRecorded");
    return steps;
  }

  /** The state is the beginnings so far. */
  async start() {
    return [""];
  }

  async step(memory, state, rows, tokens) {
    const beginnings = rows.map((row, i) => `${state[row]} ${tokens[i]}`.trim());
    const found = beginnings.map((beginning) => {
      if (!Object.hasOwn(memory, beginning)) throw new CourseError("notRecorded");
      return memory[beginning];
    });
    const weights = found.map(
      (each) => each.weights && { ...each.weights, data: Float32Array.from(each.weights.data) },
    );
    return {
      logProbs: found.map((each) => this.#spread(each)),
      state: beginnings,
      weights: weights.some((each) => each === null || each === undefined) ? null : weights,
    };
  }

  #spread({ top, rest }) {
    const logProbs = new Float32Array(this.vocabSize).fill(rest ?? -Infinity);
    for (const [token, logProb] of top) logProbs[token] = logProb;
    return logProbs;
  }
}

/** Note what another engine says, so that it can be played later; `keep` entries for each step. */
export class RecordingEngine {
  constructor(engine, { keep = 16 } = {}) {
    Object.assign(this, { engine, keep, sentences: new Map(), vocabSize: 0 });
  }

  async encode(ids) {
    const key = [...ids].join(" ");
    if (!this.sentences.has(key)) this.sentences.set(key, { ids: [...ids], steps: {} });
    return { memory: await this.engine.encode(ids), steps: this.sentences.get(key).steps };
  }

  async start({ memory }) {
    return { state: await this.engine.start(memory), beginnings: [""] };
  }

  async step({ memory, steps }, { state, beginnings }, rows, tokens) {
    const found = await this.engine.step(memory, state, rows, tokens);
    const after = rows.map((row, i) => `${beginnings[row]} ${tokens[i]}`.trim());
    after.forEach((beginning, i) => {
      steps[beginning] = this.#note(found.logProbs[i], found.weights ? found.weights[i] : null);
    });
    return { ...found, state: { state: found.state, beginnings: after } };
  }

  recording() {
    return { vocabSize: this.vocabSize, sentences: [...this.sentences.values()] };
  }

  #note(logProbs, weights) {
    this.vocabSize = logProbs.length;
    const order = Array.from(logProbs.keys()).sort((a, b) => logProbs[b] - logProbs[a]);
    const top = order.slice(0, this.keep).map((token) => [token, logProbs[token]]);
    return { top, rest: null, weights: weights && { ...weights, data: Array.from(weights.data) } };
  }
}
