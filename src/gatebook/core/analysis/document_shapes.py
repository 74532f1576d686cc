"""What must hold of a document before it is read: the members that Gatebook reads are shaped as the reference says.

Google's servers are generous readers: they take one object for an array of one. `"sourceTables": {...}` would be read
there and be passed over here, and so hide what a call touches. A member of another shape is refused, never skipped.
"""

from collections.abc import Mapping

from gatebook.core import documents
from gatebook.core.model import Call, JsonObject
from gatebook.core.resource_names import NAMES
from gatebook.errors import Reason, Refused

_Shapes = Mapping[tuple[str, ...], type[object]]

# Where rows are written, and what becomes of those that are there (destination.py).
_DESTINATION: _Shapes = {
    ("destinationTable",): dict,
    ("writeDisposition",): str,
    ("timePartitioning",): dict,
    ("destinationTableProperties",): dict,
}
_QUERY: _Shapes = {
    ("query",): str,
    ("defaultDataset",): dict,
    ("defaultDataset", "projectId"): str,
    ("defaultDataset", "datasetId"): str,
    **_DESTINATION,
    ("connectionProperties",): list,
    ("queryParameters",): list,
}
_JOB: _Shapes = {
    ("jobReference",): dict,
    ("jobReference", "jobId"): str,
    ("configuration",): dict,
    ("configuration", "query"): dict,
    **{("configuration", "query", *path): shape for path, shape in _QUERY.items()},
    ("configuration", "load"): dict,
    **{("configuration", "load", *path): shape for path, shape in _DESTINATION.items()},
    ("configuration", "load", "sourceUris"): list,
    ("configuration", "load", "referenceFileSchemaUri"): str,
    ("configuration", "copy"): dict,
    **{("configuration", "copy", *path): shape for path, shape in _DESTINATION.items()},
    ("configuration", "copy", "operationType"): str,
    ("configuration", "copy", "sourceTable"): dict,
    ("configuration", "copy", "sourceTables"): list,
    ("configuration", "extract"): dict,
    ("configuration", "extract", "sourceTable"): dict,
    ("configuration", "extract", "sourceModel"): dict,
    ("configuration", "extract", "destinationUris"): list,
    ("configuration", "extract", "destinationUri"): str,
}
_RESOURCE: _Shapes = {
    ("access",): list,
    ("view",): dict,
    ("view", "query"): str,
    ("materializedView",): dict,
    ("materializedView", "query"): str,
    ("definitionBody",): str,
    ("schema",): dict,
    ("schema", "fields"): list,
    ("timePartitioning",): dict,
    ("externalDataConfiguration",): dict,
    ("externalDataConfiguration", "sourceUris"): list,
    ("externalDataConfiguration", "connectionId"): str,
    ("biglakeConfiguration",): dict,
    ("biglakeConfiguration", "storageUri"): str,
    ("biglakeConfiguration", "connectionId"): str,
    ("tableReplicationInfo",): dict,
    ("linkedDatasetSource",): dict,
    ("linkedDatasetSource", "sourceDataset"): dict,
    ("externalDatasetReference",): dict,
    ("remoteFunctionOptions",): dict,
    ("sparkOptions",): dict,
    ("importedLibraries",): list,
    ("policyIds",): list,
    ("rowAccessPolicyReference",): dict,
    ("routineType",): str,
    ("language",): str,
    ("arguments",): list,
    ("templateSuffix",): str,
}
_SHAPES: Mapping[str, _Shapes] = {"bigquery.jobs.query": _QUERY, "bigquery.jobs.insert": _JOB}
_SPOKEN: Mapping[type[object], str] = {str: "a string", dict: "an object", list: "an array"}

# The reference of a resource and of the dataset it is in; each part that the path names too must be the same.
_REFERENCES = ("datasetReference", "jobReference", "modelReference", "routineReference", "tableReference")


def check_document(call: Call) -> None:
    """Hold the document against the shapes and the path. Raises Refused(BODY_MALFORMED)."""
    if call.document is None:
        return
    for path, shape in _shapes(call).items():
        value = documents.member(call.document, *path)
        if value is not None and not isinstance(value, shape):
            raise Refused(Reason.BODY_MALFORMED, f"{'.'.join(path)}: must be {_SPOKEN[shape]}.")
    for name in _REFERENCES:
        if call.document.get(name) is not None:
            _check_reference(call, name, call.document[name])


def check_names(where: str, reference: JsonObject) -> None:
    """Hold the parts of a reference against the alphabets of BigQuery's names. Raises Refused(BODY_MALFORMED)."""
    for part, value in reference.items():
        known = NAMES.get(part)
        if known is not None and value is not None and not (isinstance(value, str) and known(value)):
            raise Refused(Reason.BODY_MALFORMED, f"{where}.{part}: is not a name that BigQuery gives.")


def _shapes(call: Call) -> _Shapes:
    name = call.method.name
    return _SHAPES.get("bigquery.jobs.insert" if name.startswith("bigquery.jobs.insert") else name, _RESOURCE)


def _check_reference(call: Call, name: str, reference: object) -> None:
    if not isinstance(reference, dict):
        raise Refused(Reason.BODY_MALFORMED, f"{name}: must be an object.")
    check_names(name, reference)
    for part, value in reference.items():
        if value is not None and call.resource.get(part, value) != value:
            raise Refused(Reason.BODY_MALFORMED, f"{name}.{part}: differs from the path of the request.")
