"""The descriptor image with REST names, as the finisher of the OpenAPI document asks about it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "clipshot."


class RestImage:
    """Messages and methods of an image, with the options that say more than their types.

    The image brings the definitions of its own options (``buf.validate.field``, ``http_facts``), so nothing generated
    is needed to read them.
    """

    def __init__(self, path: Path) -> None:
        files = FileDescriptorSet.FromString(path.read_bytes())
        self._pool = DescriptorPool()
        for file in files.file:
            self._pool.AddSerializedFile(file.SerializeToString())
        self._own = [file.name for file in files.file if file.package.startswith(PACKAGE)]

    def methods(self) -> Iterator[MethodDescriptor]:
        """Every method of ClipShot's own services, in the order of the files."""
        for name in self._own:
            for service in self._pool.FindFileByName(name).services_by_name.values():
                yield from service.methods

    def message(self, full_name: str) -> Descriptor | None:
        """The message of that name, None when the image has none."""
        try:
            return self._pool.FindMessageTypeByName(full_name)
        except KeyError:
            return None

    def http_facts(self, method: MethodDescriptor) -> Any:
        """``clipshot.options.v1.HttpFacts`` of a method; an empty one when it states none."""
        return self._extension("google.protobuf.MethodOptions", method.GetOptions(), "clipshot.options.v1.http_facts")

    def rules(self, field: FieldDescriptor) -> Any:
        """``buf.validate.FieldRules`` of a field; empty ones when it states none."""
        return self._extension("google.protobuf.FieldOptions", field.GetOptions(), "buf.validate.field")

    def _extension(self, options_type: str, options: Message, name: str) -> Any:
        # The descriptor hands out options of the default pool, where our extensions are unknown fields.
        known = GetMessageClass(self._pool.FindMessageTypeByName(options_type)).FromString(options.SerializeToString())
        extensions: Any = known.Extensions
        return extensions[self._pool.FindExtensionByName(name)]
