/** Dragging by mouse, pen or finger. A figure that can be dragged has a slider for the keyboard, too. */

/**
 * Call `move` with the pointer's place in the drawing while it is pressed.
 *
 * @param {SVGSVGElement} drawing with a `viewBox`
 * @param {(place: { x: number, y: number }) => void} move in units of the viewBox
 */
export function drag(drawing, move) {
  const tell = (event) => {
    const box = drawing.getBoundingClientRect();
    const view = drawing.viewBox.baseVal;
    move({
      x: view.x + ((event.clientX - box.left) * view.width) / box.width,
      y: view.y + ((event.clientY - box.top) * view.height) / box.height,
    });
  };
  drawing.classList.add("s2s-drag");
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drawing.setPointerCapture(event.pointerId);
    event.preventDefault();
    tell(event);
  });
  drawing.addEventListener("pointermove", (event) => {
    if (drawing.hasPointerCapture(event.pointerId)) tell(event);
  });
}
