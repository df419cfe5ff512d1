"""Declarations → models: files included, profiles merged, host names counted out, facts joined."""
