"""What a person calls the device of a session by: the browser and the system, in few words."""

import re

DEVICE_LENGTH_MAX = 60

_BROWSERS = (
    ("YaBrowser", "Yandex Browser"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""In this order: most of them also call themselves by the names of those after them."""

_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


def device_of(user_agent: str | None) -> str | None:
    """The words for a User-Agent, such as "Firefox, Linux"; None when it names nothing.

    Versions are left out: they would tell one person from another, and help nobody.
    """
    said = user_agent or ""
    browser = next((word for mark, word in _BROWSERS if f"{mark}/" in said), None)
    system = next((word for mark, word in _SYSTEMS if mark in said), None)
    if browser is None:
        program = _PROGRAM.match(said)
        browser = program[0] if program and program[0] != "Mozilla" else None
    words = ", ".join(word for word in (browser, system) if word)
    return words[:DEVICE_LENGTH_MAX] or None
