"""A job that asks for the result of a job that is not its own."""

import sys

from google.cloud import bigquery

job = bigquery.Client().get_job(sys.argv[1])
for row in job.result():
    print(row)
