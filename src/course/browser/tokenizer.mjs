/**
 * Subwords in the browser: `course.data.tokenizer` to the letter, from the same `tokenizer.json`.
 *
 * Only the byte-level vocabularies of the zoo are read; a vocabulary of whole words is not.
 */

import { CourseError } from "./strings.mjs";

const SPECIAL = 4; // ids 0 to 3: padding, start, end, unknown
const WORD_START = "▁";

/** The table by which byte-level BPE writes each byte as a visible character. */
function charactersOfBytes() {
  const visible = (byte) =>
    (byte >= 0x21 && byte < 0x7f) ||
    (byte >= 0xa1 && byte < 0xad) ||
    (byte >= 0xae && byte < 0x100);
  let hidden = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(visible(byte) ? byte : 256 + hidden++),
  );
}

const CHARACTER = charactersOfBytes();
const BYTE = new Map(CHARACTER.map((character, byte) => [character, byte]));

/** Replace lone surrogates by U+FFFD, which is what UTF-8 makes of them. */
export function withoutSurrogates(text) {
  return text.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    "\ufffd",
  );
}

export class Tokenizer {
  /** @param {object} file what `tokenizer.json` holds. */
  constructor(file) {
    const [form, spaces, strip, prepend] = file.normalizer?.normalizers ?? [];
    const [split] = file.pre_tokenizer?.pretokenizers ?? [];
    const kinds = [file.model?.type, form?.type, spaces?.type, strip?.type, prepend?.type];
    if (`${kinds}` !== "BPE,NFC,Replace,Strip,Prepend" || split?.behavior !== "Isolated") {
      throw new CourseError("notATokenizer");
    }
    this.spaces = new RegExp(spaces.pattern.Regex, "gu");
    this.pieces = new RegExp(split.pattern.Regex, "gu");
    this.ids = new Map(Object.entries(file.model.vocab));
    this.texts = new Array(this.ids.size);
    for (const [text, id] of this.ids) this.texts[id] = text;
    this.ranks = new Map(
      file.model.merges.map(([left, right], rank) => [`${left} ${right}`, rank]),
    );
  }

  /** How many entries there are, special tokens included. */
  get size() {
    return this.texts.length;
  }

  /** The form of a text that survives encoding: NFC, white space as single spaces, none outside. */
  normalise(text) {
    const composed = withoutSurrogates(text).normalize("NFC");
    return composed.replace(this.spaces, " ").replace(/^ +| +$/g, "");
  }

  /** The ids of a text, without any special token. */
  encode(text) {
    return this.#byteTokens(text).map((token) => this.ids.get(token));
  }

  /** The text of ids; special tokens are dropped, broken UTF-8 gives U+FFFD. */
  decode(ids) {
    const bytes = [];
    for (const id of ids) {
      const token = this.texts[id];
      if (token === undefined) throw new CourseError("notAnId", { id, size: this.size });
      if (id >= SPECIAL) for (const character of token) bytes.push(BYTE.get(character));
    }
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return decoder.decode(Uint8Array.from(bytes)).replace(/^ /, "");
  }

  /** Readable pieces, one for each id: "▁" begins a word, "<E2><82>" is a part of a character. */
  tokens(text) {
    return this.#byteTokens(text).map((token) => {
      const [begins, piece] = readable(token);
      return (begins ? WORD_START : "") + piece;
    });
  }

  /** For each token of a text the index of the white-space word that it belongs to. */
  wordIds(text) {
    let word = -1;
    return this.#byteTokens(text).map((token) => (readable(token)[0] ? ++word : word));
  }

  /**
   * The word of each generated token, from how many words the text has once it is written.
   *
   * A model may write a word in other pieces than the tokenizer cuts it into.
   */
  generatedWords(ids) {
    const counts = [];
    let before = 0; // words that are complete
    let first = 0; // the token that the next word begins with
    ids.forEach((_, i) => {
      const found = this.#words(ids.slice(first, i + 1));
      counts.push(before + found);
      if (found > 1) {
        first = i;
        before += found - this.#words(ids.slice(i, i + 1));
      }
    });
    // The first bytes of a character can look like a word of their own until the last one comes.
    const last = Math.max((counts.at(-1) ?? 0) - 1, 0);
    return counts.map((count) => Math.min(Math.max(count - 1, 0), last));
  }

  /** A piece as the model's vocabulary shows it, for the labels of generated tokens. */
  piece(id) {
    if (id < SPECIAL) return this.texts[id];
    const [begins, piece] = readable(this.texts[id]);
    return (begins ? WORD_START : "") + piece;
  }

  #words(ids) {
    const text = this.normalise(this.decode(ids));
    return text === "" ? 0 : text.split(" ").length;
  }

  /** The byte-level tokens of a text. */
  #byteTokens(text) {
    const clean = this.normalise(text);
    if (clean === "") return [];
    // The space put in front gives a word the same token at the start of a sentence as inside.
    return this.#cut(` ${clean}`).flatMap((piece) => this.#merge(inBytes(piece)));
  }

  /** Cut a text at the pattern's matches; what lies between two matches is a piece of its own. */
  #cut(text) {
    const pieces = [];
    let end = 0;
    for (const match of text.matchAll(this.pieces)) {
      if (match.index > end) pieces.push(text.slice(end, match.index));
      pieces.push(match[0]);
      end = match.index + match[0].length;
    }
    if (end < text.length) pieces.push(text.slice(end));
    return pieces;
  }

  /**
   * Join neighbours, the pair that was learnt first before all others: Sennrich et al. (2016).
   *
   * All places of a pair are joined in one pass: a pair that arises from it was learnt later.
   */
  #merge(symbols) {
    for (;;) {
      let best = Infinity;
      for (let i = 0; i + 1 < symbols.length; i++) {
        best = Math.min(best, this.ranks.get(`${symbols[i]} ${symbols[i + 1]}`) ?? Infinity);
      }
      if (best === Infinity) return symbols;
      const joined = [];
      for (let i = 0; i < symbols.length; i++) {
        const pair = `${symbols[i]} ${symbols[i + 1]}`;
        const joins = i + 1 < symbols.length && this.ranks.get(pair) === best;
        joined.push(joins ? symbols[i] + symbols[++i] : symbols[i]);
      }
      symbols = joined;
    }
  }
}

function inBytes(text) {
  return Array.from(new TextEncoder().encode(text), (byte) => CHARACTER[byte]);
}

/** Whether a token begins with a space, and the text after it (in bytes if it is no text). */
function readable(token) {
  let bytes = Uint8Array.from(token, (character) => BYTE.get(character));
  const begins = bytes[0] === 0x20;
  if (begins) bytes = bytes.subarray(1);
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return [begins, decoder.decode(bytes)];
  } catch {
    const shown = Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
    return [begins, shown.map((byte) => `<${byte}>`).join("")];
  }
}
