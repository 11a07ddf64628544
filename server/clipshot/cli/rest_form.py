"""The JSON of a message exactly as the REST API answers it."""

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
    from google.protobuf.message import Message

_OWN_PACKAGE = "clipshot."


def rest_form(message: "Message") -> dict[str, Any]:
    """What ``json.dumps`` needs to write a message as REST would.

    Field names are snake_case, unset scalars are there, absent optionals are not, int64 are strings, and enum values
    are lower-case without their prefix (``STATE_ACTIVE`` is ``active``).
    """
    # Details of a google.rpc.Status are of these types; JSON of an Any needs them to be known.
    from google.protobuf.json_format import MessageToDict
    from google.rpc import error_details_pb2 as _known_details  # noqa: F401

    form: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    _shorten(form, cast("Descriptor", message.DESCRIPTOR))
    return form


def word(message: "Message", field: str) -> str:
    """The REST name of an enum field's value; the number itself where this version does not know it."""
    number = getattr(message, field)
    enum = cast("Descriptor", message.DESCRIPTOR).fields_by_name[field].enum_type
    value = None if enum is None else enum.values_by_number.get(number)
    return str(number) if enum is None or value is None else _without_prefix(enum, value.name)


def _shorten(form: dict[str, Any], message: "Descriptor") -> None:
    """Give the enum values below a message their REST names, in place."""
    for field in message.fields:
        if field.name not in form:
            continue
        entry = _map_value(field)
        if entry is not None:
            held = form[field.name]
            form[field.name] = {key: _renamed(value, entry) for key, value in held.items()}
        elif field.is_repeated:
            form[field.name] = [_renamed(value, field) for value in form[field.name]]
        else:
            form[field.name] = _renamed(form[field.name], field)


def _renamed(value: Any, field: "FieldDescriptor") -> Any:
    if field.enum_type is not None and isinstance(value, str):
        return _without_prefix(field.enum_type, value)
    if field.message_type is not None and field.message_type.full_name.startswith(_OWN_PACKAGE):
        _shorten(value, field.message_type)
    return value


def _map_value(field: "FieldDescriptor") -> "FieldDescriptor | None":
    entry = field.message_type
    if entry is None or not entry.GetOptions().map_entry:
        return None
    return entry.fields_by_name["value"]


def _without_prefix(enum: "EnumDescriptor", name: str) -> str:
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"
    return name.removeprefix(prefix).lower()
