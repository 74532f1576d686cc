"""A narrow client of Google's own SQL analyzer (ZetaSQL, compiled to WebAssembly). It imports nothing else of Gatebook.

How to use it::

    from gatebook.googlesql.analyzer import Analyzer
    from gatebook.googlesql.catalog import Catalog, Column, Table
    from gatebook.googlesql.types import INT64, STRING

    customers = Table(("acme", "shop", "customers"), (Column("id", INT64), Column("email", STRING)))
    catalog = Catalog(tables=(customers,), default_project="acme", default_dataset="shop")
    analysis = Analyzer().analyze("SELECT email FROM customers WHERE id = @id", catalog, {"id": INT64})
    analysis.kind, analysis.columns, analysis.tables  # 'SELECT', (('email', STRING),), {'acme.shop.customers'}
    analysis.statement  # the resolved tree, a protobuf; read it with gatebook.googlesql.tree

- `analyzer.Analyzer` is synchronous, for one thread at a time; starting one costs 0.1 s once the wasm is compiled.
  `module_cache.prewarm(progress)` compiles it (12-31 s, once per machine).
- Before a catalog is known: `names(sql)` tells which tables and routines a text refers to, `statements(sql)` gives its
  statements as a tree (`script`), `paths.qualify` completes a name. Statement types are BigQuery's (`statement_kinds`).
- With a catalog: `analyze`, `analyze_expression`, `analyze_routine`.
- `pool.AnalyzerPool` runs functions `f(analyzer, *args)` in worker processes, with limits on time and memory; untrusted
  text belongs there: `await pool.run(function, *args)`.
- Errors: `errors.SqlError` (the analyzer's message, line, column), `errors.AnalysisLimit` (given up: refuse the query),
  `errors.CatalogError` (the catalog itself is wrong), `errors.EngineUnavailable` (the analyzer cannot run).
- All byte ranges are half-open and count bytes of the UTF-8 text, not characters: `tree.ByteRange.text(sql)`. Those of
  a resolved tree refer to `analysis.sql`, in which a quoted `project.dataset.table` is written as three identifiers.
"""
