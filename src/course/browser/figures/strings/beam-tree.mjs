/** What the figure "beam tree" says. */

export const STRINGS = {
  language: "Language",
  beam: "Beam",
  alpha: "Length penalty α",
  all: "All that the language can say, best score first",
  columns: ["sentence", "probability", "log p", "score", "found by"],
  nothing: "(nothing)",
  output: "this beam",
  greedySign: "G",
  greedyLabel: "greedy’s path",
  exactSign: "★",
  exactLabel: "the exact best",
  found: "Beam {beam} finds the best of all {count} sentences: “{exact}”, score {score}.",
  missed:
    "Beam {beam} says “{output}”, score {score}. The exact best is “{exact}”, score {best}. {why}",
  lost: "The beam lost it at step {step}.",
  stopped: "The search ended before it was finished.",
};
