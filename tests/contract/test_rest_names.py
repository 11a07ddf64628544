"""The image of the REST face differs from the contract in names alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet

BUILD = Path(__file__).resolve().parents[2] / "build"
Fact = tuple[str | int, ...]


def read(name: str) -> FileDescriptorSet:
    return FileDescriptorSet.FromString((BUILD / name).read_bytes())


def own_messages(image: FileDescriptorSet) -> Iterator[tuple[str, DescriptorProto]]:
    def below(scope: str, message: DescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
        name = f"{scope}.{message.name}"
        yield name, message
        for nested in message.nested_type:
            yield from below(name, nested)

    for file in image.file:
        if file.package.startswith("clipshot."):
            for message in file.message_type:
                yield from below(file.package, message)


@pytest.fixture(scope="module")
def contract() -> FileDescriptorSet:
    return read("image.binpb")


@pytest.fixture(scope="module")
def face() -> FileDescriptorSet:
    return read("rest.binpb")


def test_the_wire_is_the_same(contract: FileDescriptorSet, face: FileDescriptorSet) -> None:
    def fields(image: FileDescriptorSet) -> set[Fact]:
        return {
            (name, field.name, field.number, field.type, field.label, field.oneof_index, field.proto3_optional)
            for name, message in own_messages(image)
            for field in message.field
        }

    def numbers(image: FileDescriptorSet) -> set[Fact]:
        """Values by message and enum, the scope that the face puts around an enum left out."""
        return {
            (name.removesuffix(f".{enum.name}Enum"), enum.name, value.number)
            for name, message in own_messages(image)
            for enum in message.enum_type
            for value in enum.value
        }

    assert fields(contract)
    assert fields(face) == fields(contract)
    assert numbers(contract)
    assert numbers(face) == numbers(contract)


def test_values_are_lower_case_and_have_no_prefix(face: FileDescriptorSet) -> None:
    values = {
        f"{name}.{value.name}"
        for name, message in own_messages(face)
        for enum in message.enum_type
        for value in enum.value
    }
    assert "clipshot.capture.v1.Session.StateEnum.active" in values
    assert "clipshot.capture.v1.RateControl.ModeEnum.crf" in values
    assert all(value.rsplit(".", 1)[1].islower() for value in values)
    unspecified = [value for value in values if "unspecified" in value]
    assert all(value.endswith(".unspecified") for value in unspecified)


def test_json_names_are_field_names(face: FileDescriptorSet) -> None:
    for name, message in own_messages(face):
        for field in message.field:
            assert field.json_name == field.name, f"{name}.{field.name}"


def test_comments_stay_with_their_enums(contract: FileDescriptorSet, face: FileDescriptorSet) -> None:
    def comments(image: FileDescriptorSet, path: list[int]) -> str:
        file = next(file for file in image.file if file.name == "clipshot/capture/v1/session.proto")
        return next(at.leading_comments for at in file.source_code_info.location if list(at.path) == path)

    # Session is message 0 and State its enum 0; on the face State is the one enum of nested message 0.
    assert comments(face, [4, 0, 3, 0, 4, 0]) == comments(contract, [4, 0, 4, 0]) == " Where a session stands.\n"
