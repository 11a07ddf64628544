"""The method of CaptureService that takes screenshots."""

from typing import Any

from grpc import aio

from clipshot.api.converter import from_proto, to_proto
from clipshot.api.request_key import request_key
from clipshot.core.capture.screenshot import ScreenshotRequest
from clipshot.core.capture.service import CaptureService
from clipshot.gen.capture.v1 import capture_service_pb2, capture_service_pb2_grpc, screenshot_pb2

_Context = aio.ServicerContext[Any, Any]


class ScreenshotMethods(capture_service_pb2_grpc.CaptureServiceServicer):
    """Screenshots over gRPC; a base of the servicer."""

    _capture: CaptureService

    async def TakeScreenshot(
        self, request: capture_service_pb2.TakeScreenshotRequest, context: _Context
    ) -> screenshot_pb2.Screenshot:
        """Take one."""
        picture = await self._capture.take_screenshot(
            from_proto(request, ScreenshotRequest), request_key(request, "TakeScreenshot")
        )
        return to_proto(picture, screenshot_pb2.Screenshot)
