"""The upload methods: load jobs that bring their file with them."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gatebook.sandbox.errors import invalid
from gatebook.sandbox.rest.call import Call, required
from gatebook.sandbox.rest.jobs.insert import start_job
from gatebook.sandbox.rest.reply import Reply
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.rest.uploads import Chunk, multipart, parse_job


async def begin_upload(services: Services, call: Call, request: Request) -> Reply:
    """jobs.insert with a file: multipart in one request, or the beginning of a resumable upload."""
    kind = call.text("uploadType")
    body = await request.body()
    if kind == "multipart":
        job, file = multipart(request.headers.get("content-type", ""), body)
        return Reply(await run_in_threadpool(start_job, services, call, job, [file]))
    if kind != "resumable":
        raise invalid(f"Unsupported uploadType: {kind}", location="uploadType")
    job = parse_job(body)
    required(job, "configuration", "load")
    upload_id = services.uploads.begin(call.project, job)
    location = f"{call.base_url}{request.url.path}?uploadType=resumable&upload_id={upload_id}"
    return Reply(None, headers={"Location": location, "X-GUploader-UploadID": upload_id})


async def continue_upload(services: Services, call: Call, request: Request) -> Reply:
    """A chunk of a resumable upload: 308 with the bytes received, or the job once all are here."""
    upload_id = call.text("upload_id") or ""
    upload = services.uploads.get(upload_id, call.project)
    header = request.headers.get("content-range")
    chunk = Chunk.parse(header)
    await upload.take(chunk, request.stream())
    if not upload.is_complete(chunk, has_range=header is not None):
        received = {"Range": f"bytes=0-{upload.received - 1}"} if upload.received else {}
        return Reply(None, status=308, headers={"X-GUploader-UploadID": upload_id, **received})
    services.uploads.end(upload_id)
    upload.file.seek(0)
    return Reply(await run_in_threadpool(start_job, services, call, upload.job, [upload.file]))
