# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""acme.sh as the core calls it: arguments, environment, answers, and what it keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.acme import (
    Acme,
    AcmeFailed,
    credentials,
)

Answer = tuple[int, str, str]
Make = Callable[..., "Called"]


class Called(Acme):
    """An acme.sh that answers as it is told, and what it was called with."""

    def __init__(self, instance: Instance, answer: Answer) -> None:
        self.calls: list[tuple[list[str], dict[str, str]]] = []

        def run(arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
            self.calls.append((list(arguments), dict(environment)))
            return answer

        super().__init__(instance, run)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Give the way to make one, with settings of one's own."""
    (tmp_path / "lb/conf").mkdir(parents=True)
    secrets = tmp_path / "secrets"
    secrets.write_text("dns_cloudflare_api_token = to&ken\nPATH = /evil\n# X = 1\nnonsense\n")
    fixed = {"program": "/acme.sh", "home": str(tmp_path / "home"), "server": "https://ca/dir"}

    def made(answer: Answer = (0, "done", ""), **settings: object) -> Called:
        config = {**fixed, "dns": "dns_cf", "credentials_file": str(secrets), **settings}
        (tmp_path / "lb/conf/acme.json").write_text(json.dumps(config))
        return Called(Instance(str(tmp_path / "lb")), answer)

    return made


def test_not_set_up(tmp_path: Path) -> None:
    with pytest.raises(HaproxyError, match="apply the role inouter.haproxy.acme"):
        Called(Instance(str(tmp_path)), (0, "", ""))


def test_issue_by_dns(make: Make) -> None:
    acme = make(dns_sleep=0, ca_bundle="/ca.pem")
    assert acme.issue(["a.test", "*.a.test"], "dns-01", "ecdsa", False)
    ((arguments, environment),) = acme.calls
    words = "/acme.sh --issue --server https://ca/dir --dns dns_cf --dnssleep 0 --keylength ec-256"
    assert arguments[:10] == [*words.split()]
    assert arguments[10:14] == ["-d", "a.test", "-d", "*.a.test"]
    assert arguments[-2:] == ["--ca-bundle", "/ca.pem"]
    assert environment["CF_Token"] == "to&ken"
    assert environment["PATH"] != "/evil"
    assert "to&ken" not in " ".join(arguments)


def test_issue_over_http(make: Make) -> None:
    acme = make(dns="")
    assert acme.issue(["a.test"], "http-01", "rsa", True)
    assert {"--stateless", "2048", "--force"} < set(acme.calls[0][0])
    with pytest.raises(InvalidInput, match="cannot be proved over HTTP"):
        acme.issue(["*.a.test"], "http-01", "rsa", False)
    with pytest.raises(InvalidInput, match="needs a DNS provider"):
        acme.issue(["a.test"], "dns-01", "rsa", False)


def test_not_due_is_nothing(make: Make) -> None:
    assert not make((2, "", "")).issue(["a.test"], "dns-01", "ecdsa", False)


def test_failure_has_the_words_of_the_ca(make: Make) -> None:
    told = "a.test: Invalid status\nPlease add '--debug'\nSee: https://x\n"
    with pytest.raises(AcmeFailed, match="^acme.sh --issue failed: a.test: Invalid status$"):
        make((1, "", told)).issue(["a.test"], "dns-01", "ecdsa", False)


def test_thumbprint(make: Make) -> None:
    assert make((0, "ACCOUNT_THUMBPRINT='ab_C-1'\n", "")).thumbprint() == "ab_C-1"
    with pytest.raises(AcmeFailed, match="thumbprint"):
        make((0, "nothing", "")).thumbprint()


def test_what_it_keeps(make: Make, tmp_path: Path) -> None:
    for folder, name in (("a.test_ecc", "a.test"), ("b.test", "b.test"), ("c.test", "c.test")):
        path = tmp_path / "home" / folder
        path.mkdir(parents=True)
        (path / f"{name}.conf").write_text("Le_NextRenewTime='17'\n")
        (path / f"{name}.key").write_text("key\n")
        if name != "c.test":
            (path / "fullchain.cer").write_text("chain\n")
    found = make().ordered()
    assert [(o.name, o.key_type, o.due) for o in found] == [
        ("a.test", "ecdsa", 17),
        ("b.test", "rsa", 17),
    ]
    assert found[0].content() == "chain\nkey\n"
    assert [o.name for o in make().ordered("b.test")] == ["b.test"]


def test_credentials() -> None:
    text = "dns_cloudflare_email = 'a@b'\nFOO=x\nLD_PRELOAD=/evil\nACME_X=1\n #BAR=y\n"
    assert dict(credentials(text)) == {"CF_Email": "a@b", "FOO": "x"}
