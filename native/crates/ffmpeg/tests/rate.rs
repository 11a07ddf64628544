//! The rate control of a running encoder, by the bytes that come out.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use clipshot_ffmpeg::{Nv12, PictureEncoder, RateControl, VideoConfig, VideoEncoder};
use clipshot_media::nal;

const WIDTH: u32 = 320;
const HEIGHT: u32 = 192;
const FPS: i64 = 30;

/// A picture of grain that no encoder can predict.
fn grain(seed: u32) -> Nv12 {
    let value = |i: u32| (i.wrapping_add(seed * 77).wrapping_mul(2_654_435_761) >> 24) as u8;
    let pixels: Vec<u8> = (0..WIDTH * HEIGHT).flat_map(|i| [value(i / 2); 4]).collect();
    let mut picture = Nv12::new(WIDTH, HEIGHT).unwrap();
    picture.fill_from_bgra(&pixels, WIDTH as usize * 4).unwrap();
    picture
}

struct Stream {
    encoder: VideoEncoder,
    slot: i64,
}

impl Stream {
    fn new(rate: RateControl) -> Self {
        let config = VideoConfig { width: WIDTH, height: HEIGHT, fps: FPS as u32, rate, ..VideoConfig::default() };
        Self { encoder: VideoEncoder::open(&config).unwrap(), slot: 0 }
    }

    /// Changes the rate, lets the buffer get used to it, and measures kbit/s over two seconds.
    fn measure(&mut self, rate: RateControl) -> f64 {
        self.encoder.set_rate(rate).unwrap();
        self.run(2);
        self.run(2) as f64 * 8.0 / 2.0 / 1000.0
    }

    /// Encodes with one keyframe, the very first picture; returns the size of all packets.
    fn run(&mut self, seconds: i64) -> usize {
        let mut bytes = 0;
        for slot in self.slot..self.slot + seconds * FPS {
            for packet in self.encoder.encode(&grain(slot as u32), slot, slot == 0).unwrap() {
                assert_eq!(packet.meta.key, slot == 0, "slot {slot}");
                assert!(nal::units(&packet.data).all(|unit| !matches!(unit[0] & 0x1f, 7 | 8)), "sets at slot {slot}");
                bytes += packet.data.len();
            }
        }
        self.slot += seconds * FPS;
        bytes
    }

    fn sets(&self) -> Vec<u8> {
        self.encoder.parameters().unwrap().extradata().to_vec()
    }
}

fn assert_near(got: f64, expected: f64) {
    assert!((got / expected - 1.0).abs() < 0.15, "{got:.0} kbit/s instead of {expected:.0}");
}

#[test]
fn a_constant_bit_rate_follows_down_and_up() {
    let rate = |kbps: u64| RateControl::Cbr { bitrate: kbps * 1000 };
    let mut stream = Stream::new(rate(2000));
    let sets = stream.sets();
    for kbps in [2000, 500, 1500] {
        assert_near(stream.measure(rate(kbps)), kbps as f64);
    }
    assert_eq!(stream.sets(), sets);
}

#[test]
fn the_limit_of_a_quality_follows_down_and_up() {
    let rate = |kbps: u64| RateControl::Crf { quality: 10.0, max_bitrate: Some(kbps * 1000) };
    let mut stream = Stream::new(rate(2000));
    for kbps in [2000, 500, 1500] {
        assert_near(stream.measure(rate(kbps)), kbps as f64);
    }
}

#[test]
fn a_quality_follows_down_and_up() {
    let rate = |quality| RateControl::Crf { quality, max_bitrate: None };
    let mut stream = Stream::new(rate(23.0));
    let [fine, coarse, again] = [23.0, 40.0, 23.0].map(|quality| stream.measure(rate(quality)));
    assert!(coarse < fine / 2.0, "{coarse:.0} after {fine:.0}");
    assert_near(again, fine);
}

#[test]
fn the_limit_of_an_average_follows_down() {
    let rate = |limit: u64| RateControl::Vbr { bitrate: 2_000_000, max_bitrate: Some(limit) };
    let mut stream = Stream::new(rate(4_000_000));
    assert_near(stream.measure(rate(4_000_000)), 2000.0);
    assert_near(stream.measure(rate(2_000_000)), 2000.0);
}
