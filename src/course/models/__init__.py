"""Whole models behind one interface."""
