"""What the build costs on few and on many documents, node by node, beside the same SQL run straight in DuckDB.

Run: .venv/bin/python benchmarks/build_scale.py [FOLDER …] [--documents 100 1000 10000] [--build-only] [--json]

The documents of the folders (the samples, if none is named) are read once and copied in SQL (copies.py). Each build is
one `pipeline.build.build`, as in a run, in a process of its own:

- **fixed**: on raw tables without a row. What dbt takes whatever there is to build.
- **build**: on the documents.
- **straight**: the statements that dbt made of the models and data tests, in the order of their dependencies on as many
  threads, without dbt. The reference lists are there already.
- **added**: once more with one document in a hundred new.
- **gates**: both gates on what was built.

"beyond" is (build - fixed) / straight. CPU seconds are of all threads; on a busy machine they say more than the clock.
--build-only leaves out the last three. YUSUAN_MEMORY bounds what DuckDB takes; a build that it is not enough for fails.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from copies import add_copies
from sizes import peak_mb

from expectations.gate import run_gate
from loaders import raw
from loaders.connection import connect
from loaders.load import load
from pipeline.build import build
from pipeline.history import create_tables
from pipeline.publish import GATES

ROOT = Path(__file__).resolve().parents[1]
THREADS = 2  # as in profiles/profiles.yml
# What dbt calls a relation until it is complete.
_UNDER_WAY = "__dbt_tmp"


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of CPU, and the largest memory of the process in MB."""

    seconds: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Node:
    """A model, test or seed and the seconds that dbt notes for it, two at a time."""

    name: str
    kind: str
    seconds: float


@dataclass(frozen=True)
class Scale:
    """One size: rows of the raw tables, the costs, and the nodes that took longest."""

    documents: int
    raw_rows: int
    file_mb: float
    fixed: Cost
    build: Cost
    nodes: tuple[Node, ...]
    straight: Cost | None = None
    added: Cost | None = None
    gates: Cost | None = None
    nodes_of_added: tuple[Node, ...] = ()

    @property
    def beyond(self) -> float | None:
        """Times the straight run that dbt takes beyond its fixed start, by the clock."""
        return (self.build.seconds - self.fixed.seconds) / self.straight.seconds if self.straight else None

    @property
    def beyond_cpu(self) -> float | None:
        """The same in CPU seconds."""
        return (self.build.cpu - self.fixed.cpu) / self.straight.cpu if self.straight else None


def measure(base: Path, copies: int, fixed: Cost, folder: Path, build_only: bool = False) -> Scale:
    """Build `copies` times the documents of the raw file `base`, with dbt and straight; both files stay in `folder`."""
    built, straight = folder / "built" / "yusuan.duckdb", folder / "straight" / "yusuan.duckdb"
    for file in (built,) if build_only else (built, straight):
        file.parent.mkdir(parents=True)
        shutil.copyfile(base, file)
        documents = add_copies(base, file, range(1, copies))
    rows = sum(count for table, count in row_counts(built).items() if table.startswith("raw."))
    cost = in_own_process(build_with_dbt, built)
    nodes, size = nodes_of(built), built.stat().st_size / 1e6
    if build_only:
        return Scale(documents, rows, size, fixed, cost, nodes)
    straight_cost = in_own_process(build_straight, straight)
    add_copies(base, built, range(copies, copies + max(1, round(copies / 100))))
    added = in_own_process(build_with_dbt, built)
    gates = in_own_process(ask_gates, built)
    return Scale(documents, rows, size, fixed, cost, nodes, straight_cost, added, gates, nodes_of(built))


def build_with_dbt(file: Path) -> float:
    """The build step of a run; gives its seconds."""
    start = time.perf_counter()
    build(file, file.parent / "target", artefacts=True)
    return time.perf_counter() - start


def build_straight(file: Path) -> float:
    """What dbt ran for ../built, without dbt; gives the seconds of the models and tests."""
    built = file.parents[1] / "built" / file.name
    manifest = json.loads((built.parent / "target" / "manifest.json").read_text("utf-8"))
    statements = {
        name: Path(node["build_path"]).read_text("utf-8").replace(_UNDER_WAY, "")
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in {"model", "test"} and node.get("build_path")
    }
    needs = {name: set(manifest["nodes"][name]["depends_on"]["nodes"]) & set(statements) for name in statements}
    with connect(file) as connection:
        for schema in {node["schema"] for node in manifest["nodes"].values() if node["resource_type"] != "test"}:
            connection.execute(f'create schema if not exists "{schema}"')
        connection.execute(f"attach '{built}' as built (read_only)")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'reference'"
        ).fetchall():
            connection.execute(f"create table reference.{table} as from built.reference.{table}")
        connection.execute("detach built")
        start = time.perf_counter()
        in_order(needs, lambda name: connection.cursor().execute(statements[name]).fetchall())
        return time.perf_counter() - start


