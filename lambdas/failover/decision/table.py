"""The decision table as a document, so that people can read and compare what the code decides."""

from dataclasses import fields

from failover.decision.rules import RULES, Conditions

HEAD = """# The decision table

The first row that matches decides. A hyphen means that the column does not matter. Written by
`python -m failover.decision.table`; a test compares it with the code.

"""


def as_markdown() -> str:
    """Return the table with one line per rule and one column per fact."""
    columns = [each.name for each in fields(Conditions)]
    lines = [
        "| rule | action | reason | " + " | ".join(name.replace("_", " ") for name in columns) + " |",
        "| --- " * (len(columns) + 3) + "|",
    ]
    for rule in RULES:
        cells = [_cell(getattr(rule.when, name)) for name in columns]
        lines.append(f"| {rule.id} | {rule.action} | {rule.reason} | " + " | ".join(cells) + " |")
    return HEAD + "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown())
