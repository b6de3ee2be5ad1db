"""`make docs`: one page that needs no server and no network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..support.paths import ROOT
from ..support.warehouses import environment


def test_the_page_names_the_reports_and_calls_nobody(tmp_path: Path) -> None:
    """The command of the target, on a copy of the project without its warehouse."""
    for name in ("dbt_project.yml", "models", "seeds", "macros", "profiles", "tests/generic", "tests/data"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy(source, tmp_path / name)
    shutil.copyfile(ROOT / "Makefile", tmp_path / "Makefile")
    # The environment is there already: what stands for it is newer than what it is made from.
    for name in ("requirements.lock", "pyproject.toml", "installed"):
        (tmp_path / name).touch()
    command = ["make", "-s", "docs", f"BIN={Path(sys.executable).parent}", "INSTALLED=installed"]
    surroundings = {**environment(tmp_path / "target"), "MAKEFLAGS": ""}
    done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "target" / "docs" / "index.html").read_text("utf-8")
    reports = sorted(path.stem for path in (ROOT / "models" / "reports").glob("*.sql"))
    assert len(reports) >= 10
    assert [name for name in reports if f"model.yusuan.{name}" not in page] == []
    assert r"\u4e0d\u53ef\u6bd4" in page, "the Chinese descriptions are there (不可比)"
    # No script, style or font from elsewhere; the tracker that dbt's page holds is off.
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://[^"]+"', page) == []
    assert re.findall(r'"send_anonymous_usage_stats": (\w+)', page) == ["false"]
    assert not (tmp_path / "warehouse").exists(), "no warehouse is needed"
