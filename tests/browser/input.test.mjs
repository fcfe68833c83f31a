import assert from "node:assert/strict";
import { test } from "node:test";

import { CourseError, say, STRINGS } from "../../src/course/browser/strings.mjs";
import { examine } from "../../src/course/browser/translate.mjs";
import { readTokenizer } from "./fixtures.mjs";

const tokenizer = readTokenizer();
const REFUSED = [
  ["", "empty"],
  [" \n\u00a0\u2028", "empty"],
  ["😀👩‍👩‍👧‍👦🇫🇷", "noWords"],
  ["… !? —", "noWords"],
  ["\ud800", "noWords"],
  ["\u200b\u200d\ufeff", "noWords"],
  ["السيارة زرقاء", "notEnglish"],
  ["המכונית כחולה", "notEnglish"],
  ["我有一辆蓝色的车。", "notEnglish"],
  ["word ".repeat(2000), "tooLong"],
  ["a".repeat(1_000_000), "tooLong"],
];

for (const [text, code] of REFUSED) {
  test(`${JSON.stringify(text.slice(0, 20))} is refused: ${code}`, () => {
    const found = examine(text, tokenizer);
    assert.equal(found.ok, false);
    assert.equal(found.code, code);
    const sentence = say(found.code, found.values);
    assert.match(sentence, /^[A-Z][^{}]*\.$/);
  });
}

for (const text of [
  "I have a blue car.",
  "<script>alert('hello')</script>",
  "Caf\ud800é 😀",
  "42",
  "\u202eI have a car.\u0000",
  "The word سيارة means car.",
]) {
  test(`${JSON.stringify(text)} is text like any other`, () => {
    const found = examine(text, tokenizer);
    assert.ok(found.ok && found.ids.length > 0);
    assert.ok(found.ids.every((id) => Number.isInteger(id) && id >= 4 && id < tokenizer.size));
  });
}

test("2,000 words are counted", () => {
  assert.equal(examine("word ".repeat(2000), tokenizer).values.words, 2000);
});

test("every code has a sentence, and other strings take its place", () => {
  for (const [code, sentence] of Object.entries(STRINGS)) {
    assert.match(sentence, /^[A-Z{].*\.$/, code);
  }
  assert.equal(say("empty", {}, { empty: "Rien." }), "Rien.");
  assert.equal(say("aborted", {}, { empty: "Rien." }), STRINGS.aborted);
  const error = new CourseError("notAnId", { id: 9, size: 5 });
  assert.equal(error.message, "Token 9 is not in the vocabulary of 5 entries.");
});
