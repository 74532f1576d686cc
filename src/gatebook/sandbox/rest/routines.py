"""The methods of routines, and of models, of which the sandbox has none."""

from gatebook.sandbox.errors import not_found
from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.paging import page
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource

_LISTED = ("routineReference", "etag", "routineType", "creationTime", "lastModifiedTime", "language")
_PAGE = 10_000


def list_routines(services: Services, call: Call) -> Resource:
    """routines.list: a short form of each routine; `filter` understands `routineType:X`."""
    found = services.warehouse.list_routines(call.dataset)
    kind = (call.text("filter") or "").partition("routineType:")[2]
    chosen = [routine for routine in found if not kind or routine.get("routineType") == kind]
    items, token = page(chosen, call.text("pageToken"), call.integer("maxResults"), _PAGE)
    listed = [{key: routine[key] for key in _LISTED if key in routine} for routine in items]
    return {"routines": listed} | ({"nextPageToken": token} if token else {})


def get_routine(services: Services, call: Call) -> Resource:
    """routines.get."""
    return services.warehouse.get_routine(call.routine)


def insert_routine(services: Services, call: Call) -> Resource:
    """routines.insert."""
    reference = {**call.dataset.rest(), **call.body.get("routineReference", {})}
    return services.warehouse.insert_routine({**call.body, "routineReference": reference})


def update_routine(services: Services, call: Call) -> Resource:
    """routines.update: the whole routine is replaced."""
    return services.warehouse.update_routine(call.routine, call.body, call.if_match)


def delete_routine(services: Services, call: Call) -> None:
    """routines.delete."""
    services.warehouse.delete_routine(call.routine)


def list_models(services: Services, call: Call) -> Resource:
    """models.list: empty, for a dataset that exists."""
    services.warehouse.get_dataset(call.dataset)
    return {"models": []}


def no_model(_services: Services, call: Call) -> Resource:
    """models.get, patch and delete: there is no model."""
    raise not_found("Model", f"{call.dataset}.{call.path['modelId']}")
