"""The three settings of one image: what is laid over the root of each, and what the machine tells when it is up."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING, Any

from benchmarks.trees import choose_tuned, mask_tuned
from benchmarks.virtual_machine.machine import Machine, Port, observe

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = ("bare", "tuned", "netc")
PACKAGES = ("tuned",)
PROFILE = "network-throughput"
MACHINE = Machine(tuple(Port(f"52:54:00:6e:74:0{number}", queues=4) for number in (1, 2)), cpus=2, nodes=1)
"""As host.net has it. It has as few CPUs as small hosts: where they are emulated, the time in which one waits for a CPU
of the host counts as its work, and that is most when many are busy."""

SLICES = {"netc-.service.d": "netc.slice", "tuned.service.d": "tuned.slice"}
"""Folder of drop-ins → a slice, which counts the CPU of every run of its units; a unit counts that of its last."""
SLICE = "[Service]\nSlice={}\n"
# The observer waits until the rest is done: what it asks systemd meanwhile would be in the figures.
OBSERVER = "[Unit]\nAfter=multi-user.target netc-verify.service\n" + SLICE.format("observer.slice")
APPLIED = "until grep -q 'static tuning from profile' /var/log/tuned/tuned.log; do sleep 0.2; done"
"""What tuned writes to its log when the profile is applied, as a program of the shell that waits for it."""

STARTING, STARTED = "7d4958e842da4a758f6c1cdc7b36dcc5", "39f53479d3a045ac8e11786248231fbf"
"""systemd's messages for a unit that begins to start, and that has started (sd-messages.h)."""
ALSO = ("systemd-udevd.service", "systemd-sysctl.service", "systemd-modules-load.service", "irqbalance.service")
"""Units of the image that do more work where there are files of netc."""
CGROUPS = "/sys/fs/cgroup"


def _command(*words: str) -> str:
    """As the answer of the machine names it."""
    return shlex.join(words)


SHOW = _command(
    *("systemctl", "show", "--property=Id,InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic,CPUUsageNSec"),
    *("netc-*.service", "tuned.service", "multi-user.target", *ALSO),
)
MANAGER = _command("systemctl", "show", "--property=UserspaceTimestampMonotonic,FinishTimestampMonotonic")
STARTS = _command(
    *("journalctl", "--boot", "--no-pager", "--output=json", "--output-fields=UNIT,MESSAGE_ID"),
    *(f"MESSAGE_ID={STARTING}", f"MESSAGE_ID={STARTED}"),
)
FAILED = _command("systemctl", "--failed", "--no-legend", "--plain")
ACTIVE = _command("tuned-adm", "active")
CHAIN = _command("systemd-analyze", "critical-chain", "--no-pager", "multi-user.target")
SYSTEM = _command("sh", "-c", "uname -sr; systemctl --version | head -n 1; systemd-detect-virt")


def tree(setting: str, host: Path, folder: Path) -> Path:
    """The folder, made, with what is laid over the root; `host` is the folder that netc wrote."""
    if setting == "netc":
        shutil.copytree(host / "rootfs", folder, symlinks=True)
    units = folder / "etc/systemd/system"
    for dropins, name in SLICES.items():
        _write(units / dropins / "slice.conf", SLICE.format(name))
    # of one name, the drop-in whose folder has the longer prefix counts: systemd.unit(5)
    _write(units / "netc-observe.service.d/slice.conf", OBSERVER)
    if setting == "tuned":
        choose_tuned(folder, PROFILE)
    else:
        mask_tuned(folder)
    return folder


def steps(setting: str) -> list[dict[str, Any]]:
    """What the machine does and tells when no job is left."""
    wait: list[dict[str, Any]] = [{"run": ["sh", "-c", APPLIED]}] if setting == "tuned" else []
    # netc-follow-links.service may just be starting something anew
    wait += [{"wait": 3}, {"settle": 60}]
    files = [f"{CGROUPS}/{place}/cpu.stat" for place in ("init.scope", "*.slice")]
    return [*wait, observe("up", files, [SHOW, MANAGER, STARTS, FAILED, ACTIVE, CHAIN, SYSTEM])]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
