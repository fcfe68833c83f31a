/** The two attentions: scores are the package's, and what is computed can be read in the drawing. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ASKS,
  FROM,
  LAST,
  ORDER,
  layout,
  rowOf,
} from "../../src/course/browser/figures/attention-flow.mjs";
import { additive, general } from "../../src/course/browser/figures/scores.mjs";
import { close, fixture } from "./fixtures.mjs";

const KINDS = ["bahdanau", "luong"];

test("scores are those of the package's readers", () => {
  for (const { queries, outputs, learnt, bahdanau, luong } of fixture("scores.json"))
    queries.forEach((q, t) => {
      const found = (of, parameters) => outputs.map((m) => of(q, m, parameters).score);
      close(found(additive, learnt.bahdanau), bahdanau[t]);
      close(found(general, learnt.luong), luong[t]);
    });
});

test("nothing is computed before what it is made from, and only one thing at a time", () => {
  for (const kind of KINDS) {
    for (const [to, from] of Object.entries(FROM[kind]))
      for (const each of from) assert.ok(rowOf(kind, each) < rowOf(kind, to), `${each} → ${to}`);
    assert.equal(ORDER[kind].length, LAST + 1);
    assert.ok(FROM[kind].scores.includes(ASKS[kind]));
  }
});

test("the context reaches Bahdanau's state, and not Luong's", () => {
  assert.ok(FROM.bahdanau.state.includes("context"));
  assert.ok(!FROM.luong.state.includes("context"));
});

test("boxes lie inside, apart from each other, and arrows run from edge to edge", () => {
  for (const kind of KINDS)
    for (const width of [280, 321, 347, 520]) {
      const { height, boxes, arrows } = layout(kind, width);
      const all = Object.entries(boxes);
      for (const [name, { x, y, w, h }] of all) {
        assert.ok(x >= 0 && x + w <= width && y >= 0 && y + h <= height, `${name} at ${width}`);
        for (const [other, b] of all)
          if (name !== other)
            assert.ok(
              x + w < b.x || b.x + b.w < x || y + h < b.y || b.y + b.h < y,
              `${name} and ${other} overlap at ${width}`,
            );
      }
      for (const { from, to, d } of arrows) {
        const [start, ...rest] = d.split(/(?=[VH])/);
        const [x, y] = start.slice(1).split(",").map(Number);
        assert.ok(on(boxes[from], x, y), `${from} → ${to} starts at ${from}`);
        assert.ok(nearly(boxes[to], end(x, y, rest)), `${from} → ${to} ends at ${to}`);
        for (const [name, box] of all) assert.ok(!crossed(box, x, y, rest), `${to} by ${name}`);
      }
    }
});

function end(x, y, moves) {
  for (const move of moves)
    if (move[0] === "V") y = Number(move.slice(1));
    else x = Number(move.slice(1));
  return [x, y];
}

function on({ x, y, w, h }, px, py) {
  return px >= x && px <= x + w && Math.abs(py - (y + h)) < 0.01;
}

function nearly({ x, y, w, h }, [px, py]) {
  return px >= x - 3 && px <= x + w + 3 && py >= y - 3 && py <= y + h + 3;
}

/** Whether a way leads through the inside of a box. */
function crossed({ x, y, w, h }, px, py, moves) {
  for (let i = 0; i < moves.length; i += 1) {
    const [qx, qy] = end(px, py, [moves[i]]);
    const inside =
      Math.max(px, qx) > x + 1 &&
      Math.min(px, qx) < x + w - 1 &&
      Math.max(py, qy) > y + 1 &&
      Math.min(py, qy) < y + h - 1;
    if (inside) return true;
    [px, py] = [qx, qy];
  }
  return false;
}
