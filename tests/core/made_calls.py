"""Calls for tests of the core: the methods that carry SQL, with any document."""

from gatebook.core.methods import METHODS, UPLOAD_MULTIPART, UPLOAD_RESUMABLE
from gatebook.core.model import Call, Caller, CallerKind, Identity, Origin, Provenance

METHOD = {method.name: method for method in (*METHODS, UPLOAD_MULTIPART, UPLOAD_RESUMABLE)}
QUERY, INSERT = METHOD["bigquery.jobs.query"], METHOD["bigquery.jobs.insert"]
CALLER = Caller("https://issuer.example", "repo:acme/etl", CallerKind.GITHUB_ACTIONS, "acme/warehouse-etl")
IDENTITY = Identity(CALLER, Provenance(run="7291"), 0)


def call_of(method, document, *, call_id="01jq2k", parameters=(), reason=None):
    resource = {"projectId": "acme"}
    return Call(call_id, 0, method, resource, tuple(parameters), {}, document, Origin("127.0.0.1", "test", reason))


def query(document, **more):
    return call_of(QUERY, document, **more)


def insert(document, **more):
    return call_of(INSERT, document, **more)
