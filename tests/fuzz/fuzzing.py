"""Cases by schemathesis and by hand for every route of the hub's OpenAPI document."""

import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from tests.fuzz.opened import METRICS_TOKEN, OpenedHub
from tests.fuzz.right import BODIES, FIRST_IDS, FREE, HEAD, IDS, NAMES, QUERIES, Late
from tests.fuzz.wrong import RUBBISH, Spoiled, spoiled

LEAST_LET_IN = 0.9
"""A run in which more of the administrator's requests were not let in says nothing."""
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
)
_STREAM = "GET /api/events/stream"
_STREAM_S = 0.1
_SLOW_STREAM_S = 5.0
_MISSPELT = ("no_such", "From", "newest ", "", "to_s[]", "💥")
# Only a provider sends people there.
_BACK = "GET /api/oidc/back"
# What these have no use for in a query may come from balancers, scrapers and providers.
_FREE_QUERY = (
    *("GET /api/sign-in", "POST /api/session", "DELETE /api/session", "GET /healthz"),
    *("GET /metrics", "GET /api/oidc/begin", _BACK),
)
# Here 401 says that a password is wrong, not that a session is lost.
_ASKS_FOR_A_PASSWORD = ("POST /api/session", "PUT /api/session/password", _BACK)
_TIMEOUT_S = 20.0
_MAX_SENTENCE = 500
_TRACEBACK = "Traceback"
_LOCKED = (401, 403)
_NEW_PASSWORD = "PUT /api/session/password"
_ENDS_THE_SESSION = ("DELETE /api/session", _NEW_PASSWORD)
# A case of a route that takes nothing is like every other one.
_WEIGHT_OF_NOTHING = 1
_WEIGHT_OF_PARAMETERS = 5
_WEIGHT_OF_BODY = 10
_WEIGHT_OF_MUCH = 25
_MOST_SHARE = 15
# What these take is large.
_MUCH = ("POST /api/revisions", "POST /api/observations")


@dataclass(frozen=True)
class Asked:
    """One request."""

    case: Case
    who: str | None
    """A person, or None: nobody, who has no worker's key either."""
    body: Any
    """Instead of the case's own: bytes, or a document."""
    is_wrong: bool
    """Whether nothing but a refusal can be right."""
    kind: str


@dataclass(frozen=True)
class Finding:
    """What a route did that it must not."""

    route: str
    what: str
    request: str
    answer: str
    logged: str

    def __str__(self) -> str:
        lines = [f"{self.route}: {self.what}", f"  sent: {self.request}", f"  got: {self.answer}"]
        lines += [f"  log: {line}" for line in self.logged.splitlines()[-12:]]
        return "\n".join(lines)


