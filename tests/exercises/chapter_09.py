"""Plausible wrong answers to the exercises of chapter 9, and what each should be told."""

from exercises import Wrong

WRONG: dict[str, list[Wrong]] = {}
