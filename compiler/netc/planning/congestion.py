"""TCP congestion control, and the queueing discipline that suits it."""

from __future__ import annotations

from netc.demand import asked
from netc.plan import Why
from netc.planning.draft import Draft, Want

REASONS = {
    "bbr": "BBR keeps to the rate it measures and does not halve on every loss, which long or lossy paths reward",
    "cubic": "CUBIC grows with time since the last loss, alike on short and long paths",
    "dctcp": "DCTCP answers to the share of marked packets; every switch on the way must mark with ECN",
}


def plan_congestion(draft: Draft) -> None:
    for found in asked(draft.host, "congestion", ends=True):
        name = str(found.entry.value)
        reason = REASONS.get(name, f"new connections use {name}")
        reason += "; connections made earlier keep theirs, and a listener passes its own on"
        why = Why((found.entry.place,), "congestion control", reason)
        draft.sysctl("net.ipv4.tcp_congestion_control", name, why, Want.EXACTLY)
        if name == "bbr":
            reason = (
                "BBR paces each flow, and fq does that with one timer for all instead of one for each socket; it "
                "takes effect when a link first goes up"
            )
            why = Why((found.entry.place,), "pacing for BBR", reason)
            draft.sysctl("net.core.default_qdisc", "fq", why, Want.EXACTLY)
        if name == "dctcp":
            reason = "DCTCP needs marks, so the host asks for ECN on connections it opens too"
            why = Why((found.entry.place,), "ECN for DCTCP", reason)
            draft.sysctl("net.ipv4.tcp_ecn", 1, why, Want.EXACTLY)
