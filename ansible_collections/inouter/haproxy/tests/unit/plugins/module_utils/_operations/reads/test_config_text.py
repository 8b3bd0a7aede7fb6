# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration as it may be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.reads.config_text import (
    config_text,
    redacted,
)


@pytest.mark.parametrize(
    "line",
    [
        "    user admin password $5$abc$SECRET",
        "    user admin insecure-password SECRET groups g",
        "    stats auth admin:SECRET",
        "    setenv MY_TOKEN SECRET",
        "    presetenv API SECRET and more",
        "    http-request set-header Authorization SECRET",
        "    http-request deny unless { req.hdr(x-token) -m str SECRET }",
        "    acl ok req.hdr(authorization) Bearer SECRET",
        "    server a 10.0.0.1 api-key=SECRET",
        "    option httpchk GET /h?token=SECRET HTTP/1.1",
        "    http-check send meth GET uri /health?api_key=SECRET ver HTTP/1.1",
        "    http-check send hdr X-Auth-Key SECRET",
        "    http-request set-header Cookie SECRET",
        "    acl ok hdr(Authorization) -m str Basic\\ SECRET",
        '    http-request deny unless { var(txn.b),jwt_verify(txn.alg,"SECRET") 1 }',
        "    http-request set-var(txn.h) path,hmac(sha256,SECRET)",
        "    stats auth admin:my\\ SECRET",
        '    user admin insecure-password "my SECRET"',
        '    tcp-check send "AUTH SECRET\\r\\n"',
        "    tcp-check send-binary SECRET",
        "    acl in req.cook(sid) -m str SECRET",
        "    acl in hdr(cookie) -m sub SECRET",
        "    cluster-secret SECRET",
    ],
)
def test_secrets_are_hidden(line: str) -> None:
    shown = redacted(f"global\n{line}\ndefaults")
    assert "SECRET" not in shown and "(hidden)" in shown
    assert shown.startswith("global\n") and shown.endswith("\ndefaults")


@pytest.mark.parametrize(
    "line",
    [
        "    stats socket /run/admin.sock mode 660 level admin",
        "    bind :443 ssl strict-sni crt-list /opt/haproxy/conf/certs.crtlist",
        "    use_backend %[req.hdr(host),lower,map_str(/opt/haproxy/conf/domains.map)]",
        "    timeout client 30s",
        "    cookie SRV insert indirect nocache",
        "    http-request set-header X-Forwarded-Proto https",
        "    http-check send meth GET uri /health ver HTTP/1.1",
        "    bind :443 ssl crt /etc/haproxy/a.pem alpn h2",
    ],
)
def test_the_rest_is_not(line: str) -> None:
    assert redacted(line) == line


def test_the_file(instance: Instance) -> None:
    Path(instance.paths.config).write_text("global\n    stats auth a:b\n")
    assert config_text(instance) == {
        "path": instance.paths.config,
        "text": "global\n    stats auth a:(hidden)",
    }
    Path(instance.paths.config).unlink()
    with pytest.raises(OSError, match="No such file"):
        config_text(instance)
