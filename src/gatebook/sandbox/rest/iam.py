"""The IAM methods of tables and routines. The sandbox lets everyone in: policies are kept, not enforced."""

from gatebook.sandbox.rest.call import Call, required
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource


def get_table_policy(services: Services, call: Call) -> Resource:
    """tables.getIamPolicy."""
    services.warehouse.get_table(call.table)
    return services.warehouse.policies.get(call.table)


def set_table_policy(services: Services, call: Call) -> Resource:
    """tables.setIamPolicy."""
    services.warehouse.get_table(call.table)
    return services.warehouse.policies.set(call.table, required(call.body, "policy"))


def test_table_permissions(services: Services, call: Call) -> Resource:
    """tables.testIamPermissions: everything asked for is granted."""
    services.warehouse.get_table(call.table)
    return {"permissions": call.body.get("permissions", [])}


def get_routine_policy(services: Services, call: Call) -> Resource:
    """routines.getIamPolicy."""
    services.warehouse.get_routine(call.routine)
    return services.warehouse.policies.get(call.routine)


def set_routine_policy(services: Services, call: Call) -> Resource:
    """routines.setIamPolicy."""
    services.warehouse.get_routine(call.routine)
    return services.warehouse.policies.set(call.routine, required(call.body, "policy"))


def test_routine_permissions(services: Services, call: Call) -> Resource:
    """routines.testIamPermissions: everything asked for is granted."""
    services.warehouse.get_routine(call.routine)
    return {"permissions": call.body.get("permissions", [])}
