"""What is laid over the root of an image: a host that netc compiled, or a choice for or against tuned."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NETC = (sys.executable, "-c", "import sys; from netc.start import main; sys.exit(main())")
"""What the installed command `netc` does, under the Python that runs the benchmark."""


class NotCompiledError(RuntimeError):
    """What netc said of a `.net` file that it does not compile."""


def compiled(source: Path, folder: Path) -> Path:
    """The folder of the hosts of a `.net` file, compiled into `folder`, which may hold other things."""
    out = folder / "out"
    command = [*NETC, "compile", str(source), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotCompiledError(done.stderr.strip())
    return out


def kernel_arguments(host: Path) -> str:
    """What a compiled host adds to the command line of the kernel; `host` is its folder."""
    line = host / "kernel-command-line"
    return line.read_text().strip() if line.exists() else ""


def choose_tuned(tree: Path, profile: str) -> None:
    """Have tuned, which its package enables, apply this profile at boot."""
    folder = tree / "etc/tuned"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "active_profile").write_text(f"{profile}\n")
    (folder / "profile_mode").write_text("manual\n")


def mask_tuned(tree: Path) -> None:
    """Have an image with tuned in it boot without."""
    units = tree / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    (units / "tuned.service").symlink_to("/dev/null")
