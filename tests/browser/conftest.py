"""The workbench of a small street, and the browser of this machine."""

import shutil
import signal
import subprocess
import sys

import pytest
from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser():
    """The browser, headless; there must be one, since nothing else tests the page itself."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail(f"these tests need one of {', '.join(BROWSERS)} on the PATH")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def address(street):
    """Where a workbench of its own answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "signalopt", "serve", str(street), "--no-open", "--workers", "1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process.stdout.readline().removeprefix("Workbench: ").strip()
        process.send_signal(signal.SIGINT)


@pytest.fixture
def page(browser, address):
    """The page, opened; whatever it complains about or asks of others fails the test."""
    wrong = []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "request",
        lambda r: (
            wrong.append(r.url)
            if not r.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else None
        ),
    )
    opened.goto(address)
    opened.wait_for_selector("#map .main-svg")
    yield opened
    context.close()
    assert wrong == []
