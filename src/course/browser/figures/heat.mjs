/** The purple ramp of all heatmaps, as CSS colours that follow the theme. */

const STEPS = 4; // --ramp-0 (the page) to --ramp-4

/** The colour of a share from 0 (the page's own background) to 1, on the whole ramp. */
export function ramp(share) {
  return between(share, STEPS);
}

/** The same on the lower half of the ramp, on which ink can be read at any share. */
export function soft(share) {
  return between(share, STEPS / 2);
}

function between(share, steps) {
  const at = Math.min(Math.max(share, 0), 1) * steps;
  const below = Math.min(Math.floor(at), steps - 1);
  const more = Math.round(100 * (at - below));
  return `color-mix(in srgb, var(--ramp-${below + 1}) ${more}%, var(--ramp-${below}))`;
}
