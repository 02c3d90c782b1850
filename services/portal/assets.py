"""What pages are made with: the portal's own files and pinned npm packages, under names that change with their content."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "node_modules"
OWN = HERE / "static"
ICONS = PACKAGES / "@tabler" / "icons" / "icons"

FILES = {
    "artel.css": OWN / "artel.css",
    "artel.js": OWN / "artel.js",
    "theme.js": OWN / "theme.js",
    "calendar.js": OWN / "calendar.js",
    "icon.svg": OWN / "icon.svg",
    "tabler.css": PACKAGES / "@tabler/core/dist/css/tabler.min.css",
    "tabler.js": PACKAGES / "@tabler/core/dist/js/tabler.min.js",
    "htmx.js": PACKAGES / "htmx.org/dist/htmx.min.js",
    "event-calendar.css": PACKAGES / "@event-calendar/build/dist/event-calendar.min.css",
    "event-calendar.js": PACKAGES / "@event-calendar/build/dist/event-calendar.min.js",
    **{
        f"golos-{part}.woff2": PACKAGES
        / f"@fontsource-variable/golos-text/files/golos-text-{part}-wght-normal.woff2"
        for part in ("cyrillic", "cyrillic-ext", "latin", "latin-ext")
    },
}
NAMED = re.compile(rb"asset:([a-z0-9.-]+)")
SOURCE_MAP = re.compile(rb"(/\*|//)# sourceMappingURL=[^\n]*")
FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable"}


class NotFetched(RuntimeError):
    """The npm packages are not there: `make setup` fetches them."""


@dataclass(frozen=True)
class Asset:
    """A file with its address and what is sent of it."""

    name: str
    media_type: str
    plain: bytes
    packed: bytes | None
    """Compressed once; None where that gains nothing."""

    @property
    def path(self) -> str:
        """Its address, another one for other content."""
        return f"/assets/{hashlib.sha256(self.plain).hexdigest()[:12]}/{self.name}"


class Assets:
    """All assets, read and compressed at their first use."""

    def __init__(self) -> None:
        missing = [str(file.relative_to(HERE)) for file in FILES.values() if not file.is_file()]
        if missing:
            raise NotFetched(f"run make setup; missing: {', '.join(missing)}")
        self._known: dict[str, Asset] = {}
        self._icons: dict[str, str] = {}

    def path(self, name: str) -> str:
        """The address of an asset."""
        return self._asset(name).path

    async def answer(self, request: Request) -> Response:
        """The asset itself; an address of former content is answered with the present one, unkept."""
        name = request.path_params["name"]
        if name not in FILES:
            return Response(status_code=404)
        asset = self._asset(name)
        headers = dict(
            FOR_A_YEAR if asset.path == request.url.path else {"Cache-Control": "no-cache"}
        )
        body = asset.plain
        if asset.packed is not None:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                body, headers["Content-Encoding"] = asset.packed, "gzip"
        return Response(body, headers=headers, media_type=asset.media_type)

    def icon(self, name: str, style: str = "outline") -> str:
        """An icon as inline SVG; it is decoration, the words stand beside it."""
        key = f"{style}/{name}"
        if key not in self._icons:
            text = (ICONS / style / f"{name}.svg").read_text("utf-8")
            start = text.index("<svg")
            self._icons[key] = text[start:].replace("<svg", '<svg aria-hidden="true"', 1)
        return self._icons[key]

    def _asset(self, name: str) -> Asset:
        if name not in self._known:
            plain = FILES[name].read_bytes()
            if name.endswith((".css", ".js")):
                plain = self._with_addresses(_without_map(plain))
            packed = None if name.endswith(".woff2") else gzip.compress(plain, 9, mtime=0)
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            if name.endswith(".js"):
                media_type = "text/javascript"
            self._known[name] = Asset(name, media_type, plain, packed)
        return self._known[name]

    def _with_addresses(self, text: bytes) -> bytes:
        """The text with the present addresses of the assets that it names as `asset:<name>`."""
        return NAMED.sub(lambda found: self.path(found[1].decode()).encode(), text)


def _without_map(text: bytes) -> bytes:
    """The text without the address of its source map, which is not served."""
    return SOURCE_MAP.sub(b"", text)
