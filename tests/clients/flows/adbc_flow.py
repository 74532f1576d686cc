"""ADBC's BigQuery driver (Go): a query, which it reads by the Storage API only."""

import json
import os

import adbc_driver_bigquery.dbapi
from adbc_driver_bigquery import DatabaseOptions

told = {}
settings = {
    DatabaseOptions.AUTH_TYPE.value: DatabaseOptions.AUTH_VALUE_BIGQUERY.value,
    DatabaseOptions.PROJECT_ID.value: os.environ["GOOGLE_CLOUD_PROJECT"],
    DatabaseOptions.DATASET_ID.value: "shop",
}
with adbc_driver_bigquery.dbapi.connect(settings) as connection, connection.cursor() as cursor:
    for name, sql in (("rows", "SELECT customer_id FROM shop.customers LIMIT 3"), ("denial", os.environ["HISTORY"])):
        try:
            cursor.execute(sql)
            told[name] = cursor.fetchall()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what a user sees
            told[name] = f"{type(error).__name__}: {error}"
print(json.dumps(told))
