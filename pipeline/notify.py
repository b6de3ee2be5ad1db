"""A word to people when a run fails: a webhook or a mail, off unless the environment names one (docs/running.md).

A URL or a password is never printed: such URLs often hold a token. A message that cannot be sent changes nothing of
the run.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from urllib.parse import urlsplit

_SECONDS = 10.0


@dataclass(frozen=True)
class Failure:
    """What is said: which warehouse (its file name), the exit code and the message of the command."""

    warehouse: str
    command: str
    exit_code: int
    error: str
    failed_at: str  # UTC, ISO 8601


def failure(message: Failure, environment: Mapping[str, str] | None = None) -> list[str]:
    """Send the message where the environment says so; gives a line for each way that did not work."""
    settings = os.environ if environment is None else environment
    ways: list[tuple[str, Callable[[Failure, Mapping[str, str]], None]]] = []
    if settings.get("YUSUAN_ON_FAILURE_WEBHOOK"):
        ways.append(("webhook", _post))
    if settings.get("YUSUAN_ON_FAILURE_MAIL"):
        ways.append(("mail", _mail))
    problems = []
    for name, send in ways:
        try:
            send(message, settings)
        except (OSError, ValueError, smtplib.SMTPException, urllib.error.URLError) as error:
            # The text of the error may hold the address: only its kind is told.
            code = f" {error.code}" if isinstance(error, urllib.error.HTTPError) else ""
            problems.append(f"the {name} about the failure could not be sent ({type(error).__name__}{code})")
    return problems


def _post(message: Failure, settings: Mapping[str, str]) -> None:
    url = settings["YUSUAN_ON_FAILURE_WEBHOOK"]
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("a webhook is an http or https URL")
    body = json.dumps(asdict(message), ensure_ascii=False).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json; charset=utf-8"}, method="POST")
    with urllib.request.urlopen(request, timeout=_SECONDS):
        pass


def _mail(message: Failure, settings: Mapping[str, str]) -> None:
    receiver = settings["YUSUAN_ON_FAILURE_MAIL"]
    server = settings.get("YUSUAN_SMTP") or "localhost"
    place = urlsplit(server if "://" in server else f"smtp://{server}")
    mail = EmailMessage()
    mail["To"] = receiver
    mail["From"] = settings.get("YUSUAN_SMTP_FROM") or receiver
    mail["Subject"] = f"Yusuan: {message.command} failed with exit code {message.exit_code} ({message.warehouse})"
    mail.set_content(f"{message.error}\n\n{message.failed_at} UTC\n")
    context = ssl.create_default_context()
    host = place.hostname or "localhost"
    client = (
        smtplib.SMTP_SSL(host, place.port or 465, timeout=_SECONDS, context=context)
        if place.scheme == "smtps"
        else smtplib.SMTP(host, place.port or 25, timeout=_SECONDS)
    )
    with client:
        user = settings.get("YUSUAN_SMTP_USER")
        if user:
            if place.scheme != "smtps":
                client.starttls(context=context)
            client.login(user, settings.get("YUSUAN_SMTP_PASSWORD") or "")
        client.send_message(mail)
