"""A virtual machine that boots Debian with a compiled tree laid over its root, and tells what its kernel then does.

For the boot proof (`tests/boot`) and for benchmarks that need a machine of their own.
"""
