"""Damaged documents: whatever the bytes, a reader answers with facts or a refusal, soon and within bounds.

YUSUAN_FUZZ_SECONDS=240 makes the run as long as one likes, in seconds of the processor. A failing document is written
to the temporary folder.
"""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

from loaders.errors import RefusedDocument
from loaders.extract import extract_bytes

from ..support.paths import ROOT, SAMPLES

SECONDS = float(os.environ.get("YUSUAN_FUZZ_SECONDS", "6"))
SEEDS = ROOT.parent / "shared" / "corpus" / "seeds"
TOKENS = (
    "\t", "\n", "\t\t", "\n\n", "\f", "项目编码", "项目名称", "预算项目名称", "一级指标", "二级指标", "三级指标",
    "栏次", "序号",
    "总分", "绩效目标", "资金支出计划（%）", "产出指标", "数量指标", "3月底", "%", "100", "≥", "（", "）", "主管部门",
    "项目资金", "预算数", "单位：万元", "收支总表", "指标 2:", "二、分项绩效目标", "联系人：", "13900000000",
)  # fmt: skip

Damage = Callable[[list[str], random.Random], list[str]]


def shuffled(lines: list[str], chance: random.Random) -> list[str]:
    return chance.sample(lines, len(lines))


def with_tokens(lines: list[str], chance: random.Random) -> list[str]:
    for _ in range(chance.randrange(1, 80)):
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(TOKENS))
    return lines


def with_gaps(lines: list[str], chance: random.Random) -> list[str]:
    return [line for line in lines if chance.random() > 0.05]


def repeated(lines: list[str], chance: random.Random) -> list[str]:
    start = chance.randrange(len(lines))
    return lines[start : start + chance.randrange(1, 400)] * chance.randrange(1, 4)


def only_tokens(_: list[str], chance: random.Random) -> list[str]:
    return ["".join(chance.choices(TOKENS, k=chance.randrange(5))) for _ in range(chance.randrange(1, 400))]


DAMAGES: tuple[Damage, ...] = (shuffled, with_tokens, with_gaps, repeated, only_tokens)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes overwritten, or lines moved, added, lost, repeated or made up."""
    if chance.random() < 0.2:
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 60)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed)
    return "\n".join(chance.choice(DAMAGES)(data.decode().split("\n"), chance)).encode()


def test_no_damage_makes_a_reader_fail_hang_or_swell(tmp_path: Path) -> None:
    folders = [SAMPLES, SEEDS] if SEEDS.is_dir() else [SAMPLES]
    documents = [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.txt"))]
    seed = int(os.environ.get("YUSUAN_FUZZ_SEED", "20240101"))
    chance = random.Random(seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = refused = 0
    end = time.process_time() + SECONDS
    while time.process_time() < end:
        data = damaged(chance.choice(documents), chance)
        (tmp_path / "last.txt").write_bytes(data)
        started = time.process_time()
        try:
            extract_bytes(data)
            read += 1
        except RefusedDocument:
            refused += 1
        assert time.process_time() - started < 30, f"seed {seed}: {len(data)} bytes take too long"
    assert read > 10
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 400, f"memory grew by {grown:.0f} MB over {read + refused} documents"
