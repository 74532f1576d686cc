"""What calls on datasets do: a dataset's document also says who may reach it, and when its tables end."""

from collections.abc import Iterator

from gatebook.core import documents
from gatebook.core.analysis.footprint import EVERYTHING, Resource, ResourceKind, Statement, TableRef, Trait
from gatebook.core.model import Call, JsonObject

# Members of a Dataset resource by what setting them does.
_TRAITS = {
    "access": Trait.CHANGES_SHARING,
    "resourceTags": Trait.CHANGES_SHARING,  # IAM conditions look at them
    "defaultTableExpirationMs": Trait.EXPIRES,
    "defaultPartitionExpirationMs": Trait.EXPIRES,
    "maxTimeTravelHours": Trait.EXPIRES,  # how long deleted rows can be had back
}


def made_dataset(kind: str, call: Call, _: JsonObject | None = None) -> tuple[Statement, ...]:
    """Read a call that makes, changes or brings back a dataset."""
    document = documents.obj(call.document)
    dataset = _dataset(call)
    # PUT replaces the whole resource: a list of access that is not given is a list that is given up.
    replaced = {Trait.CHANGES_SHARING} if call.method.name == "bigquery.datasets.update" else set()
    # A member that is null is given up, which counts as much as one that is set.
    traits = replaced | {trait for name, trait in _TRAITS.items() if name in document}
    return (
        Statement(
            "CREATE_EXTERNAL_SCHEMA" if document.get("externalDatasetReference") is not None else kind,
            resources_read=tuple(_sources(document)),
            resources_written=() if dataset is None else (Resource(ResourceKind.DATASET, dataset),),
            traits=tuple(sorted(traits)),
        ),
    )


def deleted_dataset(call: Call, _: JsonObject | None = None) -> tuple[Statement, ...]:
    """Read a call that deletes a dataset; with its contents, all of its tables are dropped too."""
    project, dataset = call.resource["projectId"], call.resource["datasetId"]
    dropped = Statement("DROP_SCHEMA", resources_written=(Resource(ResourceKind.DATASET, f"{project}.{dataset}"),))
    if call.parameter("deleteContents") in (None, "false"):
        return (dropped,)
    return (dropped, Statement("DROP_TABLE", tables_written=(TableRef(project, dataset, EVERYTHING),)))


def _dataset(call: Call) -> str | None:
    named = call.resource.get("datasetId") or documents.text(call.document, "datasetReference", "datasetId")
    return None if named is None else f"{call.resource['projectId']}.{named}"


def _sources(document: JsonObject) -> Iterator[Resource]:
    """What the tables of a linked or external dataset come from."""
    external = documents.obj(document, "externalDatasetReference")
    for kind, name in ((ResourceKind.CONNECTION, "connection"), (ResourceKind.URI, "externalSource")):
        value = documents.text(external, name)
        if value:
            yield Resource(kind, value)
    linked = documents.obj(document, "linkedDatasetSource", "sourceDataset")
    if linked:
        yield Resource(ResourceKind.DATASET, f"{linked.get('projectId')}.{linked.get('datasetId')}")
