/**
 * One stop for the tabulator in a table of elements; the arrow keys move inside.
 *
 * @param {(HTMLElement | undefined)[][]} cells rows of elements, undefined where there is none
 * @param {object} options `onFocus(row, column)` is told; `moves(key, row, column)` says where a key
 *   leads, by default to the neighbour on that side
 */
export function roving(cells, { onFocus = () => {}, moves = neighbour } = {}) {
  let stop = cells[0][0];
  const enter = (cell, i, j) => {
    stop.tabIndex = -1;
    stop = cell;
    stop.tabIndex = 0;
    onFocus(i, j);
  };
  cells.forEach((row, i) =>
    row.forEach((cell, j) => {
      if (!cell) return;
      cell.tabIndex = cell === stop ? 0 : -1;
      cell.addEventListener("focus", () => enter(cell, i, j));
      cell.addEventListener("keydown", (event) => {
        const [k, l] = moves(event.key, i, j, row.length) ?? [];
        if (!cells[k]?.[l]) return;
        event.preventDefault();
        cells[k][l].focus();
      });
    }),
  );
}

function neighbour(key, i, j, columns) {
  return {
    ArrowUp: [i - 1, j],
    ArrowDown: [i + 1, j],
    ArrowLeft: [i, j - 1],
    ArrowRight: [i, j + 1],
    Home: [i, 0],
    End: [i, columns - 1],
  }[key];
}
