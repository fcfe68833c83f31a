"""Attention for long sequences, as pure functions (chapter 10).

Axes: B sentences, H heads, T queries, S keys, D width of a query and key, E width of a value.
"""
