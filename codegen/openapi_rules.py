"""protovalidate rules, said in JSON Schema."""

import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from rest_image import RestImage

Schema = dict[str, Any]

# Duration in JSON: seconds with up to nine decimals (google/protobuf/duration.proto).
DURATION_PATTERN = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,9})?s$"

STRING = {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern"}
NUMBER = {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
ARRAY = {"min_items": "minItems", "max_items": "maxItems", "unique": "uniqueItems"}
OBJECT = {"min_pairs": "minProperties", "max_pairs": "maxProperties"}
NUMBERS = ("double", "float", "int32", "uint32")


def add_limits(image: RestImage, field: FieldDescriptor, schema: Schema) -> None:
    """Write the rules of a field into its schema."""
    _add(image.rules(field), schema)
    if _is_duration(field):
        (schema["items"] if field.is_repeated else schema)["pattern"] = DURATION_PATTERN


def must_be_given(image: RestImage, field: FieldDescriptor) -> bool:
    """Whether a request without the field breaks its rules."""
    rules = image.rules(field)
    if rules.required:
        return True
    if field.has_presence or rules.ignore or rules.WhichOneof("type") != "string":
        return False
    text = rules.string
    return text.min_len > 0 or (text.HasField("pattern") and re.search(text.pattern, "") is None)


def _add(rules: Any, schema: Schema) -> None:
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    rule = getattr(rules, kind)
    if kind == "string":
        _copy(rule, STRING, schema)
        if rule.HasField("prefix"):
            schema["pattern"] = "^" + re.escape(rule.prefix)
        if rule.WhichOneof("well_known") == "uuid":
            schema["format"] = "uuid"
    elif kind in NUMBERS:
        _copy(rule, NUMBER, schema)
    elif kind == "repeated":
        _copy(rule, ARRAY, schema)
        _add(rule.items, schema["items"])
    elif kind == "map":
        _copy(rule, OBJECT, schema)
        names: Schema = {}
        _add(rule.keys, names)
        if names:
            schema["propertyNames"] = names
        _add(rule.values, schema["additionalProperties"])
    elif kind == "duration":
        _describe_range(rule, schema)


def _copy(rule: Any, names: dict[str, str], schema: Schema) -> None:
    for name, keyword in names.items():
        if rule.HasField(name):
            schema[keyword] = getattr(rule, name)


def _describe_range(rule: Any, schema: Schema) -> None:
    """JSON Schema cannot compare durations, so the text says it."""
    ends = [
        f"{words} {getattr(rule, name).ToJsonString()}"
        for name, words in (("gte", "at least"), ("gt", "more than"), ("lte", "at most"), ("lt", "less than"))
        if rule.HasField(name)
    ]
    if ends:
        schema["description"] = f"{schema.get('description', '')} {', '.join(ends).capitalize()}.".lstrip()


def _is_duration(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == "google.protobuf.Duration"
