# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: rows of the database, their defaults, and which values are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import (
    Settings,
    safe_folder,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.tests.unit.support.strategies import hostile

ODD = Settings(7, 3, "/seen/conf", "/usr/sbin/haproxy", "edge")


def test_defaults() -> None:
    assert Settings.of_rows({}) == Settings() == Settings(100, 10, "", "haproxy", "")


def test_rows_are_text_and_read_again() -> None:
    assert ODD.rows() == {
        "pool_count": "7",
        "pool_slots": "3",
        "haproxy_conf": "/seen/conf",
        "haproxy_binary": "/usr/sbin/haproxy",
        "haproxy_container": "edge",
        "haproxy_certs": "",
        "https": "",
        "acme_thumbprint": "",
        "pool_profiles": "",
        "runtime_pools": "0",
    }
    assert Settings.of_rows(ODD.rows()) == ODD


def test_pools_made_at_run_time_come_on_top_of_the_prepared_ones() -> None:
    grown = Settings.of_rows({"pool_count": "7", "runtime_pools": "2"})
    assert (grown.pool_count, grown.runtime_pools, grown.pools) == (7, 2, 9)


def test_rows_of_a_newer_release_are_left_alone() -> None:
    assert Settings.of_rows({"pool_count": "7", "color": "blue"}) == Settings(7)


def test_what_is_not_given_stays() -> None:
    assert ODD.with_changes({"pool_slots": 4, "pool_count": None}) == ODD._replace(pool_slots=4)
    assert ODD.with_changes({}) == ODD


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pool_count": 0}, "pool_count: 0 is out of range"),
        ({"pool_count": 100001}, "pool_count: 100001 is out of range"),
        ({"pool_slots": 0}, "pool_slots: 0 is out of range"),
        ({"pool_slots": 1001}, "pool_slots: 1001 is out of range"),
        ({"pool_slots": True}, "pool_slots: True is out of range"),
        ({"haproxy_conf": "conf"}, "haproxy_conf: 'conf' cannot be used"),
        (
            {"pool_profiles": [{"name": "a", "first": 1, "last": 101}]},
            "pool_profiles: 'a=1-101' has pools that cannot be",
        ),
        ({"haproxy_conf": "/a b"}, "haproxy_conf: '/a b' cannot be used"),
    ],
)
def test_bad_settings_are_refused_by_option_and_value(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ODD.with_changes(changes)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("path", "stored"),
    [("/opt/haproxy", "/opt/haproxy"), ("/opt/haproxy/", "/opt/haproxy"), ("/a//", "/a")],
)
def test_safe_folder(path: str, stored: str) -> None:
    assert safe_folder(path, "base_dir") == stored


@pytest.mark.parametrize(
    "path",
    ["", "opt", "./opt", "~/opt", "/a b", "/a;b", "/a\n", '/a"b', "/a'b", "/a#b", "/ü", "/a\\b"],
)
def test_other_folders_are_refused_by_option_and_value(path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        safe_folder(path, "base_dir")
    assert str(caught.value).startswith(f"base_dir: {path!r} cannot be used")


@given(hostile | st.text("/ab.-;# \n", max_size=20).map("/{}".format))
def test_any_text_is_a_folder_of_harmless_letters_or_refused(text: str) -> None:
    try:
        path = safe_folder(text, "base_dir")
    except InvalidInput:
        return
    assert path.isascii() and (path.isprintable() or not path)
    assert not set(path) & set(" ;#\"'<>\\\n")
