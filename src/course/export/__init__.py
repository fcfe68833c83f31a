"""Models for the reader's browser: the encoder and one decode step as ONNX, with all they need.

`course export MODEL --out FOLDER` writes a folder that `course/browser` reads. It needs the extra
`export`. The folder is made from the weights, never committed, and known by their sha256.
"""

from course.export.folder import export, export_cached

__all__ = ["export", "export_cached"]
