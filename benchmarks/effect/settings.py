"""The settings that are compared: each a tree over the root of the same image, and how it is seen that it holds."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.trees import choose_tuned, kernel_arguments, mask_tuned

if TYPE_CHECKING:
    from benchmarks.effect.experiments import Experiment

HERE = Path(__file__).parent
HOSTS = HERE / "hosts"
"""The `.net` file of each experiment, by its name."""
SETTINGS = ("default", "tuned", "netc")
INSIDE = "opt/netc-effect"
"""Where the scripts lie in the machine."""
_WITHOUT_TUNED = "if systemctl is-active --quiet tuned.service; then echo 'tuned runs'; exit 1; fi\n"
_WITHOUT_NETC = "if [ -e /etc/netc ]; then echo 'files of netc are there'; exit 1; fi\n"
_TUNED = """
for _ in $(seq 60); do tuned-adm active 2>&1 | grep -qx "Current active profile: $1" && break; sleep 1; done
tuned-adm active | grep -x "Current active profile: $1" || { tuned-adm active; exit 1; }
tuned-adm verify --ignore-missing || { grep ERROR /var/log/tuned/tuned.log; exit 1; }
"""
_NETC = """
for _ in $(seq 60); do systemctl is-active --quiet netc-verify.service && break; sleep 1; done
journalctl --no-pager -o cat -u netc-verify.service | grep '^[^ ]*:'
systemctl is-active --quiet netc-verify.service
"""
CHECKS = {
    "default": f"{_WITHOUT_TUNED}{_WITHOUT_NETC}echo 'tuned is off, nothing of netc is there'",
    "tuned": f"{_WITHOUT_NETC}{_TUNED}",
    "netc": f"{_WITHOUT_TUNED}{_NETC}",
}
"""Scripts that see whether a setting holds; `$1` is the profile of tuned. They print why, or why not."""

ARGUMENTS = {"network-latency": "skew_tick=1 tsc=reliable rcupdate.rcu_normal_after_boot=1"}
"""Kernel arguments that profiles of tuned give the boot loader (`[bootloader]` of their tuned.conf, 2.20)."""


def lay(setting: str, experiment: Experiment, host: Path, tree: Path) -> str:
    """Make the tree that is laid over the root for a setting, with the scripts of the experiment; the kernel arguments.

    `host` is the folder that netc wrote.
    """
    arguments = ""
    if setting == "netc":
        shutil.copytree(host / "rootfs", tree, symlinks=True)
        arguments = kernel_arguments(host)
    if setting == "tuned":
        choose_tuned(tree, experiment.profile)
        arguments = ARGUMENTS.get(experiment.profile, "")
    else:
        mask_tuned(tree)
    shutil.copytree(HERE / "guest", tree / INSIDE, ignore=shutil.ignore_patterns("__pycache__"))
    return arguments
