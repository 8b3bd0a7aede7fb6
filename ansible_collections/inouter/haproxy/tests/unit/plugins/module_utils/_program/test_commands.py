# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program's commands: the same writes as the modules make."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Damaged,
    HaproxyError,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.acme import (
    AcmeFailed,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._program import commands
from ansible_collections.inouter.haproxy.plugins.module_utils._program.commands import COMMANDS
from ansible_collections.inouter.haproxy.tests.unit.support.outcomes import outcome_with
from ansible_collections.inouter.haproxy.tests.unit.support.pki import issued
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring


def run(instance: Instance, command: str, **options: str) -> str:
    return COMMANDS[command].run(instance, Namespace(**options))


def test_converge(instance: Instance) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    Path(instance.paths.conf, "domains.map").unlink()
    metrics = Path(instance.paths.base, "x.prom")
    assert run(instance, "converge", metrics_file=str(metrics)) == (
        "Generation 3, not verified, for HAProxy does not run: files and HAProxy."
    )
    assert 'drift_differences{side="files",kind="map_file"} 1\n' in metrics.read_text()
    assert run(instance, "converge", metrics_file="") == "Nothing to do."
    Path(instance.paths.database).unlink()
    with pytest.raises(Damaged, match="state=adopted"):
        run(instance, "converge", metrics_file=str(metrics))
    assert "converge_success 0\n" in metrics.read_text()


def test_converge_names_a_lost_certificate(instance: Instance) -> None:
    """The run does not fail, for all else is as it should be."""
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    write(instance, "test", Bring(a=1))
    Path(instance.paths.certs, "a.test.ecdsa.pem").unlink()
    run(instance, "converge", metrics_file="")
    assert run(instance, "converge", metrics_file="") == (
        "Nothing to do. The file of the certificate a.test.ecdsa.pem is missing, so HAProxy will"
        " not serve it after its next start. Bring it back with haproxy_cert."
    )


def test_why_converging_failed_is_shown_whatever_else_fails(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = str(tmp_path / "gone/x.prom")
    with pytest.raises(OSError, match="/gone"):
        run(instance, "converge", metrics_file=nowhere)
    Path(instance.paths.database).unlink()
    with pytest.raises(Damaged, match="state=adopted"):
        run(instance, "converge", metrics_file=nowhere)
    assert "The metrics could not be written either: " in capsys.readouterr().err


def test_deploy(tmp_path: Path) -> None:
    instance = Instance(str(tmp_path / "lb"))
    set_up(instance, {"pool_count": 1, "https": "127.0.0.1:1"}, check_mode=False)
    pem = issued("a.test")
    files = {"key": tmp_path / "key", "fullchain": tmp_path / "fullchain"}
    files["key"].write_text(pem.key)
    files["fullchain"].write_text(pem.leaf + pem.above)
    options = {"name": "a.test", **{name: str(path) for name, path in files.items()}}
    assert ": a.test ecdsa." in run(instance, "deploy", **options)
    assert run(instance, "deploy", **options) == "Nothing to do."
    files["key"].write_text(issued("b.test").key)
    with pytest.raises(HaproxyError, match="is not the key of any certificate"):
        run(instance, "deploy", **options)


def test_renew(tmp_path: Path) -> None:
    """The authority's words come from the program that is called."""
    instance = Instance(str(tmp_path / "lb"))
    set_up(instance, {"pool_count": 1, "https": "127.0.0.1:1"}, check_mode=False)
    folder = tmp_path / "home/a.test_ecc"
    folder.mkdir(parents=True)
    (folder / "a.test.conf").write_text("Le_NextRenewTime='1'\n")
    (folder / "fullchain.cer").write_text("")
    (folder / "a.test.key").write_text("")
    program = tmp_path / "acme.sh"
    program.write_text('#!/bin/sh\necho "$1 refused" >&2\nexit 1\n')
    program.chmod(0o755)
    config = {"program": str(program), "home": str(tmp_path / "home"), "server": "s", "dns": ""}
    Path(instance.paths.conf, "acme.json").write_text(json.dumps(config))
    with pytest.raises(AcmeFailed, match="acme.sh --renew failed: --renew refused"):
        run(instance, "renew")


@pytest.mark.parametrize("answer", [{"message": "no TLS here"}, {"fingerprint": "no TLS here"}])
@pytest.mark.parametrize("command", ["renew", "deploy"])
def test_what_is_served_instead_is_an_error(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, command: str, answer: dict[str, str]
) -> None:
    described = {"served": [{"domain": "a.test", "matches": False, **answer}]}
    outcome = outcome_with(changed=True, persisted=True, applied=True, described=described)
    for name in ("renew", "write_certificates", "Acme"):
        monkeypatch.setattr(commands, name, lambda *_given: outcome)
    options = {"name": "a.test", "fullchain": "full.pem", "key": "key.pem"}
    with pytest.raises(HaproxyError, match="does not serve .* as it should: no TLS here"):
        run(instance, command, **options)


def test_backup(instance: Instance) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    first = run(instance, "backup", keep="1", dest="")
    assert Path(first).parent == Path(instance.paths.backups)
    assert run(instance, "backup", keep="1", dest="") == f"{first} holds all that there is."
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.2"))
    second = run(instance, "backup", keep="1", dest="")
    assert [str(path) for path in Path(instance.paths.backups).iterdir()] == [second]
    for wrong in ("0", "many"):
        with pytest.raises(HaproxyError, match="keep: .*A whole number from 1 to 10000"):
            run(instance, "backup", keep=wrong, dest="")


def test_list(instance: Instance) -> None:
    write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    (pool,) = json.loads(run(instance, "list"))["pools"]
    assert (pool["domains"], pool["servers"][0]["ip"]) == (["a.test"], "10.0.0.1")
