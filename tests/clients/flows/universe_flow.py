"""Google's Python client with no endpoint of its own: the universe's domain says where everything is."""

import json
import os

from google.cloud import bigquery

client = bigquery.Client()
told = {"rows": [row.customer_id for row in client.query("SELECT customer_id FROM shop.customers LIMIT 3").result()]}
told["arrow"] = client.query("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 3000)) AS n").to_arrow().num_rows
load = client.load_table_from_json([{"a": 1}, {"a": 2}], "shop.from_universe")
told["load"] = load.result().output_rows
try:
    client.query(os.environ["HISTORY"]).result()
except Exception as error:  # noqa: BLE001 - whatever it is, it is what a user sees
    told["denial"] = f"{type(error).__name__}: {error}"
print(json.dumps(told))
