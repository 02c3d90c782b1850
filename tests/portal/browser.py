"""A real browser: Debian's Chromium, driven by Playwright, as people of the demo use it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "There is no Chromium here, which these tests use (Debian: apt install chromium)."
LEFT_OUT = "There is no Chromium here: the tests in a browser were left out (Debian: apt install chromium)."
WIDE, PHONE = (1440, 900), (390, 844)


def chromium() -> str | None:
    """Where the browser is; None where there is none."""
    return os.environ.get("ARTEL_CHROMIUM") or shutil.which("chromium")


def is_required() -> bool:
    """Whether these tests must run here: a missing browser then fails them."""
    return os.environ.get("ARTEL_BROWSER") == "required"


@contextmanager
def running_browser() -> Iterator[Browser]:
    """The browser, without a window."""
    expect.set_options(timeout=15_000)  # a busy machine is slow, and no page is wrong for that
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Somebody:
    """A person at a browser of their own; what they clicked and what the page complained of is noted."""

    context: BrowserContext
    page: Page
    url: str
    clicks: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, browser: Browser, url: str, size: tuple[int, int], **options: object) -> "Somebody":
        """Opens the browser for somebody, on no page yet."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="ru-RU",
            timezone_id="Europe/Moscow",
            **options,  # type: ignore[arg-type]  # what the caller says goes to Playwright
        )
        context.set_default_timeout(30_000)
        found = cls(context, context.new_page(), url)
        context.expose_binding("noteClick", lambda _, text: found.clicks.append(text))
        context.add_init_script(
            "addEventListener('click', (event) => { if (event.isTrusted)"
            " window.noteClick(event.target.textContent.trim().slice(0, 40)); }, true);"
        )
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on(
            "console",
            lambda message: (
                found.complaints.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )
        return found

    def sign_in(self, account: str) -> "Somebody":
        """Signs in by the form, as `coordinator@vyazma`."""
        self.go("/sign-in")
        self.page.get_by_label("Электронная почта").fill(f"{account}.demo")
        self.page.get_by_label("Пароль").fill("demo")
        self.page.get_by_role("button", name="Войти", exact=True).click()
        self.page.locator("[data-live-state]").wait_for(state="attached")
        return self

    def go(self, path: str) -> None:
        """Opens a page."""
        self.page.goto(f"{self.url}{path}")

    @property
    def sideways(self) -> int:
        """By how many pixels the page is wider than its window."""
        found: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return found
