"""The methods of projects."""

import zlib

from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.jobs.resource import etag
from gatebook.sandbox.rest.paging import page
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource

_PAGE = 1000


def list_projects(services: Services, call: Call) -> Resource:
    """projects.list: the projects that hold something."""
    found = services.warehouse.projects()
    items, token = page(found, call.text("pageToken"), call.integer("maxResults"), _PAGE)
    reply: Resource = {
        "kind": "bigquery#projectList",
        "etag": etag(items),
        "totalItems": len(found),
        "projects": [_project(name) for name in items],
    }
    return reply | ({"nextPageToken": token} if token else {})


def get_service_account(_services: Services, call: Call) -> Resource:
    """projects.getServiceAccount: the account BigQuery would use for encryption keys."""
    email = f"bq-{_number(call.project)}@bigquery-encryption.iam.gserviceaccount.com"
    return {"kind": "bigquery#getServiceAccountResponse", "email": email}


def _project(name: str) -> Resource:
    return {
        "kind": "bigquery#project",
        "id": name,
        "numericId": _number(name),
        "projectReference": {"projectId": name},
        "friendlyName": name,
    }


def _number(project: str) -> str:
    return str(100_000_000_000 + zlib.crc32(project.encode()))
