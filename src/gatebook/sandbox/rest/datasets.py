"""The methods of datasets."""

from gatebook.sandbox.errors import not_implemented
from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.jobs.resource import etag
from gatebook.sandbox.rest.paging import page
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource

_LISTED = ("kind", "id", "datasetReference", "labels", "friendlyName", "location", "type")
_PAGE = 10_000


def list_datasets(services: Services, call: Call) -> Resource:
    """datasets.list: a short form of each dataset; `filter` understands `labels.key[:value]`."""
    found = services.warehouse.list_datasets(call.project, call.flag("all"))
    chosen = [dataset for dataset in found if _has_labels(dataset, call.text("filter"))]
    items, token = page(chosen, call.text("pageToken"), call.integer("maxResults"), _PAGE)
    listed = [{key: dataset[key] for key in _LISTED if key in dataset} for dataset in items]
    reply: Resource = {"kind": "bigquery#datasetList", "etag": etag(listed), "datasets": listed}
    return reply | ({"nextPageToken": token} if token else {})


def get_dataset(services: Services, call: Call) -> Resource:
    """datasets.get."""
    return services.warehouse.get_dataset(call.dataset)


def insert_dataset(services: Services, call: Call) -> Resource:
    """datasets.insert."""
    reference = {"projectId": call.project, **call.body.get("datasetReference", {})}
    return services.warehouse.insert_dataset({**call.body, "datasetReference": reference})


def patch_dataset(services: Services, call: Call) -> Resource:
    """datasets.patch: only the given fields change."""
    return services.warehouse.patch_dataset(call.dataset, call.body, call.if_match)


def update_dataset(services: Services, call: Call) -> Resource:
    """datasets.update: every writable field is replaced."""
    return services.warehouse.update_dataset(call.dataset, call.body, call.if_match)


def delete_dataset(services: Services, call: Call) -> None:
    """datasets.delete."""
    services.warehouse.delete_dataset(call.dataset, call.flag("deleteContents"))


def _has_labels(dataset: Resource, terms: str | None) -> bool:
    labels = dataset.get("labels", {})
    for term in (terms or "").split():
        if not term.startswith("labels."):
            raise not_implemented(f"dataset filter {term}")
        key, _, value = term.removeprefix("labels.").partition(":")
        if key not in labels or (value and labels[key] != value):
            return False
    return True
