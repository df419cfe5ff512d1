"""`after-copy`: the steps that files cannot replace, run once inside the image.

Only the steps that the plan's files need. Where a boot loader is told of arguments there is such a file for a plan
without any too: it takes back those of before.
"""

from __future__ import annotations

from netc.backends.boot_steps import texts_of
from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.plan import Artifact, Plan


def render(plan: Plan, *, fresh: bool = False) -> list[Artifact]:
    """The script; for a `fresh` host it takes back nothing."""
    texts = texts_of(plan, fresh=fresh)
    promises = plan.settings or plan.programs or plan.devices or plan.applications
    if not promises or not (texts.groups or texts.initramfs or texts.loader):
        return []
    text = fill(
        "after_copy/after-copy",
        header=header(plan),
        groups=texts.groups,
        functions=texts.functions,
        initramfs=texts.initramfs,
        loader=texts.loader,
    )
    return [Artifact("after-copy", text, mode=0o755)]
