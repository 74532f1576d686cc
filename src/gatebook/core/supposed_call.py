"""A Call that nobody made: what `explain` and the cases of a policy ask about, held to what the door takes."""

import string

from gatebook.core.methods import METHODS, PARAMETERS, UPLOAD_PARAMETERS, UPLOADS
from gatebook.core.model import Call, JsonObject, Method, Origin
from gatebook.core.resource_names import NAMES

_METHODS = {method.name: method for method in (*METHODS, *UPLOADS)}
_PARAMETERS = PARAMETERS | UPLOAD_PARAMETERS


def supposed_call(name: str, resource: dict[str, str], parameters: dict[str, str], document: JsonObject | None) -> Call:
    """Give the Call of a method by its name, with the names in its path. Raises ValueError for what no path can be."""
    method = _METHODS.get(name)
    if method is None:
        raise ValueError(f"{name!r} is no method that Gatebook knows")
    _check_names(method, resource)
    for parameter in parameters.keys() - _PARAMETERS:
        raise ValueError(f"{parameter!r} is no parameter that Gatebook knows")
    return Call("0" * 32, 0, method, resource, tuple(parameters.items()), {}, document, Origin("", ""))


def _check_names(method: Method, resource: dict[str, str]) -> None:
    variables = {name for _, name, _, _ in string.Formatter().parse(method.template) if name}
    given = resource.keys() - {"projectId"} | (variables & {"projectId"})  # the project is given for every call
    for name in sorted(variables - resource.keys()):
        raise ValueError(f"{method.name} needs {name} in its resource")
    for name in sorted(given - variables):
        raise ValueError(f"{method.name} has no {name} in its path")
    for name in sorted(variables):
        if not NAMES[name](resource[name]):
            raise ValueError(f"{resource[name]!r} is not a {name} that BigQuery gives")
