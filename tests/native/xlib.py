"""The few calls of Xlib that tests of windows need, by ctypes: no package for that is installed."""

import ctypes
import ctypes.util

import pytest


class Desktop:
    """A connection to an X server, as a window manager would use it."""

    def __init__(self, display: str) -> None:
        name = ctypes.util.find_library("X11")
        if name is None:
            pytest.skip("libX11 is not installed")
        self._x = ctypes.CDLL(name)
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x.XCreateSimpleWindow.restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(display.encode()))
        assert self._display.value, f"no display {display}"
        self._root = ctypes.c_ulong(self._x.XDefaultRootWindow(self._display))

    def windows(self) -> list[int]:
        """Children of the root, the lowest first."""
        root, parent, children = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)()
        count = ctypes.c_uint()
        found = [ctypes.byref(root), ctypes.byref(parent), ctypes.byref(children), ctypes.byref(count)]
        assert self._x.XQueryTree(self._display, self._root, *found)
        windows = list(children[: count.value])
        if windows:
            self._x.XFree(children)
        return windows

    def open(self, x: int, y: int, width: int, height: int, colour: int, title: str = "") -> int:
        """A window of one colour."""
        window = int(self._x.XCreateSimpleWindow(self._display, self._root, x, y, width, height, 0, 0, colour))
        if title:
            self._x.XStoreName(self._display, ctypes.c_ulong(window), title.encode())
        self._x.XMapWindow(self._display, ctypes.c_ulong(window))
        self._sync()
        return window

    def name(self, window: int, title: str) -> None:
        """Gives a window a title: one without is no window that a person would pick."""
        self._x.XStoreName(self._display, ctypes.c_ulong(window), title.encode())
        self._sync()

    def configure(self, window: int, x: int, y: int, width: int, height: int) -> None:
        """Moves and resizes."""
        self._x.XMoveResizeWindow(self._display, ctypes.c_ulong(window), x, y, width, height)
        self._sync()

    def close(self, window: int) -> None:
        """Destroys."""
        self._x.XDestroyWindow(self._display, ctypes.c_ulong(window))
        self._sync()

    def _sync(self) -> None:
        self._x.XSync(self._display, 0)
