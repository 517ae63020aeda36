"""What every benchmark shares: samples of both sides, a table to read, and a JSON file."""

import json
import statistics
from dataclasses import dataclass, field


@dataclass
class Samples:
    """One quantity, measured once a round."""

    values: list[float] = field(default_factory=list)

    def add(self, value):
        self.values.append(value)

    @property
    def median(self):
        return statistics.median(self.values)

    def __str__(self):
        spread = ""
        if len(self.values) > 1:
            spread = f" ({number(min(self.values))} to {number(max(self.values))})"
        return number(self.median) + spread


@dataclass
class Row:
    """Sarai beside a peer; `goal` is the highest ratio that is good enough, if there is one.

    Where more is better (`more_is_better`), it is the lowest.
    """

    case: str
    metric: str
    unit: str
    sarai: Samples
    peer: Samples
    peer_name: str
    goal: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self):
        return self.sarai.median / self.peer.median if self.peer.median else None

    @property
    def missed(self):
        if self.goal is None or self.ratio is None:
            return False
        # To the two digits that the goals have.
        ratio = round(self.ratio, 2)
        return ratio < self.goal if self.more_is_better else ratio > self.goal


def number(value):
    """Three significant digits at least, thousands apart."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def print_table(rows):
    heads = ("case", "metric", "Sarai: median (min to max)", "peer", "peer: median", "ratio", "goal")
    lines = [heads]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        verdict = "" if row.goal is None else f"{row.goal:.2f} {'MISSED' if row.missed else 'met'}"
        lines.append(
            (row.case, f"{row.metric}, {row.unit}", str(row.sarai), row.peer_name, str(row.peer))
            + (ratio, verdict)
        )
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    goals = [row for row in rows if row.goal is not None]
    met = sum(not row.missed for row in goals)
    print(f"\n{met} of {len(goals)} goals met")


def write_json(rows, path):
    records = [
        {
            "case": row.case,
            "metric": row.metric,
            "unit": row.unit,
            "sarai": row.sarai.median,
            "peer": row.peer.median,
            "peer_name": row.peer_name,
            "ratio": row.ratio,
            "goal": row.goal,
        }
        for row in rows
    ]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(records, file, indent=2)
        file.write("\n")
