"""Rounding that planners share."""

from __future__ import annotations

MIB = 1 << 20


def power_of_two(value: int) -> int:
    """The smallest power of two not below `value`; 1 for anything smaller."""
    return 1 << max(value - 1, 0).bit_length()


def round_up(value: int, step: int) -> int:
    """The smallest multiple of `step` not below `value`."""
    return -(-value // step) * step


def clamp(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))
