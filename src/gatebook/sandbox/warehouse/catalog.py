"""Datasets, tables and routines by REST resource: the part of the warehouse behind the API's own methods."""

from collections.abc import Iterator
from contextlib import contextmanager

from gatebook.sandbox.errors import invalid
from gatebook.sandbox.warehouse.faults import faults
from gatebook.sandbox.warehouse.job import Job, Services
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.requests import QueryRequest, Resource
from gatebook.sandbox.warehouse.state import datasets, routines, tables
from gatebook.sandbox.warehouse.state.database import number
from gatebook.sandbox.warehouse.state.policies import ROW_POLICIES
from gatebook.sandbox.warehouse.state.resources import answered
from gatebook.sandbox.warehouse.state.store import Change, Entry
from gatebook.sandbox.warehouse.view_resources import with_view_schema


class Catalog:
    """Every resource that is given is a copy; every refusal is an ApiError. etag: 412 when given and stale."""

    project: str
    _services: Services

    @contextmanager
    def _change(self) -> Iterator[Change]:
        with faults(), self._services.store.change() as change:
            yield change

    @contextmanager
    def _snapshot(self) -> Iterator[Change]:
        with faults(), self._services.store.snapshot() as change:
            yield change

    @contextmanager
    def _job(self, project: str) -> Iterator[tuple[Job, Change]]:
        job = Job(self._services, QueryRequest(sql="", project=project, job_id=""))
        try:
            with faults(), job.writing() as change:
                yield job, change
        finally:
            job.close()

    # -- datasets

    def projects(self) -> list[str]:
        """Ids of the projects that hold something, the default project first."""
        held = {name.project for name in self._services.store.state.datasets}
        return [self.project, *sorted(held - {self.project})]

    def list_datasets(self, project: str, hidden: bool = False) -> list[Resource]:
        """Full dataset resources by name; hidden ones (`_...`) only when hidden is True."""
        return [answered(resource) for resource in datasets.listed(self._services.store.state, project, hidden=hidden)]

    def get_dataset(self, name: DatasetName) -> Resource:
        """The dataset resource."""
        return answered(self._services.store.state.dataset(name).resource)

    def insert_dataset(self, resource: Resource) -> Resource:
        """Create a dataset from its resource (`datasetReference` required); 409 when it exists."""
        name = DatasetName.from_rest(_reference(resource, "datasetReference", "datasetId"), self.project)
        with self._change() as change:
            return answered(datasets.insert(change, name, answered(resource)))

    def patch_dataset(self, name: DatasetName, changes: Resource, etag: str | None = None) -> Resource:
        """Change the given fields (None removes one)."""
        with self._change() as change:
            return answered(datasets.patch(change, name, answered(changes), etag))

    def update_dataset(self, name: DatasetName, resource: Resource, etag: str | None = None) -> Resource:
        """Replace all writable fields."""
        with self._change() as change:
            return answered(datasets.update(change, name, answered(resource), etag))

    def delete_dataset(self, name: DatasetName, delete_contents: bool = False) -> None:
        """Delete a dataset; refused when it holds anything and delete_contents is False."""
        with self._change() as change:
            datasets.delete(change, name, delete_contents=delete_contents)

    # -- tables

    def list_tables(self, dataset: DatasetName) -> list[Resource]:
        """Table and view resources of a dataset by name, without schema and sizes."""
        state = self._services.store.state
        state.dataset(dataset)
        return [answered(tables.listed(entry.resource)) for _, entry in state.tables_of(dataset)]

    def get_table(self, name: TableName) -> Resource:
        """The table resource, with numRows, numBytes and etag; anonymous results too."""
        result = self._services.results.find(name)
        if result is not None:
            return answered(result.resource)
        with self._snapshot() as change:
            return self._full(change, change.state.table(name))

    def insert_table(self, resource: Resource) -> Resource:
        """Create a table, view or materialized view from its resource (`tableReference` required)."""
        name = TableName.from_rest(_reference(resource, "tableReference", "tableId"), self.project)
        with self._job(name.project) as (job, change):
            tables.check_new(change, name)
            given = with_view_schema(job, change, name, answered(resource))
            return self._full(change, tables.insert(change, name, given))

    def patch_table(self, name: TableName, changes: Resource, etag: str | None = None) -> Resource:
        """Change the given fields (None removes one).

        A schema may add columns, relax modes and change descriptions, policy tags and defaults.
        """
        with self._job(name.project) as (job, change):
            given = with_view_schema(job, change, name, answered(changes))
            return self._full(change, tables.patch(change, name, given, etag))

    def update_table(self, name: TableName, resource: Resource, etag: str | None = None) -> Resource:
        """Replace all writable fields; the schema follows patch_table's rules."""
        with self._job(name.project) as (job, change):
            given = with_view_schema(job, change, name, answered(resource))
            return self._full(change, tables.update(change, name, given, etag))

    def delete_table(self, name: TableName) -> None:
        """Delete a table, view or anonymous result."""
        if self._services.results.drop(name):
            return
        with self._change() as change:
            tables.delete(change, name)

    def row_access_policies(self, name: TableName) -> list[Resource]:
        """The row access policies of a table."""
        return list(answered(self._services.store.state.table(name).resource).get(ROW_POLICIES, []))

    def _full(self, change: Change, entry: Entry) -> Resource:
        resource = answered(entry.resource)
        resource.pop(ROW_POLICIES, None)
        if entry.physical is None:
            return resource
        count = number(change.cursor, f"SELECT count(*) FROM {entry.physical}")
        size = str(self._services.sizes.total(change.cursor, entry))
        sizes = {"numBytes": size, "numTotalLogicalBytes": size, "numActiveLogicalBytes": size}
        return {**resource, "numRows": str(count), **sizes, "numLongTermBytes": "0"}

    # -- routines

    def list_routines(self, dataset: DatasetName) -> list[Resource]:
        """Routine resources of a dataset by name."""
        state = self._services.store.state
        state.dataset(dataset)
        return [answered(entry.resource) for _, entry in state.routines_of(dataset)]

    def get_routine(self, name: RoutineName) -> Resource:
        """The routine resource."""
        return answered(self._services.store.state.routine(name).resource)

    def insert_routine(self, resource: Resource) -> Resource:
        """Create a routine from its resource (`routineReference` required)."""
        name = RoutineName.from_rest(_reference(resource, "routineReference", "routineId"), self.project)
        with self._change() as change:
            return answered(routines.insert(change, name, answered(resource)))

    def update_routine(self, name: RoutineName, resource: Resource, etag: str | None = None) -> Resource:
        """Replace a routine."""
        with self._change() as change:
            return answered(routines.update(change, name, answered(resource), etag))

    def delete_routine(self, name: RoutineName) -> None:
        """Delete a routine."""
        with self._change() as change:
            change.state.routine(name)
            change.drop(name)


def _reference(resource: Resource, key: str, last: str) -> dict[str, str]:
    reference = resource.get(key)
    if not isinstance(reference, dict):
        raise invalid(f"Required parameter is missing: {key}")
    for part in {"datasetId", last}:
        if not reference.get(part):
            raise invalid(f"Required parameter is missing: {part}")
    return reference
