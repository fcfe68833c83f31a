/** What every figure says. */
export const STRINGS = {
  words: "The same in words and numbers",
  numbers: "The numbers, as a table",
};
