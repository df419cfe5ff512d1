"""A host as a picture: sockets, nodes, cores, NICs, and which CPU serves which queue.

`scene` says what is to be seen, `layout` where it stands, `svg` draws it. The same host gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.model import Host


def picture(host: Host, rps: Mapping[str, str]) -> str:
    """The host as an SVG document; its topology must be known.

    `rps` tells for names of NICs the CPUs that their packets are handed on to, which only planning decides.
    """
    from netc.drawing.scene import scene_of
    from netc.drawing.svg import draw

    return draw(scene_of(host, rps))
