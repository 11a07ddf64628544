"""List the services that the gateway serves over REST, so that a new one in the protos needs no line of Go.

Usage: ``gateway_services.py IMAGE TARGET``: the descriptor image, and the Go file to write.
"""

import sys
from pathlib import Path

from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet, ServiceDescriptorProto

PACKAGE = "clipshot."
GO = """\
// Package gen lists the services that answer over REST. Made by codegen/gateway_services.py.
package gen

import (
\t"context"

\t"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
\t"google.golang.org/grpc"

{imports}
)

// Register adds the handlers of one service to a mux; they call the core over a connection.
type Register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error

// Services has one Register for each service that binds a method to a path.
var Services = []Register{{
{handlers}
}}
"""


def is_bound(service: ServiceDescriptorProto) -> bool:
    """Whether a method of the service has an HTTP rule."""
    return any(method.options.HasExtension(annotations_pb2.http) for method in service.method)


def render(files: FileDescriptorSet) -> str:
    """The Go file for an image."""
    imports, handlers = set(), []
    for file in files.file:
        if not file.package.startswith(PACKAGE):
            continue
        path, _, name = file.options.go_package.partition(";")
        for service in filter(is_bound, file.service):
            imports.add(f'\t{name} "{path}"')
            handlers.append(f"\t{name}.Register{service.name}Handler,")
    return GO.format(imports="\n".join(sorted(imports)), handlers="\n".join(sorted(handlers)))


def main(image: str, target: str) -> None:
    Path(target).write_text(render(FileDescriptorSet.FromString(Path(image).read_bytes())))


if __name__ == "__main__":
    main(*sys.argv[1:])
