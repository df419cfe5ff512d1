"""What was counted, and a table of it."""

from __future__ import annotations

import json
import re
from statistics import median
from typing import Any


def table(found: list[dict[str, Any]], baseline: str) -> str:
    """A row for each case, of its results by round: a rate, or a refusal in its place.

    A ratio is taken in each round, so that a busy minute meets both of it.
    """
    base = {each["round"]: each["rate"] for each in found if each["case"] == baseline and "rate" in each}
    lines = [f"  {'':27}{'million/s':>22}{'ns':>6}{'ratio':>22}"]
    for case in dict.fromkeys(each["case"] for each in found):
        runs = [each for each in found if each["case"] == case]
        refusals = [each["refusal"] for each in runs if "refusal" in each]
        if refusals:
            lines.append(f"  {case:27}  left out: {refusals[0]}")
            continue
        rates = [each["rate"] for each in runs]
        ratios = [each["rate"] / base[each["round"]] for each in runs if each["round"] in base]
        millions, nanoseconds = spread([rate / 1e6 for rate in rates]), 1e9 / median(rates)
        lines.append(f"  {case:27}{millions:>22}{nanoseconds:6.0f}{spread(ratios) if ratios else '':>22}")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def nft_packets(listed: str) -> int:
    """The one counter in what `nft list counters` prints."""
    (packets,) = re.findall(r"\bpackets (\d+) bytes", listed)
    return int(packets)


def xdp_dropped(dump: str) -> int:
    """Dropped packets of all CPUs, from `bpftool -j map dump` of the map `counters` of prefix_drop."""
    (values,) = (entry["formatted"]["values"] for entry in json.loads(dump) if entry["formatted"]["key"] == 0)
    return sum(each["value"]["packets"] for each in values)


def udp_buffer_errors(snmp: str) -> int:
    """Datagrams that found a full receive buffer, from /proc/net/snmp."""
    names, values = (line.split() for line in snmp.splitlines() if line.startswith("Udp:"))
    return int(values[names.index("RcvbufErrors")])
