"""One boot: a machine that QEMU is, a tree over the root of an image, and what the guest answered.

Under KVM where that works; emulated where not, which takes 20 to 60 s. Taps, which give a NIC several queues, lie in a
network namespace that ends with the machine.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.virtual_machine.archive import Archive
from benchmarks.virtual_machine.image import Image, NoMachineError

QEMU = "qemu-system-x86_64"
GUEST = Path(__file__).parent / "guest"
BOOT_SECONDS = 600
"""After which a machine that has not answered is given up; a busy host of two cores emulates a boot in about 60."""
KVM_SECONDS = 60
"""After which a machine under KVM that has said nothing at all shows that KVM does not work here."""

FAILED: set[str] = set()
"""Accelerators with which a machine of this process gave no answer."""


@dataclass(frozen=True)
class Port:
    """A NIC of the machine."""

    mac: str
    node: int = 0
    queues: int = 1
    model: str = "virtio-net-pci"


@dataclass(frozen=True)
class Machine:
    """The hardware: as many CPUs and as much memory on each node."""

    ports: tuple[Port, ...]
    cpus: int = 4
    nodes: int = 2
    memory: int = 4096
    """MiB."""
    iommu: bool = False
    joined: bool = False
    """Whether the ports are on one Ethernet, so that one receives what another sends."""

    def address(self, port: Port) -> str:
        """The PCI address of a port: each sits on a bus of its own, behind a bridge of its node."""
        beside = [each for each in self.ports if each.node == port.node]
        return f"0000:{_bus(port.node) + 1 + beside.index(port):02x}:00.0"


@dataclass(frozen=True)
class Answer:
    """What the guest told."""

    state: str
    """What systemd calls its own state: `running`, or `degraded` where a unit failed."""
    uptime: float
    """Seconds since the kernel started when no job was left."""
    observed: dict[str, Observed]
    ran: list[dict[str, Any]]


@dataclass(frozen=True)
class Observed:
    files: dict[str, str | None]
    """Path → text; None for one that cannot be read."""
    commands: dict[str, str] = field(default_factory=dict)
    """Command line → what it printed."""


def observe(name: str, files: list[str], commands: list[str]) -> dict[str, Any]:
    """A step that tells what files, by patterns of glob, hold and what commands print."""
    return {"observe": name, "files": files, "commands": [shlex.split(command) for command in commands]}


def boot(image: Image, machine: Machine, rootfs: Path | None, arguments: str, steps: list[dict[str, Any]]) -> Answer:
    """Boot the image with a tree laid over its root and kernel arguments added; do the steps; give the answer.

    Raises NoMachineError where there is no QEMU, and RuntimeError with the end of the console where the guest did
    not answer.
    """
    if shutil.which(QEMU) is None:
        raise NoMachineError(f"{QEMU} is not installed")
    with tempfile.TemporaryDirectory(prefix="netc-machine-") as name:
        folder = Path(name)
        (folder / "initramfs").write_bytes(_initramfs(image, rootfs, steps))
        for accelerator in _accelerators():
            text = _run(image, machine, arguments, folder, accelerator)
            if text:
                return _answer(json.loads(text))
            FAILED.add(accelerator)
        console = (folder / "console").read_text(errors="replace")
        raise RuntimeError(f"the machine gave no answer; the end of its console:\n{console[-3000:]}")


def _answer(told: dict[str, Any]) -> Answer:
    observed = {}
    for name, seen in told["observed"].items():
        commands = {shlex.join(each["command"]): each["output"] for each in seen["commands"]}
        observed[name] = Observed(seen["files"], commands)
    return Answer(told["state"], told["uptime"], observed, told["ran"])


def _accelerators() -> list[str]:
    """What to try, the fastest first. That /dev/kvm opens proves nothing: under some hypervisors no guest gets far."""
    asked = os.environ.get("NETC_MACHINE_ACCELERATOR")
    if asked:
        return [asked]
    works = os.access("/dev/kvm", os.R_OK | os.W_OK) and "kvm" not in FAILED
    return ["kvm", "tcg"] if works else ["tcg"]


def _initramfs(image: Image, rootfs: Path | None, steps: list[dict[str, Any]]) -> bytes:
    """The image's initramfs, then an archive with what is laid over the root and who does that."""
    archive = Archive()
    over = "netc-machine/root"
    for path in sorted(rootfs.rglob("*")) if rootfs is not None else []:
        inside = path.relative_to(rootfs or path).as_posix()
        if path.is_symlink():
            archive.link(f"{over}/{inside}", str(path.readlink()))
        elif path.is_file():
            archive.file(f"{over}/{inside}", path.read_bytes(), path.stat().st_mode & 0o777)
            if inside.startswith(("etc/systemd/network/", "etc/modprobe.d/")):
                archive.file(inside, path.read_bytes())  # the copies that update-initramfs makes
    for name in ("observe.py", "observe.service"):
        archive.file(f"{over}/etc/netc-machine/{name}", (GUEST / name).read_bytes())
    archive.file(f"{over}/etc/netc-machine/steps.json", json.dumps(steps).encode())
    archive.link(f"{over}/etc/systemd/system/netc-observe.service", "/etc/netc-machine/observe.service")
    archive.link(f"{over}/etc/systemd/system/multi-user.target.wants/netc-observe.service", "../netc-observe.service")
    archive.file("scripts/init-bottom/netc", (GUEST / "init-bottom").read_bytes(), 0o755)
    # initramfs-tools runs what this file lists; the one of the image lists udev alone.
    order = '/scripts/init-bottom/udev "$@"\n/scripts/init-bottom/netc "$@"\n'
    archive.file("scripts/init-bottom/ORDER", order.encode())
    base = image.initramfs.read_bytes()
    return base + bytes(-len(base) % 512) + archive.bytes()


