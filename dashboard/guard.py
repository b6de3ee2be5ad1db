"""Only a request that asks for this machine by a name of its own is answered.

A page of a stranger may let its name point to 127.0.0.1 (DNS rebinding): the browser then takes the pages for part of
that site and lets it read them. The name is in the Host header, which no page can change. A page that connects without
rebinding, from its own address, is told by the Origin header.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse
from streamlit import config

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

# A name, an IPv4 or a bracketed IPv6 address, with or without a port; nothing else, above all no user before an @.
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(?::([0-9]{1,5}))?")
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
_WILDCARDS = ("0.0.0.0", "::")


class HostGuard:
    """Refuses, before anything else sees it, a request or websocket that names another host or comes from another site.

    Answered are loopback addresses, `localhost`, and the hosts that are configured.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] | None = None) -> None:
        self._app = app
        self._hosts = frozenset(configured_hosts() if hosts is None else hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of another site with 403, and hand any other one on."""
        if scope["type"] in ("http", "websocket") and not is_own(scope["headers"], self._hosts):
            await PlainTextResponse("This address is not served here.\n", status_code=403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def configured_hosts() -> list[str]:
    """The hosts of Streamlit's settings: where the server listens, and what people type to reach it."""
    named = (config.get_option("server.address"), config.get_option("browser.serverAddress"))
    return [str(host).lower() for host in named if host and host not in _WILDCARDS]


def is_own(headers: Iterable[tuple[bytes, bytes]], hosts: frozenset[str]) -> bool:
    """True if a request names a host that is served here and was made by a page of that host, or by no page."""
    sent = [(name.lower(), value.decode("latin-1").strip().lower()) for name, value in headers]
    named = [value for name, value in sent if name == b"host"]
    origins = [value for name, value in sent if name == b"origin"]
    if len(named) != 1 or len(origins) > 1:
        return False
    host = _AUTHORITY.fullmatch(named[0])
    if host is None or not (_is_loopback(host[1]) or host[1] in hosts):
        return False
    return not origins or _is_same_site(origins[0], host[1], host[2], hosts)


def _is_same_site(origin: str, host: str, port: str | None, hosts: frozenset[str]) -> bool:
    """True if the page that asks is of the host that is asked, or of a configured one (a proxy may rename the host)."""
    scheme, _, rest = origin.partition("://")
    page = _AUTHORITY.fullmatch(rest)
    if page is None or scheme not in _PORTS:
        return False
    usual = _PORTS[scheme]
    return (page[1], page[2] or usual) == (host, port or usual) or (page[1] in hosts and not _is_loopback(page[1]))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
