"""What the encoder alone needs for the head of a clean save: the limit that nothing can beat."""

import time
from fractions import Fraction

import av


def encode_ms(path: str, preset: str, pictures: int = 60) -> float:
    """Milliseconds that libx264 takes for one of the first ``pictures`` of a file, decoded into memory before."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        rate = stream.average_rate or Fraction(30)
        decoded = [frame for frame, _ in zip(container.decode(stream), range(pictures), strict=False)]
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = decoded[0].width, decoded[0].height, decoded[0].format.name
    encoder.time_base = Fraction(1, 90_000)
    encoder.framerate = rate
    encoder.options = {"preset": preset, "tune": "zerolatency", "crf": "23", "bf": "0"}
    encoder.open()
    began = time.perf_counter()
    for frame in decoded:
        frame.pict_type = 0  # else every decoded keyframe becomes one again
        encoder.encode(frame)
    encoder.encode(None)
    return (time.perf_counter() - began) * 1000 / len(decoded)
