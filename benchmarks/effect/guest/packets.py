"""Packets that cost their sender little: a ring of frames that is sent by one call, and the kernel's own generator.
And the wire between two virtio ports of the machine, for what must come in by a driver of hardware."""

import mmap
import socket
import struct
import subprocess
from pathlib import Path

from common import run

FRONT, FAR = "52:54:00:6e:74:01", "52:54:00:6e:74:02"
"""The ports of a machine that has two on one Ethernet: the host's, and the one that goes to the far end."""
HOST_ADDRESS, FAR_ADDRESS = "198.51.100.1", "198.51.100.2"
HOST_CPU, FAR_CPU = 0, 1
"""The first takes the interrupts of the host's port, the second those of the other; it sends, too."""


def join(host, far):
    """Put the second port into the namespace of the far end, and both up; their names, which differ by setting."""
    run("systemctl", "stop", "irqbalance.service")  # it would move interrupts between runs
    names = {(path / "address").read_text().strip(): path.name for path in Path("/sys/class/net").iterdir()}
    for mac, cpu in ((FRONT, HOST_CPU), (FAR, FAR_CPU)):
        for interrupt in Path(f"/sys/class/net/{names[mac]}/device/../msi_irqs").iterdir():
            affinity = Path(f"/proc/irq/{interrupt.name}/smp_affinity_list")
            if affinity.exists():  # one that the driver has asked for
                affinity.write_text(str(cpu))
    host.run(*f"ip link set {names[FAR]} netns {far.path}".split())
    for place, mac, address in ((host, FRONT, HOST_ADDRESS), (far, FAR, FAR_ADDRESS)):
        place.run(*f"ip address replace {address}/24 dev {names[mac]}".split())
        place.run(*f"ip link set {names[mac]} up".split())
    return names[FRONT], names[FAR]


def nft(rules):
    """Rules that are added to what is there."""
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


def nft_packets(name):
    """The packets of a named counter, from what `nft list counters` prints."""
    words = run("nft", "list", "counters").split()
    return int(words[words.index("packets", words.index(name)) + 1])


class Ring:
    """Frames laid out once and sent often: a transmit ring of PACKET_MMAP, Documentation/networking/packet_mmap.rst.

    Behind each frame that goes out by a veth runs what receives it, on the CPU of the sender.
    """

    SLOT, BLOCK, DATA_AT = 256, 4096, 32
    SOL_PACKET, VERSION, TX_RING, QDISC_BYPASS = 263, 10, 13, 20
    TPACKET_V2, SEND_REQUEST = 1, 1

    def __init__(self, namespace, interface, frames):
        """Whole blocks of frames, so that behind the last comes the first again."""
        size = len(frames) * self.SLOT
        if size % self.BLOCK:
            raise ValueError(f"{len(frames)} frames fill no whole number of blocks")
        self._lengths = [len(frame) for frame in frames]
        self._next = 0
        with namespace:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self._socket.setsockopt(self.SOL_PACKET, self.VERSION, self.TPACKET_V2)
            self._socket.setsockopt(self.SOL_PACKET, self.QDISC_BYPASS, 1)
            shape = struct.pack("=4I", self.BLOCK, size // self.BLOCK, self.SLOT, len(frames))
            self._socket.setsockopt(self.SOL_PACKET, self.TX_RING, shape)
            self._slots = mmap.mmap(self._socket.fileno(), size)
            self._socket.bind((interface, 0))
        for place, frame in enumerate(frames):
            at = place * self.SLOT + self.DATA_AT
            self._slots[at : at + len(frame)] = frame

    def send(self, count):
        """Send the next frames, as many as are told, and return when all are gone."""
        for place in range(self._next, self._next + count):
            struct.pack_into("=II", self._slots, place * self.SLOT, self.SEND_REQUEST, self._lengths[place])
        self._socket.send(b"")
        self._next = (self._next + count) % len(self._lengths)


class Generator:
    """pktgen on FAR_CPU: UDP packets of 60 bytes, Documentation/networking/pktgen.rst. `with generator:` it sends."""

    FOLDER, BURST = Path("/proc/thread-self/net/pktgen"), 16

    def __init__(self, far, wire, rate, *options):
        """By the interface `wire` of the namespace `far` to the host, `rate` packets a second or less."""
        # Between bursts, whose rate `ratep` is, the thread sleeps.
        pace = (f"burst {self.BURST}", f"ratep {rate // self.BURST}")
        run("modprobe", "pktgen")
        self._far = far
        with far:
            (self.FOLDER / f"kpktgend_{FAR_CPU}").write_text(f"add_device {wire}\n")
            for option in ("count 0", "pkt_size 60", *pace, f"dst {HOST_ADDRESS}", f"dst_mac {FRONT}", *options):
                (self.FOLDER / wire).write_text(f"{option}\n")

    def __enter__(self):
        with self._far:  # the write returns when the last packet is sent
            self._sending = subprocess.Popen(["sh", "-c", "echo start >/proc/net/pktgen/pgctrl"])

    def __exit__(self, *_):
        with self._far:
            (self.FOLDER / "pgctrl").write_text("stop\n")
        self._sending.wait()
