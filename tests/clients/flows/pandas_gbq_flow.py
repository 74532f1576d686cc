"""pandas-gbq: read, write, append, a dry run, a refusal."""

import json
import os

import pandas as pd
import pandas_gbq

project = os.environ["GOOGLE_CLOUD_PROJECT"]
told = {}

frame = pandas_gbq.read_gbq("SELECT customer_id, email FROM shop.customers ORDER BY customer_id LIMIT 3", project)
told["rows"] = frame["customer_id"].tolist()
numbers = pandas_gbq.read_gbq("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 120000)) AS n", project, progress_bar_type=None)
told["many"] = [len(numbers), int(numbers["n"].sum())]

pandas_gbq.to_gbq(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "from_pandas.t", project, progress_bar=False)
pandas_gbq.to_gbq(pd.DataFrame({"a": [3], "b": ["z"]}), "from_pandas.t", project, if_exists="append")
told["written"] = pandas_gbq.read_gbq("SELECT a, b FROM from_pandas.t ORDER BY a", project).to_numpy().tolist()
told["dry_bytes"] = pandas_gbq.read_gbq("SELECT email FROM shop.customers", project, dry_run=True)[
    "totalBytesProcessed"
]
told["table"] = len(pandas_gbq.read_gbq("shop.customers", project, max_results=4))
try:
    pandas_gbq.read_gbq(os.environ["HISTORY"], project)
except pandas_gbq.exceptions.GenericGBQException as error:
    told["denial"] = str(error)
print(json.dumps(told, default=int))
