"""来源地址: whose address a request is counted by, behind proxies that are trusted and none other."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Networks = Sequence[IPv4Network | IPv6Network]
HOME = 64
"""One customer has an IPv6 network of this length, and a new address in it whenever he likes."""


def networks(words: Iterable[str]) -> Networks:
    """Networks as the setting names them: addresses or networks. Raises ValueError for anything else.

    >>> [str(row) for row in networks(["10.0.0.0/8", " ::1", ""])]
    ['10.0.0.0/8', '::1/128']
    """
    return tuple(ip_network(word.strip()) for word in words if word.strip())


def asker(remote: str, forwarded: str, trusted: Networks) -> str:
    """Asker behind a connection: its address, IPv6 as its /64. What X-Forwarded-For says counts only from a trusted proxy,
    read from its end up to the first that is none: what stands before that, anybody may have written.

    >>> proxies = networks(["127.0.0.1", "10.0.0.0/8"])
    >>> asker("203.0.113.9", "198.51.100.1", proxies), asker("127.0.0.1", "8.8.8.8, 198.51.100.1, 10.1.1.1", proxies)
    ('203.0.113.9', '198.51.100.1')
    >>> asker("::ffff:127.0.0.1", "2001:db8:1:2:3:4:5:6", proxies), asker("127.0.0.1", "unknown", proxies)
    ('2001:db8:1:2::/64', '127.0.0.1')
    """
    here = _read(remote)
    hops = [hop for hop in forwarded.split(",") if hop.strip()]
    while here and hops and any(here in network for network in trusted):
        before = _read(hops.pop())
        if before is None:
            break
        here = before
    if isinstance(here, IPv6Address):
        return str(IPv6Network((here, HOME), strict=False))
    return str(here) if here else ""


def _read(word: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: with a port, in brackets, IPv4 within IPv6; None for what is none."""
    text = word.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
