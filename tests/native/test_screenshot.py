"""Still pictures of sources and sessions, compared by pixel."""

import asyncio
import time

import numpy as np
import pytest

import clipshot_native as native
from tests.native.conftest import StartSession
from tests.native.display import Display, painting, xvfb
from tests.native.test_push import pixels
from tests.native.waiting import PATIENCE, until

WIDTH, HEIGHT = 322, 182


def gradient() -> np.ndarray:
    """Blue, green, red and nothing: smooth, and different in each channel."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    channels = [x * 255 // WIDTH, y * 255 // HEIGHT, 255 - x * 255 // WIDTH, np.zeros_like(x)]
    return np.stack(channels, axis=-1).astype(np.uint8)


async def shown(session: native.Session, source: native.PushSource, picture: np.ndarray) -> None:
    captured = session.stats().encoded
    assert source.push(picture.tobytes(), WIDTH, HEIGHT, WIDTH * 4, time.monotonic_ns())
    await until(lambda: session.stats().encoded > captured, "the picture is encoded")


@pytest.mark.parametrize(("image_format", "tolerance"), [("png", 0), ("jpeg", 8), ("webp", 12)])
async def test_a_source_as_it_is(start_session: StartSession, image_format: native.ImageFormat, tolerance: int) -> None:
    source = native.PushSource(width=WIDTH, height=HEIGHT)
    session = await start_session(source.source_id)
    picture = gradient()
    await shown(session, source, picture)
    image = await native.take_screenshot(source.source_id, image_format, quality=95)
    assert (image.format, image.width, image.height) == (image_format, WIDTH, HEIGHT)
    found = pixels(image).astype(int)
    assert np.abs(found - picture[:, :, 2::-1].astype(int)).max() <= tolerance
    small = await native.take_screenshot(source.source_id, image_format, max_width=100)
    assert (small.width, small.height) == (100, 56)
    assert pixels(small).shape == (56, 100, 3)


@pytest.mark.parametrize("image_format", ["png", "jpeg", "webp"])
async def test_a_running_session(start_session: StartSession, image_format: native.ImageFormat) -> None:
    source = native.PushSource(width=WIDTH, height=HEIGHT)
    session = await start_session(source.source_id)
    picture = gradient()
    await shown(session, source, picture)
    captured = session.stats().captured
    image = await session.screenshot(image_format)
    assert (image.width, image.height) == (WIDTH, HEIGHT)
    found = pixels(image).astype(int)
    assert np.abs(found - picture[:, :, 2::-1].astype(int)).mean() <= 4
    assert (await session.screenshot(image_format, max_width=160)).width == 160
    assert session.stats().captured <= captured + 1, "it takes no picture of its own"


async def painted(display: Display) -> native.Image:
    """The screen without its pointer, once the painter has filled it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            image = await native.take_screenshot("x11:screen", "png", display=display.name)
            if pixels(image)[-16:, -16:].any():
                return image


async def test_a_screen_with_and_without_its_pointer() -> None:
    with xvfb(320, 240) as display, painting(display, "--mode", "still"):
        one = await painted(display)
        two = await native.take_screenshot("x11:screen", "png", display=display.name)
        assert one.data == two.data
        pointed = await native.take_screenshot("x11:screen", "png", display=display.name, draw_cursor=True)
        assert pixels(pointed).shape == (240, 320, 3)
        assert pointed.data != one.data


async def test_refusals(start_session: StartSession) -> None:
    for quality in (0, 101):
        with pytest.raises(native.NativeError) as caught:
            await native.take_screenshot("test:clock", "jpeg", quality=quality)
        assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", "quality")
    with pytest.raises(native.NativeError) as caught:
        await native.take_screenshot("test:clock", "gif")  # type: ignore[arg-type]
    assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", "format")
    with pytest.raises(native.NativeError) as caught:
        await native.take_screenshot("test:none", "png")
    assert caught.value.reason == "SOURCE_NOT_FOUND"
    session = await start_session()
    await session.stop()
    with pytest.raises(native.NativeError) as caught:
        await session.screenshot("png")
    assert caught.value.reason == "CLOSED"
