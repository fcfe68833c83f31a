"""Published models in our code, and ours in theirs (chapters 8 and 9).

`load` reads the weights of BERT, GPT-2, T5, BART and Marian models, as Hugging Face's transformers
stores them, into the modules of this course; `save` writes ours so that transformers loads them.
A family is a table: what its settings are called (`course.models.pretrained.settings`) and where
its weights go (`course.models.pretrained.weights`). transformers itself is not needed.

`untrained` makes a small model of a published kind without any weights, to look at how it is built.

Only safetensors are read: to unpickle a file is to run whatever its author put into it.
"""

from course.models.pretrained.loading import Published, load, save
from course.models.pretrained.untrained import Untrained, untrained

__all__ = ["Published", "Untrained", "load", "save", "untrained"]
