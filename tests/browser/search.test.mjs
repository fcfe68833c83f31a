import assert from "node:assert/strict";
import { test } from "node:test";

import { RecordedEngine, RecordingEngine } from "../../src/course/browser/recorded-engine.mjs";
import { beamSearch, greedy, lengthPenalty } from "../../src/course/browser/search.mjs";
import { fixture } from "./fixtures.mjs";

const groups = fixture("search.json");
const cases = groups.flatMap(({ table, cases }) => cases.map((each) => ({ ...each, table })));
const special = { start: 1, end: 2, never: [0, 1] };

/** The next token depends on the position and on the token before: `table[position][token]`. */
class TableEngine {
  constructor(table = groups[0].table) {
    this.table = table;
  }

  async encode(ids) {
    return ids;
  }

  async start() {
    return [0];
  }

  async step(memory, state, rows, tokens) {
    return {
      logProbs: rows.map((row, i) =>
        Float32Array.from(this.table[state[row]][tokens[i]], (x) => x ?? -Infinity),
      ),
      state: rows.map((row) => state[row] + 1),
      weights: rows.map((row, i) => ({
        layers: 1,
        heads: 1,
        source: 2,
        data: Float32Array.of(state[row], tokens[i]),
      })),
    };
  }
}

const plain = ({ tokens, logProb, score, finished }) => ({ tokens, logProb, score, finished });

function assertClose(found, expected, path = "") {
  if (typeof expected === "number" && !Number.isInteger(expected)) {
    assert.ok(Math.abs(found - expected) < 1e-5, `${path}: ${found} not ${expected}`);
  } else if (expected !== null && typeof expected === "object") {
    assert.deepEqual(Object.keys(found), Object.keys(expected), path);
    for (const key of Object.keys(expected))
      assertClose(found[key], expected[key], `${path}.${key}`);
  } else assert.equal(found, expected, path);
}

for (const [i, { table, options, hypotheses, steps, stopped }] of cases.entries()) {
  test(`case ${i}: ${JSON.stringify(options)} gives Python's tree and results`, async () => {
    const search = options.beam ? beamSearch : greedy;
    const found = await search(new TableEngine(table), [5], { ...options, special });
    assertClose(found.hypotheses.map(plain), hypotheses);
    if (options.beam) {
      assertClose(found.steps, steps);
      assert.equal(found.stopped, stopped);
    }
  });
}

test("the cases reach every end of a search", () => {
  const ends = new Set(cases.map((each) => each.stopped));
  for (const end of ["exhausted", "bound", "max_length"]) assert.ok(ends.has(end), end);
});

test("each token comes with the weights of the step that wrote it", async () => {
  const { hypotheses } = await beamSearch(new TableEngine(), [5], {
    maxLength: 6,
    beam: 3,
    special,
  });
  const [{ tokens, finished, weights }] = hypotheses;
  assert.equal(weights.length, tokens.length + finished);
  const fed = weights.map(({ data }) => Array.from(data));
  assert.deepEqual(
    fed,
    weights.map((_, i) => [i, i ? tokens[i - 1] : special.start]),
  );
});

test("a recording gives the search that was recorded, and says what it lacks", async () => {
  const options = { maxLength: 6, beam: 3, special };
  const recorder = new RecordingEngine(new TableEngine(), { keep: 11 });
  const live = await beamSearch(recorder, [5], options);
  const recording = JSON.parse(JSON.stringify(recorder.recording()));
  const played = await beamSearch(new RecordedEngine(recording), [5], options);
  assert.deepEqual(played, live);
  await assert.rejects(beamSearch(new RecordedEngine(recording), [7], options), {
    code: "notRecorded",
  });
  await assert.rejects(beamSearch(new RecordedEngine(recording), [5], { ...options, beam: 7 }), {
    code: "notRecorded",
  });
});

test("a search can be stopped", async () => {
  const controller = new AbortController();
  const onStep = () => controller.abort();
  for (const search of [greedy, beamSearch]) {
    const asked = search(new TableEngine(), [5], {
      maxLength: 6,
      special,
      onStep,
      signal: controller.signal,
    });
    await assert.rejects(asked, { name: "AbortError" });
  }
});

test("arguments out of range are refused in one sentence", async () => {
  const engine = new TableEngine();
  for (const wrong of [
    { beam: 0 },
    { beam: 2.5 },
    { nBest: 5, beam: 4 },
    { maxLength: 0 },
    { penalty: { alpha: -1 } },
    { penalty: { kind: "toString" } },
  ]) {
    await assert.rejects(beamSearch(engine, [5], { maxLength: 6, special, ...wrong }), {
      code: "badArgument",
      message: /can't be/,
    });
  }
  assert.equal(lengthPenalty({ alpha: 0 })(-3, 7), -3);
});
