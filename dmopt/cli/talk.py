"""A what-if session in words: a line is a change, and answered; or a question about
what there is. `dmopt whatif` hands in lines and shows what is told.
"""

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from typing import Any

from dmopt.cli.codes import OK, code_of
from dmopt.cli.report import as_object, key_lines
from dmopt.cli.spoken import VERBS, NotSaid, changed, said
from dmopt.cli.told import (
    answer_lines,
    difference,
    difference_lines,
    figure_lines,
    open_sites,
)
from dmopt.data.instance import Instance
from dmopt.data.rows import nearest
from dmopt.errors import Fault, InstanceError
from dmopt.rules import make_rules
from dmopt.solving.progress import OnProgress
from dmopt.solving.result import Result
from dmopt.studies.knobs import knobs
from dmopt.studies.session import Session
from dmopt.studies.whatif import Wish, apply

HELP = """\
shut SITE, open SITE, free SITE       force a site shut or open, or leave it free
set KNOB VALUE                        a price or quantity; given: as in the data
budget capital|public [PERIOD] MONEY  most money; none: no limit; given: as in the data
rule ID.NAME=VALUE                    another figure of a rule
rule off ID, rule on ID               switch a rule
add ID: RULE PARAMETERS               one rule more
model NAME                            production model; model given: the data's rules
undo, reset                           without the last change; without any
changes, plan                         what is changed; the plan, and what differs
sites, knobs, rules                   what there is to change
save FOLDER                           write the plan as a run
help, quit"""

Tell = Callable[[Sequence[str], Mapping[str, Any]], None]
"""Gets lines for people, and the same as an object for programs."""
Working = Callable[[], AbstractContextManager[tuple[OnProgress | None, Event]]]
"""While something is solved: who hears of progress, and what is set to stop it."""


