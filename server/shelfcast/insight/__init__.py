"""Pace, tiers and other indicators, and what a seller noted beside the book. Pure: values in, values out."""
