"""JSON Schema of what the dashboards read and write, from which their TypeScript is made."""

import json

from pydantic import TypeAdapter

from crowdsafe.contract import messages
from crowdsafe.contract.strict import UntitledJsonSchema

_SHAPES = (
    messages.Snapshot,
    messages.Change,
    messages.SignIn,
    messages.Person,
    messages.Problem,
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
