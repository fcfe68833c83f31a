/** What the figure "attention explorer" says. */

export const STRINGS = {
  sentence: "Sentence",
  model: "Model",
  gold: "Show gold links",
  mean: "the mean of all its heads",
  layerHead: "layer {layer}, head {head}",
  layer: "layer {layer}, the mean of its heads",
  head: "head {head}, the mean of its layers",
  only: "its one head",
  result:
    "{name}, {where}: the English word with the most weight is a gold link for {right} of {words} French words. On the mean of all: {others}.",
  other: "{name} {right}",
};
