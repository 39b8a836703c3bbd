"""A command in a process of its own, with limits on its wall time and its memory.

The child writes one JSON object a line to standard output: what it has found so far,
and at the end what it found. So a child that is ended at a limit has still told
something.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO, Any, Literal

WATCH_S = 0.1
FOLDER = Path(__file__).parents[1]
Stopped = Literal["", "time", "memory", "failed"]


@dataclass
class Run:
    """What a child did.

    lines: the objects it wrote. stopped: "" if it ended by itself and well, "time" or
    "memory" if it was ended at a limit, "failed" if it ended badly; said: the end of
    its error output then. seconds: wall time of the process. peak_mb: most memory it
    and its children held at a time, as seen every 0.1 s (NaN where that cannot be
    seen: without /proc there is no memory limit either).
    """

    lines: list[dict[str, Any]] = field(default_factory=list)
    stopped: Stopped = ""
    said: str = ""
    seconds: float = 0.0
    peak_mb: float = float("nan")


def run_apart(
    command: list[str], time_limit_s: float, memory_mb: float, folder: Path = FOLDER
) -> Run:
    """Run a command in `folder`; ends it, and what it started, at either limit."""
    run, begin = Run(), time.monotonic()
    with tempfile.TemporaryFile("w+") as errors:
        # a session of its own, so that what it starts can be ended with it
        child = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        assert child.stdout is not None
        reader = Thread(target=_read, args=(child.stdout, run.lines), daemon=True)
        reader.start()
        try:
            run.stopped = _watch(child, run, begin + time_limit_s, memory_mb)
        finally:
            _end(child)
            reader.join(5)
        run.seconds = time.monotonic() - begin
        if not run.stopped and child.returncode:
            run.stopped = "failed"
            errors.seek(0)
            run.said = errors.read()[-2000:]
    return run


def _watch(
    child: subprocess.Popen[str], run: Run, until: float, memory_mb: float
) -> Stopped:
    while child.poll() is None:
        held = resident_mb(child.pid)
        if held > 0:
            run.peak_mb = held if run.peak_mb != run.peak_mb else max(run.peak_mb, held)
        if held > memory_mb:
            return "memory"
        if time.monotonic() > until:
            return "time"
        time.sleep(WATCH_S)
    return ""


def _end(child: subprocess.Popen[str]) -> None:
    """End the child and what it started, unless it has ended by itself."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _read(stream: IO[str], lines: list[dict[str, Any]]) -> None:
    for line in stream:
        if line.startswith("{"):  # solvers print what they like
            lines.append(json.loads(line))


def resident_mb(pid: int) -> float:
    """Memory that a process and its children hold now, MB; 0 where it is not told."""
    pids, total = [pid], 0.0
    while pids:
        one = pids.pop()
        folder = Path(f"/proc/{one}")
        try:
            status = (folder / "status").read_text()
            for task in (folder / "task").iterdir():
                pids += [int(p) for p in (task / "children").read_text().split()]
        except OSError:
            continue  # it ended meanwhile, or there is no /proc
        total += _kib(status, "VmRSS:") / 1024
    return total


def own_peak_mb() -> float:
    """Most memory this process has held, MB.

    Not by getrusage where /proc tells: a new process starts there with the peak of the
    one that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return _kib(status.read_text(), "VmHWM:") / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def _kib(status: str, name: str) -> float:
    line = next((row for row in status.splitlines() if row.startswith(name)), "")
    return float(line.split()[1]) if line else 0.0
