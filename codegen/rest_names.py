"""Give a descriptor image the names of the REST face; the wire format is untouched.

``STATE_ACTIVE`` of ``Session.State`` becomes ``active``, and every ``json_name`` the field's own name. The values of an
enum share the scope of the message around it, where a short name soon meets a field (``crf``) or another enum
(``unspecified``); so each enum moves into an empty message of its own, ``Session.StateEnum.State``. Only Go names show
that: neither the wire nor JSON knows the names of enum types, and ``finish_openapi.py`` takes the scope out again.

Usage: ``rest_names.py IMAGE_IN IMAGE_OUT`` (binary FileDescriptorSets, as ``buf build -o`` writes them).
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

SCOPE_SUFFIX = "Enum"

FILE_MESSAGES = FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER
NESTED_MESSAGES = DescriptorProto.NESTED_TYPE_FIELD_NUMBER
NESTED_ENUMS = DescriptorProto.ENUM_TYPE_FIELD_NUMBER

# Where a descriptor stands in its file, as google.protobuf.SourceCodeInfo counts: field numbers and indices by turns.
Place = tuple[int, ...]


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def shorten(enum: EnumDescriptorProto) -> None:
    prefix = snake(enum.name) + "_"
    for value in enum.value:
        value.name = value.name.lower().removeprefix(prefix)


def messages(file: FileDescriptorProto) -> Iterator[tuple[str, Place, DescriptorProto]]:
    """Full name, place and descriptor of every message of a file, outer ones first."""

    def below(scope: str, path: Place, message: DescriptorProto) -> Iterator[tuple[str, Place, DescriptorProto]]:
        name = f"{scope}.{message.name}"
        yield name, path, message
        for index, nested in enumerate(message.nested_type):
            yield from below(name, (*path, NESTED_MESSAGES, index), nested)

    for index, message in enumerate(file.message_type):
        yield from below(f".{file.package}", (FILE_MESSAGES, index), message)


def scope_enums(file: FileDescriptorProto) -> dict[str, str]:
    """Move each nested enum into a message of its own; answers the new type name for each old one."""
    renamed: dict[str, str] = {}
    moved: dict[Place, Place] = {}
    for name, path, message in list(messages(file)):
        for index, enum in enumerate(message.enum_type):
            shorten(enum)
            scope = f"{enum.name}{SCOPE_SUFFIX}"
            renamed[f"{name}.{enum.name}"] = f"{name}.{scope}.{enum.name}"
            moved[(*path, NESTED_ENUMS, index)] = (
                *path,
                NESTED_MESSAGES,
                len(message.nested_type),
                NESTED_ENUMS,
                0,
            )
            message.nested_type.add(name=scope).enum_type.add().CopyFrom(enum)
        del message.enum_type[:]
    for location in file.source_code_info.location:
        for length in range(4, len(location.path) + 1, 2):
            target = moved.get(tuple(location.path[:length]))
            if target is not None:
                location.path[:] = (*target, *location.path[length:])
                break
    return renamed


def main(source: str, target: str) -> None:
    image = FileDescriptorSet.FromString(Path(source).read_bytes())
    own = [file for file in image.file if file.package.startswith("clipshot.")]
    renamed: dict[str, str] = {}
    for file in own:
        if file.enum_type:
            sys.exit(f"{file.name}: nest {file.enum_type[0].name} in a message; REST has no prefix to tell enums apart")
        renamed |= scope_enums(file)
    for file in own:
        for _, _, message in messages(file):
            for field in message.field:
                field.json_name = field.name
                if field.type_name in renamed:
                    field.type_name = renamed[field.type_name]
    Path(target).write_bytes(image.SerializeToString())


if __name__ == "__main__":
    main(*sys.argv[1:])
