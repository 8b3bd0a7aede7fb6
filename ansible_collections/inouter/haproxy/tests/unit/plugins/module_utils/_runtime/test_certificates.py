# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about certificates, with the replies that were measured on real HAProxy processes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    InvalidInput,
    Refused,
    Unusable,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.pem import Block, render
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import certificates
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.api import (
    RuntimeApi,
    batches,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import Command
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.replies import split_replies
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import hostile

F, L = "D/dir/a.pem", "D/list.txt"
PEM = render([Block(1, "CERTIFICATE", b"c" * 60), Block(2, "PRIVATE KEY", b"k" * 60)])
LIST, CERTS = certificates.show_crt_list(L), certificates.show_certs()
CERT = certificates.show_cert(F)
NEW, SET = certificates.new_cert(F), certificates.set_cert(F, PEM)
COMMIT, ABORT = certificates.commit_cert(F), certificates.abort_cert(F)
ADD, TAKE = certificates.add_to_crt_list(L, F), certificates.del_from_crt_list(L, F, "2")
FORGET = certificates.del_cert(F)
DENIED = "Permission denied\n\n"
NO_MATCH = ", but maybe one of the following ones is a better match:\n  abort ssl ca-file\n\n"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (LIST, f"show ssl crt-list -n {L}"),
        (CERTS, "show ssl cert"),
        (CERT, f"show ssl cert {F}"),
        (NEW, f"new ssl cert {F}"),
        (SET, f"set ssl cert {F} <<\n{PEM.decode()}"),
        (COMMIT, f"commit ssl cert {F}"),
        (ABORT, f"abort ssl cert {F}"),
        (ADD, f"add ssl crt-list {L} {F}"),
        (TAKE, f"del ssl crt-list {L} {F}:2"),
        (FORGET, f"del ssl cert {F}"),
    ],
)
def test_text(command: Command, text: str) -> None:
    assert command.text == text
    assert command.ends_line == ("<<" in text)


SUCCESSES = [
    (LIST, f"# {L}\nD/def.pem:1\n\n"),
    (LIST, f"# {L}\n\n"),
    (CERTS, "# filename\nD/def.pem\n\n"),
    (CERTS, f"# transaction\n*{F}\n# filename\n{F}\n\n"),
    (CERT, f"Filename: {F}\nStatus: Empty\nOCSP Response Key: \n\n"),
    (CERT, f"Filename: {F}\nOption: ocsp-update off\nOption: jwt off\nStatus: Unused\n\n"),
    (NEW, f"New empty certificate store '{F}'!\n\n"),
    (SET, f"Transaction created for certificate {F}!\n\n"),
    (SET, f"Transaction updated for certificate {F}!\n\n"),
    *((COMMIT, f"Committing {F}{dots}\nSuccess!\n\n") for dots in ("", ".", "..", "..........")),
    (ABORT, f"Transaction aborted for certificate '{F}'!\n\n"),
    (ABORT, "No ongoing transaction!\n\n"),
    (ADD, f"Inserting certificate '{F}' in crt-list '{L}'.\nSuccess!\n\n"),
    (TAKE, f"Entry '{F}' deleted in crtlist '{L}'!\n\n"),
    (FORGET, f"Certificate '{F}' deleted!\n\n"),
]


@pytest.mark.parametrize(("command", "reply"), SUCCESSES)
def test_success(command: Command, reply: str) -> None:
    assert [command.succeeded(part) for part in split_replies(reply)] == [True]


