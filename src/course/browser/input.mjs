/**
 * Look at what was typed, before any vocabulary or model is there.
 *
 * Markup, lone surrogates and control characters are text like any other.
 */

export const LIMITS = { tokens: 160, characters: 20_000 };
/** Beyond this the models, which have seen at most 40 words in a row, write nonsense slowly. */

const WORD = /[\p{L}\p{N}]/u;
const LETTER = /\p{L}/u;
const LATIN = /\p{Script=Latin}/u;

/** The words of a text: what stands between white space. */
export function wordsOf(text) {
  return text.split(/\s+/u).filter((word) => word !== "");
}

/**
 * Why a text can't be translated: `{ ok: false, code, values }`, the code being one of
 * `strings.mjs`; or null if nothing speaks against it so far.
 */
export function refusal(text, limits = LIMITS) {
  if (text.length > limits.characters) return tooLong(text, limits); // not even looked at
  const words = wordsOf(text);
  if (words.length === 0) return refuse("empty");
  if (!WORD.test(text)) return refuse("noWords");
  if (LETTER.test(text) && !LATIN.test(text)) return refuse("notEnglish");
  return words.length > limits.tokens ? tooLong(text, limits) : null; // a word is a token or more
}

/** The refusal of a text with too many words, or too many pieces of words. */
export function tooLong(text, limits) {
  return refuse("tooLong", { words: wordsOf(text).length, limit: limits.tokens });
}

function refuse(code, values = {}) {
  return { ok: false, code, values };
}
