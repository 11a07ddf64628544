"""Logging in as a browser does."""

from http.cookies import SimpleCookie

from tests.serving import RunningServer

COOKIE = "clipshot_login"


def login_code(server: RunningServer) -> str:
    """A fresh one-time code."""
    answer = server.call("POST", "/api/v1/system/login-codes", {})
    assert answer.status == 200, answer.body
    return str(answer.json()["code"])


def log_in(server: RunningServer) -> str:
    """The cookie's value for one fresh code."""
    answer = server.call("GET", f"/login?code={login_code(server)}", key=False)
    assert answer.status == 303, answer.body
    return SimpleCookie(answer.headers["set-cookie"])[COOKIE].value


def cookie_header(value: str, **more: str) -> dict[str, str]:
    """Headers of a logged-in browser."""
    return {"Cookie": f"{COOKIE}={value}"} | more
