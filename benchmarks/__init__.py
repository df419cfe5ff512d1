"""Measurements of netc; README.md says how to run and read them."""
