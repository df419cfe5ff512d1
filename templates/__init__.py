"""Jinja2 templates, one folder per back end, each file named after what it writes."""
