/**
 * From text to text: look at what was typed, search, put the words back together.
 *
 * The counterpart of `course.decoding.translate`, for one text at a time.
 */

import { LIMITS, refusal, tooLong } from "./input.mjs";
import { beamSearch, greedy } from "./search.mjs";

/**
 * Decide whether a text can be translated, before any model sees it.
 *
 * Returns `{ ok: true, ids }` or what `refusal` says.
 */
export function examine(text, tokenizer, limits = LIMITS) {
  const refused = refusal(text, limits);
  if (refused) return refused;
  const clean = tokenizer.normalise(text);
  const ids = tokenizer.encode(clean);
  return ids.length > limits.tokens ? tooLong(clean, limits) : { ok: true, ids };
}

/**
 * Translate a text by beam search (`beam` 1 is greedy search).
 *
 * Returns what `examine` says if the text can't be translated; else `{ ok: true, source, translations,
 * steps, stopped }`. A translation is a hypothesis of the search with `text`, `pieces` (one label for
 * each token, the end token's last, if there is one) and `words` (the word of each token, the end token
 * apart). `source` has `text`, `pieces` and `words`, too, and ends with the end token. `steps` is the tree of `beamSearch`, with a label in each candidate.
 */
export async function translate(engine, tokenizer, text, options) {
  const { special, beam = 4, nBest = 1, penalty, signal, onStep, limits } = options;
  const examined = examine(text, tokenizer, limits);
  if (!examined.ok) return examined;
  const maxLength = options.maxLength ?? 2 * examined.ids.length + 10;
  const ids = [...examined.ids, special.end]; // as every source that the models have seen
  const searching = { maxLength, special, signal, onStep };
  const found =
    beam === 1
      ? await greedy(engine, ids, searching)
      : await beamSearch(engine, ids, { ...searching, beam, nBest, penalty });
  return {
    ok: true,
    source: {
      text: tokenizer.normalise(text),
      ids,
      pieces: ids.map((id) => tokenizer.piece(id)),
      words: tokenizer.wordIds(text),
    },
    translations: found.hypotheses.map((hypothesis) => ({
      ...hypothesis,
      text: tokenizer.normalise(tokenizer.decode(hypothesis.tokens)),
      pieces: labels(tokenizer, hypothesis, special),
      words: tokenizer.generatedWords(hypothesis.tokens),
    })),
    steps: found.steps.map((step) =>
      step.map((each) => ({ ...each, piece: tokenizer.piece(each.token) })),
    ),
    stopped: found.stopped,
  };
}

function labels(tokenizer, { tokens, finished }, special) {
  return (finished ? [...tokens, special.end] : tokens).map((id) => tokenizer.piece(id));
}