NO_KEY = "unable to load SSL private key into SSL Context"
CANNOT_LOAD = f"Can't load the payload\nCan't update {F}!\n\n"
CANNOT_EDIT, CANNOT_DELETE = "Can't edit the crt-list:", "Can't delete the entry:"
CANNOT_REMOVE = "Can't remove the certificate: certificate"
DEFAULT = (
    "cannot be deleted, it is used as default certificate by the following frontends:\n\t- D:1"
)
FAILURES = [
    (LIST, "didn't find the specified filename\n\n"),
    (CERT, "Can't display the certificate: Not found or the certificate is a bundle!\n\n"),
    (NEW, f"Certificate '{F}' already exists!\n\n"),
    (NEW, "'new ssl cert' expects a filename\n\n"),
    (SET, f"Can't replace a certificate which is not referenced by the configuration!\n"
          f"Can't update {F}!\n\n"),
    (SET, f"unable to load certificate from file '{F}'.\n{CANNOT_LOAD}"),
    (SET, f"unable to load certificate from file '{F}': no start line.\n{CANNOT_LOAD}"),
    (SET, "'set ssl cert expects a filename and a certificate as a payload\n\n"),
    (SET, "The command is too big for the buffer size. Please change tune.bufsize in the\n\n"),
    (SET, "The command line is too big for the buffer size. Please change tune.bufsize\n\n"),
    (COMMIT, f"No ongoing transaction! !\nCan't commit {F}!\n\n"),
    (COMMIT, f"The transaction must contain at least a certificate and a private key!\n"
             f"Can't commit {F}!\n\n"),
    (COMMIT, f"Committing {F}.\n{NO_KEY} '{F}': passed a null parameter.\nFailed!\n\n"),
    (COMMIT, f"Committing {F}\n{NO_KEY} '{F}': passed a null parameter.\nFailed!\n\n"),
    (COMMIT, f"inconsistencies between private key and certificate loaded '{F}'.\n"
             f"Can't commit {F}!\n\n"),
    (ADD, f"{CANNOT_EDIT} file already exists in this directory!\n\n"),
    (ADD, f"{CANNOT_EDIT} certificate '{F}' is empty!\n\n"),
    (ADD, f"{CANNOT_EDIT} certificate '{F}' does not exist!\n\n"),
    (ADD, f"{CANNOT_EDIT} crt-list '{L}' does not exist!\n\n"),
    (ADD, f"{CANNOT_EDIT} 'D/dirs' is a directory, certificate path '{F}' must contain the"
          " directory path\n\n"),
    (ADD, f"'{F}' is already instantiated with incompatible parameters\n\n"),
    (TAKE, f"{CANNOT_DELETE} found the certificate '{F}' in several entries, please specify a"
           " line number preceded by colons (1, 2)!\n\n"),
    (TAKE, f"{CANNOT_DELETE} certificate '{F}' does not exist!\n\n"),
    (TAKE, f"{CANNOT_DELETE} certificate '{F}' can't be found in crt-list '{L}'\n\n"),
    (TAKE, f"{CANNOT_DELETE} certificate '{F}' {DEFAULT}\n\n"),
    (FORGET, f"{CANNOT_REMOVE} '{F}' in use, can't be deleted!\n\n"),
    (FORGET, f"{CANNOT_REMOVE} '{F}' doesn't exist!\n\n"),
    *((command, reply)
      for command in (LIST, CERTS, CERT, NEW, SET, COMMIT, ADD, TAKE, FORGET)
      for reply in (DENIED, "\n", f"Unknown{NO_MATCH}", f"Unknown command: 'x'{NO_MATCH}")),
]  # fmt: skip


@pytest.mark.parametrize(("command", "reply"), FAILURES)
def test_failure(command: Command, reply: str) -> None:
    assert [command.succeeded(part) for part in split_replies(reply)] == [False]


@pytest.mark.parametrize("line", ["", "x", "1;2", "1 2", "1\n2"])
def test_a_line_is_a_number(line: str) -> None:
    with pytest.raises(ValueError):
        certificates.del_from_crt_list(L, F, line)


BUILDERS: list[Callable[[str], Command]] = [
    certificates.show_crt_list,
    certificates.show_cert,
    certificates.new_cert,
    *(certificates.commit_cert, certificates.abort_cert, certificates.del_cert),
    lambda text: certificates.set_cert(text, PEM),
    lambda text: certificates.add_to_crt_list(text, F),
    lambda text: certificates.add_to_crt_list(L, text),
    lambda text: certificates.del_from_crt_list(text, F, "1"),
    lambda text: certificates.del_from_crt_list(L, text, "1"),
]