class Fuzzing:
    """A run over all routes."""

    def __init__(self, opened: OpenedHub, *, first_seed: int = 0) -> None:
        """Take a hub; the same seed asks the same."""
        load_all_checks()
        self._opened = opened
        self._seed = first_seed
        self._checks = CHECKS.get_by_names(_CHECKS)
        self._session = requests.Session()
        self._session.trust_env = False
        config = schemathesis.Config.from_dict(
            {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}
        )
        schema = schemathesis.openapi.from_dict(opened.app.openapi(), config=config)
        self._operations = {
            each.label: each for each in (found.ok() for found in schema.get_all_operations())
        }
        self.statuses: dict[str, Counter[int]] = {each: Counter() for each in self._operations}
        self.kinds: Counter[str] = Counter()
        self.findings: dict[tuple[str, str], Finding] = {}
        self.signed_in: Counter[int] = Counter()

    @property
    def cases(self) -> int:
        """How many were asked so far."""
        return sum(counter.total() for counter in self.statuses.values())

    @property
    def let_in_share(self) -> float:
        """Return the share of the administrator's requests that were let in."""
        locked = sum(self.signed_in[status] for status in _LOCKED)
        return 1 - locked / max(1, self.signed_in.total())

    @property
    def never_right(self) -> list[str]:
        """Return the routes that never did what they are for."""
        return [
            route
            for route, counter in self.statuses.items()
            if route != _BACK and not any(200 <= status < 400 for status in counter)
        ]

    def run(self, cases: int, *, told: Callable[[str], None] = lambda _: None) -> None:
        """Ask at least so many, in rounds over all routes, one round at least."""
        weights = {label: self._weight(label) for label in self._operations}
        share = min(_MOST_SHARE, max(1, cases // sum(weights.values())))
        begun_s = time.monotonic()
        for number in itertools.count(self._seed):
            for place, (label, weight) in enumerate(weights.items()):
                if number > self._seed and self.cases >= cases:
                    return
                found = len(self.findings)
                self._ask_route(label, cases=weight * share, seed_number=number * 1000 + place)
                for finding in list(self.findings.values())[found:]:
                    told(f"\n{finding}\n")
                per_s = self.cases / (time.monotonic() - begun_s)
                told(
                    f"{self.cases} of {cases} cases, {per_s:.0f}/s, "
                    f"{len(self.findings)} findings, now {label}"
                )

    def _weight(self, label: str) -> int:
        if label in BODIES:
            return _WEIGHT_OF_MUCH if label in _MUCH else _WEIGHT_OF_BODY
        operation = self._operations[label]
        takes = (operation.path_parameters, operation.query, operation.headers, operation.cookies)
        return _WEIGHT_OF_PARAMETERS if any(takes) else _WEIGHT_OF_NOTHING

    def _ask_route(self, label: str, *, cases: int, seed_number: int) -> None:
        @seed(seed_number)
        @settings(
            max_examples=cases,
            phases=(Phase.generate,),
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(_requests(self._operations[label]))
        def each(asked: Asked) -> None:
            self._ask(label, asked)

        each()

    def _ask(self, label: str, asked: Asked) -> None:
        opened, case = self._opened, asked.case
        what: dict[str, Any] = {}
        if asked.body is not None:
            is_raw = isinstance(asked.body, bytes)
            what["data"] = asked.body if is_raw else opened.json(asked.body)
        headers = {} if asked.who is None else self._key(label)
        opened.complaints.take()
        for parameters in (case.path_parameters, case.query):
            for name, value in parameters.items():
                if isinstance(value, Late):
                    parameters[name] = opened.late(value)
        try:
            response = self._call(
                label, case, headers=headers, cookies=opened.cookies(asked.who), **what
            )
        except requests.RequestException as error:
            self._find(label, f"no answer ({type(error).__name__})", asked, what, answer=str(error))
            return
        finally:
            self._session.cookies.clear()
        status = response.status_code
        self.statuses[label][status] += 1
        self.kinds[asked.kind] += 1
        answer = f"{status} {response.content[:500].decode(errors='replace')}"
        if asked.who == HEAD and label not in _ASKS_FOR_A_PASSWORD:
            self.signed_in[status] += 1
        if asked.is_wrong and not 400 <= status < 500:
            self._find(label, f"{status} for what cannot be right", asked, what, answer=answer)
        if 400 <= status < 500:
            wrong = _wrong_sentence(response)
            if wrong:
                self._find(label, f"{status} {wrong}", asked, what, answer=answer)
        try:
            case.validate_response(response, checks=self._checks)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                first = next(iter(failure.message.splitlines()), "")
                said = f"{failure.title}, {first}" if status < 500 else f"{status} {failure.title}"
                self._find(label, said[:120], asked, what, answer=f"{answer}\n{failure.message}")
        if _TRACEBACK in opened.complaints.so_far():
            self._find(label, "a traceback is logged", asked, what, answer=answer)
        self._keep_signed_in(label, asked, status)
        if not opened.is_alive:
            raise RuntimeError(f"the hub's loop ended: {opened.complaints.take()}")

    def _call(self, label: str, case: Any, **what: Any) -> schemathesis.Response:
        # A stream that has nothing to tell is left soon; more time is only for its beginning.
        *soon, last = (_STREAM_S, _SLOW_STREAM_S) if label == _STREAM else (_TIMEOUT_S,)
        for timeout_s in soon:
            with contextlib.suppress(requests.ReadTimeout):
                return self._call_within(timeout_s, case, **what)
        return self._call_within(last, case, **what)

    def _call_within(self, timeout_s: float, case: Any, **what: Any) -> schemathesis.Response:
        response: schemathesis.Response = case.call(
            base_url=f"http://{self._opened.address}",
            session=self._session,
            timeout=timeout_s,
            allow_redirects=False,
            **what,
        )
        return response

    def _keep_signed_in(self, label: str, asked: Asked, status: int) -> None:
        """Give back what a request took away, or the rest of the run would see only refusals."""
        if asked.who is None:
            return
        if label in _ENDS_THE_SESSION and status < 300:
            self._opened.sign_out(asked.who)
        if label == _NEW_PASSWORD and status < 300:
            self._opened.heal()
        may_be_locked = asked.who == HEAD and label not in _ASKS_FOR_A_PASSWORD
        if may_be_locked and status in _LOCKED:
            self._opened.heal()

    def _key(self, label: str) -> dict[str, str]:
        if label == "GET /metrics":
            return {"Authorization": f"Bearer {METRICS_TOKEN}"}
        return self._opened.bearer()

    def _find(
        self, label: str, said: str, asked: Asked, what: dict[str, Any], *, answer: str
    ) -> None:
        if (label, said) in self.findings:
            return
        sent = asked.case.as_transport_kwargs(base_url="http://hub")
        body = what.get("data", sent.get("json", sent.get("data")))
        request = (
            f"{asked.kind}, as {asked.who}: {sent['method']} {sent['url']} "
            f"query {sent['params']!r} body {body!r:.1500}"
        )
        self.findings[label, said] = Finding(
            label, said, request, answer, self._opened.complaints.take()
        )


def _requests(operation: Any) -> st.SearchStrategy[Asked]:
    label, rights = operation.label, BODIES.get(operation.label, ())
    path = {each.name for each in operation.path_parameters}
    names = NAMES["workers" if "/workers/" in operation.path else "people"]
    first = (FIRST_IDS[label],) if label in FIRST_IDS else ()
    ids = {each: st.sampled_from((*first, *IDS.get(each, names))) for each in path}
    takes = (operation.path_parameters, operation.query, operation.headers, operation.cookies)
    positive = operation.as_strategy(GenerationMode.POSITIVE)
    # The first is what hypothesis asks first: with the first of all ids.
    kinds = ["right" if rights or label in QUERIES else "known", "positive"]
    negative = positive
    if any(takes) or rights:
        negative = operation.as_strategy(GenerationMode.NEGATIVE)
        kinds.append("negative")
    if rights:
        kinds += ["known", "spoiled", "spoiled", "spoiled", "rubbish"]
    if label not in _FREE_QUERY:
        kinds.append("misspelt")
    wrongs = st.one_of([spoiled(each, is_strict=_is_strict) for each in rights])

    @st.composite
    def one(draw: st.DrawFn) -> Asked:
        who = draw(st.sampled_from((*(HEAD,) * 12, "guest", None)))
        kind = draw(st.sampled_from(kinds))
        case = draw(negative if kind == "negative" else positive)
        body, is_wrong = None, False
        if kind not in ("positive", "negative"):
            for name, values in ids.items():
                case.path_parameters[name] = draw(values)
        if kind in ("right", "misspelt"):
            body = draw(st.sampled_from(rights)) if rights else None
            case.query = dict(QUERIES.get(label, {}))
        if kind == "misspelt":
            case.query[draw(st.sampled_from(_MISSPELT))] = "1"
            is_wrong = True
        if kind == "rubbish":
            body = draw(RUBBISH)
        elif kind == "spoiled":
            found: Spoiled = draw(wrongs)
            body, is_wrong = found.document, found.is_wrong
            # A document that is null is one too.
            body = b"null" if body is None else body
        return Asked(case=case, who=who, body=body, is_wrong=is_wrong, kind=kind)

    return one()


def _is_strict(place: tuple[Any, ...]) -> bool:
    return not set(FREE) & set(place)


def _wrong_sentence(response: schemathesis.Response) -> str | None:
    """Return what is wrong with the body of a refusal."""
    try:
        body = response.json()
    except ValueError:
        return "without JSON"
    if not isinstance(body, dict) or body.keys() != {"error"} or not isinstance(body["error"], str):
        return "is not {error: sentence}"
    sentence = body["error"]
    if not sentence.strip():
        return "says nothing"
    if len(sentence) > _MAX_SENTENCE:
        return f"says more than {_MAX_SENTENCE} characters"
    if not sentence.isprintable():
        return "says what cannot be printed"
    return None
