"""A job that tries to read the result of a job that is not its own."""

import sys

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery

client = bigquery.Client()
try:
    job = client.get_job(sys.argv[1])
    print("got", list(job.result())[:1])
except GoogleAPICallError as error:
    print(type(error).__name__, "-", error.message)
