"""docs/assumptions.md: what is reconstructed and what is assumed, from the catalogue,
the production models and the tables of the instances."""

from collections import Counter
from pathlib import Path
from typing import Any

from dmopt.data.column import CONFIDENCE, PROVENANCE
from dmopt.data.read import read_instance
from dmopt.models import MODELS, ProductionModel, read_model
from dmopt.rules.catalogue import catalogue

INSTANCES = Path(__file__).parents[1] / "instances"
FRAME = Path(__file__).with_name("assumptions_frame.md")


def document() -> str:
    """The whole of docs/assumptions.md."""
    parts = {
        "dimensions": _dimensions(),
        "models": _models(),
        "choices": _choices(),
        "instances": _instances(),
    }
    text = FRAME.read_text("utf-8")
    for name, lines in parts.items():
        text = text.replace(f"{{{{ {name} }}}}", "\n".join(lines))
    return text


def _dimensions() -> list[str]:
    known = catalogue()
    rules = Counter(about["dimension"] for about in known["rules"].values())
    lines = ["| key | dimension | lens | rules | status |", "|---|---|---|---|---|"]
    return lines + [
        f"| {key} | {about['label']} | {about['lens']} | {rules[key]} | "
        f"{_status(about['status'])} |"
        for key, about in known["dimensions"].items()
    ]


def _models() -> list[str]:
    lines = ["| model | what it is | rules | status |", "|---|---|---|---|"]
    return lines + [
        f"| {each.label} (`{each.name}`) | {each.about} | {len(each.rules)} | "
        f"{_status(each.status) if each.rules else 'nothing to reconstruct'} |"
        for each in map(read_model, MODELS)
    ]


def _choices() -> list[str]:
    lines = ["| model | rule | figures | why |", "|---|---|---|---|"]
    for model in map(read_model, MODELS):
        lines += [_choice(model, row) for row in model.rules if row.get("note")]
    return lines


def _choice(model: ProductionModel, row: Any) -> str:
    figures = str(row.get("parameters", "")).replace("|", "\\|")
    kind = f"[`{row['rule']}`](rules.md)"
    return f"| {model.label} | {row['id']} {kind} | `{figures}` | {row['note']} |"


def _instances() -> list[str]:
    words = (*CONFIDENCE, "not said")
    lines = [f"| instance | {' | '.join(words)} |", f"|---|{'---|' * len(words)}"]
    for folder in sorted(INSTANCES.iterdir()):
        if not (folder / "instance.toml").is_file():
            continue
        counts = _confidence(folder)
        cells = " | ".join(f"{counts[word]:,}" for word in words)
        lines.append(f"| `{folder.name}` | {cells} |")
    return lines


def _confidence(folder: Path) -> Counter[str]:
    """Rows of all tables by how far their figures can be trusted."""
    counts: Counter[str] = Counter()
    column = PROVENANCE[1].name
    for table in read_instance(folder).tables.values():
        counts.update(word or "not said" for word in table[column])
    return counts


def _status(word: str) -> str:
    return "**reconstructed**" if word == "reconstructed" else word
