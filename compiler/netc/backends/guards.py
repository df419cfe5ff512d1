"""What may stand in an artifact: the last line of defence, behind parser, checks and planning.

Everything here holds already in a plan that netc made. A text that does not pass is a defect of netc, never a
mistake of its user: the files are read by shells, udev and systemd, which would make commands of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.patterns import pattern

if TYPE_CHECKING:
    import re


class Defect(AssertionError):  # noqa: N818 - it is no error of the input, but a defect of netc
    """A plan that no planner may make."""


ARGUMENT = pattern(r"[A-Za-z0-9_.,:=/@%+~*-]+")
"""A kernel argument or module parameter that shells, GRUB, TOML and kmod keep as it is, without quotes."""
SYSCTL_KEY = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.:@+/*-]*")
SYSCTL_VALUE = pattern(r"[\x21-\x5b\x5d-\x7e]+(?: [\x21-\x5b\x5d-\x7e]+)*|")
MODULE = pattern(r"[A-Za-z0-9_-]+")
PARAMETER = pattern(r"[A-Za-z0-9_]+")
INTERFACE = pattern(r"[A-Za-z0-9_-]{1,15}")
KERNEL_NAME = pattern(r"[A-Za-z0-9_.-]{1,15}")
PCI = pattern(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
MAC = pattern(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
GROUP = pattern(r"[A-Za-z_][A-Za-z0-9_-]{0,30}")
"""What sysusers.d(5) takes."""
UUID = pattern(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ID_PATH = pattern(r"[A-Za-z0-9_.:@+-]+")
NUMBER = pattern(r"[0-9]+")
NUMBER_OR_MAX = pattern(r"[0-9]+|max")
SWITCH = pattern(r"on|off")
DIRECTIVE = pattern(r"[A-Za-z0-9]+")
DIRECTIVE_VALUE = pattern(r"[A-Za-z0-9_.,:=/+-]+(?: [A-Za-z0-9_.,:=/+-]+)*")
CPU_LIST = pattern(r"[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*")
WORDS = pattern(r"[A-Za-z0-9_.:-]+(?: [A-Za-z0-9_.:-]+)*")
"""Words that a shell keeps as they are in single quotes."""
PROGRAM = pattern(r"/[A-Za-z0-9_.+/-]+")


def require(form: re.Pattern[str], text: str, what: str) -> str:
    """`text`, when all of it has this form; raises Defect else."""
    if form.fullmatch(text) is None:
        raise Defect(f"{what} {text!r} may not stand in an artifact")
    return text
