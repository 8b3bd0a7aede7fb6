# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laboratory itself: what it starts works, and its load sees what is wrong."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import debian, tools
from .lab.http import Answer, KeepAlive, get, poll
from .lab.load import LoadRun, Stream
from .lab.origins import Origins, SlowOrigin
from .lab.ports import free_ports, loopback
from .lab.process import HaproxyProcess
from .lab.sshd import Sshd

CONFIG = """\
global
    stats socket {base}/run/admin.sock mode 600 level admin expose-fd listeners
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 1s
frontend fe
    bind {ip}:{port}
    http-request return status 200 content-type text/plain string "it works"
"""
WORKS = Answer(200, "it works")


class Server:
    """A HAProxy with a minimal configuration."""

    def __init__(self, binary: Path, base: Path) -> None:
        self.address = (loopback(), free_ports(1)[0])
        self.process = HaproxyProcess(binary, base)
        self.config = base / "conf/haproxy.cfg"
        self.config.parent.mkdir(parents=True)
        ip, port = self.address
        self.config.write_text(CONFIG.format(base=base, ip=ip, port=port))


@pytest.fixture
def server(haproxy_binary: Path, tmp_path: Path) -> Iterator[Server]:
    made = Server(haproxy_binary, tmp_path / "lb")
    with made.process:
        yield made


@pytest.fixture
def two_origins(origins: Origins) -> Origins:
    origins.add("one")
    origins.add("two")
    origins.start()
    return origins


def test_haproxy_reloads_without_losing_a_connection(server: Server) -> None:
    master, worker = server.process.pids()[0], server.process.worker()
    server.process.reload()
    server.process.reload()
    assert server.process.pids()[0] == master
    assert server.process.worker() not in {None, worker}
    assert get(server.address, "a.test") == WORKS


def test_haproxy_reload_takes_the_new_configuration(server: Server) -> None:
    server.config.write_text(server.config.read_text().replace("it works", "it is new"))
    server.process.reload()
    assert get(server.address, "a.test") == Answer(200, "it is new")


def test_haproxy_dies_at_once_and_starts_again(server: Server) -> None:
    old = set(server.process.pids())
    assert len(old) >= 2, "a master and a worker"
    server.process.kill()
    assert not server.process.pids()
    with pytest.raises(ConnectionRefusedError):
        get(server.address, "a.test")
    server.process.start()
    assert get(server.address, "a.test") == WORKS
    assert not old & set(server.process.pids())


def test_haproxy_processes_are_named_haproxy(server: Server) -> None:
    server.process.reload()
    names = {Path(f"/proc/{pid}/comm").read_text().strip() for pid in server.process.pids()}
    assert names == {"haproxy"}


def test_a_wrong_configuration_is_told_with_haproxys_words(server: Server) -> None:
    server.process.stop()
    server.config.write_text("nonsense\n")
    with pytest.raises(RuntimeError, match="nonsense"):
        server.process.start()


def test_the_builds_are_of_their_versions(builds: dict[str, Path]) -> None:
    for version, binary in builds.items():
        said = subprocess.run([binary, "-v"], check=True, capture_output=True, text=True).stdout
        assert f"version {version}." in said


def test_each_origin_says_its_name(two_origins: Origins) -> None:
    for name, address in two_origins.addresses.items():
        with KeepAlive(address) as connection:
            for _number in range(3):
                assert connection.get("any.test") == Answer(200, f"{name}\n")


def test_the_slow_origin_is_slow_and_counts() -> None:
    origin = SlowOrigin(0.2)
    origin.start()
    start = time.monotonic()
    assert get(origin.address, "any.test") == Answer(200, "slow\n")
    assert time.monotonic() - start >= 0.2
    assert origin.requests == 1
    origin.stop()


def test_poll_records_answers_and_failures(two_origins: Origins) -> None:
    address = two_origins.addresses["one"]
    assert poll(address, "any.test", until=lambda _: True)[0].answer == Answer(200, "one\n")
    two_origins.stop()
    samples = poll(address, "any.test", within=0.1)
    assert len(samples) > 1
    assert all("ConnectionRefusedError" in sample.error for sample in samples)
    assert [sample.at for sample in samples] == sorted(sample.at for sample in samples)


@pytest.mark.parametrize("keep_alive", [True, False])
def test_load_finds_nothing_wrong_with_right_answers(
    two_origins: Origins, tmp_path: Path, keep_alive: bool
) -> None:
    streams = [
        Stream(address, {"a.test": Answer(200, f"{name}\n")}, keep_alive=keep_alive)
        for name, address in two_origins.addresses.items()
    ]
    load = LoadRun(tmp_path, streams, seconds=20)
    load.start()
    result = load.until_requests(1000)
    assert result.requests >= 1000
    assert result[1:] == (0, 0)


def test_load_counts_wrong_answers_by_host(two_origins: Origins, tmp_path: Path) -> None:
    expected = {
        "right.test": Answer(200, "one\n"),
        "body.test": Answer(200, "two\n"),
        "status.test": Answer(404, "one\n"),
    }
    stream = Stream(two_origins.addresses["one"], expected)
    with LoadRun(tmp_path, [stream], seconds=20) as load:
        result = load.until_requests(900)
    assert result.wrong == pytest.approx(result.requests * 2 / 3, abs=8)


def test_load_ends_by_itself(two_origins: Origins, tmp_path: Path) -> None:
    stream = Stream(two_origins.addresses["one"], {"a.test": Answer(200, "one\n")})
    start = time.monotonic()
    with LoadRun(tmp_path, [stream], seconds=1) as load:
        assert load.until_requests(10**9).wrong == 0
    assert time.monotonic() - start < 5


def test_load_goes_to_loopback_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a loopback address"):
        LoadRun(tmp_path, [Stream(("192.0.2.1", 80), {})])


def test_sshd_runs_a_command_in_a_clean_home(sshd: Sshd) -> None:
    ssh = tools.need("ssh", "apt-get install openssh-client")
    ip, port = sshd.address
    login = ["-i", f"{sshd.folder}/client_key", "-p", str(port), "-l", sshd.user, ip]
    command = [ssh, *sshd.ssh_arguments(), *login, "echo $HOME"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.strip() == str(sshd.home), done.stderr + sshd.log


def test_what_is_missing_fails_in_ci_and_is_skipped_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for value, outcome in (("true", pytest.fail.Exception), ("", pytest.skip.Exception)):
        monkeypatch.setenv("CI", value)
        with pytest.raises(outcome, match="apt-get install nonsense"):
            tools.need("no-such-program", "apt-get install nonsense")


def test_the_archive_of_this_machine_is_found(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    other = "deb [arch=amd64] https://example.test/debian/ all main\n"
    security = "deb http://mirror.test/debian-security stable main\n"
    (tmp_path / "sources.list").write_text(f"# deb http://no.test/debian sid main\n{other}")
    (parts / "a.list").write_text(security)
    (parts / "b.sources").write_text(
        "Types: deb deb-src\n# a comment\nURIs: http://mirror.test/debian\n"
        "Suites: stable stable-updates\nComponents: main contrib\n"
    )
    assert debian.archive(tmp_path) == "http://mirror.test/debian"
