"""Waiting between attempts to reach a server that does not answer."""

from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from clipshot_client.errors import UnavailableError

FIRST_WAIT = 0.1
"""Seconds that the first wait takes at most; each further one may take twice as long as the one before."""

LONGEST_WAIT = 3.0
"""Seconds that no wait exceeds: a server that was restarted serves again in about one."""


def attempts() -> AsyncRetrying:
    """Attempts without end while the server is unavailable; any other failure ends them."""
    return AsyncRetrying(
        retry=retry_if_exception_type(UnavailableError),
        wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
        reraise=True,
    )
