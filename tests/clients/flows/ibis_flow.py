"""ibis: expressions, rows as Arrow, a table made and changed, refusals."""

import json
import os

import ibis

project = os.environ["GOOGLE_CLOUD_PROJECT"]
told = {}

connection = ibis.bigquery.connect(project_id=project, dataset_id="shop")
customers = connection.table("customers")
told["count"] = int(customers.count().execute())
told["rows"] = customers.order_by("customer_id").limit(3).select("customer_id").execute()["customer_id"].tolist()
told["schema"] = "email" in customers.schema()
numbers = connection.sql("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 30000)) AS n")
told["many"] = int(numbers.n.sum().execute())
told["arrow"] = numbers.to_pyarrow().num_rows

connection.create_database("from_ibis")
connection.create_table("t", customers.select("customer_id").limit(5), database="from_ibis")
connection.raw_sql("INSERT INTO from_ibis.t (customer_id) VALUES (-1)")
made = connection.table("t", database="from_ibis")
told["table"] = [int(made.count().execute()), int(made.customer_id.min().execute())]
told["tables"] = connection.list_tables(database="from_ibis")
refused = {
    "denial": lambda: connection.raw_sql(os.environ["HISTORY"]),
    "memtable": lambda: connection.execute(ibis.memtable({"a": [1, 2]})),
}
for name, ask in refused.items():
    try:
        told[name] = str(ask())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what a user sees
        told[name] = f"{type(error).__name__}: {error}"
print(json.dumps(told))
