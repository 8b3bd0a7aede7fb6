# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx builds the site: `make docs`."""

from __future__ import annotations

import json
from pathlib import Path

project = "inouter.haproxy"
author = "inouter.haproxy contributors"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "furo"
html_title = "inouter.haproxy"
exclude_patterns = [
    "_generated/figures.md",
    "_generated/collections/inouter/haproxy/index.rst",
    "_generated/collections/environment_variables.rst",
]
# Pages say `#a-heading` of each other.
myst_heading_anchors = 3
# The generated pages name pages of Ansible's own site; the picture of a write is for GitHub, too.
suppress_warnings = ["ref.ref", "misc.highlighting_failure"]

HERE = Path(__file__).parent
BENCH = HERE.parent / "bench/results.json"


def figures() -> str:
    """The last run of `make bench` as a table."""
    rows = ["| what | measured | beside |", "|---|---:|---|"]
    for figure in json.loads(BENCH.read_text(encoding="utf-8")):
        ratio = figure["ratio"]
        beside = "" if ratio is None else f"{ratio:.2f} × {figure['against']}"
        rows.append(f"| {figure['name']} | {figure['value']:.2f} {figure['unit']} | {beside} |")
    return "\n".join(rows) + "\n"


(HERE / "_generated").mkdir(exist_ok=True)
(HERE / "_generated/figures.md").write_text(figures(), encoding="utf-8")
