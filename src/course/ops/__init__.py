"""Pure functions on tensors: masks, scores, attention."""
