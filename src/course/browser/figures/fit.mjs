/** Drawings that fill the width they have. */

/**
 * Call `draw(width)` whenever the width of `place` has changed, the first time when it is shown.
 *
 * @returns {() => void} stops it
 */
export function fit(place, draw) {
  let last = 0;
  let waiting = 0;
  const observer = new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width);
    if (width === 0 || width === last) return;
    last = width;
    // in the next frame: a drawing can change the size that is being reported
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => draw(width));
  });
  observer.observe(place);
  return () => {
    cancelAnimationFrame(waiting);
    observer.disconnect();
  };
}
