"""Two senders whose own cost is small: the kernel makes the packets, on one CPU, and their receiver runs there too."""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import random
import socket
import struct
import time

RECEIVER, PORT = "198.51.100.1", 9999
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
"""Of the receiver and of the sender."""
BPF = {"x86_64": 321, "aarch64": 280}
"""The number of bpf(2), for which the C library has no function."""
ID_AT, SOURCE_AT = 18, 26
"""Where the identification and the source address of IPv4 stand in the frame."""


def frame(network: int) -> bytes:
    """A UDP datagram with Ethernet header, 60 bytes, from X.77.1, where X is the 16 bits of `network`.

    Its identification is their complement, so that the checksum of the header is the same for each X.
    """
    head = struct.pack("!BBHHHBBH", 0x45, 0, 46, network ^ 0xFFFF, 0, 64, socket.IPPROTO_UDP, 0)
    head += struct.pack("!HBB", network, 77, 1) + socket.inet_aton(RECEIVER)
    checksum = 0xFFFF - sum(struct.unpack("!10H", head)) % 0xFFFF
    head = head[:10] + struct.pack("!H", checksum) + head[12:]
    return bytes.fromhex("".join(MACS).replace(":", "")) + b"\x08\x00" + head + struct.pack("!4H18x", 1000, PORT, 26, 0)


class Frames:
    """Frames that never were socket buffers: XDP_TX of an XDP program under BPF_PROG_TEST_RUN with live frames.

    Linux 5.18 or later, Documentation/bpf/bpf_prog_run.rst. The receiver's softirq runs behind each 64 of them. The
    time is the kernel's own, without making ready and clearing up, which wait for other CPUs.
    """

    title = "frames, as a driver hands them to XDP"
    PACKETS = 1 << 15
    PROG_LOAD, PROG_TEST_RUN, XDP, LIVE_FRAMES = 5, 10, 6, 2

    def __init__(self, interface: str, first: int, count: int) -> None:
        instructions = [  # code, registers (source << 4 | target), offset, constant
            (0xBF, 0x16, 0, 0),  # r6 = context
            (0x85, 0x00, 0, 7),  # r0 = bpf_get_prandom_u32()
            (0x94, 0x00, 0, count),  # w0 %= count
            (0x04, 0x00, 0, first),  # w0 += first
            (0x61, 0x62, 0, 0),  # r2 = begin of the packet
            (0x61, 0x63, 4, 0),  # r3 = its end
            (0xBF, 0x24, 0, 0),  # r4 = r2
            (0x07, 0x04, 0, SOURCE_AT + 4),  # r4 += …
            (0x2D, 0x34, 4, 0),  # where r4 > r3, pass over four
            (0xDC, 0x00, 0, 16),  # r0 = htobe16(r0)
            (0x6B, 0x02, SOURCE_AT, 0),  # the source
            (0xA4, 0x00, 0, 0xFFFF),  # w0 ^= 0xffff
            (0x6B, 0x02, ID_AT, 0),  # the identification
            (0xB7, 0x00, 0, 3),  # r0 = XDP_TX
            (0x95, 0x00, 0, 0),  # return r0
        ]
        code = b"".join(struct.pack("=BBhi", *each) for each in instructions)
        data = frame(first)
        context = struct.pack("=6I", 0, len(data), 0, socket.if_nametoindex(interface), 0, 0)
        self._read = [ctypes.create_string_buffer(each) for each in (code, b"Apache-2.0", data, context)]
        at = [ctypes.addressof(each) for each in self._read]
        program, _ = _bpf(self.PROG_LOAD, struct.pack("=IIQQ", self.XDP, len(instructions), at[0], at[1]))
        self._run = struct.pack("=IIIIQQII", program, 0, len(data), 0, at[2], 0, self.PACKETS, 0)
        self._run += struct.pack("=IIQQII", len(context), 0, at[3], 0, self.LIVE_FRAMES, 0)

    def send(self) -> float:
        """Sends PACKETS packets: the seconds it took."""
        _, attributes = _bpf(self.PROG_TEST_RUN, self._run)
        (nanoseconds,) = struct.unpack_from("=I", attributes, 36)  # a packet
        return self.PACKETS * float(nanoseconds) / 1e9


def _bpf(command: int, attributes: bytes) -> tuple[int, bytes]:
    """What bpf(2) returns, and the attributes as it leaves them."""
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    done = ctypes.CDLL(None, use_errno=True).syscall(BPF[platform.machine()], command, buffer, len(attributes))
    if done < 0:
        raise OSError(f"bpf(2): {os.strerror(ctypes.get_errno())}; live frames need Linux 5.18")
    return done, buffer.raw


class Ring:
    """Socket buffers, by a ring that one call sends: PACKET_MMAP, Documentation/networking/packet_mmap.rst.

    The receiver's softirq runs behind each of them, and the call returns when all are free again.
    """

    title = "socket buffers, as a container sends them"
    PACKETS, SLOT, BLOCK, DATA_AT = 1024, 256, 65536, 32
    SOL_PACKET, VERSION, TX_RING, QDISC_BYPASS = 263, 10, 13, 20
    TPACKET_V2, SEND_REQUEST = 1, 1

    def __init__(self, interface: str, first: int, count: int) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(self.SOL_PACKET, self.VERSION, self.TPACKET_V2)
        self._socket.setsockopt(self.SOL_PACKET, self.QDISC_BYPASS, 1)
        size = self.PACKETS * self.SLOT
        shape = struct.pack("=4I", self.BLOCK, size // self.BLOCK, self.SLOT, self.PACKETS)
        self._socket.setsockopt(self.SOL_PACKET, self.TX_RING, shape)
        self._slots = mmap.mmap(self._socket.fileno(), size)
        self._socket.bind((interface, 0))
        for at in range(self.DATA_AT, size, self.SLOT):
            self._slots[at : at + 60] = frame(first + random.randrange(count))

    def send(self) -> float:
        """Sends PACKETS packets: the seconds it took."""
        for at in range(0, self.PACKETS * self.SLOT, self.SLOT):
            self._slots[at : at + 8] = struct.pack("=II", self.SEND_REQUEST, 60)
        begin = time.perf_counter()
        self._socket.send(b"")
        return time.perf_counter() - begin
