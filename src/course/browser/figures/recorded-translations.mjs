/**
 * Translations in a small form, so that a page can show some before any model is loaded.
 *
 * `tools/record_translations.mjs` packs what `translate.mjs` returns; a page unpacks it to the same,
 * weights rounded to thousandths and numbers to four digits.
 */

const STATUS = ["kept", "finished", "pruned"];

/** Pack one result of `translate.mjs`; `asked` says of which model, text, beam and alpha. */
export function pack(result, asked) {
  const [best] = result.translations;
  return {
    ...asked,
    source: side(result.source),
    target: side(best),
    tokens: best.tokens,
    finished: best.finished,
    logProb: digits(best.logProb),
    score: digits(best.score),
    weights: best.weights && packWeights(best.weights),
    steps: result.steps.map((step) =>
      step.map(({ parent, token, logProb, score, status, piece }) => [
        parent,
        token,
        digits(logProb),
        digits(score),
        STATUS.indexOf(status),
        piece,
      ]),
    ),
    stopped: result.stopped,
  };
}

/** The result that was packed, as `translate.mjs` gives it. */
export function unpack({ source, target, tokens, finished, logProb, score, ...rest }) {
  const weights = rest.weights && unpackWeights(rest.weights);
  return {
    ok: true,
    source,
    translations: [{ ...target, tokens, finished, logProb, score, weights }],
    steps: rest.steps.map((step) =>
      step.map(([parent, token, logProb, score, status, piece]) => ({
        parent,
        token,
        logProb,
        score,
        status: STATUS[status],
        piece,
      })),
    ),
    stopped: rest.stopped,
  };
}

function side({ text, pieces, words }) {
  return { text, pieces, words };
}

function packWeights(rows) {
  const [{ layers, heads, source }] = rows;
  const data = rows.map((row) => Array.from(row.data, (weight) => Math.round(weight * 1000)));
  return { layers, heads, source, data };
}

/** Weights in thousandths, a row for each token, as an engine gives them. */
export function unpackWeights({ layers, heads, source, data }) {
  return data.map((row) => ({
    layers,
    heads,
    source,
    data: Float32Array.from(row, (weight) => weight / 1000),
  }));
}

function digits(number) {
  return Number(number.toPrecision(4));
}
