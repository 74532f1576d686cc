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
            # As of ALTER SCHEMA and of GRANT on a dataset: who reaches it reaches all that is in it.
            tables_written=() if dataset is None else (TableRef(call.resource["projectId"], dataset, EVERYTHING),),
            resources_read=tuple(_sources(document)),
            resources_written=() if dataset is None else (_resource(call, dataset),),
            traits=tuple(sorted(traits)),
        ),
    )


def deleted_dataset(call: Call, _: JsonObject | None = None) -> tuple[Statement, ...]:
    """Read a call that deletes a dataset; with its contents, all of its tables are dropped too."""
    dataset = call.resource["datasetId"]
    tables = (TableRef(call.resource["projectId"], dataset, EVERYTHING),)
    dropped = Statement("DROP_SCHEMA", tables_written=tables, resources_written=(_resource(call, dataset),))
    if call.parameter("deleteContents") in (None, "false"):
        return (dropped,)
    return (dropped, Statement("DROP_TABLE", tables_written=tables))


def _dataset(call: Call) -> str | None:
    return call.resource.get("datasetId") or documents.text(call.document, "datasetReference", "datasetId")


def _resource(call: Call, dataset: str) -> Resource:
    return Resource(ResourceKind.DATASET, f"{call.resource['projectId']}.{dataset}")


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
