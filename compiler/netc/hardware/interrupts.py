"""Interrupts by number, device and name, from /proc/interrupts.

The lines are made by show_interrupts in kernel/irq/proc.c: number, a count for each online CPU, interrupt
chip, hardware number with the kind of trigger, names of the handlers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.hardware.facts import InterruptFact
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.hardware.machine_files import MachineFiles

_HARDWARE_NUMBER = re.compile(r"([0-9]+)(?:-[a-z]+)?\Z")
_DEVICE_IN_CHIP = re.compile(r"-([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])\Z")
_QUEUE_NAME = re.compile(r"(?P<port>.+?)-(?:TxRx|Tx-Rx|rxtx|rx|tx|fp|ntfy-block)[-.]?[0-9]+\Z")
_PRINTABLE = re.compile(r"[!-~](?:[ -~]{0,126}[!-~])?\Z")


@dataclass(frozen=True, slots=True)
class InterruptLine:
    """One line: the interrupt, the PCI function it comes from where that shows, and its handlers' names."""

    number: int
    pci: str | None
    name: str | None


def interrupt_lines(files: MachineFiles) -> tuple[InterruptLine, ...]:
    """The numbered lines of /proc/interrupts; the others are no device's."""
    header, _, body = (files.text("proc/interrupts") or "").partition("\n")
    columns = sum(word.startswith("CPU") for word in header.split())
    found = (_line(line, columns) for line in body.splitlines())
    return tuple(line for line in found if line is not None)


def _line(line: str, columns: int) -> InterruptLine | None:
    number, colon, rest = line.strip().partition(":")
    if not colon or not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    tail = rest.split(None, columns)[columns:]
    words = tail[0].split() if tail else []
    chip = words[0] if words else ""
    rest_words = words[1:]
    hardware = _HARDWARE_NUMBER.match(rest_words[0]) if rest_words else None
    if hardware is not None:
        rest_words = rest_words[1:]
    if rest_words and rest_words[0] in ("Edge", "Level"):  # arm64 writes the trigger as a word of its own
        rest_words = rest_words[1:]
    name = " ".join(rest_words)
    return InterruptLine(int(number), _device(chip, hardware), name if _PRINTABLE.match(name) else None)


def _device(chip: str, hardware: re.Match[str] | None) -> str | None:
    """The PCI function behind a message-signalled interrupt.

    Kernels from 6.2 on name it in the chip (`PCI-MSIX-0000:86:00.0`). Earlier ones number such interrupts
    domain << 27 | bus << 19 | device << 14 | function << 11 | entry (pci_msi_domain_calc_hwirq in
    drivers/pci/msi/irqdomain.c).
    """
    named = _DEVICE_IN_CHIP.search(chip)
    if named is not None:
        return named[1]
    if hardware is None or not chip.endswith(("PCI-MSI", "ITS-MSI")):
        return None
    number = int(hardware[1])
    domain, function = number >> 27, number >> 11 & 0xFFFF
    if not function or domain > 0xFFFF:  # four hexadecimal digits
        return None
    return f"{domain:04x}:{function >> 8:02x}:{function >> 3 & 0x1F:02x}.{function & 7}"


def interrupts_of(
    lines: Iterable[InterruptLine], vectors: frozenset[int], pci: str | None, names: Iterable[str]
) -> tuple[InterruptFact, ...]:
    """The interrupts of one NIC, by number.

    `vectors` are the numbers of its `msi_irqs` folder, which settle it where there are any; else those whose
    line shows its PCI address; else those with one of `names` in theirs as a word of its own.
    """
    lines = tuple(lines)
    if vectors:
        told = {line.number: line.name for line in lines}
        return tuple(InterruptFact(number, told.get(number)) for number in sorted(vectors))
    found = [line for line in lines if pci is not None and line.pci == pci]
    if not found:
        words = [re.escape(name) for name in (*names, *([pci] if pci else []))]
        word = re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(words)})(?![A-Za-z0-9_])") if words else None
        elsewhere = {line for line in lines if pci is not None and line.pci not in (None, pci)}
        own = (line for line in lines if line not in elsewhere)
        found = [line for line in own if word is not None and word.search(line.name or "")]
    return tuple(InterruptFact(line.number, line.name) for line in sorted(found, key=lambda line: line.number))


def port_name(interrupts: Iterable[InterruptFact], driver: str | None) -> str | None:
    """The interface that the names of queue interrupts tell (`i40e-ens7f0-TxRx-0`), when they agree."""
    found = set()
    for interrupt in interrupts:
        match = _QUEUE_NAME.match(interrupt.name or "")
        if match is not None and ":" not in match["port"]:
            found.add(match["port"].removeprefix(f"{driver}-"))
    return found.pop() if len(found) == 1 else None
