"""What both works of a coarse-to-fine solve need, made once by whichever is first."""

from threading import Lock

from dmopt.proof.by_cells import CellBounding
from dmopt.proof.duals import Bounding

ALL_ARCS = 150_000
"""Most deliveries for which the relaxation of everything is solved where options of
cells cannot be gone through."""
NO_CELLS = 50_000
"""Most deliveries for which they are not, though they could be. With more a country,
where few sites reach a zone, finds no plan without them."""


class Once:
    """The cells of a problem and what they prove; safe to ask from several threads.

    read: those of an earlier problem, which are taken where nothing that they are read
    from has changed.
    """

    def __init__(self, bounding: Bounding, read: CellBounding | None = None) -> None:
        self._bounding, self._read = bounding, read
        self._lock = Lock()
        self._known: CellBounding | str | None = None

    def __call__(self) -> CellBounding | None:
        """None where there are few deliveries, or no cells to go through."""
        if len(self._bounding.layer.x_to) <= NO_CELLS:
            return None
        with self._lock:
            if self._known is None:
                self._known = self._same() or CellBounding.of(self._bounding)
        return None if isinstance(self._known, str) else self._known

    def _same(self) -> CellBounding | None:
        return None if self._read is None else self._read.of_another(self._bounding)