@pytest.mark.parametrize("build", BUILDERS)
@given(hostile)
@example("a;disable frontend http")
@example("a\nshow info")
def test_no_text_can_start_another_command(build: Callable[[str], Command], text: str) -> None:
    try:
        command = build(text)
    except InvalidInput:
        return
    first, _newline, payload = command.text.partition("\n")
    assert ";" not in first and "\\" not in first and first.isascii()
    assert len(first.split()) == len(build("x").text.partition("\n")[0].split())
    assert payload in ("", PEM.decode())


@given(st.binary(max_size=40) | st.sampled_from([PEM, PEM * 2, b"\n" + PEM + b"\n\n"]))
@example(b"a\n\nshow info")
@example(b"a\r\n\r\nshow info")
def test_a_payload_never_has_an_empty_line(pem: bytes) -> None:
    try:
        text = certificates.set_cert(F, pem).text
    except ValueError:
        return
    first, *lines = text.split("\n")
    assert first == f"set ssl cert {F} <<" and lines.pop() == ""
    assert pem.strip(b"\n") == b"" or "" not in lines
    assert "\r" not in text


@given(st.lists(st.sampled_from([NEW, SET, COMMIT, ADD, CERTS]), max_size=8))
def test_a_payload_is_the_end_of_its_batch(commands: list[Command]) -> None:
    found = list(batches(commands))
    assert [command for batch in found for command in batch] == commands
    assert not any(command.ends_line for batch in found for command in batch[:-1])


class Answering(RuntimeApi):
    """Gives the same reply to whatever is asked."""

    def __init__(self, reply: str) -> None:
        super().__init__("/simulated")
        self.reply = reply

    def _batch(self, batch: list[Command]) -> list[str]:  # type: ignore[override]
        return [self.reply for _command in batch]


@pytest.mark.parametrize("reply", ["", "unable to load certificate", "Permission denied"])
def test_a_refusal_never_tells_the_payload(reply: str) -> None:
    with pytest.raises(Refused) as caught:
        Answering(reply).do([SET])
    error = caught.value
    assert str(error).startswith(f"HAProxy refused 'set ssl cert {F} <<': ")
    told = f"{error} {error.args} {error.command} {error.reply}"
    assert not any(line in told for line in PEM.decode().splitlines())


def test_an_answer_that_cannot_be_told_apart_never_tells_the_payload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = "ansible_collections.inouter.haproxy.plugins.module_utils._runtime.api.exchange"
    monkeypatch.setattr(module, lambda address, line, timeout: "")
    with pytest.raises(Unusable) as caught:
        RuntimeApi("/x").ask([SET])
    assert f"began with 'set ssl cert {F} <<'" in str(caught.value)
    assert "BEGIN" not in str(caught.value)


def test_what_haproxy_holds_in_a_folder() -> None:
    reply = "# transaction\n*/c/n.pem\n# filename\n/c/a.pem\n/c/b.pem\n/c/d/e.pem\n/o.pem\na\n"
    assert certificates.held(reply, "/c") == {"a.pem", "b.pem"}
    assert certificates.held("# filename\n", "/c") == set()


def test_the_entries_of_a_list() -> None:
    reply = "# /l\n/c/a.pem:1\n/c/b.pem:2\n/c/b.pem:3 [alpn h2\0 ssl-min-ver TLSv1.3] b.test !c\n"
    assert certificates.entries(reply) == {"/c/a.pem": ["1"], "/c/b.pem": ["2", "3"]}
    assert certificates.entries("# /l\n") == {}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (f"Filename: {F}\nStatus: Used\nSHA1 FingerPrint: 0AFF\nIssuer: /CN=x", "0aff"),
        (f"Filename: {F}\nOption: jwt off\nStatus: Used\nSHA1 FingerPrint: 0AFF", "0aff"),
        (f"Filename: {F}\nStatus: Empty\nOCSP Response Key: ", ""),
        ("Can't display the certificate: Not found or the certificate is a bundle!", None),
        ("", None),
    ],
)
def test_the_sha1_of_a_certificate(reply: str, expected: str | None) -> None:
    assert certificates.sha1(reply) == expected
