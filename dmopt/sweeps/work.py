"""A worker of a sweep: one member after another, in a process of its own.

    python -m dmopt.sweeps.work FOLDER SHA256 THREADS

Members come as lines of JSON on stdin; each is answered by a line on stdout:
{"done": NAME}, or {"oserror": [NUMBER, WORDS, FILE]} where its run cannot be written.
When stdin ends the sweep is over, or its process gone: so is the worker then, at once,
with nothing half written.
"""

import json
import os
import sys
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, NoReturn

from dmopt.garbage import keep_what_is_there, look_seldom
from dmopt.sweeps.desk import Desk
from dmopt.sweeps.member import Member

NO_SWEEP = 3
READY = {"ready": True}


def main(folder: str, sha256: str, threads: str) -> NoReturn:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # HiGHS prints a banner whatever its options say
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_listen, args=(lines,), daemon=True).start()

    def say(content: dict[str, Any]) -> None:
        print(json.dumps(content), file=answers, flush=True)

    look_seldom()
    desk = Desk(Path(folder), sha256, int(threads))
    say(READY)
    begun = False
    while True:
        member = Member.model_validate_json(lines.get())
        try:
            desk.run(member)
        except OSError as error:
            file = None if error.filename is None else str(error.filename)
            say({"oserror": [error.errno, error.strerror or str(error), file]})
        else:
            say({"done": member.name})
        if not begun:  # all that is loaded late has been loaded
            keep_what_is_there()
            begun = True


def _listen(lines: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(NO_SWEEP)


if __name__ == "__main__":
    main(*sys.argv[1:])
