"""The grammar of `.net` files, read with importlib.resources."""
