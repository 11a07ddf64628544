"""What is heard: defaults, and whether two wishes agree."""

from clipshot.core.capture.audio import AudioConfig, AudioInput, complete_audio, differing_audio, inputs_of

DEFAULT = AudioConfig(inputs_of(["default-output"]), 160)
BOTH = AudioConfig(inputs_of(["default-output", "default-input"]), 128)


def test_what_is_not_asked_is_the_default() -> None:
    assert complete_audio(None, DEFAULT) == DEFAULT
    assert complete_audio(AudioConfig(BOTH.inputs), DEFAULT) == AudioConfig(BOTH.inputs, 160)
    assert complete_audio(BOTH, DEFAULT) == BOTH


def test_no_inputs_are_asked_for_as_well() -> None:
    assert complete_audio(AudioConfig(), DEFAULT) == AudioConfig((), 160)


def test_only_what_is_asked_can_differ() -> None:
    assert differing_audio(None, BOTH) == ()
    assert differing_audio(AudioConfig(BOTH.inputs), BOTH) == ()
    assert differing_audio(BOTH, BOTH) == ()
    assert differing_audio(AudioConfig(BOTH.inputs, 96), BOTH) == ("audio.bitrate_kbps",)
    assert differing_audio(AudioConfig(), BOTH) == ("audio.inputs",)
    louder = AudioConfig((AudioInput("default-output", gain_db=3), BOTH.inputs[1]))
    assert differing_audio(louder, BOTH) == ("audio.inputs",)
