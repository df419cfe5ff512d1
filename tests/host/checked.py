"""One machine read twice: by `netc verify`, and by the shell script that checks at boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from made import files, run

from netc.verifying import verify
from netc.verifying.telling import as_text

if TYPE_CHECKING:
    from pathlib import Path

    from netc.plan import Plan

PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"


def by_netc(plan: Plan, root: Path) -> list[str]:
    """The lines of `netc verify`, the last one without the name of the host."""
    *lines, last = as_text(verify(plan, root), plan.host).splitlines()
    return [*sorted(lines), last.removeprefix(f"{plan.host}: ")]


def by_shell(folder: Path, root: Path | None, *shell: str) -> tuple[int, list[str]]:
    """Status and lines of the script in `etc/netc` of a host, without what stands before each."""
    given = {"NETC_ROOT": str(root)} if root is not None else {}
    done = run(*(shell or ("sh",)), folder / "verify", PATH=PATHS, **given)
    assert done.stderr == ""
    *lines, last = (line.removeprefix("netc: ") for line in done.stdout.splitlines())
    return done.returncode, [*sorted(lines), last]


def agreed(plan: Plan, folder: Path, root: Path, *shell: str) -> list[str]:
    """What both say of a copied or made machine, which must be the same."""
    netc = files(plan, folder) / "etc/netc" if not (folder / "rootfs").is_dir() else folder / "rootfs/etc/netc"
    said = by_netc(plan, root)
    status, lines = by_shell(netc, root, *shell)
    assert lines == said
    assert status == int(" 0 broken, 0 cannot be read" not in said[-1])
    return said
