/** Speed of sight: a GRU word by word beside a Transformer at once, against a measured clock. */

import { bar, button, choice, result, slider } from "./controls.mjs";
import { html } from "./dom.mjs";
import { fit } from "./fit.mjs";
import { fixed } from "./format.mjs";
import { figure } from "./frame.mjs";
import { duration, slowMotion } from "./race.mjs";
import { lane } from "./race-lane.mjs";
import { STRINGS } from "./strings/speed-of-sight.mjs";
import { fill } from "./words.mjs";

const KINDS = ["gru", "transformer"];
const MODES = ["training", "prefill", "generation"];
const LONGEST = 8; // seconds that a race may take
const TICKS = 1000; // of the slider

export default figure("speed-of-sight", ({ stage, data }) => {
  const machines = Object.keys(data.machines);
  const state = { machine: machines[0], mode: "prefill", length: data.lengths.at(-1) };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const outcome = result();
  const track = html("div", { class: "s2s-lanes" });
  const factor = html("span", { class: "s2s-note" });
  let [race, lanes, width, time, frame] = [null, [], 0, 0, 0];

  const show = (now) => {
    time = Math.min(now, race.slowest);
    lanes.forEach((each) => each.set(time));
    clock.set((TICKS * time) / race.slowest);
    outcome.set(time < race.slowest ? race.what : race.conclusion);
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    play.set(still ? STRINGS.jump : STRINGS.play);
  };
  const run = () => {
    let last = performance.now();
    const next = (now) => {
      show(time + ((now - last) * 1000) / race.factor);
      last = now;
      if (time < race.slowest) frame = requestAnimationFrame(next);
      else stop();
    };
    play.set(STRINGS.pause);
    frame = requestAnimationFrame(next);
  };
  const pressed = () => {
    if (frame) return stop();
    if (time === race.slowest) show(0);
    if (!still) return run();
    show(
      KINDS.map((kind) => race.totals[kind])
        .sort((a, b) => a - b)
        .find((t) => t > time),
    );
  };
  const rebuild = () => {
    lanes = KINDS.map((kind) => lane(kind, race, width));
    track.replaceChildren(...lanes.map((each) => each.el));
    show(time);
  };
  const change = (changes) => {
    stop();
    Object.assign(state, changes);
    race = raceOf(data, state);
    factor.textContent = fill(STRINGS.slow, { factor: grouped(race.factor) });
    time = 0;
    rebuild();
  };
  const play = button({ label: "", onClick: pressed });
  const again = button({
    label: STRINGS.again,
    onClick: () => {
      stop();
      show(0);
    },
  });
  const clock = slider({
    label: STRINGS.time,
    min: 0,
    max: TICKS,
    value: 0,
    format: (tick) => (race ? clockOf(race, tick) : ""),
    onChange: (tick) => {
      stop();
      show((tick / TICKS) * race.slowest);
    },
  });
  stage.append(
    bar(...settings(data, machines, state, change)),
    bar(play, again, clock, { el: factor }),
    outcome.el,
    track,
  );
  change({});
  const unfit = fit(track, (wide) => {
    width = wide;
    rebuild();
  });
  return () => {
    stop();
    unfit();
  };
});

function settings({ lengths }, machines, state, change) {
  const choose = (label, name, options) =>
    choice({ label, options, value: state[name], onChange: (value) => change({ [name]: value }) });
  return [
    choose(
      STRINGS.machine,
      "machine",
      machines.map((value) => ({ value, label: value })),
    ),
    choose(
      STRINGS.doing,
      "mode",
      MODES.map((value) => ({ value, label: STRINGS.modes[value] })),
    ),
    choose(
      STRINGS.words,
      "length",
      lengths.map((value) => ({ value, label: String(value) })),
    ),
  ];
}

/** A race: how long either takes, how it is told, and how it ends. */
function raceOf({ lengths, written, measured, machines, chain }, { machine, mode, length }) {
  const { processor, threads, batch, runs } = machines[machine];
  const at = lengths.indexOf(length);
  const run = runs[mode][at];
  const words = { training: batch, prefill: length, generation: written }[mode];
  const totals = Object.fromEntries(KINDS.map((kind) => [kind, run[kind] * words]));
  const slowest = Math.max(...Object.values(totals));
  const what = fill(STRINGS.what[mode], {
    machine: fill(STRINGS.machines[machine], { threads, processor }),
    batch: grouped(batch),
    texts: grouped(batch / length),
    length,
    written,
  });
  const chains = Object.fromEntries(KINDS.map((kind) => [kind, chain[kind][at]]));
  return {
    mode,
    count: mode === "generation" ? written : length,
    totals,
    slowest,
    what,
    factor: slowMotion(slowest, LONGEST),
    notes: notes(mode, length, written, chains),
    conclusion: conclusion(mode, totals, run.ratio, measured),
  };
}

/** What is said below either lane about who has to wait for whom. */
function notes(mode, length, written, chains) {
  const waits = fill(STRINGS.waits, { written });
  if (mode === "generation") return { gru: waits, transformer: waits };
  const told = (kind) => {
    const numbers = { chain: grouped(chains[kind]), rest: chains[kind] - 10 * length };
    return fill(STRINGS.chain[kind], numbers) + (mode === "training" ? STRINGS.there : "");
  };
  return Object.fromEntries(KINDS.map((kind) => [kind, told(kind)]));
}

function conclusion(mode, totals, [ratio, low, high], measured) {
  const first = low > 1 ? "transformer" : high < 1 ? "gru" : "neither";
  return fill(STRINGS.result, {
    first: STRINGS.first[first],
    Mode: STRINGS.Modes[mode],
    gru: duration(totals.gru),
    transformer: duration(totals.transformer),
    ratio: fixed(ratio),
    low: fixed(low),
    high: fixed(high),
    measured,
  });
}

function clockOf({ slowest }, tick) {
  const time = duration((tick / TICKS) * slowest);
  return fill(STRINGS.clock, { time, total: duration(slowest) });
}

function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}
