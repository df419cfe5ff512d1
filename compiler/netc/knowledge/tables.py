"""Reading the knowledge files, once per process."""

from __future__ import annotations

from functools import cache
from typing import Any

from netc import built, shipped


@cache
def table(name: str) -> Any:
    """The content of `knowledge/<name>.yaml`. It is shared: callers must not change it."""
    data = shipped.read("netc.knowledge", f"{name}.yaml")
    ready = built.table(name, data)
    if ready is not None:
        return ready
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(data, Loader=loader)  # noqa: S506 - both are safe loaders, and the file is our own
