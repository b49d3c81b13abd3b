"""Adding and deleting documents: uploads that wait to be accepted, the files that were, and the jobs that index them."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from service.access import INDEX, caller_of, guard_index
from service.api import Sessions
from service.audit import record
from service.collection_schemas import FilesView, JobsView, JobView, UploadView
from service.errors import ContentTypeInvalid, RequestInvalid
from service.jobs import ENDED, Jobs
from service.pages import page
from service.problems import PROBLEMS
from service.requests import JsonRequest
from service.responses import Frames, error_frame, event_stream, frame
from service.settings import DEFAULT_COLLECTION, Settings
from service.uploads import Uploads

_LOOK_SECONDS = 0.3
_TAGS = ["documents"]


class Desk:
    """What one request may change: one collection, and who changes it."""

    def __init__(self, request: JsonRequest, settings: Settings, name: str) -> None:
        self.name = name
        self.home = settings.home if name == DEFAULT_COLLECTION else Path(settings.collections[name])
        self.uploads = Uploads(self.home, settings)
        self.jobs = Jobs(self.home)
        self._settings = settings
        self._request = request

    def record(self, action: str, on: str) -> None:
        """Adds a line to the audit trail."""
        request_id = str(self._request.scope["state"].get("request_id", ""))
        record(self._settings, action, caller_of(self._request.scope), f"{self.name}: {on}", request_id=request_id)

    def index(self, *, rebuild: bool = False) -> JobView:
        """A job that brings the index up to date."""
        caller = caller_of(self._request.scope)
        job = self.jobs.create(caller.key_id or caller.by, rebuild=rebuild)
        self.jobs.start(self._settings)
        return job


async def desk(
    request: JsonRequest,
    settings: NamedDependency[Settings],
    sessions: NamedDependency[Sessions],
    collection: Annotated[list[str] | None, QueryParameter(description="Which collection; one at a time.")] = None,
) -> Desk:
    """What a request may change. Raises Unknown, RequestInvalid."""
    if len(collection or ()) > 1:
        raise RequestInvalid("several collections are named", rule="one is changed at a time", remedy="name one of them")
    (name,) = sessions.libraries.chosen(caller_of(request.scope), collection or ())
    return Desk(request, settings, name)


class JobBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be indexed anew."""

    rebuild: Annotated[bool, msgspec.Meta(description="Read unchanged files again.")] = False


@post("/v1/uploads", responses=PROBLEMS, tags=_TAGS, summary="Send files, and see what is read from them")
async def upload_files(request: JsonRequest, desk: NamedDependency[Desk]) -> UploadView:
    """The files, each a part `data` of multipart/form-data, are held back until they are accepted; names may have folders."""
    if request.content_type[0] != "multipart/form-data":
        raise ContentTypeInvalid(
            f"the body is {request.content_type[0] or 'of no declared type'}",
            rule="files are sent as multipart/form-data",
            remedy="send each file as a part named data",
        )
    parts = (await request.form()).getall("data", [])
    sent = [(part.filename, await part.read()) for part in parts if isinstance(part, UploadFile)]
    upload = await asyncio.to_thread(desk.uploads.stage, sent)
    desk.record("upload held", f"{upload} ({len(sent)} files)")
    return await asyncio.to_thread(desk.uploads.view, upload)


@get("/v1/uploads/{upload_id:str}", sync_to_thread=True, responses=PROBLEMS, tags=_TAGS, summary="What was read from an upload")
def show_upload(desk: NamedDependency[Desk], upload_id: FromPath[str]) -> UploadView:
    """The same as was answered when it was sent."""
    return desk.uploads.view(upload_id)


@post(
    "/v1/uploads/{upload_id:str}/accept",
    sync_to_thread=True,
    status_code=202,
    responses=PROBLEMS,
    tags=_TAGS,
    summary="Accept it",
)
def accept_upload(desk: NamedDependency[Desk], upload_id: FromPath[str]) -> JobView:
    """Keeps the files and indexes them; the job says how far that is."""
    names = desk.uploads.accept(upload_id)
    desk.record("documents added", ", ".join(names))
    return desk.index()


