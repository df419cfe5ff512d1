"""How ethtool calls the settings of NICs: the words it takes, and the labels it prints."""

from __future__ import annotations

OFFLOADS = {
    "gro": ("gro", "generic-receive-offload"),
    "gro-hw": ("rx-gro-hw", "rx-gro-hw"),
    "gso": ("gso", "generic-segmentation-offload"),
    "lro": ("lro", "large-receive-offload"),
    "ntuple": ("ntuple", "ntuple-filters"),
    "rx-checksum": ("rx", "rx-checksumming"),
    "rx-hash": ("rxhash", "receive-hashing"),
    "rx-vlan": ("rxvlan", "rx-vlan-offload"),
    "sg": ("sg", "scatter-gather"),
    "tso": ("tso", "tcp-segmentation-offload"),
    "tx-checksum": ("tx", "tx-checksumming"),
    "tx-udp-segmentation": ("tx-udp-segmentation", "tx-udp-segmentation"),
    "tx-vlan": ("txvlan", "tx-vlan-offload"),
}
"""The word for `ethtool -K`, and what `ethtool -k` calls it."""

WORDS = {
    "channels.combined": ("channels", "combined", "Combined"),
    "channels.rx": ("channels", "rx", "RX"),
    "channels.tx": ("channels", "tx", "TX"),
    "ring.rx": ("ring", "rx", "RX"),
    "ring.tx": ("ring", "tx", "TX"),
    **{f"offload.{word}": ("offload", *names) for word, names in OFFLOADS.items()},
    "coalesce.rx-usecs": ("coalesce", "rx-usecs", "rx-usecs"),
    "coalesce.tx-usecs": ("coalesce", "tx-usecs", "tx-usecs"),
    "coalesce.rx-frames": ("coalesce", "rx-frames", "rx-frames"),
    "coalesce.tx-frames": ("coalesce", "tx-frames", "tx-frames"),
    "coalesce.adaptive-rx": ("coalesce", "adaptive-rx", "adaptive-rx"),
    "coalesce.adaptive-tx": ("coalesce", "adaptive-tx", "adaptive-tx"),
    "pause.rx": ("pause", "rx", "RX"),
    "pause.tx": ("pause", "tx", "TX"),
}
"""The group of a setting, its word for ethtool, and its label in what ethtool prints."""
