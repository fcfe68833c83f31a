"""Corpora, the embedded grammar, subwords and batches."""
