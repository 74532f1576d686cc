"""Request targets built from what was understood, and the URLs of resumable uploads."""

import pytest

from gatebook.core.methods import METHODS, UPLOAD_MULTIPART
from gatebook.core.targets import target, upload_id_of, upload_url

BY_NAME = {method.name: method for method in METHODS}


@pytest.mark.parametrize(
    ("name", "resource", "parameters", "expected"),
    [
        ("bigquery.projects.list", {}, (), "/bigquery/v2/projects"),
        (
            "bigquery.jobs.getQueryResults",
            {"projectId": "acme", "jobId": "j-1"},
            (("location", "EU"), ("formatOptions.useInt64Timestamp", "True"), ("pageToken", "a+/=&?#")),
            "/bigquery/v2/projects/acme/queries/j-1"
            "?location=EU&formatOptions.useInt64Timestamp=True&pageToken=a%2B%2F%3D%26%3F%23",
        ),
        (
            "bigquery.tables.getIamPolicy",
            {"projectId": "example.com:acme", "datasetId": "d", "tableId": "Größe 1$20260131"},
            (),
            "/bigquery/v2/projects/example.com:acme/datasets/d/tables/Gr%C3%B6%C3%9Fe%201$20260131:getIamPolicy",
        ),
    ],
)
def test_target(name: str, resource: dict[str, str], parameters: tuple[tuple[str, str], ...], expected: str) -> None:
    assert target(BY_NAME[name], resource, parameters) == expected


def test_names_cannot_leave_their_segment() -> None:
    built = target(BY_NAME["bigquery.jobs.get"], {"projectId": "a/../b", "jobId": "x?y#z%2f\r\n"}, ())
    assert built == "/bigquery/v2/projects/a%2F..%2Fb/jobs/x%3Fy%23z%252f%0D%0A"


def test_upload_url_and_back() -> None:
    url = upload_url("https://gw.example", "acme", "AB_1-x/&=")
    assert url == (
        "https://gw.example/upload/bigquery/v2/projects/acme/jobs?uploadType=resumable&upload_id=AB_1-x%2F%26%3D"
    )
    assert upload_id_of(url) == "AB_1-x/&="
    assert target(UPLOAD_MULTIPART, {"projectId": "acme"}, ()) == "/upload/bigquery/v2/projects/acme/jobs"


@pytest.mark.parametrize(
    "location", ["", "https://up/", "https://up/?upload_id=", "https://up/?upload_id=1&upload_id=2", "?x", "http://[/?"]
)
def test_locations_without_one_upload_id(location: str) -> None:
    assert upload_id_of(location) is None
