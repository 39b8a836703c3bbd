"""A solve that is to tell whether there are plans up to a cost, and may end then."""

from threading import Event

from dmopt.solving.progress import OnProgress, Progress


class Enough(Event):
    """Set when somebody stops the work, or when it hears of a bound above a limit; of a
    plan within it too, where any will do. stop: set by who stops the work."""

    def __init__(
        self,
        limit: float,
        stop: Event | None = None,
        listener: OnProgress | None = None,
        any_plan: bool = False,
    ) -> None:
        super().__init__()
        self._limit, self.stop, self._listener = limit, stop, listener
        self._any_plan = any_plan

    def heard(self, told: Progress) -> None:
        """To be told of progress; tells it on."""
        if told.bound is not None and told.bound > self._limit:
            self.set()
        if self._any_plan and told.cost is not None and told.cost <= self._limit:
            self.set()
        if self._listener is not None:
            self._listener(told)

    def is_set(self) -> bool:
        return super().is_set() or (self.stop is not None and self.stop.is_set())

    @property
    def asked(self) -> dict[str, float | bool]:
        """When it ends, as part of what is asked."""
        return {"most_cost": self._limit, "any_plan": self._any_plan}
