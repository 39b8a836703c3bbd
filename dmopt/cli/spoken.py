"""Changes in plain words, one a line, as a wish (studies/whatif.py), and back.

shut SITE   open SITE   free SITE          forced shut, forced open, as the plan likes
set KNOB VALUE                             a price or quantity; "given": as in the data
budget capital|public [PERIOD] MONEY       most money; "none": no limit; "given"
rule ID.NAME=VALUE                         another figure of a rule
rule off ID   rule on ID
add ID: RULE PARAMETERS                    a rule more
model NAME                                 production model; "given": the data's rules
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from dmopt.data.rows import nearest, show
from dmopt.errors import Fault, InstanceError
from dmopt.studies.whatif import NO_LIMIT, Wish

if TYPE_CHECKING:
    from dmopt.data.instance import Instance

GIVEN, NONE = "given", "none"
BUDGETS = ("capital", "public")
Draft = dict[str, Any]


class NotSaid(Exception):
    """Words that say no change; tells what was expected."""


def changed(wish: Wish, words: str, instance: "Instance") -> Wish:
    """The wish with one change more. instance: as it is without any.

    Raises NotSaid for words that are no change, InstanceError for figures that no wish
    can have; whether the change fits the instance shows when it is asked.
    """
    verb, _, rest = words.strip().partition(" ")
    change = VERBS.get(verb.lower())
    if change is None:
        raise NotSaid(f"{show(verb)} is no change")
    draft = wish.model_dump(mode="json")
    change(draft, rest.strip(), instance)
    try:
        return Wish.model_validate(draft)
    except ValidationError as error:
        raise InstanceError([_fault(each) for each in error.errors()]) from None


def said(wish: Wish) -> Iterator[str]:
    """The changes of a wish, each in the words that make it."""
    if wish.model is not None:
        yield f"model {wish.model}"
    yield from (f"add {text}" for text in wish.rules.add)
    yield from (f"rule {text}" for text in wish.rules.change)
    yield from (f"rule off {id}" for id in wish.rules.off)
    yield from (f"rule on {id}" for id in wish.rules.on)
    yield from (f"{how} {site}" for site, how in wish.sites.items())
    yield from (f"set {key} {value:.15g}" for key, value in wish.knobs.items())
    for name, limits in wish.budget:
        if isinstance(limits, dict):
            for period, limit in limits.items():
                yield f"budget {name} {period} {_money(limit)}"
        elif limits is not None:
            yield f"budget {name} {_money(limits)}"


def _fault(error: Any) -> Fault:
    place = ".".join(str(part) for part in error["loc"])
    return Fault(place, read=show(error["input"]), expected=str(error["msg"]))


def _site(draft: Draft, rest: str, instance: "Instance", how: str) -> None:
    if not rest:
        raise NotSaid(f"{how} SITE")
    site = site_of(instance, rest)
    draft["sites"].pop(site, None)
    if how != "free":
        draft["sites"][site] = how
    elif site not in instance.sites.index:
        hint = nearest(site, list(instance.sites.index))
        expected = "a site of the instance"
        fault = Fault("sites", None, "site", show(site), expected, hint)
        raise InstanceError([fault])


def site_of(instance: "Instance", text: str) -> str:
    """Id of the site that a text names: by id, else by the one id or name that is the
    same but for case; the text itself where there is none."""
    sites, text = instance.sites, text.strip("\"'")
    if text in sites.index:
        return text
    folded = text.casefold()
    same = [
        str(id)
        for id, name in sites.name.items()
        if folded in (str(id).casefold(), str(name).casefold())
    ]
    return same[0] if len(same) == 1 else text


def _set(draft: Draft, rest: str, instance: "Instance") -> None:
    key, _, value = rest.rpartition(" ")
    if not key.strip():
        raise NotSaid(f"set KNOB VALUE, or set KNOB {GIVEN}")
    key = key.strip()
    draft["knobs"].pop(key, None)
    if value != GIVEN:
        draft["knobs"][key] = _number(value)


def _budget(draft: Draft, rest: str, instance: "Instance") -> None:
    name, *place = rest.split()
    given = draft["budget"]
    if name not in BUDGETS or len(place) not in (1, 2):
        raise NotSaid(f"budget capital|public [PERIOD] MONEY, {NONE} or {GIVEN}")
    text = place[-1]
    limit = None if text == GIVEN else NO_LIMIT if text == NONE else _number(text)
    if len(place) == 1:
        given[name] = limit
        return
    before = given[name]
    if before is not None and not isinstance(before, dict):
        before = dict.fromkeys(map(str, instance.periods.index), before)
    limits = {t: v for t, v in (before or {}).items() if t != place[0]}
    if limit is not None:
        limits[place[0]] = limit
    given[name] = limits or None


def _rule(draft: Draft, rest: str, instance: "Instance") -> None:
    rules = draft["rules"]
    verb, _, id = rest.partition(" ")
    if verb in ("on", "off") and id.strip():
        id = id.strip()
        for name in ("on", "off"):
            rules[name] = [each for each in rules[name] if each != id]
        rules[verb].append(id)
        return
    name, equals, _ = rest.partition("=")
    if not equals or "." not in name:
        raise NotSaid("rule ID.NAME=VALUE, rule off ID or rule on ID")
    before = [t for t in rules["change"] if t.partition("=")[0].strip() != name.strip()]
    rules["change"] = [*before, rest]


def _add(draft: Draft, rest: str, instance: "Instance") -> None:
    if ":" not in rest:
        raise NotSaid("add ID: RULE PARAMETERS")
    draft["rules"]["add"].append(rest)


def _model(draft: Draft, rest: str, instance: "Instance") -> None:
    if not rest:
        raise NotSaid(f"model NAME, or model {GIVEN}")
    draft["model"] = None if rest == GIVEN else rest.replace("-", "_")


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise NotSaid(f"{show(text)} is not a number") from None


def _money(limit: Any) -> str:
    return NONE if limit == NO_LIMIT else f"{limit:.15g}"


Change = Callable[[Draft, str, "Instance"], None]


def _forced(how: str) -> Change:
    return lambda draft, rest, instance: _site(draft, rest, instance, how)


VERBS: dict[str, Change] = {
    **{how: _forced(how) for how in ("shut", "open", "free")},
    "set": _set,
    "budget": _budget,
    "rule": _rule,
    "add": _add,
    "model": _model,
}
