"""Figures: the palette that pictures, pages and live figures share, and the payload they store.

`palette.json` is the one file of colours. `payload` builds what a figure stores in a notebook:
its data, a text alternative, a caption and a table of the same numbers. `base.Figure` is the
parent of every live figure.
"""
