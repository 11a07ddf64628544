"""What a viewer of a preview is sent, with a made-up clock."""

from datetime import timedelta
from itertools import pairwise

from clipshot.core.capture.live_streams import AccessUnit
from clipshot.core.capture.viewer_credit import (
    KEYFRAME_GAP_NS,
    MOST_AGE_NS,
    MOST_UNACKNOWLEDGED,
    RESUME_UNACKNOWLEDGED,
    ViewerCredit,
)

FRAME_NS = 33_000_000


class Scene:
    """An encoder that makes a picture each 33 ms, and a keyframe when it was asked for one."""

    def __init__(self, *, acknowledges: bool) -> None:
        self.credit = ViewerCredit(acknowledges=acknowledges)
        self.now = 10**12
        self.sequence = 0
        self.key_next = True
        self.asked: list[int] = []
        self.sent: list[AccessUnit] = []

    def picture(self, *, age_ns: int = 0, key: bool = False) -> bool:
        """One more picture; whether it was sent."""
        self.now += FRAME_NS
        self.sequence += 1
        unit = AccessUnit(
            self.sequence, self.key_next or key, timedelta(), self.now - age_ns, self.now - age_ns, data=b""
        )
        self.key_next = False
        sent = self.credit.admit(unit, self.now)
        if sent:
            self.sent.append(unit)
        else:
            self.ask()
        return sent

    def pictures(self, count: int) -> int:
        """How many of so many were sent."""
        return sum(self.picture() for _ in range(count))

    def acknowledge(self, sequence: int) -> None:
        self.credit.acknowledge(sequence)
        self.ask()

    def ask(self) -> None:
        if self.credit.wants_keyframe(self.now):
            self.asked.append(self.now)
            self.key_next = True


def test_a_viewer_that_keeps_up_gets_everything() -> None:
    scene = Scene(acknowledges=True)
    for _ in range(200):
        assert scene.pictures(3) == 3
        scene.acknowledge(scene.sequence - 2)
    assert scene.asked == []
    assert scene.credit.dropped == 0


def test_a_viewer_that_falls_silent_gets_twelve_more() -> None:
    scene = Scene(acknowledges=True)
    assert scene.pictures(25) == MOST_UNACKNOWLEDGED
    assert scene.credit.dropped == 25 - MOST_UNACKNOWLEDGED
    assert scene.asked == []


def test_it_goes_on_with_a_keyframe_once_the_lag_is_small() -> None:
    scene = Scene(acknowledges=True)
    scene.pictures(25)
    scene.acknowledge(MOST_UNACKNOWLEDGED - RESUME_UNACKNOWLEDGED - 1)
    assert scene.pictures(2) == 0
    scene.acknowledge(MOST_UNACKNOWLEDGED - RESUME_UNACKNOWLEDGED)
    assert len(scene.asked) == 1
    assert scene.picture()
    assert scene.sent[-1].key


def test_the_keyframe_after_a_pause_counts_as_seen() -> None:
    scene = Scene(acknowledges=True)
    scene.pictures(25)
    scene.acknowledge(MOST_UNACKNOWLEDGED - RESUME_UNACKNOWLEDGED)
    assert scene.pictures(1 + MOST_UNACKNOWLEDGED + 5) == 1 + MOST_UNACKNOWLEDGED


def test_one_that_never_acknowledges_sees_a_keyframe_a_second() -> None:
    scene = Scene(acknowledges=True)
    scene.pictures(MOST_UNACKNOWLEDGED + 1)
    seconds = 20
    sent = scene.pictures(seconds * 10**9 // FRAME_NS)
    assert seconds - 2 <= sent <= seconds
    assert all(unit.key for unit in scene.sent[MOST_UNACKNOWLEDGED:])


def test_a_lost_acknowledgement_is_no_end() -> None:
    scene = Scene(acknowledges=True)
    scene.pictures(MOST_UNACKNOWLEDGED + 1)
    while not scene.picture():
        pass
    scene.acknowledge(scene.sent[-1].sequence)
    scene.pictures(1 + KEYFRAME_GAP_NS // FRAME_NS)
    assert not scene.credit.wants_keyframe(scene.now + 10 * KEYFRAME_GAP_NS), "the pictures flow again"


def test_half_the_speed_means_half_the_pictures_and_never_old_ones() -> None:
    """A viewer that decodes one picture in two frame times and acknowledges each third and each keyframe."""
    scene = Scene(acknowledges=True)
    decoded: list[AccessUnit] = []
    oldest = 0
    for tick in range(600):
        scene.picture()
        if tick % 2 and len(decoded) < len(scene.sent):
            unit = scene.sent[len(decoded)]
            decoded.append(unit)
            oldest = max(oldest, scene.now - unit.ready_ns)
            if unit.key or len(decoded) % 3 == 0:
                scene.acknowledge(unit.sequence)
    assert oldest < (2 * MOST_UNACKNOWLEDGED + 5) * FRAME_NS
    assert len(decoded) > 270, "no dead lock, and half of the pictures"


def test_pictures_that_waited_too_long_are_left_out_up_to_a_keyframe() -> None:
    for acknowledges in (False, True):
        scene = Scene(acknowledges=acknowledges)
        assert scene.pictures(3) == 3
        scene.acknowledge(3)
        assert scene.picture(age_ns=MOST_AGE_NS)
        assert not scene.picture(age_ns=MOST_AGE_NS + 1)
        assert len(scene.asked) == 1
        assert scene.picture()
        assert scene.sent[-1].key
        assert scene.pictures(3) == 3


def test_an_old_keyframe_is_no_way_out() -> None:
    scene = Scene(acknowledges=False)
    scene.pictures(1)
    assert not scene.picture(age_ns=2 * MOST_AGE_NS)
    assert not scene.picture(age_ns=2 * MOST_AGE_NS, key=True)
    assert not scene.picture() or scene.sent[-1].key


def test_without_acknowledging_there_is_no_limit_but_age() -> None:
    scene = Scene(acknowledges=False)
    assert scene.pictures(500) == 500


def test_a_keyframe_is_asked_for_four_times_a_second_at_most() -> None:
    scene = Scene(acknowledges=False)
    scene.pictures(1)
    scene.picture(age_ns=2 * MOST_AGE_NS)
    for _ in range(60):
        scene.key_next = False  # an encoder that does not hear
        assert not scene.picture()
    gaps = [later - earlier for earlier, later in pairwise(scene.asked)]
    assert min(gaps) >= KEYFRAME_GAP_NS
    assert len(scene.asked) >= 60 * FRAME_NS // (KEYFRAME_GAP_NS + FRAME_NS)
