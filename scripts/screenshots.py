"""Pictures of every page for docs/images/, taken from the real web chat over the digest: `make screenshots`.

Licensed words never get into a picture: the pictures are taken over an index of a data folder of their own, which holds
the digest and the sample plans only; a corpus with licensed texts beside it is refused.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from assistant.answering.assistant import GuidanceAssistant
from assistant.settings import load_settings, set_offline

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
RISK = "How do we agree who owns a risk when two firms work together?"
COMPARE = "What does the guidance for small firms and for large organisations each say about trust?"
DECLINED = "What is the penalty for late VAT returns?"
SIZES = {"desktop": (1280, 900, "light"), "dark": (1280, 900, "dark"), "phone": (360, 740, "light")}
_WAIT_MS = 120_000


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, help="an index of digest and samples to copy; built anew without it")
    parser.add_argument("--out", type=Path, default=IMAGES)
    options = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("screenshots: no Chromium found; apt-get install chromium")
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data_dir = prepared(Path(folder) / "data", options.data_dir)
        with running_chat(data_dir) as url, sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            for name, (width, height, scheme) in SIZES.items():
                context = opened.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
                context.set_default_timeout(_WAIT_MS)
                take(context.new_page(), url, options.out, "" if name == "desktop" else f"-{name}")
                context.close()
            opened.close()


def prepared(data_dir: Path, ready: Path | None) -> Path:
    """An index without a licensed word."""
    set_offline()
    if ready is not None:
        shutil.copytree(ready, data_dir, ignore=shutil.ignore_patterns("conversations.db", "plans*"))
    assistant = GuidanceAssistant(load_settings(data_dir=data_dir))
    if ready is None:
        assistant.build()
    licensed = [s.label for (_, rendition), s in assistant.catalog.sources.items() if rendition == "licensed"]
    if licensed:
        sys.exit(f"screenshots: {', '.join(licensed)} would be in the pictures; use an index without licensed texts")
    return data_dir


@contextmanager
def running_chat(data_dir: Path) -> Iterator[str]:
    """The web chat in a process of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "assistant", "chat", "--data-dir", str(data_dir), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    url = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(400):
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.25)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def take(page: Page, url: str, out: Path, suffix: str) -> None:
    """Visit every page and take its picture."""

    def shoot(name: str) -> None:
        page.wait_for_timeout(800)
        page.screenshot(path=out / f"{name}{suffix}.png")

    page.goto(url)
    page.wait_for_selector(".greeting")
    shoot("greeting")
    ask(page, RISK)
    page.locator("#current .chip").first.click()
    page.wait_for_selector("#source-panel mark")
    page.evaluate("window.scrollTo(0, 0)")
    shoot("ask")
    page.keyboard.press("Escape")
    ask(page, COMPARE)
    shoot("compare")
    ask(page, DECLINED)
    shoot("declined")
    for name, tab in (("browse", "Browse"), ("plans", "Our plans"), ("coverage", "Coverage"), ("workshop", "Workshops"),
                      ("history", "History"), ("quality", "Quality")):  # fmt: skip
        button = page.get_by_role("tab", name=tab, exact=True)
        if button.count():
            button.click()
            page.evaluate("window.scrollTo(0, 0)")
            shoot(name)


def ask(page: Page, question: str) -> None:
    """Ask and wait for the answer."""
    page.fill("#question textarea", question)
    page.click("#send")
    page.wait_for_selector(f'#current .turn[data-state="done"]:has-text("{question}")')


if __name__ == "__main__":
    main()
