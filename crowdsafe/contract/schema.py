"""JSON Schema of what the dashboards read and write, from which their TypeScript is made."""

import json

from pydantic import TypeAdapter

from crowdsafe.contract import accounts, alarms, page_messages, people, record
from crowdsafe.contract.strict import UntitledJsonSchema

_SHAPES = (
    page_messages.Snapshot,
    page_messages.Change,
    page_messages.CellsChange,
    page_messages.Watch,
    page_messages.Problem,
    people.SignIn,
    people.Person,
    accounts.SignInWays,
    alarms.Shelve,
    alarms.TakeOutOfService,
    record.PastAlarms,
    record.RecordEvents,
    record.Shift,
    record.TakeOver,
    record.ZoneCourse,
)


def dashboards_schema() -> str:
    """Return the schema as JSON text, the same bytes for the same contract."""
    inputs = [(shape, "serialization", TypeAdapter(shape)) for shape in _SHAPES]
    refs, schema = TypeAdapter.json_schemas(inputs, schema_generator=UntitledJsonSchema)  # type: ignore[arg-type]
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Contract",
        "type": "object",
        "properties": {shape.__name__: refs[(shape, "serialization")] for shape in _SHAPES},
        "required": [shape.__name__ for shape in _SHAPES],
        "additionalProperties": False,
        **schema,
    }
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
