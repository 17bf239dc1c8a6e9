"""Tables of measurements as aligned reStructuredText."""

from typing import Final

from benchmarks.results import MEGA, Row, Table

HEADINGS: Final = (
    *("peer", "s", "rate", "x best", "x limit", "CPU s client", "CPU s server"),
    *("MB RAM client", "MB RAM server", "MB stored", "MB wire", "runs", "spread"),
)


def shown(table: Table) -> str:
    """Show a workload's table under its heading; the limits stand below the peers."""
    heading = f"{table.workload.code}: {table.workload.title}"
    peers, limits = table.ranked(limits=False), table.ranked(limits=True)
    best = peers[0].seconds if peers else None
    slowest = limits[-1].seconds if limits else None
    lines = [_line(table, row, best, slowest) for row in peers + limits]
    failures = [
        f"* {row.name} FAILED: {' '.join(row.failure.split())}"
        for row in table.rows.values()
        if row.failure
    ]
    parts = [heading, "-" * len(heading), "", f"Load before it: {table.load:.2f}.", ""]
    parts += simple_table([HEADINGS, *lines])
    unable = [f"* {name} has no row: {why}" for name, why in table.unable.items()]
    parts += ["", *unable, *failures] if unable or failures else []
    return "\n".join(parts) + "\n"


def _line(table: Table, row: Row, best: float | None, slowest: float | None) -> tuple[str, ...]:
    amount, unit = table.workload.amount, table.workload.unit
    return (
        f"({row.name})" if row.is_limit else row.name,
        f"{row.seconds:.2f}" if row.seconds >= 10 else f"{row.seconds:.3f}",
        f"{amount / row.seconds:,.0f} {unit}/s" if unit else "",
        _number(row.seconds / best if best else None, 2),
        _number(row.seconds / slowest if slowest else None, 2),
        _number(row.median(lambda run: run.client_cpu and run.client_cpu.total), 2),
        _number(row.median(lambda run: run.server_cpu and run.server_cpu.total), 2),
        _mega(row.median(lambda run: run.client_memory)),
        _mega(row.median(lambda run: run.server_memory)),
        _mega(row.median(lambda run: run.stored)),
        _mega(row.median(lambda run: run.wire)),
        str(len(row.runs)),
        f"{row.spread:.0%}",
    )


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _mega(value: float | None) -> str:
    """Round to whole MB, and small figures to a hundredth."""
    if value is None:
        return ""
    return f"{value / MEGA:,.0f}" if abs(value) >= 10 * MEGA else f"{value / MEGA:,.2f}"


def simple_table(rows: list[tuple[str, ...]]) -> list[str]:
    """Lay *rows* out as a simple table; the first row is its head, the first column is text."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    laid = [
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return [rule, laid[0], rule, *laid[1:], rule]
