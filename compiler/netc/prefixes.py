"""Prefixes of IPv4 and IPv6 addresses, in one form on every version of Python."""

from __future__ import annotations


class PrefixError(ValueError):
    """A text that is no prefix; the message says why, `fitting` is the prefix that was perhaps meant."""

    def __init__(self, problem: str, fitting: str = "") -> None:
        super().__init__(problem)
        self.fitting = fitting


def read_prefix(text: str) -> tuple[tuple[int, int, int], str]:
    """What prefixes are sorted by (version, address, length), and the usual form: `192.0.2.0/24`, `2001:db8::/32`.

    An address alone is a prefix of its whole length. Raises PrefixError.
    """
    import ipaddress  # few files have a prefix

    address, slash, length = text.partition("/")
    if "%" in text:
        raise PrefixError("a zone is of one host, and no part of an address in a packet")
    if slash and not (length.isascii() and length.isdecimal()):
        raise PrefixError("its length is written as a number of bits, as in `/24`")
    try:
        first = ipaddress.ip_address(address)
    except ValueError:
        raise PrefixError("it is neither IPv4 nor IPv6") from None
    if isinstance(first, ipaddress.IPv6Address) and first.ipv4_mapped is not None:
        raise PrefixError("it is an IPv4 address in the form of IPv6, which no packet has", str(first.ipv4_mapped))
    if slash and int(length[:5]) > first.max_prefixlen:
        raise PrefixError(f"an IPv{first.version} address has {first.max_prefixlen} bits")
    network = ipaddress.ip_network(text, strict=False)
    if network.network_address != first:
        raise PrefixError("it has host bits set", str(network))
    return (network.version, int(first), network.prefixlen), str(network)
