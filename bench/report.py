"""The figures as tables: on the terminal, and in docs/performance.md between two marks."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analyses import Analysis
from decisions import RULES, Deciding
from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from small_calls import CONCURRENCIES, SmallCalls
from streams import Streams

_BEGIN, _END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts. The first column is to the left, the others are figures."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(
    calls: SmallCalls,
    streams: Streams,
    analyses: Mapping[str, Analysis],
    unique: Mapping[int, Mapping[str, float]],
    decisions: Mapping[str, Deciding],
) -> list[Table]:
    """Give every figure, with the targets first. `unique`: queries a second, by the number of workers."""
    return [
        _targets(calls, streams, decisions),
        _throughput(calls),
        _latency(calls),
        _stream(streams),
        _analysis(analyses),
        _unique(unique),
        _decisions(decisions),
    ]


def show(found: list[Table]) -> None:
    """Print the tables."""
    console = Console()
    for table in found:
        rich = RichTable(title=table.title, title_justify="left", box=box.SIMPLE_HEAD)
        for number, name in enumerate(table.header):
            rich.add_column(name, justify="right" if number else "left")
        for row in table.rows:
            rich.add_row(*row)
        console.print(rich)


def write(page: Path, found: list[Table], command: str, versions: Mapping[str, str]) -> None:
    """Put the tables between the marks of a page, with the command and the machine."""
    before, _, rest = page.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    blocks = [_BEGIN, f"Made by `{command}` on {machine(versions)}.", *map(_markdown, found), _END]
    page.write_text(before + "\n\n".join(blocks) + after)


def machine(versions: Mapping[str, str]) -> str:
    """Say in what surroundings the figures came about."""
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{os.cpu_count()} cores ({_processor()}), {platform.system()}, Python {platform.python_version()}, {named}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _targets(calls: SmallCalls, streams: Streams, decisions: Mapping[str, Deciding]) -> Table:
    aims = (
        ("small calls at c=32, of nginx", calls.ratio("gatebook", "nginx", 32), 0.15, ""),
        ("small calls at c=32, of mitmproxy", calls.ratio("gatebook", "mitmproxy", 32), 10.0, " x"),
        ("200 MB page, of nginx", streams.ratio("gatebook", "nginx"), 0.6, ""),
    )
    growth = streams.growth_mebibytes["gatebook"]
    rows = [(what, f"{found:.2f}{unit}", f">= {aim:g}{unit}", _met(found >= aim)) for what, found, aim, unit in aims]
    rows.append(("200 MB page, growth of memory", f"{growth:.0f} MiB", "< 50 MiB", _met(growth < 50)))
    slowest = max(one.again_microseconds for one in decisions.values())
    rows.append((f"a decision by {RULES} rules, again", f"{slowest:.0f} us", "< 100 us", _met(slowest < 100)))
    return Table("Targets", ("", "found", "target", "met"), tuple(rows))


def _met(met: bool) -> str:
    return "yes" if met else "NO"


def _throughput(calls: SmallCalls) -> Table:
    rows = tuple(
        (
            name,
            *(
                f"{calls.median(name, many, 'calls_per_second'):,.0f} ({calls.ratio(name, 'nginx', many):.2f})"
                for many in CONCURRENCIES
            ),
            f"{calls.median(name, 32, 'cpu_microseconds'):,.0f}",
        )
        for name in ("nginx", "gatebook", "mitmproxy")
    )
    header = ("", *(f"c={many}" for many in CONCURRENCIES), "CPU us a call, c=32")
    return Table(f"Small calls a second (of nginx), medians of {calls.rounds} rounds", header, rows)


def _latency(calls: SmallCalls) -> Table:
    figures = ("p50_microseconds", "p99_microseconds")
    rows = tuple(
        (
            name,
            *(f"{calls.median(name, 1, what):,.0f}" for what in figures),
            *(f"{calls.added(name, 'nginx', what):,.0f}" for what in figures),
        )
        for name in ("nginx", "gatebook", "mitmproxy")
    )
    return Table("Latency of a small call at c=1, us", ("", "p50", "p99", "p50 added", "p99 added"), rows)


def _stream(streams: Streams) -> Table:
    rows = tuple(
        (
            name,
            f"{sorted(speeds)[len(speeds) // 2]:,.0f}",
            f"{streams.ratio(name, 'nginx'):.2f}",
            f"{streams.growth_mebibytes[name]:.1f}",
        )
        for name, speeds in streams.speeds.items()
    )
    return Table("A page of 200 MB", ("", "MB/s", "of nginx", "memory grown, MiB"), rows)


def _analysis(analyses: Mapping[str, Analysis]) -> Table:
    rows = tuple(
        (name, f"{one.first_milliseconds:.1f}", f"{one.new_milliseconds:.1f}", f"{one.again_microseconds:.0f}")
        for name, one in analyses.items()
    )
    header = ("", "first sight, schemas read, ms", "first sight, schemas known, ms", "again, us")
    return Table("Understanding a query", header, rows)


def _unique(unique: Mapping[int, Mapping[str, float]]) -> Table:
    names = next(iter(unique.values()))
    rows = tuple((name, *(f"{found[name]:,.1f}" for found in unique.values())) for name in names)
    header = ("", *(f"{workers} worker{'s' * (workers > 1)}" for workers in unique))
    return Table("Queries a second that were never seen before, by workers of the analyzer", header, rows)


def _decisions(decisions: Mapping[str, Deciding]) -> Table:
    rows = tuple(
        (name, f"{one.new_microseconds:.0f}", f"{one.again_microseconds:.1f}") for name, one in decisions.items()
    )
    return Table(f"Deciding by a policy of {RULES} rules", ("", "first sight, us", "again, us"), rows)


def _markdown(table: Table) -> str:
    rule = ("---", *["---:"] * (len(table.header) - 1))
    lines = [f"| {' | '.join(row)} |" for row in (table.header, rule, *table.rows)]
    return "\n".join([f"**{table.title}**", "", *lines])
