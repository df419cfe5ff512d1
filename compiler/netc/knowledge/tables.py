"""Reading the knowledge files, once per process."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from netc import built


@cache
def table(name: str) -> Any:
    """The content of `knowledge/<name>.yaml`. It is shared: callers must not change it."""
    data = resources.files("netc.knowledge").joinpath(f"{name}.yaml").read_bytes()
    ready = built.knowledge(name, data)
    if ready is not None:
        return ready
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(data, Loader=loader)  # noqa: S506 - both are safe loaders, and the file is our own
