"""A real standalone Spark cluster on this machine: one master and workers, each a Java process, on loopback alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
_START_SECONDS = 120
_POLL_SECONDS = 0.2


@contextmanager
def cluster(folder: Path, workers: int = 2, memory: str = "2g") -> Iterator[str]:
    """The address of a cluster of `workers`, a core each, for as long as the block lasts. Logs stand in `folder`."""
    import pyspark

    home = Path(pyspark.__file__).parent
    master, pages = _free_port(), _free_port()
    address = f"spark://{HOST}:{master}"
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_NO_DAEMONIZE": "1",
    }
    master_command = ["master.Master", "--host", HOST, "--port", str(master), "--webui-port", str(pages)]
    worker_command = ["worker.Worker", "--host", HOST, "--cores", "1", "--memory", memory, "--webui-port"]
    commands = [master_command, *[[*worker_command, str(_free_port()), address] for _ in range(workers)]]
    folder.mkdir(parents=True, exist_ok=True)
    started: list[subprocess.Popen[bytes]] = []
    try:
        for number, command in enumerate(commands):
            with (folder / f"{number}.log").open("wb") as log:
                started.append(
                    subprocess.Popen(
                        [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{command[0]}", *command[1:]],
                        env=environment,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        process_group=0,
                    )
                )
            if number == 0:
                _wait_until_heard(master, started[0])
        yield address
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            process.wait()


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind((HOST, 0))
        return int(asked.getsockname()[1])


def _wait_until_heard(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as asked:
            asked.settimeout(1)
            if asked.connect_ex((HOST, port)) == 0:
                return
        time.sleep(_POLL_SECONDS)
    raise TimeoutError("the master of the cluster did not start")
