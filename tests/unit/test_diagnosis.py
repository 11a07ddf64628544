"""What is found about a session, with made-up readings."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from clipshot.core.capture.audio import AudioTrack
from clipshot.core.capture.diagnosis.diagnosis import Diagnosis
from clipshot.core.capture.diagnosis.disk import FILLING_ABOVE, FILLING_BELOW, Growth, until_full
from clipshot.core.capture.diagnosis.hysteresis import Hysteresis
from clipshot.core.capture.diagnosis.losses import LOAD_AFTER, LOAD_HIGH, LOAD_LOW, LOST_LEAST, WINDOW
from clipshot.core.capture.diagnosis.picture import BLACK_AFTER, BLACK_BRIGHTEST, BLACK_MEAN
from clipshot.core.capture.diagnosis.reading import Reading, Symptom
from clipshot.core.capture.diagnosis.sound import LOST_AFTER, SILENT_AFTER
from clipshot.core.capture.session import SessionStats

FROZEN_AFTER = timedelta(minutes=10)
WELL = SessionStats(captured_frames=1, encoded_frames=1, luma_mean=100.0)
MICROPHONE = AudioTrack(
    track=2, label="Microphone", device_id="input:mic", mixdown=False, gain_db=0, muted=False, connected=True,
    peak_dbfs=-20, rms_dbfs=-30, silent=timedelta(), drift_ppm=0, latency=timedelta(),
)  # fmt: skip


class Patient:
    """A session whose readings are made up, one a second."""

    def __init__(self, frozen_after: timedelta = FROZEN_AFTER) -> None:
        self._diagnosis = Diagnosis(frozen_after=frozen_after)
        self.seconds = 0
        self.reading = Reading(0.0, timedelta(), WELL, brightest=200)

    def after(self, seconds: float, *, lost: dict[str, int] | None = None, fps: int = 30, **stats: float) -> set[str]:
        """What is found after so many more seconds like this; ``lost`` are pictures a second by stage."""
        found: Iterable[Symptom] = ()
        for _ in range(int(seconds)):
            self.seconds += 1
            old = self.reading.stats
            dropped = {
                stage: old.dropped_frames.get(stage, 0) + (lost or {}).get(stage, 0)
                for stage in ("late", "queue", "encode")
            }
            moving = "last_change" not in stats
            now = timedelta(seconds=self.seconds)
            self.reading = replace(
                self.reading,
                at=float(self.seconds),
                session_time=now,
                stats=replace(
                    old,
                    captured_frames=old.captured_frames + fps,
                    encoded_frames=old.encoded_frames + fps,
                    dropped_frames=dropped,
                    **{"last_change": now if moving else old.last_change},
                    **{name: value for name, value in stats.items() if name != "last_change"},
                ),
            )
            found = self._diagnosis.look(self.reading)
        return {f"{symptom.kind}:{symptom.subject}".rstrip(":") for symptom in found}

    def change(self, **fields: object) -> None:
        """Other facts from now on."""
        self.reading = replace(self.reading, **fields)


def test_a_session_that_is_well_has_no_findings() -> None:
    assert Patient().after(3600) == set()


class TestHysteresis:
    def test_it_begins_and_ends_late_and_bridges_gaps(self) -> None:
        condition = Hysteresis(3, 2)

        def look(*seen: tuple[float, bool, bool]) -> list[bool]:
            return [condition.look(at, begins=begins, ends=ends) for at, begins, ends in seen]

        assert look((0, True, False), (2, True, False), (2.5, False, False), (3, True, False)) == [False] * 4
        assert look((5.9, True, False), (6, True, False)) == [False, True]
        assert look((7, False, True), (8, True, False), (9, False, True), (10, False, False)) == [True] * 4
        assert look((11, False, True), (13, False, True)) == [True, False]


class TestPicture:
    def test_black_is_found_when_it_lasts_and_gone_when_it_ends(self) -> None:
        patient = Patient()
        patient.change(brightest=BLACK_BRIGHTEST)
        assert patient.after(BLACK_AFTER, luma_mean=BLACK_MEAN) == set()
        assert patient.after(1) == {"black"}
        patient.change(brightest=200)
        assert patient.after(2, luma_mean=90) == set()

    def test_a_dark_scene_with_a_light_is_not_black(self) -> None:
        patient = Patient()
        patient.change(brightest=BLACK_BRIGHTEST + 1)
        assert patient.after(60, luma_mean=BLACK_MEAN) == set()

    def test_a_bright_blank_page_is_not_black(self) -> None:
        assert Patient().after(60, luma_mean=BLACK_MEAN + 1) == set()

    def test_nothing_is_black_before_the_first_picture(self) -> None:
        patient = Patient()
        patient.change(stats=SessionStats(), brightest=0)
        assert patient.after(60, fps=0, luma_mean=0) == set()

    def test_frozen_is_found_after_the_time_that_is_set_and_gone_at_once(self) -> None:
        patient = Patient()
        assert patient.after(FROZEN_AFTER.total_seconds() - 1, last_change=0) == set()
        assert patient.after(1, last_change=0) == {"frozen"}
        assert patient.after(1) == set()

    def test_zero_never_calls_a_picture_frozen(self) -> None:
        assert Patient(timedelta()).after(7200, last_change=0) == set()


class TestSound:
    def test_a_silent_track_is_named(self) -> None:
        patient = Patient()
        patient.change(tracks=(MICROPHONE, replace(MICROPHONE, track=3, silent=SILENT_AFTER)))
        assert patient.after(1) == {"silent:track 3"}
        patient.change(tracks=(MICROPHONE, replace(MICROPHONE, track=3)))
        assert patient.after(1) == set()

    def test_silence_that_is_meant_is_no_finding(self) -> None:
        quiet = replace(MICROPHONE, silent=10 * SILENT_AFTER)
        patient = Patient()
        patient.change(tracks=(replace(quiet, muted=True), replace(quiet, mixdown=True)))
        assert patient.after(60) == set()

    def test_a_device_that_is_gone_is_lost_and_not_silent_too(self) -> None:
        patient = Patient()
        patient.change(tracks=(replace(MICROPHONE, connected=False, silent=SILENT_AFTER),))
        assert patient.after(LOST_AFTER) == set()
        assert patient.after(1) == {"audio_lost:track 2"}
        patient.change(tracks=(MICROPHONE,))
        assert patient.after(2) == set()


class TestLosses:
    def test_each_stage_that_loses_pictures_is_named_until_a_window_goes_by_without(self) -> None:
        patient = Patient()
        assert patient.after(30, lost={"late": 2}) == {"dropping:late"}
        assert patient.after(3, lost={"encode": 30}) == {"dropping:late", "dropping:encode"}
        assert patient.after(WINDOW - 4) == {"dropping:late", "dropping:encode"}
        assert patient.after(5) == set()

    def test_a_hiccup_is_no_finding(self) -> None:
        patient = Patient()
        assert patient.after(2, lost={"late": LOST_LEAST - 1}) == set()
        assert patient.after(20) == set()
        assert patient.after(1, lost={"late": 200}) == set()
        assert patient.after(600, fps=60) == set()

    def test_an_encoder_at_its_limit_is_overloaded_until_it_has_room_again(self) -> None:
        patient = Patient()
        assert patient.after(LOAD_AFTER, encoder_load=LOAD_HIGH) == set()
        assert patient.after(1, encoder_load=LOAD_HIGH) == {"encoder_overloaded"}
        assert patient.after(60, encoder_load=(LOAD_HIGH + LOAD_LOW) / 2) == {"encoder_overloaded"}
        assert patient.after(LOAD_AFTER + 1, encoder_load=LOAD_LOW) == set()

    def test_pictures_that_wait_in_vain_mean_an_overloaded_encoder(self) -> None:
        found = Patient().after(LOAD_AFTER + 5, lost={"queue": 10}, encoder_load=0.8)
        assert found == {"dropping:queue", "encoder_overloaded"}


class TestDisk:
    def test_a_disk_that_is_full_soon_is_told_in_time(self) -> None:
        patient = Patient()
        patient.change(until_full=FILLING_BELOW)
        assert patient.after(60) == set()
        patient.change(until_full=FILLING_BELOW - timedelta(seconds=1))
        assert patient.after(4) == {"disk_filling"}
        patient.change(until_full=FILLING_ABOVE - timedelta(seconds=1))
        assert patient.after(60) == {"disk_filling"}
        patient.change(until_full=FILLING_ABOVE)
        assert patient.after(4) == set()

    def test_a_recording_that_ends_fills_no_disk(self) -> None:
        patient = Patient()
        patient.change(until_full=timedelta(minutes=1))
        assert patient.after(4) == {"disk_filling"}
        patient.change(until_full=None)
        assert patient.after(4) == set()

    def test_growth_is_that_of_the_last_minute(self) -> None:
        growth = Growth()
        for second in range(200):
            growth.look(second, 1000 * second if second < 100 else 100_000 + 3000 * (second - 100))
        assert growth.bytes_per_second == 3000

    def test_growth_is_unknown_at_first_and_starts_anew_with_a_new_file(self) -> None:
        growth = Growth()
        growth.look(0, 0)
        growth.look(4, 4000)
        assert growth.bytes_per_second == 0
        growth.look(5, 5000)
        assert growth.bytes_per_second == 1000
        growth.look(6, 10)
        assert growth.bytes_per_second == 0

    def test_the_forecast(self) -> None:
        assert until_full(6_000, 100) == timedelta(minutes=1)
        assert until_full(6_000, 0) is None
        assert until_full(10**15, 1) is None
