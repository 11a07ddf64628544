"""What happens around every call: who may call, which requests are refused, what an error tells, what is counted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, QuotaFailure, ResourceInfo, RetryInfo
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from clipshot.api.server import ApiServer
from clipshot.core.access.failed_keys import MAX_FAILURES
from clipshot.core.errors import PreconditionError, UnavailableError
from clipshot.core.operations.operation import Operation
from clipshot.core.operations.work import Completion, Progress
from clipshot.core.system.health import Component, Status
from clipshot.gen.events.v1 import event_service_pb2, event_service_pb2_grpc
from clipshot.gen.operations.v1 import operation_pb2, operations_service_pb2, operations_service_pb2_grpc
from clipshot.gen.system.v1 import (
    access_service_pb2,
    access_service_pb2_grpc,
    system_service_pb2,
    system_service_pb2_grpc,
)
from clipshot.gen.system.v1 import (
    health_pb2 as system_health_pb2,
)
from tests.clocks import StoppedClock
from tests.core_parts import KEY, WEB_ADDRESS, Foundation, ServedCore, served
from tests.reasons import info_of, reason_of, status_of
from tests.samples import sample

_EVENTS_PATH = "/api/v1/system/events"


class _Probe:
    """A part whose health a test sets."""

    def __init__(self, name: str, essential: bool) -> None:
        self.name = name
        self.essential = essential
        self.status = Status.HEALTHY
        self.fault: Exception | None = None

    async def check(self) -> Component:
        if self.fault:
            raise self.fault
        return Component(self.name, self.status, "as the test says")


@pytest.fixture
def probes() -> list[_Probe]:
    return [_Probe("gateway", essential=False), _Probe("capture", essential=True)]


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def core(tmp_path: Path, probes: list[_Probe], clock: StoppedClock) -> AsyncIterator[ServedCore]:
    async with (
        Foundation(tmp_path / "clipshot.db", clock) as foundation,
        served(foundation, tmp_path, probes=probes, clock=clock) as core,
    ):
        yield core


def _system(channel: aio.Channel) -> Any:
    return system_service_pb2_grpc.SystemServiceStub(channel)


def _access(channel: aio.Channel) -> Any:
    return access_service_pb2_grpc.AccessServiceStub(channel)


def _operations(channel: aio.Channel) -> Any:
    return operations_service_pb2_grpc.OperationsServiceStub(channel)


def _shown(*pairs: tuple[str, str]) -> aio.Metadata:
    return aio.Metadata(*pairs)


async def _version(channel: aio.Channel, *pairs: tuple[str, str]) -> str:
    request = system_service_pb2.GetVersionRequest()
    return str((await _system(channel).GetVersion(request, metadata=_shown(*pairs))).version)


async def _refused(channel: aio.Channel, *pairs: tuple[str, str]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(aio.AioRpcError) as caught:
        await _version(channel, *pairs)
    return caught.value.code(), reason_of(caught.value)


@pytest.mark.parametrize(
    "pairs", [("x-api-key", KEY), ("authorization", f"Bearer {KEY}"), ("authorization", f"bearer {KEY}")]
)
async def test_the_key_lets_in_over_both_sockets(core: ServedCore, pairs: tuple[str, str]) -> None:
    assert await _version(core.tcp, pairs) == "1.2.3"
    assert await _version(core.unix, pairs) == "1.2.3"


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([], "KEY_MISSING"),
        ([("x-api-key", "wrong")], "KEY_INVALID"),
        ([("authorization", "Bearer wrong")], "KEY_INVALID"),
        ([("authorization", f"Basic {KEY}")], "KEY_MISSING"),
    ],
)
async def test_nothing_else_does(core: ServedCore, pairs: Sequence[tuple[str, str]], reason: str) -> None:
    assert await _refused(core.tcp, *pairs) == (grpc.StatusCode.UNAUTHENTICATED, reason)
    assert await _refused(core.unix, *pairs) == (grpc.StatusCode.UNAUTHENTICATED, reason)


async def test_streams_need_the_key_too(core: ServedCore) -> None:
    call: Any = event_service_pb2_grpc.EventServiceStub(core.tcp).Subscribe(event_service_pb2.SubscribeRequest())
    with pytest.raises(aio.AioRpcError) as caught:
        await call.read()
    assert reason_of(caught.value) == "KEY_MISSING"


async def test_too_many_wrong_keys_are_refused_by_name(core: ServedCore, clock: StoppedClock) -> None:
    for number in range(MAX_FAILURES):
        await _refused(core.tcp, ("x-api-key", f"guess-{number}"))
    with pytest.raises(aio.AioRpcError) as caught:
        await _version(core.tcp, ("x-api-key", KEY))
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert info_of(caught.value).metadata["limit"] == "failed_keys_per_minute"
    kinds = [detail.TypeName() for detail in status_of(caught.value).details]
    assert kinds[1:] == [QuotaFailure.DESCRIPTOR.full_name, RetryInfo.DESCRIPTOR.full_name]
    assert await _version(core.unix, ("x-api-key", KEY)) == "1.2.3"
    clock.forward(seconds=61)
    assert await _version(core.tcp, ("x-api-key", KEY)) == "1.2.3"


async def _cookie(core: ServedCore) -> str:
    code = await _access(core.tcp).CreateLoginCode(access_service_pb2.CreateLoginCodeRequest(), metadata=core.metadata)
    assert code.url == f"{WEB_ADDRESS}/login?code={code.code}"
    request = access_service_pb2.ExchangeLoginCodeRequest(code=code.code)
    cookie = await _access(core.unix).ExchangeLoginCode(request)
    with pytest.raises(aio.AioRpcError) as caught:
        await _access(core.unix).ExchangeLoginCode(request)
    assert reason_of(caught.value) == "LOGIN_CODE_INVALID"
    return str(cookie.value)


async def test_a_login_cookie_counts_on_the_unix_socket_only(core: ServedCore) -> None:
    cookie = ("x-clipshot-cookie", await _cookie(core))
    assert await _version(core.unix, cookie) == "1.2.3"
    assert (await _refused(core.tcp, cookie))[1] == "KEY_MISSING"
    assert (await _refused(core.unix, ("x-clipshot-cookie", "made.up.value")))[1] == "COOKIE_INVALID"


async def _link(core: ServedCore, path: str) -> str:
    link = await _access(core.tcp).CreateSignedLink(
        access_service_pb2.CreateSignedLinkRequest(path=path), metadata=core.metadata
    )
    return str(link.url)


async def _subscribe(core: ServedCore, channel: aio.Channel, url: str, method: str = "GET") -> None:
    call: Any = event_service_pb2_grpc.EventServiceStub(channel).Subscribe(
        event_service_pb2.SubscribeRequest(),
        metadata=_shown(("x-clipshot-signed", url), ("x-clipshot-method", method)),
    )
    assert (await call.read()).position
    call.cancel()


async def test_a_signed_link_reaches_its_call_on_the_unix_socket(core: ServedCore, clock: StoppedClock) -> None:
    url = await _link(core, f"{_EVENTS_PATH}?topics=clip:*")
    await _subscribe(core, core.unix, url)
    clock.forward(minutes=11)
    with pytest.raises(aio.AioRpcError) as caught:
        await _subscribe(core, core.unix, url)
    assert reason_of(caught.value) == "LINK_EXPIRED"


async def test_a_signed_link_reaches_nothing_else(core: ServedCore) -> None:
    events, other = await _link(core, _EVENTS_PATH), await _link(core, "/api/v1/clips/clp_1/media")
    signed = ("x-clipshot-signed", events), ("x-clipshot-method", "GET")
    assert (await _refused(core.unix, *signed)) == (grpc.StatusCode.PERMISSION_DENIED, "LINK_OTHER_CALL")
    assert (await _refused(core.tcp, *signed))[1] == "KEY_MISSING"
    for url, method in ((other, "GET"), (events, "POST")):
        with pytest.raises(aio.AioRpcError) as caught:
            await _subscribe(core, core.unix, url, method)
        assert reason_of(caught.value) == "LINK_OTHER_CALL"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/clips",
        "/api/v1/clips/clp_1",
        "/api/v1/clips/clp_1/media/../../x",
        "/api/v1/clips/a/b/media",
        "/api/v1/system/metrics",
        "/api/v1/clips/clp_1/media?expires=9&x=1",
        "/api/v1/clips/clp_1/media?a=1&sig=0",
        "/api/v1/clips/clp_1/media#x",
    ],
)
async def test_links_are_made_for_readable_paths_only(core: ServedCore, path: str) -> None:
    with pytest.raises(aio.AioRpcError) as caught:
        await _link(core, path)
    assert reason_of(caught.value) == "LINK_PATH_NOT_READABLE"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/clips/clp_1/thumbnail",
        "/api/v1/capture/sessions/current/preview?max_width=320",
        "/api/v1/capture/sessions/ses_1/events",
        "/api/v1/operations/op_1/events",
    ],
)
async def test_links_are_made_for_all_readable_paths(core: ServedCore, path: str) -> None:
    assert (await _link(core, path)).startswith(path)


async def test_health_checks_need_no_key_and_reflection_does(core: ServedCore) -> None:
    health: Any = health_pb2_grpc.HealthStub(core.tcp)
    for name in ("", "clipshot.events.v1.EventService"):
        answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(aio.AioRpcError) as caught:
        await _reflected(core, [])
    assert reason_of(caught.value) == "KEY_MISSING"
    assert {"clipshot.system.v1.SystemService", "grpc.health.v1.Health"} <= await _reflected(core, [("x-api-key", KEY)])


async def test_health_watchers_hear_of_the_end(core: ServedCore) -> None:
    health: Any = health_pb2_grpc.HealthStub(core.tcp)
    watch = health.Watch(health_pb2.HealthCheckRequest())
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
    stopping = asyncio.create_task(core.server.stop(1))
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
    watch.cancel()
    await stopping


async def _reflected(core: ServedCore, pairs: Sequence[tuple[str, str]]) -> set[str]:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(core.tcp)
    call = stub.ServerReflectionInfo(metadata=_shown(*pairs))
    await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
    answer = await call.read()
    call.cancel()
    if answer is aio.EOF:
        raise AssertionError
    return {service.name for service in answer.list_services_response.service}


async def test_requests_that_break_a_rule_name_the_field(core: ServedCore) -> None:
    request = operations_service_pb2.ListOperationsRequest(page_size=-1, states=[77])  # type: ignore[list-item]
    with pytest.raises(aio.AioRpcError) as caught:
        await _operations(core.tcp).ListOperations(request, metadata=core.metadata)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert info_of(caught.value).reason == "REQUEST_INVALID"
    bad = BadRequest()
    assert status_of(caught.value).details[1].Unpack(bad)
    assert [(one.field, one.reason) for one in bad.field_violations] == [
        ("page_size", "INT32_GTE"),
        ("states[0]", "ENUM_DEFINED_ONLY"),
    ]


async def test_what_is_no_message_is_refused_like_any_other_request(core: ServedCore) -> None:
    call = core.tcp.unary_unary("/clipshot.operations.v1.OperationsService/GetOperation")
    with pytest.raises(aio.AioRpcError) as caught:
        await call(b"\xff\xff", metadata=core.metadata)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(caught.value) == "REQUEST_UNREADABLE"


async def test_unknown_ids_are_not_found_with_the_resource(core: ServedCore) -> None:
    with pytest.raises(aio.AioRpcError) as caught:
        await _operations(core.tcp).GetOperation(
            operations_service_pb2.GetOperationRequest(operation_id="op_x"), metadata=core.metadata
        )
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    resource = ResourceInfo()
    assert status_of(caught.value).details[1].Unpack(resource)
    assert (resource.resource_type, resource.resource_name) == ("operation", "op_x")
    stream = _operations(core.tcp).WatchOperation(
        operations_service_pb2.WatchOperationRequest(operation_id="op_x"), metadata=core.metadata
    )
    with pytest.raises(aio.AioRpcError) as caught:
        await stream.read()
    assert reason_of(caught.value) == "OPERATION_NOT_FOUND"


async def test_faults_tell_no_details(core: ServedCore, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fault(operation_id: str) -> Operation:
        raise RuntimeError("planted secret")

    monkeypatch.setattr(core.foundation.operations, "get", fault)
    with pytest.raises(aio.AioRpcError) as caught:
        await _operations(core.tcp).GetOperation(
            operations_service_pb2.GetOperationRequest(operation_id="op_x"), metadata=core.metadata
        )
    assert caught.value.code() == grpc.StatusCode.INTERNAL
    assert reason_of(caught.value) == "INTERNAL"
    assert "planted" not in str(caught.value)


async def test_calls_are_counted_by_method_and_code(core: ServedCore) -> None:
    await _version(core.tcp, ("x-api-key", KEY))
    with pytest.raises(aio.AioRpcError):
        await _operations(core.tcp).GetOperation(
            operations_service_pb2.GetOperationRequest(operation_id="op_x"), metadata=core.metadata
        )

    def counted(method: str, code: str) -> float | None:
        return core.registry.get_sample_value("clipshot_rpc_total", {"method": method, "code": code})

    assert counted("/clipshot.system.v1.SystemService/GetVersion", "OK") == 1
    assert counted("/clipshot.operations.v1.OperationsService/GetOperation", "NOT_FOUND") == 1


async def test_operations_over_grpc(core: ServedCore) -> None:
    go_on = asyncio.Event()

    async def work(progress: Progress) -> Completion:
        await progress.report(0.5, "writing")
        await go_on.wait()
        return Completion()

    started = await core.foundation.operations.start("save_replay", "sessions/s", work)
    name = started.operation_id
    watch = _operations(core.tcp).WatchOperation(
        operations_service_pb2.WatchOperationRequest(operation_id=name), metadata=core.metadata
    )
    first = await watch.read()
    assert first.operation.state == operation_pb2.Operation.STATE_RUNNING
    listed = await _operations(core.tcp).ListOperations(
        operations_service_pb2.ListOperationsRequest(states=[operation_pb2.Operation.STATE_RUNNING]),
        metadata=core.metadata,
    )
    assert [operation.operation_id for operation in listed.operations] == [name]
    cancelled = await _operations(core.tcp).CancelOperation(
        operations_service_pb2.CancelOperationRequest(operation_id=name), metadata=core.metadata
    )
    assert cancelled.state == operation_pb2.Operation.STATE_CANCELLED
    last = first
    while (message := await watch.read()) is not aio.EOF:
        last = message
    assert last.operation == cancelled
    assert cancelled.error.code == grpc.StatusCode.CANCELLED.value[0]


async def test_operations_in_pages(core: ServedCore) -> None:
    async with core.foundation.store.write() as tx:
        for number in range(5):
            await tx.operations.put(replace(sample(Operation), operation_id=f"op_{number}", progress=0.5))
    seen: list[str] = []
    token = ""
    while True:
        request = operations_service_pb2.ListOperationsRequest(page_size=2, page_token=token)
        page = await _operations(core.tcp).ListOperations(request, metadata=core.metadata)
        seen += [operation.operation_id for operation in page.operations]
        token = page.next_page_token
        if not token:
            break
    assert seen == [f"op_{number}" for number in (4, 3, 2, 1, 0)]


async def _health(core: ServedCore, *names: str) -> tuple[Any, str | None]:
    call = _system(core.tcp).GetHealth(system_health_pb2.GetHealthRequest(components=names), metadata=core.metadata)
    answer = await call
    return answer, dict(await call.initial_metadata()).get("x-http-code")


async def test_health(core: ServedCore, probes: list[_Probe], clock: StoppedClock) -> None:
    response = system_health_pb2.HealthResponse
    clock.forward(seconds=5)
    healthy, code = await _health(core)
    assert (healthy.status, code) == (response.STATUS_HEALTHY, None)
    assert (healthy.version, healthy.database) == ("1.2.3", response.DATABASE_CONNECTED)
    assert healthy.ai_runtime == response.AI_RUNTIME_UNAVAILABLE
    assert healthy.HasField("plugins")
    assert healthy.uptime.seconds == 5
    assert [component.name for component in healthy.components] == ["database", "gateway", "capture"]
    probes[0].status = Status.UNHEALTHY
    degraded, code = await _health(core)
    assert (degraded.status, code) == (response.STATUS_DEGRADED, None)
    probes[1].status = Status.UNHEALTHY
    unhealthy, code = await _health(core, "capture")
    assert (unhealthy.status, code) == (response.STATUS_UNHEALTHY, "503")
    assert [component.name for component in unhealthy.components] == ["capture"]


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        (PreconditionError("NO_DISPLAY", "no display", remedy="start one"), "no display; start one"),
        (UnavailableError("CLIP_UNREADABLE", "the disk is away"), "the disk is away"),
        (RuntimeError("planted secret"), "its check failed; the server's log has the details"),
    ],
)
async def test_a_part_whose_check_fails_is_unhealthy(
    core: ServedCore, probes: list[_Probe], fault: Exception, detail: str
) -> None:
    probes[1].fault = fault
    health, code = await _health(core)
    assert code == "503"
    found = {component.name: component for component in health.components}
    assert found["capture"].status == system_health_pb2.HealthResponse.STATUS_UNHEALTHY
    assert found["capture"].detail == detail
    assert found["gateway"].status == system_health_pb2.HealthResponse.STATUS_HEALTHY


async def test_health_without_a_database(core: ServedCore) -> None:
    await core.foundation.store.stop()
    health, code = await _health(core)
    assert code == "503"
    assert health.database == system_health_pb2.HealthResponse.DATABASE_DISCONNECTED


async def test_health_of_an_unknown_part(core: ServedCore) -> None:
    with pytest.raises(aio.AioRpcError) as caught:
        await _health(core, "toaster")
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert reason_of(caught.value) == "COMPONENT_NOT_FOUND"


async def test_metrics_tell_the_core_and_no_graphics_processor(core: ServedCore) -> None:
    metrics = await _system(core.tcp).GetMetrics(system_service_pb2.GetMetricsRequest(), metadata=core.metadata)
    assert [process.role for process in metrics.processes] == ["core"]
    assert metrics.processes[0].memory_mb > 10
    assert metrics.processes[0].threads >= 1
    assert metrics.cpu_percent == metrics.processes[0].cpu_percent > 0
    assert not metrics.HasField("gpu_percent")
    assert [(disk.role, disk.total_bytes > disk.free_bytes > 0) for disk in metrics.disks] == [("data", True)]


async def test_openapi_is_the_built_document_or_says_how_to_build_it(core: ServedCore, tmp_path: Path) -> None:
    request = system_service_pb2.GetOpenApiRequest()
    with pytest.raises(aio.AioRpcError) as caught:
        await _system(core.tcp).GetOpenApi(request, metadata=core.metadata)
    assert (caught.value.code(), reason_of(caught.value)) == (grpc.StatusCode.UNAVAILABLE, "OPENAPI_NOT_BUILT")
    assert "make" in info_of(caught.value).metadata["remedy"]
    (tmp_path / "openapi.json").write_text('{"openapi": "3.1.0"}')
    document = await _system(core.tcp).GetOpenApi(request, metadata=core.metadata)
    assert (document.content_type, document.data) == ("application/json", b'{"openapi": "3.1.0"}')


async def test_a_taken_port_is_refused(core: ServedCore) -> None:
    second = ApiServer([], [], host="127.0.0.1", port=core.server.port)
    with pytest.raises(PreconditionError) as caught:
        await second.start()
    assert caught.value.reason == "ADDRESS_IN_USE"
