"""CALL: the body of a procedure is a script of its own, with its arguments as variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from gatebook.core.analysis.footprint import Opaque
from gatebook.core.analysis.lineage.row import Given
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.lineage.taint import Taint
from gatebook.core.analysis.names import Names
from gatebook.core.analysis.reasons import opaque
from gatebook.googlesql.catalog import Routine
from gatebook.googlesql.errors import SqlError

_GIVEN_BACK = frozenset({"OUT", "INOUT"})


def unread(name: str, routine: Routine | None, passed: Sequence[Given], *, called: bool, deep: bool) -> Opaque | None:
    """Give why the body of a procedure is not read; None when it can be."""
    if routine is None:
        return opaque("procedure", name, "")
    if routine.language != "SQL" or not routine.body:
        return opaque("procedure", name, f": it is written in {routine.language}")
    if called or deep:
        return opaque("procedure", name, ": it calls itself, or is called too deep in others")
    if len(passed) != len(routine.arguments):
        raise SqlError(f"Procedure {name} takes {len(routine.arguments)} arguments, {len(passed)} are given")
    return None


@contextmanager
def inside(session: Session, routine: Routine, passed: Sequence[Given], chain: tuple[str, ...]) -> Iterator[None]:
    """Let the session be that of a procedure's body; afterwards it keeps the temporary tables that were made there."""
    outer, names, variables, parameters = session.catalog, session.names, session.variables, session.parameters
    dataset = routine.dataset
    session.names = Names(routine.path[0], dataset)
    session.parameters = {}
    session.variables = session.frames.setdefault(chain, {})
    constants = []
    for (name, declared), item in zip(routine.arguments, passed, strict=True):
        constants.append((name, declared or item.type))
        session.assign(name, item.taint)
    session.catalog = replace(
        outer, constants=tuple(constants), default_project=routine.path[0], default_dataset=dataset
    )
    try:
        yield
    finally:
        session.names, session.variables, session.parameters = names, variables, parameters
        session.catalog = replace(
            session.catalog,
            constants=outer.constants,
            default_project=outer.default_project,
            default_dataset=outer.default_dataset,
        )


def given_back(
    routine: Routine, frame: Mapping[str, Taint], variables: Sequence[str | None]
) -> Iterator[tuple[str, Taint]]:
    """Give the variables of the caller that the procedure sets, and what they may hold then.

    `variables` are those that the CALL passes, in the places of their arguments.
    """
    for (name, _), mode, variable in zip(routine.arguments, routine.modes, variables, strict=False):
        if mode in _GIVEN_BACK and variable is not None and name.lower() in frame:
            yield variable, frame[name.lower()]