def _run(image: Image, machine: Machine, arguments: str, folder: Path, accelerator: str) -> str:
    """The text that the guest sent; empty where it sent none."""
    command = [*_namespace(machine), *_command(image, machine, arguments, folder, accelerator)]
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        try:
            process.wait(BOOT_SECONDS if accelerator == "tcg" else KVM_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            process.kill()
            process.wait()
    for name in ("console", "answer"):
        (folder / name).touch()
    if process.returncode > 0:
        raise NoMachineError(f"QEMU: {(folder / 'errors').read_text(errors='replace').strip()[-500:]}")
    return (folder / "answer").read_text()


def _namespace(machine: Machine) -> list[str]:
    """The words before QEMU's: a network namespace with a tap for each port."""
    steps = ["ip link set lo up"]
    if machine.joined:
        steps += ["ip link add wire type bridge", "ip link set wire up"]
    for place, port in enumerate(machine.ports):
        many = " multi_queue" if port.queues > 1 else ""
        steps += [f"ip tuntap add dev tap{place} mode tap{many}", f"ip link set tap{place} up"]
        steps += [f"ip link set tap{place} master wire"] if machine.joined else []
    return ["unshare", "--net", "sh", "-ec", "; ".join([*steps, 'exec "$@"']), "sh"]


def _bus(node: int) -> int:
    """The number of the first PCI bus of a node; the main one, 0, belongs to none."""
    return 0x20 * (node + 1)


def _command(image: Image, machine: Machine, arguments: str, folder: Path, accelerator: str) -> list[str]:
    words = f"root=/dev/vda rw console=ttyS0 panic=-1 quiet systemd.show_status=0 {arguments}"
    if accelerator == "tcg":
        words += " tsc=reliable"  # emulated timers drift, and a kernel that sees it changes its clock source
    command = [
        *(QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *(
            "-machine",
            "q35,usb=off,vmport=off,hpet=off,kernel-irqchip=split" if accelerator == "kvm" else "q35,hpet=off",
        ),
        *("-accel", "kvm" if accelerator == "kvm" else "tcg,thread=multi"),
        *("-cpu", "host" if accelerator == "kvm" else "max,la57=off"),
        *("-smp", f"{machine.cpus},sockets={machine.nodes},cores={machine.cpus // machine.nodes},threads=1"),
        *("-m", f"{machine.memory}M", "-kernel", str(image.kernel), "-initrd", str(folder / "initramfs")),
        *("-append", words, "-serial", f"file:{folder / 'console'}"),
        *("-drive", f"if=none,id=root,format=raw,snapshot=on,cache=unsafe,file={image.root}"),
        *("-device", "virtio-blk-pci,drive=root,addr=0x1e", "-device", "virtio-serial-pci,addr=0x1d"),
        *("-chardev", f"file,id=answer,path={folder / 'answer'}"),
        *("-device", "virtserialport,chardev=answer,name=netc.machine"),
    ]
    if machine.iommu:
        command += ["-device", "intel-iommu,intremap=on,caching-mode=on"]
    command += _nodes(machine)
    for place, port in enumerate(machine.ports):
        queues = f",queues={port.queues}" if port.queues > 1 else ""
        command += ["-netdev", f"tap,id=net{place},ifname=tap{place},script=no,downscript=no{queues}"]
        # The bus of a node takes bridges alone.
        bridge = f"pcie-root-port,id=port{place},bus=node{port.node},addr=0x{place:x},chassis={place + 1}"
        device = f"{port.model},netdev=net{place},mac={port.mac},bus=port{place},romfile="
        if port.queues > 1:
            device += f",mq=on,vectors={2 * port.queues + 2}"
        command += ["-device", bridge, "-device", device]
    return command


def _nodes(machine: Machine) -> list[str]:
    command = []
    share = machine.cpus // machine.nodes
    for node in range(machine.nodes):
        first = node * share
        command += [
            *("-object", f"memory-backend-ram,id=memory{node},size={machine.memory // machine.nodes}M"),
            *("-numa", f"node,nodeid={node},cpus={first}-{first + share - 1},memdev=memory{node}"),
        ]
    for node in sorted({port.node for port in machine.ports}):
        place = f"bus=pcie.0,addr=0x{0x18 + node:x},bus_nr={_bus(node)},numa_node={node}"
        command += ["-device", f"pxb-pcie,id=node{node},{place}"]
    return command
