"""Who may reach what, as a server keeps it: given back as set. IAM policies are never enforced.

Row access policies are not enforced either, but a table that has one cannot be read here: to show all of its rows would
be a lie.
"""

import threading
from collections.abc import Iterable
from typing import Final

from gatebook.sandbox.errors import not_implemented, precondition_failed
from gatebook.sandbox.warehouse.names import RoutineName, TableName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state import resources

ROW_POLICIES: Final = "rowAccessPolicies"
"""The member of a table's resource, here only, that holds its row access policies."""

_EMPTY: Final = "ACAB"
"""The etag BigQuery gives a resource that never had a policy."""

Holder = TableName | RoutineName


class Policies:
    """The IAM policy of each table and routine, in memory."""

    def __init__(self) -> None:
        self._policies: dict[Holder, Resource] = {}
        self._lock = threading.Lock()

    def get(self, holder: Holder) -> Resource:
        """The policy, an empty one when none was set."""
        return self._policies.get(holder, {"etag": _EMPTY})

    def set(self, holder: Holder, policy: Resource) -> Resource:
        """Replace the policy; 412 when the given one carries a stale etag."""
        with self._lock:
            if policy.get("etag", (current := self.get(holder)["etag"])) != current:
                raise precondition_failed()
            etag = resources.stamped({"policy": policy})["etag"]
            self._policies[holder] = {**policy, "etag": etag}
            return self._policies[holder]

    def change(self, holder: Holder, roles: Iterable[str], members: Iterable[str], *, granted: bool) -> None:
        """Add members to roles, or take them out."""
        held = {binding["role"]: set(binding["members"]) for binding in self.get(holder).get("bindings", [])}
        for role in roles:
            before = held.get(role, set())
            held[role] = before | set(members) if granted else before - set(members)
        bindings = [{"role": role, "members": sorted(names)} for role, names in held.items() if names]
        self.set(holder, {"bindings": bindings})


def check_readable(resource: Resource) -> None:
    """501 when only some rows of a table are for everyone to see."""
    if resource.get(ROW_POLICIES):
        raise not_implemented("reading a table with row access policies")