@delete("/v1/uploads/{upload_id:str}", sync_to_thread=True, responses=PROBLEMS, tags=_TAGS, summary="Discard an upload")
def discard_upload(desk: NamedDependency[Desk], upload_id: FromPath[str]) -> None:
    """Forgets the files."""
    desk.uploads.discard(upload_id)
    desk.record("upload discarded", upload_id)


@get("/v1/files", sync_to_thread=True, responses=PROBLEMS, tags=_TAGS, summary="The files that were accepted")
def list_files(desk: NamedDependency[Desk]) -> FilesView:
    """Those that were sent; what was indexed on the command line is not among them."""
    return FilesView(tuple(desk.uploads.kept()))


@delete("/v1/files", sync_to_thread=True, status_code=202, responses=PROBLEMS, tags=_TAGS, summary="Delete a file")
def delete_file(
    desk: NamedDependency[Desk], name: Annotated[str, QueryParameter(description="As /v1/files names it.")]
) -> JobView:
    """Deletes the file, and takes its passages out of the index."""
    desk.uploads.delete(name)
    desk.record("document deleted", name)
    return desk.index()


@get("/v1/jobs", sync_to_thread=True, responses=PROBLEMS, tags=_TAGS, summary="Jobs, the newest first")
def list_jobs(desk: NamedDependency[Desk]) -> JobsView:
    """The last hundred."""
    return JobsView(tuple(desk.jobs.all()))


@post("/v1/jobs", sync_to_thread=True, status_code=202, responses=PROBLEMS, tags=_TAGS, summary="Index what was accepted anew")
def create_job(desk: NamedDependency[Desk], data: JSONBody[JobBody]) -> JobView:
    """Also what goes on with a job that was cancelled."""
    desk.record("indexed anew", "rebuild" if data.rebuild else "what is new")
    return desk.index(rebuild=data.rebuild)


@get("/v1/jobs/{job_id:str}", sync_to_thread=True, responses=PROBLEMS, tags=_TAGS, summary="One job")
def show_job(desk: NamedDependency[Desk], job_id: FromPath[str]) -> JobView:
    """As it stands."""
    return desk.jobs.get(job_id)


@get("/v1/jobs/{job_id:str}/events", responses=PROBLEMS, tags=_TAGS, summary="A job as it goes on")
async def follow_job(desk: NamedDependency[Desk], settings: NamedDependency[Settings], job_id: FromPath[str]) -> Response[Any]:
    """An event `job` whenever it has changed, until it has ended."""
    first = await asyncio.to_thread(desk.jobs.get, job_id)
    return event_stream(_changes(desk.jobs, first), error_frame, settings.keep_alive_seconds)


@post("/v1/jobs/{job_id:str}/cancel", sync_to_thread=True, status_code=202, responses=PROBLEMS, tags=_TAGS, summary="Stop a job")
def cancel_job(desk: NamedDependency[Desk], job_id: FromPath[str]) -> JobView:
    """The index stays as it was, and what was embedded is kept."""
    job = desk.jobs.cancel(job_id)
    desk.record("job cancelled", job_id)
    return job


@get("/manage", include_in_schema=False)
async def manage_page(request: JsonRequest, desk: NamedDependency[Desk], sessions: NamedDependency[Sessions]) -> Response[Any]:
    """A page to drop files on, to see what was read from them, to accept and to delete them."""
    kept, jobs = await asyncio.to_thread(lambda: (desk.uploads.kept(), desk.jobs.all()[:10]))
    names = sessions.libraries.allowed(caller_of(request.scope))
    return page("manage.html", name=desk.name, names=names, kept=kept, jobs=jobs)


async def _changes(jobs: Jobs, job: JobView) -> Frames:
    yield frame(job, "job")
    while job.state not in ENDED:
        await asyncio.sleep(_LOOK_SECONDS)
        newer = await asyncio.to_thread(jobs.get, job.id)
        if newer != job:
            yield frame(newer, "job")
        job = newer


def manage_router(settings: Settings) -> Router:
    """The routes, with the size that an upload may have."""
    handlers = [upload_files, show_upload, accept_upload, discard_upload, list_files, delete_file, list_jobs, create_job]
    return Router(
        "/",
        route_handlers=[*handlers, show_job, follow_job, cancel_job, manage_page],
        dependencies={"desk": Provide(desk)},
        request_max_body_size=settings.max_upload + settings.max_body,
        guards=[guard_index],
        opt=INDEX,
    )
