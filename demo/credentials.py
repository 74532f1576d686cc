"""Credential files as a job gets them: Google's `external_account` form, with Gatebook as the token exchange."""

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stage import AUDIENCE, Stage

_JWT = "urn:ietf:params:oauth:token-type:jwt"


def from_github_job(stage: Stage, path: Path, claims: Mapping[str, Any]) -> Path:
    """Start a GitHub Actions job at the issuer; its credential asks for a fresh token whenever one is needed."""
    job = _post(f"{stage.github_url}/actions/jobs", {"claims": dict(claims)})
    source = {
        "url": f"{job['request_url']}&audience={AUDIENCE}",
        "headers": {"Authorization": f"Bearer {job['request_token']}"},
        "format": {"type": "json", "subject_token_field_name": "value"},
    }
    return _write(stage, path, source)


def from_token(stage: Stage, path: Path, issuer_url: str, wanted: Mapping[str, Any]) -> Path:
    """Mint one token into a file, as Kubernetes projects one into a pod; `wanted` is the issuer's mint request."""
    token_file = path.with_suffix(".jwt")
    token_file.write_text(_post(f"{issuer_url}/mint", {"audience": AUDIENCE, **wanted})["token"])
    return _write(stage, path, {"file": str(token_file)})


def _write(stage: Stage, path: Path, source: Mapping[str, Any]) -> Path:
    credential = {
        "type": "external_account",
        "audience": AUDIENCE,
        "subject_token_type": _JWT,
        "token_url": f"{stage.gateway_url}/v1/token",
        "token_info_url": f"{stage.gateway_url}/v1/introspect",
        "credential_source": source,
    }
    path.write_text(json.dumps(credential, indent=2))
    return path


def _post(url: str, document: Mapping[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(document).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        answer: dict[str, Any] = json.load(reply)
        return answer
