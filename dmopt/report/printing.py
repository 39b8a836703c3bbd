"""The report as PDF: printed by an installed browser, as its print style says."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dmopt.data.atomic import atomic_file

CHOSEN = "DMOPT_BROWSER"
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
LONGEST_S = 300
"""Seconds after which a browser that still prints is stopped."""
BY_HAND = (
    "open the report in any browser, choose Print, then 'Save as PDF', paper A4, "
    "with background graphics"
)


class NoBrowser(OSError):
    """No browser that can print was found, or it failed; says how to do it by hand."""


def find_browser(environment: Mapping[str, str] = os.environ) -> str | None:
    """The program that DMOPT_BROWSER names, else the first Chromium or Chrome found."""
    if chosen := environment.get(CHOSEN):
        return shutil.which(chosen)
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return next((path for path in APPLICATIONS if Path(path).is_file()), None)


def print_pdf(page: str | Path, path: str | Path, browser: str | None = None) -> Path:
    """Print a page that is on disk to a PDF, whole or not at all.

    browser: the program; None looks for one. Gives the path.
    Raises NoBrowser, an OSError, where there is none or it does not print.
    """
    browser = browser or find_browser()
    if browser is None:
        raise NoBrowser(f"no Chromium or Chrome was found to print with; {BY_HAND}")
    path = Path(path)
    with (
        tempfile.TemporaryDirectory(prefix="dmopt-print-") as profile,
        atomic_file(path) as part,
    ):
        _print(browser, Path(page).resolve().as_uri(), part, Path(profile))
    return path


def _print(browser: str, address: str, part: Path, profile: Path) -> None:
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--disable-extensions",
        "--disable-background-networking",
        "--no-pdf-header-footer",
        f"--user-data-dir={profile}",
        f"--print-to-pdf={part}",
        *_only_for_root(),
        address,
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NoBrowser(f"{browser} did not print ({problem}); {BY_HAND}") from None
    if done.returncode or not part.is_file():
        said = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise NoBrowser(f"{browser} did not print ({said}); {BY_HAND}")


def _only_for_root() -> list[str]:
    """Chromium's sandbox does not start for root; for anyone else it stays."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--no-sandbox"] if root else []
