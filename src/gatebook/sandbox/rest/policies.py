"""IAM policies as a server keeps them: given back as set, never enforced."""

import threading

from gatebook.sandbox.errors import precondition_failed
from gatebook.sandbox.rest.jobs.resource import etag
from gatebook.sandbox.warehouse import Resource, RoutineName, TableName

_EMPTY = "ACAB"
"""The etag BigQuery gives a resource that never had a policy."""

Holder = TableName | RoutineName


class Policies:
    """The policy of each table and routine, in memory."""

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
            kept = {key: value for key, value in policy.items() if key != "etag"}
            self._policies[holder] = {**kept, "etag": etag(holder, kept, current)}
            return self._policies[holder]
