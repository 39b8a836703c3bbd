"""Sweeps: many solves of one instance, each on its own, that survive any crash.

members     a name and a wish each, from a table or a grid
store       a folder: what was asked, the instance, one folder for each member
execution   local processes, or a Dask cluster; what is finished is never run again
index       every run under a folder, in one SQLite file that can be made anew
"""

from dmopt.sweeps.index import Index
from dmopt.sweeps.member import Member
from dmopt.sweeps.members import members_from_file, members_from_grid
from dmopt.sweeps.outcome import Outcome
from dmopt.sweeps.run import Sweep, resume_sweep, run_sweep
from dmopt.sweeps.store import Store, open_store

__all__ = [
    "Index",
    "Member",
    "Outcome",
    "Store",
    "Sweep",
    "members_from_file",
    "members_from_grid",
    "open_store",
    "resume_sweep",
    "run_sweep",
]
