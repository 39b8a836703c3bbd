"""Members on a Dask cluster: the same tasks, sent to workers anywhere.

A task is the name of a folder that all workers see and a member; what comes back is a
name. So a worker that dies loses nothing but the time of what it was at: the scheduler
sends that to another.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock
from typing import Any

from dmopt.data.raw import one_fault
from dmopt.errors import InstanceError
from dmopt.sweeps.desk import Desk
from dmopt.sweeps.execution import DEADLY, LOOK_S, Told
from dmopt.sweeps.member import Member
from dmopt.sweeps.store import INSTANCE, Store

OPTION, LOCAL = "--cluster", "local:"
LOGGERS = ("distributed", "distributed.client")
PATIENCE_S = 6.0
"""Time for a scheduler to answer."""
ONE_AT_A_TIME = Lock()
"""Members in one process wait for each other: the model's parts are not for several
threads. A worker with one thread, as is best, never waits."""


def run_member(folder: str, sha256: str, threads: int, member: str) -> str:
    """The task: run a member, written as JSON, in a worker. Gives its folder.

    Raises OSError where it cannot be written, or the sweep not be read.
    """
    with ONE_AT_A_TIME:
        try:
            desk = _desk(folder, sha256, threads)
        except InstanceError as error:  # which would not come through to the client
            raise OSError(str(error)) from None
        return str(desk.run(Member.model_validate_json(member)))


@lru_cache(maxsize=1)
def _desk(folder: str, sha256: str, threads: int) -> Desk:
    """The desk of a worker, kept from one member to the next."""
    return Desk(Path(folder), sha256, threads)


def seen(folder: str) -> tuple[bool, str]:
    """Of a worker: whether it sees the sweep's folder, and its version of dmopt."""
    return (Path(folder) / INSTANCE).is_dir(), version("dmopt")


class DaskPool:
    """A Dask cluster.

    address: of its scheduler ("tcp://10.0.0.5:8786"), or "local:N" to start one here
    with N workers.
    """

    def __init__(self, store: Store, address: str) -> None:
        self._store, self._address = store, address

    def run(self, members: Sequence[Member], stop: Event) -> Iterator[Told]:
        """As execution.Pool says."""
        with connected(self._address) as client:
            folder = str(self._store.folder.resolve())
            _refuse_strangers(client, folder)
            places = partial(_places, client, self._address)
            waiting, running = list(reversed(members)), dict[str, Any]()
            ended: SimpleQueue[Any] = SimpleQueue()
            about = (folder, self._store.about.sha256, self._store.about.threads)
            try:
                while (waiting or running) and not stop.is_set():
                    while waiting and len(running) < places():
                        member = waiting.pop()
                        text = member.model_dump_json()
                        future = client.submit(run_member, *about, text, pure=False)
                        running[future.key] = (member, future)
                        future.add_done_callback(ended.put)
                        yield Told("begun", member)
                    try:
                        future = ended.get(timeout=LOOK_S)
                    except Empty:
                        places()  # raises where the scheduler is gone
                        continue
                    member, _ = running.pop(future.key)
                    if future.cancelled():
                        raise _lost(self._address)
                    yield Told("ended", member, _killed(future))
            finally:
                with suppress(OSError):
                    client.cancel([future for _, future in running.values()])


def _places(client: Any, address: str) -> int:
    """Members that may be with workers now: one each, so that a worker that dies
    concerns one alone; one where there is no worker yet, to be begun when there is.

    Raises ConnectionError where the scheduler is gone.
    """
    try:
        return max(1, len(client.nthreads()))
    except OSError:
        raise _lost(address) from None


def _lost(address: str) -> ConnectionError:
    return ConnectionError(
        f"the scheduler at {address} answers no longer; runs that are complete are kept"
    )


def _killed(future: Any) -> str:
    """How the worker of a task ended, where that has ended the task.

    Raises what the task raised otherwise.
    """
    if future.status == "finished":
        return ""
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return f"{DEADLY} workers or more ended with it"
    raise error


def _refuse_strangers(client: Any, folder: str) -> None:
    """Raise InstanceError where workers do not see the folder, or run another dmopt."""
    own = version("dmopt")
    told = client.run(seen, folder, on_error="return")
    for worker, answer in told.items():
        if isinstance(answer, BaseException):
            expected = f"workers with dmopt {own} and what it needs"
            raise one_fault(OPTION, expected, f"worker {worker}", str(answer))
        sees, other = answer
        if not sees:
            expected = f"workers that see {folder}, on a disk they share"
            raise one_fault(OPTION, expected, f"worker {worker}")
        if other != own:
            read = f"worker {worker} with dmopt {other}"
            raise one_fault(OPTION, f"workers with dmopt {own}, as here", read)


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at an address, or of one started for it.

    Raises InstanceError where there is no scheduler, or `distributed` is missing.
    """
    try:
        import distributed
        from distributed.security import Security
    except ImportError:
        expected = "the package distributed: pip install 'dmopt[cluster]'"
        raise one_fault(OPTION, expected) from None
    for name in LOGGERS:  # what it has to say is said here, in fewer words
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address.startswith(LOCAL):
        with _local(address) as cluster, distributed.Client(cluster) as client:
            client.run(ignore_interrupts)
            yield client
        return
    try:
        # by itself a client waits for ever for what takes calls and does not answer
        # how to connect (TLS) stands in Dask's own settings
        how = Security().get_connection_args("client")
        rpc = partial(distributed.rpc, connection_args=how)
        with ThreadPoolExecutor(1) as aside:
            aside.submit(asyncio.run, _heard(rpc, address)).result()
        client = distributed.Client(address, timeout=PATIENCE_S)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        expected = "the address of a Dask scheduler that runs, as tcp://10.0.0.5:8786"
        hint = str(error) or f"no answer in {PATIENCE_S:g} s"
        raise one_fault(OPTION, expected, repr(address), hint) from None
    with client:
        yield client


async def _heard(rpc: Any, address: str) -> None:
    """Raises TimeoutError, or OSError, unless a scheduler answers in time."""
    async with asyncio.timeout(PATIENCE_S), rpc(address) as scheduler:
        await scheduler.identity()


def ignore_interrupts() -> None:
    """Ctrl-C in a terminal is for the sweep, which then ends its own workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _local(address: str) -> Iterator[Any]:
    """A scheduler and workers on this machine, for as long as they are needed."""
    count = address.removeprefix(LOCAL)
    if not count.isdecimal() or not 1 <= int(count) <= 1_000:
        raise one_fault(OPTION, "local:N, N workers from 1", repr(address))
    from distributed import LocalCluster

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with LocalCluster(
        n_workers=int(count),
        threads_per_worker=1,
        scheduler_kwargs={"allowed_failures": DEADLY - 1},
        dashboard_address="127.0.0.1:0",  # by default a port that may be taken
        silence_logs="ERROR",
    ) as cluster:
        yield cluster