def ask_gates(file: Path) -> float:
    """Both gates of a run; gives their seconds. Raises RuntimeError if one does not pass: it may have stopped early."""
    start = time.perf_counter()
    for gate in GATES:
        result = run_gate(gate, file, file.parent / "gates")
        if not result.success:
            raise RuntimeError(result.message)
    return time.perf_counter() - start


def in_order(needs: dict[str, set[str]], run: Callable[[str], Any]) -> None:
    """Run every name after those that it needs, on THREADS threads."""
    order: TopologicalSorter[str] = TopologicalSorter(needs)
    order.prepare()
    with ThreadPoolExecutor(THREADS) as pool:
        running: dict[Future[Any], str] = {}
        while order.is_active():
            running.update({pool.submit(run, name): name for name in order.get_ready()})
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                order.done(running.pop(future))


def in_own_process(task: Callable[[Path], float], file: Path) -> Cost:
    """Cost of a task, measured in a fresh process: what it remembers and its peak are its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(task, file, sender))
    process.start()
    sender.close()
    try:
        cost: Cost = receiver.recv()
    except EOFError as error:
        raise RuntimeError(f"{task.__name__} failed") from error
    finally:
        process.join()
    print(f"{file.parent.name}: {task.__name__} took {_cost(cost)}", file=sys.stderr, flush=True)
    return cost


def _measured(task: Callable[[Path], float], file: Path, sender: Any) -> None:
    start = time.process_time()
    seconds = task(file)
    cpu = time.process_time() - start
    sender.send(Cost(round(seconds, 2), round(cpu, 2), round(peak_mb())))


def nodes_of(file: Path) -> tuple[Node, ...]:
    """What dbt notes of the last build beside a file, the slowest node first."""
    results = json.loads((file.parent / "target" / "run_results.json").read_text("utf-8"))["results"]
    nodes = []
    for result in results:
        kind, _, name = result["unique_id"].split(".", 2)
        nodes.append(Node(name, kind, round(result["execution_time"], 2)))
    return tuple(sorted(nodes, key=lambda node: -node.seconds))


def row_counts(file: Path) -> dict[str, int]:
    """Rows of every table of a file, by schema.table."""
    with connect(file, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal order by all"
        ).fetchall()
        return {table: connection.execute(f"select count(*) from {table}").fetchall()[0][0] for (table,) in tables}


def empty_file(file: Path) -> Path:
    """Raw tables without a row, and what the models on runs read."""
    with connect(file) as connection:
        raw.create_tables(connection)
        create_tables(connection)
    return file


def _table(scales: Sequence[Scale], shown: int) -> str:
    lines = [
        "| documents | raw rows | file | fixed | build | straight | beyond | added | gates | peak of build, straight |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for scale in scales:
        beyond = f"{scale.beyond:.2f} ({scale.beyond_cpu:.2f})" if scale.straight else "–"
        peaks = [f"{cost.peak_mb:,.0f} MB" for cost in (scale.build, scale.straight) if cost]
        lines.append(
            f"| {scale.documents:,} | {scale.raw_rows:,} | {scale.file_mb:,.0f} MB | {_cost(scale.fixed)}"
            f" | {_cost(scale.build)} | {_cost(scale.straight)} | {beyond}"
            f" | {_cost(scale.added)} | {_cost(scale.gates)} | {', '.join(peaks)} |"
        )
    for scale in scales:
        for title, every in (("build", scale.nodes), ("added", scale.nodes_of_added)):
            if not every:
                continue
            for kind in ("model", "test"):
                nodes = [node for node in every if node.kind == kind]
                slowest = ", ".join(f"{node.name} {node.seconds:.1f}" for node in nodes[:shown])
                total = sum(node.seconds for node in nodes)
                lines += ["", f"{scale.documents:,} documents, {title}: {len(nodes)} {kind}s, {total:.1f} s: {slowest}"]
    return "\n".join(lines)


def _cost(cost: Cost | None) -> str:
    return "–" if cost is None else f"{cost.seconds:.1f} s ({cost.cpu:.1f} CPU)"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Time the build on few and on many documents.")
    parser.add_argument("folders", type=Path, nargs="*", default=[ROOT / "samples"], help="documents to copy")
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1000, 10000], help="about so many documents")
    parser.add_argument("--build-only", action="store_true", help="leave out: straight, added, gates")
    parser.add_argument("--nodes", type=int, default=15, help="models and tests shown, the slowest first")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    scales = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = empty_file(folder / "base.duckdb")
        loaded = load(options.folders, base).found
        fixed = in_own_process(build_with_dbt, empty_file(folder / "empty" / "yusuan.duckdb"))
        for wanted in options.documents:
            print(f"{wanted} documents …", file=sys.stderr)
            scales.append(
                measure(base, max(1, round(wanted / loaded)), fixed, folder / str(wanted), options.build_only)
            )
            shutil.rmtree(folder / str(wanted))
    if options.json:
        print(json.dumps([{**asdict(s), "beyond": s.beyond, "beyond_cpu": s.beyond_cpu} for s in scales], indent=1))
        return 0
    print(_table(scales, options.nodes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
