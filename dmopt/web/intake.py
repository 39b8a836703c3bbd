"""Uploads read in a child of their own, and kept as instances."""

import secrets
import shutil
from pathlib import Path
from typing import Any

from dmopt.web.desk import MB, Desk
from dmopt.web.jobs import Event, Job


def read_upload(desk: Desk, upload: Path, user: str) -> tuple[str | None, Event]:
    """Read an upload; gives the new instance's id, or None and what the child said.

    Raises TooMany where the queue is full.
    """
    part = desk.library.new_part()
    heard: dict[str, Any] = {}

    def on_event(job: Job, event: Event) -> None:
        heard.update(event)

    limits = desk.config.limits
    task = {
        "task": "take in",
        "upload": str(upload),
        "folder": str(part),
        "unpacked_bytes": int(limits.unpacked_mb * MB),
    }
    job = Job(f"upload-{secrets.token_hex(4)}", user, task, limits.parse_s, on_event)
    try:
        desk.jobs.submit(job)
        while not job.ended.wait(1.0) and not desk.jobs.closed:
            pass
        if "sha256" in heard and not heard.get("error"):
            return desk.library.settle(part, user, heard["sha256"]), heard
        return None, heard
    finally:
        shutil.rmtree(part, ignore_errors=True)
