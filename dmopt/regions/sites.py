"""Candidate sites by stated rules: modelled places, not real addresses.

Each class of site has one rule, worked on the zones with no other data; no zone is
taken twice while another is free.

    people   the zone that newly brings most people within reach of the class
             (3 km, or a little more than zones lie apart)
    median   the zone that most lowers people's mean distance to the class
    dense    the most densely peopled zone, at least 2 km from the class's last ones
    edge     of the zones at the edge of the built-up area - where, from the densest
             down, 50 to 85 % of the people are counted - the one farthest from all
             sites chosen

How many sites a class gets goes by its share in the library; each gets one at least.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dmopt.data.names import slug, unlike
from dmopt.data.raw import one_fault
from dmopt.regions.library import SUPPOSED, Catalogue
from dmopt.regions.zones import Zones, nearest_other_km, pair_km

COVER_KM = 3.0
APART_KM = 2.0
EDGE = (0.5, 0.85)
PEOPLE_PER_SITE = 60_000
FEWEST, MOST = 10, 40
"""Sites chosen where the user names no number."""
MOST_ASKED = 500
RULE = "modelled place, chosen by the rule '{rule}' of dmopt region; costs: {costs}"


def default_count(people: float, classes: int) -> int:
    """One site for 60,000 people, 10 to 40, and one of each class at least."""
    return max(classes, min(MOST, max(FEWEST, round(people / PEOPLE_PER_SITE))))


def shared_count(classes: pd.DataFrame, count: int) -> dict[str, int]:
    """Sites of each class: by share, one each at least; largest remainders round up."""
    if not len(classes) <= count <= MOST_ASKED:
        expected = (
            f"a number from {len(classes)} (one site of each class that the sectors "
            f"need) to {MOST_ASKED}"
        )
        raise one_fault("--site-count", expected, str(count))
    share = classes["share"].astype(float).to_numpy()
    number = np.ones(len(share), int)
    while number.sum() < count:
        number[np.argmax(share / (number + 0.5))] += 1
    return dict(zip(classes["class"], number.tolist(), strict=True))


def ruled_sites(zones: Zones, catalogue: Catalogue, count: int | None) -> pd.DataFrame:
    """Rows of the table `sites` inside the region. Raises InstanceError for a count
    that cannot be."""
    classes = catalogue["classes"]
    people = zones.people
    if count is None:
        count = default_count(people.sum(), len(classes))
    number = shared_count(classes, count)
    chooser = _Chooser(zones)
    rows = []
    for facts in classes.to_dict("records"):
        kind = facts["class"]
        for spot in chooser.choose(facts["rule"], number[kind]):
            zone = zones.table.iloc[spot]
            costs = facts["source"]
            source = RULE.format(rule=facts["rule"], costs=costs)
            place = {"district": zone["district"], "x": zone["x"], "y": zone["y"]}
            rows.append(place | {"class": kind, "source": source})
    return completed(pd.DataFrame(rows), catalogue)


def completed(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Sites with what the library says of their class where a row says nothing:
    id, name, costs, owner, use of land. rows: columns district, class, x, y."""
    facts = catalogue["classes"].set_index("class")
    number: dict[tuple[str, str], int] = {}
    made = []
    for row in rows.fillna("").to_dict("records"):
        fact, district = facts.loc[row["class"]], str(row["district"])
        at = district, str(row["class"])
        number[at] = number.get(at, 0) + 1
        title = f"{district} {fact['name']} {number[at]}"
        cost = float(fact["opening_cost"])
        usual = {
            "site": f"{slug(district)}-{slug(row['class'])}-{number[at]}",
            "name": title,
            "in_region": "yes",
            "status": "candidate",
            "opening_cost": fact["opening_cost"],
            "life_yr": "15",
            "closing_cost": f"{cost / 2:g}",
            "fixed_cost_per_yr": fact["fixed_cost_per_yr"],
            "public_share": fact["public_share"],
            "owner": fact["owner"].replace("{district}", district)
            or f"{title}'s owner",
            "land_use": fact["land_use"],
            "source": f"costs: {fact['source']}",
            "confidence": SUPPOSED,
        }
        told = {key: value for key, value in row.items() if value != ""}
        if "name" in told and "site" not in told:
            usual["site"] = slug(str(told["name"]))
        made.append(usual | told)
    table = pd.DataFrame(made)
    table["site"] = unlike(table["site"].tolist())
    return table


class _Chooser:
    """Zones, what is taken, and the distances that the rules need.

    km: zone by zone, straight, shape (zones, zones)."""

    def __init__(self, zones: Zones) -> None:
        xy = zones.xy_km
        self.km = pair_km(xy, xy)
        self.people = zones.people
        self.density = zones.density
        self.taken: list[int] = []
        apart = float(np.median(nearest_other_km(xy)))
        self.cover_km = max(COVER_KM, 1.2 * apart)
        down = np.argsort(-self.density, kind="stable")
        counted = np.cumsum(self.people[down]) / self.people.sum()
        edge = (counted >= EDGE[0]) & (counted <= EDGE[1])
        self.edge = np.isin(np.arange(len(xy)), down[edge])

    def choose(self, rule: str, count: int) -> list[int]:
        """Zones for `count` sites of one class, in the order chosen."""
        mine: list[int] = []
        for _ in range(count):
            free = self._free()
            score = getattr(self, f"_{rule}")(mine, free)
            mine.append(int(np.argmax(np.where(free, np.round(score, 6), -np.inf))))
            self.taken.append(mine[-1])
        return mine

    def _free(self) -> np.ndarray:
        """Zones that hold fewest sites, so that none is taken twice while another is
        free. bool, (zones,)."""
        held = np.bincount(self.taken, minlength=len(self.km))
        inhabited = np.where(self.people > 0, held, np.iinfo(held.dtype).max)
        return np.asarray(inhabited == inhabited.min())

    def _nearest(self, zones: Sequence[int], none: float) -> np.ndarray:
        if not zones:
            return np.full(len(self.km), none)
        return np.asarray(self.km[:, zones].min(axis=1))

    def _people(self, mine: list[int], free: np.ndarray) -> np.ndarray:
        uncovered = self._nearest(mine, np.inf) > self.cover_km
        gain = (self.km <= self.cover_km) @ (self.people * uncovered)
        # once all are covered, the most peopled zone far from the others
        return gain + 1e-6 * self.people * np.minimum(self._nearest(mine, 50.0), 50.0)

    def _median(self, mine: list[int], free: np.ndarray) -> np.ndarray:
        now = self._nearest(mine, float(self.km.max()) + 1)
        return np.asarray(np.clip(now[None, :] - self.km, 0.0, None) @ self.people)

    def _dense(self, mine: list[int], free: np.ndarray) -> np.ndarray:
        apart = self._nearest(mine, np.inf) >= APART_KM
        return np.where(apart, self.density, self.density - self.density.max())

    def _edge(self, mine: list[int], free: np.ndarray) -> np.ndarray:
        far = self._nearest(self.taken, 0.0) - 1e-3 * self.km.mean(axis=1)
        return np.where(self.edge, far, far - self.km.max() - 1)