class Talk:
    """What is said and answered about one instance.

    options: gap, seed and threads of each solve; seconds: most for each change.
    """

    def __init__(
        self,
        instance: Instance,
        *,
        tell: Tell,
        working: Working,
        seconds: float,
        options: Mapping[str, Any],
    ) -> None:
        self.instance, self.session = instance, Session(instance)
        self._tell, self._working = tell, working
        self._seconds, self._options = seconds, options
        self._wish, self._earlier = Wish(), list[Wish]()
        self._first: Result | None = None
        self._last: Result | None = None
        self.code = OK
        self.faulty = 0

    def begin(self, seconds: float) -> None:
        """Solve the instance as it is."""
        self._ask("", Wish(), seconds)

    def begin_from(self, run: Result) -> None:
        """Take a run of the instance as it is for the first plan."""
        self.session.learn(Wish(), run)
        self._answered("", run)

    def hear(self, line: str) -> bool:
        """Do what a line says; False for the last one."""
        words = line.strip()
        verb, _, rest = words.partition(" ")
        verb = verb.lower()
        if not words or words.startswith("#"):
            return True
        if verb in ("quit", "exit"):
            return False
        try:
            if verb in ASKED:
                lines, about = ASKED[verb](self, rest.strip())
                self._tell(lines, {"asked": words, **about})
            elif verb in ("undo", "reset"):
                self._back(words, verb)
            else:
                wish = changed(self._wish, words, self.instance)
                if self._ask(words, wish, self._seconds):
                    self._earlier.append(self._wish)
                    self._wish = wish
        except NotSaid as error:
            hint = nearest(verb, WORDS) if verb not in WORDS else ""
            self._refused(words, f"{error}; {hint or '`help` lists what there is'}")
        except InstanceError as error:
            self._refused(words, "That does not fit", error.faults)
        except OSError as error:
            self._refused(words, f"{error.filename or ''}: {error.strerror or error}")
        return True

    def _back(self, words: str, verb: str) -> None:
        if not self._earlier:
            raise NotSaid("nothing is changed")
        wish = self._earlier[-1] if verb == "undo" else Wish()
        if self._ask(words, wish, self._seconds):
            self._earlier = self._earlier[:-1] if verb == "undo" else []
            self._wish = wish

    def _ask(self, words: str, wish: Wish, seconds: float) -> bool:
        with self._working() as (on_progress, cancel):
            result = self.session.ask(
                wish,
                time_limit_s=seconds,
                on_progress=on_progress,
                cancel=cancel,
                **self._options,
            )
        self._answered(words, result, wish)
        return True

    def _answered(self, words: str, result: Result, wish: Wish | None = None) -> None:
        settings, before = self.instance.settings, self._last
        lines = list(answer_lines(before, result, settings))
        wish = self._wish if wish is None else wish
        about = as_object(self.instance, result, Path())
        about = {name: about[name] for name in about if name != "run"}
        self._tell(
            lines,
            {
                "asked": words,
                "changes": list(said(wish)),
                **about,
                **difference(before, result),
            },
        )
        self.code = code_of(result)
        self._result, self._of = result, wish
        if result.plan is not None:
            self._first, self._last = self._first or result, result

    def _refused(self, words: str, why: str, faults: Sequence[Fault] = ()) -> None:
        self.faulty += 1
        about = [{n: getattr(each, n) for n in each.__slots__} for each in faults]
        lines = [f"{why}.", *(f"  - {each}" for each in faults)]
        self._tell(lines, {"asked": words, "error": why, "faults": about})

    def changes(self, rest: str) -> tuple[list[str], dict[str, Any]]:
        found = list(said(self._wish))
        return found or ["nothing is changed"], {"changes": found}

    def plan(self, rest: str) -> tuple[list[str], dict[str, Any]]:
        """Key figures, and what differs from the first plan."""
        settings, now = self.instance.settings, self._result
        lines = [f"{name + ':':22}{text}" for name, text in key_lines(now, settings)]
        about: dict[str, Any] = {"figures": dict(key_lines(now, settings))}
        if self._first is not None and now.plan is not None and now is not self._first:
            lines += ["", "against the first plan:"]
            lines += difference_lines(self._first, now, settings, "the first plan")
            lines += figure_lines(self._first, now)
            about["against_first"] = difference(self._first, now)
        return lines, about

    def knobs(self, rest: str) -> tuple[list[str], dict[str, Any]]:
        turned = self._wish.knobs
        found = [
            {
                "key": each.key,
                "label": each.label,
                "unit": each.unit,
                "value": turned.get(each.key, each.now),
                "given": each.now,
                "low": each.low,
                "high": each.high,
            }
            for each in knobs(self.instance)
        ]
        lines = [
            f"{each['key']:24} {each['value']:<8g} {each['label']}, {each['unit']}"
            for each in found
        ]
        return lines, {"knobs": found}

    def sites(self, rest: str) -> tuple[list[str], dict[str, Any]]:
        """Sites, those whose id or name holds a text: what is asked of them, and
        whether they are open in the plan."""
        opened = open_sites(None if self._last is None else self._last.plan)
        table = self.instance.sites
        found = [
            {
                "site": str(id),
                "name": str(name),
                "district": str(district),
                "asked": self._wish.sites.get(str(id), "free"),
                "open": id in opened,
            }
            for id, name, district in zip(
                table.index, table.name, table.district, strict=True
            )
            if rest.casefold() in f"{id} {name}".casefold()
        ]
        lines = [
            f"{each['site']:32} {'open' if each['open'] else '':5}"
            f"{each['asked'] if each['asked'] != 'free' else '':5} "
            f"{each['name']}, {each['district']}".rstrip(", ")
            for each in found
        ]
        return lines or [f"no site with {rest!r} in its name"], {"sites": found}

    def rules(self, rest: str) -> tuple[list[str], dict[str, Any]]:
        """The rules that hold now."""
        instance = apply(self.instance, self._wish)
        found = {rule.id: rule.kind.sentence() for rule in make_rules(instance)}
        lines = [f"{id}: {says}" for id, says in found.items()]
        return lines or ["no rules"], {"rules": found}

    def save(self, rest: str) -> tuple[list[str], dict[str, Any]]:
        """Write the plan as `dmopt solve --out` does; where something is changed, the
        instance that it is of beside it."""
        if not rest:
            raise NotSaid("save FOLDER")
        from dmopt.api import save, write
        from dmopt.runs import refuse_what_is_no_run

        folder = Path(shlex.split(rest)[0]) if rest[0] in "\"'" else Path(rest)
        try:
            refuse_what_is_no_run(folder)
        except OSError as error:
            raise NotSaid(f"{error}, so it is not a run; name another") from None
        instance = apply(self.instance, self._of)
        save(self._result, folder, instance=instance, command="dmopt whatif")
        lines, about = [f"written: {folder}"], {"run": str(folder)}
        if self._of != Wish():
            beside = folder.with_name(f"{folder.name}-instance")
            write(instance, beside)
            lines.append(f"with its changes: {beside}; dmopt verify {beside} {folder}")
            about["instance"] = str(beside)
        return lines, about

    def help(self, rest: str) -> tuple[list[str], dict[str, Any]]:
        return HELP.splitlines(), {"help": HELP}


ASKED: dict[str, Callable[[Talk, str], tuple[list[str], dict[str, Any]]]] = {
    "changes": Talk.changes,
    "plan": Talk.plan,
    "knobs": Talk.knobs,
    "sites": Talk.sites,
    "rules": Talk.rules,
    "save": Talk.save,
    "help": Talk.help,
}
WORDS = [*VERBS, *ASKED, "undo", "reset", "quit"]


def words_of(instance: Instance) -> list[str]:
    """What a line may begin with or name."""
    named = [*map(str, instance.sites.index), *(each.key for each in knobs(instance))]
    return [*WORDS, *named, *instance.rules.index.astype(str)]
