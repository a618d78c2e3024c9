"""Pace, tiers and other indicators. Pure: values in, values out."""
