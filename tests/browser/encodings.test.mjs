/** The positional encodings that figures compute are the package's. */

import { test } from "node:test";

import { alibi, rotate, sinusoidal } from "../../src/course/browser/figures/encodings.mjs";
import { close, fixture } from "./fixtures.mjs";

const { cases, slopes } = fixture("encodings.json");

test("waves, turns and prices", () => {
  for (const { positions, vectors, waves, turned, prices } of cases) {
    positions.forEach((position, i) => {
      close(sinusoidal(position, waves[i].length), waves[i]);
      close(rotate(vectors[i], position), turned[i]);
      slopes.forEach((slope, h) => {
        const row = positions.map((other) => alibi(position, other, slope));
        close(row, prices[h][i]);
      });
    });
  }
});
