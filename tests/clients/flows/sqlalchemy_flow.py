"""SQLAlchemy's bigquery:// dialect: rows, pages, reflection, DDL and DML, a refusal."""

import json
import os

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

project = os.environ["GOOGLE_CLOUD_PROJECT"]
told = {}

engine = sa.create_engine(f"bigquery://{project}/shop")
with engine.connect() as connection:
    customers = sa.Table("customers", sa.MetaData(), autoload_with=engine)
    told["columns"] = sorted(column.name for column in customers.columns)[:3]
    first = sa.select(customers.c.customer_id).order_by(customers.c.customer_id).limit(3)
    told["rows"] = [row[0] for row in connection.execute(first)]
    chosen = sa.select(customers.c.customer_id).where(customers.c.customer_id == sa.bindparam("id"))
    told["parameter"] = [row[0] for row in connection.execute(chosen, {"id": 2})]
    many = sa.text("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 12000)) AS n ORDER BY n")
    told["many"] = sum(row[0] for row in connection.execute(many))

    connection.execute(sa.text("CREATE SCHEMA from_sqlalchemy"))
    table = sa.Table("t", sa.MetaData(schema="from_sqlalchemy"), sa.Column("a", sa.Integer), sa.Column("b", sa.String))
    table.create(connection)
    connection.execute(table.insert(), [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
    connection.execute(table.update().where(table.c.a == 2).values(b="changed"))
    told["table"] = [list(row) for row in connection.execute(sa.select(table).order_by(table.c.a))]
    told["schemas"] = "from_sqlalchemy" in sa.inspect(engine).get_schema_names()
    try:
        connection.execute(sa.text(os.environ["HISTORY"]))
    except DatabaseError as error:
        told["denial"] = str(error)
print(json.dumps(told))
