"""Running on a schedule with what the system has: a systemd service with its timer, or a line for cron.

Nothing here runs a pipeline: the texts call `yusuan run` on an inbox, as anybody would by hand.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageProblem
from pipeline.layout import ROOT, Warehouse, target_dir

# A run that meets another one waits: it may be one that somebody started by hand.
WAIT_SECONDS = 3600
_EVERY = re.compile(r"(\d+)\s*(min|h)")
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Plan:
    """What is to run, and when: every so many minutes, or at a time of the day."""

    inbox: Path
    warehouse: Warehouse
    every_minutes: int | None
    at: tuple[int, int] | None

    @property
    def name(self) -> str:
        """The name of the units; one for each warehouse."""
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", self.warehouse.published.stem)
        return "yusuan" if stem == "yusuan" else f"yusuan-{stem}"

    @property
    def command(self) -> list[str]:
        """What the timer starts: a run of the inbox that waits for its turn, as a list of words."""
        return [
            sys.executable, "-m", "pipeline", "run", str(self.inbox),
            "--warehouse", str(self.warehouse.published),
            "--wait", str(WAIT_SECONDS),
        ]  # fmt: skip


def plan(inbox: Path, warehouse: Warehouse, every: str | None, at: str | None) -> Plan:
    """A plan from what people write: `every` as 15min or 2h, `at` as 02:00 (the default). Raises UsageProblem."""
    if every and at:
        raise UsageProblem("either --every or --at")
    minutes = None
    if every:
        match = _EVERY.fullmatch(every.strip())
        minutes = int(match[1]) * (60 if match[2] == "h" else 1) if match else 0
        if not minutes:
            raise UsageProblem(f"{every}: not a span like 15min or 2h")
    clock = _AT.fullmatch((at or "02:00").strip())
    if not clock:
        raise UsageProblem(f"{at}: not a time of the day like 02:00")
    # Not resolved: an inbox may be a link that is meant to be moved.
    return Plan(inbox.absolute(), warehouse, minutes, None if minutes else (int(clock[1]), int(clock[2])))


def units(plan: Plan, system: bool) -> dict[str, str]:
    """File name → text of the systemd units. A system service is held to what it must write."""
    writable = [plan.warehouse.published.parent, target_dir()]
    held = [
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        f"ReadWritePaths={' '.join(_quoted(path) for path in writable)}",
        "PrivateDevices=true",
        "ProtectKernelTunables=true",
        "ProtectControlGroups=true",
        "RestrictSUIDSGID=true",
    ]
    service = [
        "[Unit]",
        f"Description=Yusuan: documents of {_text(plan.inbox)}",
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={_text(ROOT)}",
        f"Environment={_quoted('YUSUAN_TARGET=' + str(target_dir()))}",
        # Where a webhook or a mail about failures is named; a dash: it need not exist.
        f"EnvironmentFile=-{_text(plan.warehouse.published.parent / 'yusuan.env')}",
        f"ExecStart={' '.join(_quoted(word) for word in plan.command)}",
        "Nice=10",
        "UMask=0022",
        "NoNewPrivileges=true",
        *(["PrivateTmp=true", *held] if system else []),
    ]
    when = (
        ["OnActiveSec=1min", f"OnUnitInactiveSec={plan.every_minutes}min"]
        if plan.every_minutes
        else [f"OnCalendar=*-*-* {_clock(plan)}:00", "Persistent=true"]
    )
    timer = [
        "[Unit]",
        f"Description=Yusuan: {_spoken(plan)}",
        "",
        "[Timer]",
        *when,
        f"Unit={plan.name}.service",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return {f"{plan.name}.service": "\n".join(service) + "\n", f"{plan.name}.timer": "\n".join(timer) + "\n"}


def cron_line(plan: Plan) -> str:
    """The line for cron. Raises UsageProblem for a span that cron cannot say."""
    if plan.at:
        when = f"{plan.at[1]} {plan.at[0]} * * *"
    else:
        minutes = plan.every_minutes or 0
        if minutes < 60 and 60 % minutes == 0:
            when = f"*/{minutes} * * * *"
        elif minutes % 60 == 0 and 24 % (minutes // 60) == 0:
            when = f"0 */{minutes // 60} * * *"
        else:
            raise UsageProblem(f"cron cannot say every {minutes} minutes: take a divisor of an hour or of a day")
    target = shlex.quote(str(target_dir()))
    command = f"cd {shlex.quote(str(ROOT))} && YUSUAN_TARGET={target} {shlex.join(plan.command)}"
    return f"{when} {command}".replace("%", r"\%") + f" # {plan.name}\n"


def unit_dir(system: bool) -> Path:
    """Where systemd looks for units that people install."""
    if system:
        return Path("/etc/systemd/system")
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def install(texts: Mapping[str, str], folder: Path, name: str, control: Sequence[str] | None) -> None:
    """Write the units into `folder` and switch the timer on; with `control` None they are only written."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    if control:
        _call([*control, "daemon-reload"])
        _call([*control, "enable", "--now", f"{name}.timer"])


def remove(files: Sequence[str], folder: Path, name: str, control: Sequence[str] | None) -> list[Path]:
    """Switch the timer off and remove the units; gives what was there."""
    there = [folder / file for file in files if (folder / file).exists()]
    if control and there:
        _call([*control, "disable", "--now", f"{name}.timer"])
    for path in there:
        path.unlink()
    if control and there:
        _call([*control, "daemon-reload"])
    return there


def install_cron(line: str | None, name: str) -> None:
    """Put the line into the crontab of this user, in the place of the one of this name; None takes that out."""
    listed = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    others = [other for other in listed.stdout.splitlines() if not other.endswith(f" # {name}")]
    _call(["crontab", "-"], "".join(f"{other}\n" for other in others) + (line or ""))


def control_of(system: bool) -> list[str]:
    """The command that speaks with systemd."""
    return ["systemctl"] if system else ["systemctl", "--user"]


def _call(command: Sequence[str], text: str | None = None) -> None:
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise UsageProblem(f"{command[0]}: not installed here") from error
    if done.returncode:
        raise UsageProblem(f"{shlex.join(command)}: {' '.join(done.stderr.split())}")


def _clock(plan: Plan) -> str:
    assert plan.at
    return f"{plan.at[0]:02d}:{plan.at[1]:02d}"


def _spoken(plan: Plan) -> str:
    return f"every {plan.every_minutes} minutes" if plan.every_minutes else f"every day at {_clock(plan)}"


def _text(value: object) -> str:
    """A value of a unit file: a percent sign begins a specifier there."""
    return str(value).replace("%", "%%")


def _quoted(value: object) -> str:
    """One word of a command line of a unit file."""
    text = _text(value).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{text}"'
