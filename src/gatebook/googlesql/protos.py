"""The generated protobuf modules of ZetaSQL, imported in one place.

Everything of the PyPI package `zetasql` that Gatebook uses comes through here and through the wasm file, so that
another build of the analyzer can take its place. The package's own high-level API is not used: it copies memory byte
by byte.
"""

from google._upb import _message
from zetasql.wasi import get_wasm_path
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.parser import ast_enums_pb2 as ast_enums
from zetasql.wasi._pb2.zetasql.parser import parse_tree_pb2 as parse_tree
from zetasql.wasi._pb2.zetasql.proto import function_pb2 as function
from zetasql.wasi._pb2.zetasql.proto import options_pb2 as options
from zetasql.wasi._pb2.zetasql.proto import simple_catalog_pb2 as simple_catalog
from zetasql.wasi._pb2.zetasql.public import function_pb2 as function_enums
from zetasql.wasi._pb2.zetasql.public import options_pb2 as option_enums
from zetasql.wasi._pb2.zetasql.public import type_pb2 as types
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_enums_pb2 as resolved_enums
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_pb2 as resolved
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_node_kind_pb2 as node_kinds

# Protobuf refuses messages nested deeper than 100 by default; an expression of thirty operators is deeper than that in
# ZetaSQL's trees. How deep they get is bounded by the analyzer's own stack (about 400 operators).
_message.SetAllowOversizeProtos(True)

__all__ = [
    "ast_enums",
    "function",
    "function_enums",
    "get_wasm_path",
    "node_kinds",
    "option_enums",
    "options",
    "parse_tree",
    "resolved",
    "resolved_enums",
    "service",
    "simple_catalog",
    "types",
]
