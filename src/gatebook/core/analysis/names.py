"""What a name in SQL means in full."""

from collections.abc import Iterable

from gatebook.core.analysis.footprint import TableRef
from gatebook.googlesql.paths import qualify


class Names:
    """Completes paths as written in SQL with the default project and dataset."""

    def __init__(self, project: str, dataset: str | None) -> None:
        self.project = project
        self.dataset = dataset

    def table(self, full_name_or_path: str | Iterable[str]) -> TableRef | None:
        """Give the table of a path; None for a one-part name without a default dataset: a temporary table.

        A decorator (`visits$20260101`) names a part of the table: the table is what is meant. A wildcard table keeps
        its star, for every table whose name it matches. An INFORMATION_SCHEMA view has `dataset`
        "shop.INFORMATION_SCHEMA", "region-us.INFORMATION_SCHEMA" or, of a whole project, "INFORMATION_SCHEMA".
        """
        path = full_name_or_path.split(".") if isinstance(full_name_or_path, str) else list(full_name_or_path)
        parts = tuple(part for name in path for part in name.split("."))
        if len(parts) == 1 and self.dataset is None:
            return None
        whole = qualify(parts, self.project, self.dataset)
        table = whole[-1].partition("$")[0].partition("@")[0]
        return TableRef(whole[0], ".".join(whole[1:-1]), table or whole[-1])

    def object(self, path: Iterable[str]) -> str:
        """Give the whole name of a routine, model or other thing of a dataset; a temporary one keeps its one part."""
        ref = self.table(path)
        return ".".join(path) if ref is None else str(ref)
