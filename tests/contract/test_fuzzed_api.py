"""A fuzzer that reads only the OpenAPI document: whatever it sends, each answer is one that the document allows.

It makes requests that the document allows and ones that it forbids, and follows answers into further requests (a
session's id into its markers, an operation's into its cancellation). Streams are left out, since they do not end.
"""

import json
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case, CheckContext, GenerationMode, Response
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from tests.serving import RunningServer, serving

STREAMS = r"/events$|live\.mp4$|preview\.h264$|/config/events$"
NOT_CHECKED = [positive_data_acceptance, ignored_auth]
"""What fits the document may still be refused: the session may have ended, a folder may be out of bounds. Wrong keys
are slowed down (429), which is tested where they are."""
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@schemathesis.check
def refusals_are_explained(ctx: CheckContext, response: Response, case: Case) -> None:
    """Who is refused is told why, in words and by a reason that a program can read."""
    if response.status_code < 400:
        return
    refusal = json.loads(response.content)
    reasons = [detail["reason"] for detail in refusal["details"] if detail["@type"].endswith("ErrorInfo")]
    assert len(reasons) == 1, refusal
    assert refusal["message"]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of its own: what is left of it does not matter."""
    with serving(tmp_path_factory.mktemp("fuzzed") / "data", "--replay") as server:
        yield server


@pytest.fixture(scope="module")
def schema(fuzzed: RunningServer) -> BaseSchema:
    document = schemathesis.openapi.from_url(f"{fuzzed.rest}/openapi.json", headers={"X-API-Key": fuzzed.key})
    return document.exclude(path_regex=STREAMS)


@pytest.mark.timeout(3600)
def test_each_operation(fuzzed: RunningServer, schema: BaseSchema, soak: bool) -> None:
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 40
    failures: list[str] = []
    for operation in operations:
        cases = st.one_of(operation.as_strategy(), operation.as_strategy(GenerationMode.NEGATIVE))

        @given(case=cases)
        @settings(SETTINGS, max_examples=200 if soak else 8)
        def run(case: Case) -> None:
            case.call_and_validate(headers={"X-API-Key": fuzzed.key}, timeout=30, excluded_checks=NOT_CHECKED)

        try:
            run()
        except BaseExceptionGroup as error:
            failures += [f"{operation.label}: {fault}" for fault in (error, *error.exceptions)]
        except Exception as error:
            failures.append(f"{operation.label}: {error}")
    assert not failures, "\n\n".join(failures)


@pytest.mark.timeout(3600)
def test_one_after_another(fuzzed: RunningServer, schema: BaseSchema, soak: bool) -> None:
    steps = settings(SETTINGS, max_examples=400 if soak else 12, stateful_step_count=10)

    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        """Leaves out what is not checked."""

        def validate_response(self, response: Response, case: Case, **_: object) -> None:
            """As each operation alone."""
            case.validate_response(response, excluded_checks=NOT_CHECKED)

    Machine.run(settings=steps)
