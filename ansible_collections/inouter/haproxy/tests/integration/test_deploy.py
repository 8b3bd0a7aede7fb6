# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX and Kubernetes are given agrees with the collection."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import yaml

from .lab.managed import COLLECTION, ROOT

KUBERNETES = ROOT / "deploy/kubernetes"
NAME = {"app.kubernetes.io/name": "haproxy-mcp"}


def test_job_templates_are_those_of_the_playbooks() -> None:
    command = [sys.executable, "tools/awx_templates.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((KUBERNETES / name).read_text())
    return found


def test_kustomize_finds_all_that_it_names() -> None:
    named = document("kustomization.yaml")
    files = list(named["resources"])
    for generator in [*named["configMapGenerator"], *named["secretGenerator"]]:
        files += [word.rpartition("=")[2] for word in generator.get("files", [])]
        files += generator.get("envs", [])
    assert [file for file in files if not (KUBERNETES / file).is_file()] == []


def test_what_the_pod_mounts_is_generated() -> None:
    pod = document("deployment.yaml")["spec"]["template"]["spec"]
    generated = document("kustomization.yaml")
    maps = {g["name"] for g in generated["configMapGenerator"]}
    secrets = {g["name"] for g in generated["secretGenerator"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert {v["configMap"]["name"] for v in volumes.values() if "configMap" in v} <= maps
    assert {v["secret"]["secretName"] for v in volumes.values() if "secret" in v} <= secrets
    (container,) = pod["containers"]
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    variables = {item["name"]: item.get("value", "") for item in container["env"]}
    places = tuple(mount["mountPath"] for mount in container["volumeMounts"])
    for name in ("MCP_INVENTORY", "MCP_TOKENS_FILE"):
        assert variables[name].startswith(places), name


def test_the_pod_may_do_no_more_than_it_needs() -> None:
    spec = document("deployment.yaml")["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    allowed = container["securityContext"]
    assert (allowed["readOnlyRootFilesystem"], allowed["allowPrivilegeEscalation"]) == (True, False)
    assert allowed["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]


def test_everything_selects_the_pods() -> None:
    deployment = document("deployment.yaml")["spec"]
    assert deployment["template"]["metadata"]["labels"] == NAME
    selectors = [
        deployment["selector"]["matchLabels"],
        document("service.yaml")["spec"]["selector"],
        document("disruption.yaml")["spec"]["selector"]["matchLabels"],
        document("network.yaml")["spec"]["podSelector"]["matchLabels"],
    ]
    assert selectors == [NAME] * 4


def test_image_and_role_have_the_same_packages() -> None:
    lines = (ROOT / "deploy/requirements.txt").read_text().splitlines()
    role = yaml.safe_load((COLLECTION / "roles/mcp_server/defaults/main.yml").read_text())
    assert [line for line in lines if line[0] != "#"] == role["mcp_server_requirements"]
