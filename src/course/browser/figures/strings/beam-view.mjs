/** What the view of a beam search says. */

export const STRINGS = {
  step: "Step",
  steps: "step {step} of {count}",
  back: "Back",
  forward: "Forward",
  start: "start",
  end: "end",
  treeLabel:
    "Tree of the search: a column for each step, the best candidate on top. The left and right arrow keys follow a hypothesis, up and down compare candidates.",
  kept: "kept",
  finished: "finished",
  pruned: "dropped",
  best: "the output",
  node: ", {status}, place {place} of {count}, log-probability {logProb}",
  hypothesis: "“{text}”: {status}, log-probability {logProb}, score {score}",
  key: "How to read the tree",
  standing: "Best so far: “{text}”, score {score}, {status}.",
  standingNone: "Nothing is left to extend.",
};
