"""Upload bodies and ranges, without a server."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.rest.uploads import Chunk, Upload, Uploads, multipart


def _body(content, boundary=b"==1=="):
    parts = (b'content-type: application/json\r\n\r\n{"configuration": {}}', b"content-type: */*\r\n\r\n" + content)
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--"


@given(st.binary(max_size=200).filter(lambda content: b"==1==" not in content))
def test_any_file_arrives_as_it_was(content):
    job, file = multipart('multipart/related; boundary="==1=="', _body(content))
    with file:
        assert job == {"configuration": {}}
        assert file.read() == content


@given(st.binary(max_size=80))
def test_what_is_no_upload_is_refused(body):
    with pytest.raises(ApiError) as caught:
        multipart("multipart/related; boundary=x", body)
    assert caught.value.status == 400


def test_a_boundary_is_needed():
    with pytest.raises(ApiError, match="boundary"):
        multipart("multipart/related", b"")


@pytest.mark.parametrize(
    ("header", "chunk"),
    [
        (None, Chunk(0, None)),
        ("bytes 0-9/*", Chunk(0, None)),
        ("bytes 10-19/20", Chunk(10, 20)),
        ("bytes */20", Chunk(None, 20)),
        ("bytes */*", Chunk(None, None)),
    ],
)
def test_ranges(header, chunk):
    assert Chunk.parse(header) == chunk


@pytest.mark.parametrize("header", ["", "bytes", "bytes 1-/2", "items 0-1/2", "bytes 0-1/2, 3-4/5"])
def test_ranges_that_are_none(header):
    with pytest.raises(ApiError, match="Content-Range"):
        Chunk.parse(header)


async def _pieces(*parts):
    for part in parts:
        yield part


def test_bytes_sent_again_are_skipped_and_gaps_refused():
    upload = Upload("p", {})
    with upload.file:
        asyncio.run(upload.take(Chunk(0, None), _pieces(b"abc", b"d")))
        asyncio.run(upload.take(Chunk(2, 6), _pieces(b"c", b"de", b"f")))
        upload.file.seek(0)
        assert upload.file.read() == b"abcdef"
        assert upload.is_complete(Chunk(2, 6), has_range=True)
        with pytest.raises(ApiError, match="expected 6"):
            asyncio.run(upload.take(Chunk(8, None), _pieces(b"x")))


def test_an_upload_belongs_to_its_project():
    uploads = Uploads()
    upload_id = uploads.begin("p", {})
    with uploads.get(upload_id, "p").file:
        for wrong in ((upload_id, "q"), ("nope", "p"), (None, "p")):
            with pytest.raises(ApiError, match="upload session"):
                uploads.get(*wrong)
    uploads.end(upload_id)
    with pytest.raises(ApiError, match="upload session"):
        uploads.get(upload_id, "p")
