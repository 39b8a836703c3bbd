"""Prices of rules, reusing earlier solves and from nothing: time of both.

    python benchmarks/prices.py [instance] [model] [--gap 0.01] [--time-limit 30]

Both price every rule, every dimension and all rules together, each to the same gap; the
one solve with all rules is outside both. One row is written for each.
"""

import argparse
import time
from pathlib import Path

from record import record

from dmopt.data.read import read_instance
from dmopt.explaining.price import price
from dmopt.models import read_model, with_model
from dmopt.solving.run import solve

INSTANCES = Path(__file__).parents[1] / "instances"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance", nargs="?", default=str(INSTANCES / "rule-town"))
    parser.add_argument("model", nargs="?", default="multi_domestic")
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--time-limit", type=float, default=30.0)
    asked = parser.parse_args()
    instance = with_model(read_instance(asked.instance), read_model(asked.model))
    limits = {"gap": asked.gap, "time_limit_s": asked.time_limit}
    base = solve(instance, **limits)
    seconds = {}
    for name, warm in (("warm", True), ("cold", False)):
        begin = time.monotonic()
        found = price(instance, base=base, warm=warm, **limits)
        seconds[name] = time.monotonic() - begin
        row = {
            "benchmark": "prices",
            "instance": instance.name,
            "model": asked.model,
            "way": name,
            "prices": len(found.prices),
            "solves": found.solves,
            "seconds": round(seconds[name], 2),
            "gap": asked.gap,
        }
        print(row)
        record("prices", row)
    print(f"cold / warm: {seconds['cold'] / seconds['warm']:.1f}")


if __name__ == "__main__":
    main()
