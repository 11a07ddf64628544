"""Every RPC of the contract, out of the descriptors.

``python -m tests.contract.rpc_list`` writes ``rpc_list.txt`` anew after a change of the protos.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

import clipshot.gen

FILE = Path(__file__).parent / "rpc_list.txt"


def services() -> Iterator[ServiceDescriptor]:
    """Services of all packages ``clipshot.<area>.v1``."""
    for module in pkgutil.walk_packages(clipshot.gen.__path__, "clipshot.gen."):
        if module.name.endswith("_service_pb2"):
            yield from importlib.import_module(module.name).DESCRIPTOR.services_by_name.values()


def methods() -> dict[str, MethodDescriptor]:
    """Methods by ``<Service>.<Rpc>``, sorted."""
    found = {f"{service.name}.{method.name}": method for service in services() for method in service.methods}
    return dict(sorted(found.items()))


def full_names() -> list[str]:
    """``clipshot.clips.v1.ClipService/GetClip`` and so on, sorted."""
    return sorted(f"{method.containing_service.full_name}/{method.name}" for method in methods().values())


if __name__ == "__main__":
    FILE.write_text("\n".join(full_names()) + "\n")
