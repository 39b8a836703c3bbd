"""Members side by side on this machine: worker processes that may die.

Each worker (work.py) is a process of its own, started anew and not forked, that does
one member at a time; a thread here feeds it. When it dies, killed by whomever, exactly
one member is concerned: another worker is started, and the member tried again.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

from dmopt.sweeps.execution import DEADLY, LOOK_S, Told
from dmopt.sweeps.member import Member
from dmopt.sweeps.store import WORKERS_LOG, Store

SINGLE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Members run side by side: libraries are not to start threads of their own."""
PROGRAM = ("-m", "dmopt.sweeps.work")
"""What a worker runs."""
END_S = 10.0
"""Time for a killed worker to be gone."""

Message = Told | OSError | None
"""What a thread tells; None when it has no more to do."""


class LocalPool:
    """Worker processes on this machine."""

    def __init__(self, store: Store, workers: int) -> None:
        self._store, self._count = store, workers

    def run(self, members: Sequence[Member], stop: Event) -> Iterator[Told]:
        """As execution.Pool says."""
        shift = Shift(self._store, members)
        count = min(self._count, len(members))
        threads = [Thread(target=shift.work, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield from _told(shift.messages, count, stop)
        finally:
            shift.end()
            for thread in threads:
                thread.join(END_S)


def _told(messages: SimpleQueue[Message], count: int, stop: Event) -> Iterator[Told]:
    """What threads tell until all of them are done, or `stop` is set."""
    while count and not stop.is_set():
        try:
            message = messages.get(timeout=LOOK_S)
        except Empty:
            continue
        if isinstance(message, OSError):
            raise message
        if message is None:
            count -= 1
        else:
            yield message


class Shift:
    """Members that wait for a worker, and the workers at it. `work` runs in as many
    threads as there are workers; what it has to tell goes to `messages`."""

    def __init__(self, store: Store, members: Sequence[Member]) -> None:
        self.messages: SimpleQueue[Message] = SimpleQueue()
        self._store = store
        self._waiting = deque(members)
        self._deaths: Counter[str] = Counter()
        self._workers: set[Worker] = set()
        self._lock, self._over = Lock(), False

    def work(self) -> None:
        """Do members with one worker after another, as long as there are any."""
        worker = None
        try:
            while (member := self._next()) is not None:
                worker = worker or self._start()
                self.messages.put(Told("begun", member))
                if worker.does(member):
                    self.messages.put(Told("ended", member))
                else:
                    self._mourn(member, worker)
                    worker = None
        except OSError as error:
            self.messages.put(error)
        finally:
            try:
                if worker is not None:
                    worker.end()
            finally:
                self.messages.put(None)

    def end(self) -> None:
        """End every worker now, whatever it is at."""
        with self._lock:
            self._over = True
            for worker in self._workers:
                worker.kill()

    def _next(self) -> Member | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting and not self._over else None

    def _start(self) -> "Worker":
        """A worker that is ready. Raises OSError where none gets so far."""
        for _ in range(DEADLY):
            with self._lock:
                if self._over:
                    break
                worker = Worker(self._store)
                self._workers.add(worker)
            if worker.is_ready():
                return worker
            worker.end()
        said = _last_line(self._store.folder / WORKERS_LOG)
        raise OSError(f"no worker could begin: {said}")

    def _mourn(self, member: Member, worker: "Worker") -> None:
        """A worker died with a member: it is tried again, unless that was often."""
        worker.end()
        with self._lock:
            self._workers.discard(worker)
            if self._over:
                return
            self._deaths[member.name] += 1
            if self._deaths[member.name] < DEADLY:
                self._waiting.append(member)
                self.messages.put(Told("lost", member))
                return
        killed = f"{DEADLY} workers ended with it, the last one {worker.ending()}"
        self.messages.put(Told("ended", member, killed))


class Worker:
    """One process; one member after another."""

    def __init__(self, store: Store) -> None:
        about = store.about
        words = [str(store.folder), about.sha256, str(about.threads)]
        with (store.folder / WORKERS_LOG).open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *PROGRAM, *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | SINGLE,
                text=True,
                encoding="utf-8",
                # Ctrl-C in a terminal is for the sweep, which then ends its workers
                start_new_session=os.name == "posix",
            )

    def is_ready(self) -> bool:
        """Wait for it; False if it ends before it can do anything."""
        return self._answer() is not None

    def does(self, member: Member) -> bool:
        """Do a member; False if the process has died of it.

        Raises OSError where the worker could not write.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(member.model_dump_json() + "\n")
            self._process.stdin.flush()
        except OSError:
            return False
        answer = self._answer()
        if answer is not None and "oserror" in answer:
            raise OSError(*answer["oserror"])
        return answer is not None

    def _answer(self) -> dict[str, list[str]] | None:
        """The next thing it says; None if it ends without."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line.endswith("\n") else None

    def ending(self) -> str:
        """How it ended, in words."""
        code = self._process.poll()
        if code is None:
            return f"not gone {END_S:g} s after it was killed"
        if code >= 0:
            return f"with code {code}"
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:  # signals for real-time use have no names
            return f"killed by signal {-code}"

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Kill it and wait until it is gone; one that a disk holds fast is left."""
        self.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except OSError:
                    continue  # what it had not read is of no use to anybody


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
