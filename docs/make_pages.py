"""Write the pages of docs/ that are made from the code.

    python docs/make_pages.py

tables.md from the schema, commands.md from the program, api.md and mathematics.md from
docstrings, assumptions.md from the catalogue, the models and the instances,
examples.md from the instances. The rules
take minutes, as each is solved: docs/make_rules.py.
"""

from pathlib import Path

import make_api
import make_assumptions
import make_commands
import make_examples
import make_mathematics
import make_tables

DOCS = Path(__file__).parent
PAGES = {
    "api.md": make_api.document,
    "assumptions.md": make_assumptions.document,
    "commands.md": make_commands.document,
    "examples.md": make_examples.document,
    "mathematics.md": make_mathematics.document,
    "tables.md": make_tables.document,
}

if __name__ == "__main__":
    for name, document in PAGES.items():
        (DOCS / name).write_text(document(), encoding="utf-8")
        print(f"written: docs/{name}")
