# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issuing and renewing certificates with acme.sh, as the role `acme` has set it up.

acme.sh gets no secret on its command line: credentials go through the environment of the one
call, and through the program that the role installs.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Callable, NamedTuple

from ..._instance.instance import Instance
from ..._model.errors import HaproxyError, InvalidInput
from ..._model.names import domain_name, is_wildcard

DNS_01, HTTP_01 = CHALLENGES = ("dns-01", "http-01")
_NOT_DUE = 2
_HOOK = "inouter_haproxy"
_LENGTHS = {"ecdsa": "ec-256", "rsa": "2048"}
_CREDENTIAL = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*\Z")
_KNOWN = {
    "dns_cloudflare_api_token": "CF_Token",
    "dns_cloudflare_api_key": "CF_Key",
    "dns_cloudflare_email": "CF_Email",
}
_RESERVED = ("PATH", "HOME", "IFS", "ENV", "LD_", "LE_", "ACME_")
_THUMBPRINT = re.compile(r"ACCOUNT_THUMBPRINT='([A-Za-z0-9_-]+)'")

RunWith = Callable[[Sequence[str], Mapping[str, str]], tuple[int, str, str]]
"""Runs a program with these arguments and nothing but this environment."""


class AcmeFailed(HaproxyError):
    """acme.sh, the CA or the DNS provider refused; the message has their own words."""


class Ordered(NamedTuple):
    """A certificate that acme.sh keeps.

    :param folder: where its files are
    :param due: when it is to be renewed, in seconds since 1970
    """

    name: str
    key_type: str
    folder: Path
    due: int

    @property
    def hooked(self) -> bool:
        """Whether acme.sh calls a hook, ours or another, when it has renewed it."""
        return "Le_DeployHook=" in (self.folder / f"{self.name}.conf").read_text()

    @property
    def domains(self) -> list[str]:
        """The names that it was ordered for, sorted."""
        text = (self.folder / f"{self.name}.conf").read_text()
        lines = re.findall(r"^Le_(?:Domain|Alt)='(.*)'", text, re.MULTILINE)
        return sorted(name for line in lines for name in line.split(",") if name not in ("", "no"))

    def content(self) -> str:
        """The certificate with its chain and its key."""
        chain = (self.folder / "fullchain.cer").read_text()
        return chain + (self.folder / f"{self.name}.key").read_text()


class Acme:
    """acme.sh on this host. Raises HaproxyError where the role has not set it up."""

    def __init__(self, instance: Instance, run: RunWith) -> None:
        path = f"{instance.paths.conf}/acme.json"
        try:
            self.config: dict[str, Any] = json.loads(Path(path).read_text())
        except FileNotFoundError:
            raise HaproxyError(
                f"There is no {path}: apply the role inouter.haproxy.acme to this host first."
            ) from None
        self.home = Path(self.config["home"]).expanduser()
        self._run = run

    def thumbprint(self) -> str:
        """The account's thumbprint, with which HAProxy answers each http-01 challenge."""
        out = self._call("--register-account", *self._server())
        match = _THUMBPRINT.search(out)
        if match is None:
            raise AcmeFailed("acme.sh did not tell the thumbprint of its account.")
        return match.group(1)

    def issue(self, domains: Sequence[str], challenge: str, key_type: str, force: bool) -> bool:
        """Order a certificate; False where it is there and not due."""
        words = ["--issue", *self._server(), *self._challenge(domains, challenge)]
        words += ["--keylength", _LENGTHS[key_type], *(["--force"] if force else [])]
        for domain in domains:
            words += ["-d", domain]
        return bool(self._call(*words))

    def renew(self, ordered: Ordered, force: bool) -> bool:
        """Renew a certificate; False where it is not due."""
        words = ["--renew", "-d", ordered.name, *self._ecc(ordered)]
        return bool(self._call(*words, *(["--force"] if force else [])))

    def remove(self, ordered: Ordered) -> None:
        """Let acme.sh forget a certificate."""
        self._call("--remove", "-d", ordered.name, *self._ecc(ordered))

    def hook(self, ordered: Ordered) -> None:
        """Have the certificate served whoever renews it, with the hook that the role installs."""
        if (self.home / f"deploy/{_HOOK}.sh").exists() and not ordered.hooked:
            self._call("--deploy", "-d", ordered.name, *self._ecc(ordered), "--deploy-hook", _HOOK)

    def ordered(self, name: str | None = None) -> list[Ordered]:
        """The certificates that acme.sh has got, of one name or all."""
        found = (_ordered(path) for path in sorted(self.home.glob("*/*.conf")))
        return [o for o in found if o is not None and name in (None, o.name)]

    def _ecc(self, ordered: Ordered) -> list[str]:
        return ["--ecc"] if ordered.key_type == "ecdsa" else []

    def _server(self) -> list[str]:
        return ["--server", self.config["server"]]

    def _challenge(self, domains: Sequence[str], challenge: str) -> list[str]:
        if challenge == HTTP_01:
            wildcard = next((d for d in domains if is_wildcard(d)), None)
            if wildcard is not None:
                allowed = "Use challenge=dns-01 for wildcards"
                raise InvalidInput("domains", wildcard, "cannot be proved over HTTP", allowed)
            return ["--stateless"]
        if not self.config["dns"]:
            allowed = "Set acme_dns in the role inouter.haproxy.acme, or use challenge=http-01"
            raise InvalidInput("challenge", challenge, "needs a DNS provider", allowed)
        sleep = self.config.get("dns_sleep")
        return ["--dns", self.config["dns"], *([] if sleep is None else ["--dnssleep", str(sleep)])]

    def _call(self, *words: str) -> str:
        """Run acme.sh; its output, or nothing where there is nothing to do."""
        bundle = self.config.get("ca_bundle")
        common = ["--home", str(self.home), "--no-color"]
        common += ["--ca-bundle", bundle] if bundle else []
        arguments = [self.config["program"], *words, *common]
        code, out, err = self._run(arguments, self._environment())
        if code == _NOT_DUE:
            return ""
        if code != 0:
            raise AcmeFailed(f"acme.sh {words[0]} failed: {_words(err) or _words(out)}")
        return out or "done"

    def _environment(self) -> dict[str, str]:
        fixed = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.home)}
        fixed.update({"LC_ALL": "C", "NO_TIMESTAMP": "1", "INOUTER_HAPROXY_LOADS": "yes"})
        path = self.config.get("credentials_file")
        text = Path(path).expanduser().read_text() if path else ""
        return {**dict(credentials(text)), **fixed}


def credentials(text: str) -> Iterator[tuple[str, str]]:
    """The variables in a file of `NAME = value` lines; certbot's names become acme.sh's."""
    for line in text.splitlines():
        match = _CREDENTIAL.match(line)
        if match and not line.lstrip().startswith("#"):
            name = _KNOWN.get(match.group(1), match.group(1))
            if not name.upper().startswith(_RESERVED):
                yield name, match.group(2).strip("\"'")


def _words(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    kept = [line for line in lines if line and not line.startswith(("Please add", "See: http"))]
    return " ".join(kept)[-2000:]


def _ordered(path: Path) -> Ordered | None:
    folder, name = path.parent, path.stem
    if folder.name not in (name, f"{name}_ecc") or not (folder / "fullchain.cer").exists():
        return None
    due = re.search(r"^Le_NextRenewTime='(\d+)'", path.read_text(), re.MULTILINE)
    key_type = "ecdsa" if folder.name.endswith("_ecc") else "rsa"
    return Ordered(domain_name(name), key_type, folder, int(due.group(1)) if due else 0)
