//! Encoders, pictures and JPEGs.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;

use clipshot_ffmpeg::{
    ChunkMux, Error, Nv12, PictureEncoder, RateControl, VideoConfig, VideoEncoder, ffmpeg_version, jpeg, open_encoder,
    probed_encoders,
};
use clipshot_media::{Avcc, nal, scan};
use support::clip::Clip;
use support::picture::{HEIGHT, WIDTH, draw};
use support::session::config;

fn picture(counter: u16) -> Nv12 {
    let mut picture = Nv12::new(WIDTH, HEIGHT).unwrap();
    picture.fill_from_bgra(&draw(counter), WIDTH as usize * 4).unwrap();
    picture
}

#[test]
fn libx264_is_listed_because_it_encodes_here() {
    let encoders = probed_encoders();
    let x264 = encoders.iter().find(|probed| probed.info.name == "libx264").unwrap();
    assert_eq!(x264.unavailable, None);
    let x264 = &x264.info;
    assert_eq!((x264.codec, x264.hardware), ("h264", false));
    // Everything that is offered can be opened.
    for preset in x264.presets.iter().take(6) {
        for tune in x264.tunes.iter().map(Some).chain([None]) {
            let tune = tune.map(ToString::to_string);
            VideoEncoder::open(&VideoConfig { preset: (*preset).into(), tune, ..config(30) }).unwrap();
        }
    }
    for rate in [
        RateControl::Crf { quality: 18.5, max_bitrate: None },
        RateControl::Cbr { bitrate: 4_000_000 },
        RateControl::Vbr { bitrate: 4_000_000, max_bitrate: Some(6_000_000) },
    ] {
        VideoEncoder::open(&VideoConfig { rate, lookahead: 20, ..config(30) }).unwrap();
    }
    assert!(ffmpeg_version().starts_with(|c: char| c.is_ascii_digit()), "{}", ffmpeg_version());
}

#[test]
fn every_hardware_encoder_is_tried_and_says_why_it_does_not_work() {
    let names: Vec<_> = probed_encoders().iter().map(|probed| probed.info.name).collect();
    assert_eq!(names, ["h264_nvenc", "h264_qsv", "h264_vaapi", "h264_amf", "h264_v4l2m2m", "libx264"]);
    for probed in probed_encoders().iter().filter(|probed| probed.info.hardware) {
        let config = VideoConfig {
            encoder: probed.info.name.into(),
            preset: String::new(),
            tune: None,
            rate: RateControl::Vbr { bitrate: 2_000_000, max_bitrate: Some(4_000_000) },
            ..config(30)
        };
        match (&probed.unavailable, VideoEncoder::open(&config)) {
            (None, opened) => assert!(opened.is_ok(), "{}", probed.info.name),
            (Some(why), Err(Error::EncoderUnavailable { name, reason })) => {
                assert_eq!(name, probed.info.name);
                assert!(reason == *why && reason.len() > 20, "{reason:?} and {why:?}");
            }
            (Some(_), other) => panic!("{}: {:?}", probed.info.name, other.err()),
        }
    }
}

#[test]
fn auto_takes_the_first_that_works() {
    let first = probed_encoders().iter().find(|probed| probed.unavailable.is_none()).unwrap().info.name;
    let encoder = open_encoder(&VideoConfig { encoder: "auto".into(), ..config(30) }).unwrap();
    assert_eq!(encoder.config().encoder, first);
    let refused = open_encoder(&VideoConfig { encoder: "auto".into(), preset: "warp".into(), ..config(30) });
    assert!(matches!(refused.err(), Some(Error::InvalidConfig { field: "preset", .. })));
}

#[test]
fn unknown_encoder_is_a_field_error() {
    let result = VideoEncoder::open(&VideoConfig { encoder: "h266".into(), ..config(30) });
    assert!(matches!(result, Err(Error::InvalidConfig { field: "encoder", .. })));
}

#[test]
fn default_holds_nothing_back_and_places_no_keyframe_of_its_own() {
    let mut encoder = VideoEncoder::open(&config(60)).unwrap();
    for slot in 0..400 {
        // A cut to something else every 30 pictures.
        let packets = encoder.encode(&picture((slot / 30 * 7919) as u16), slot, slot == 0 || slot == 250).unwrap();
        let [packet] = &packets[..] else { panic!("{} packets at slot {slot}", packets.len()) };
        assert_eq!(packet.meta.key, slot == 0 || slot == 250, "slot {slot}");
        assert_eq!((packet.meta.pts, packet.meta.dts, packet.meta.dur), (slot * 1500, slot * 1500, 1500));
        // A forced keyframe is an IDR picture (type 5), and sets are not repeated in band.
        let kinds: Vec<_> = nal::units(&packet.data).map(|u| u[0] & 0x1f).collect();
        assert_eq!(kinds.contains(&5), packet.meta.key);
        assert!(!kinds.contains(&7));
    }
    assert!(encoder.finish().unwrap().is_empty());
}

#[test]
fn scene_cuts_make_no_keyframes() {
    let config = VideoConfig { preset: "medium".into(), tune: None, lookahead: 20, ..config(60) };
    let mut encoder = VideoEncoder::open(&config).unwrap();
    let (stripes, mut grain) = (picture(0), Nv12::new(WIDTH, HEIGHT).unwrap());
    let noise: Vec<u8> = (0u32..WIDTH * HEIGHT * 4).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    grain.fill_from_bgra(&noise, WIDTH as usize * 4).unwrap();
    let mut packets = Vec::new();
    for slot in 0..120 {
        let shown = if slot / 30 % 2 == 0 { &stripes } else { &grain };
        packets.extend(encoder.encode(shown, slot, slot % 100 == 0).unwrap());
    }
    packets.extend(encoder.finish().unwrap());
    let keys: Vec<_> = packets.iter().filter(|p| p.meta.key).map(|p| p.meta.pts / 1500).collect();
    assert_eq!(keys, [0, 100]);
}

#[test]
fn held_frames_come_out_at_the_end() {
    let mut encoder =
        VideoEncoder::open(&VideoConfig { preset: "veryfast".into(), tune: None, lookahead: 10, ..config(60) })
            .unwrap();
    let mut packets: Vec<_> =
        (0..30).flat_map(|n| encoder.encode(&picture(n), i64::from(n), n == 0).unwrap()).collect();
    assert!(packets.len() < 30);
    packets.extend(encoder.finish().unwrap());
    let pts: Vec<_> = packets.iter().map(|p| p.meta.pts).collect();
    assert_eq!(pts, (0..30).map(|n| n * 1500).collect::<Vec<_>>());
    assert!(packets.iter().all(|p| p.meta.pts == p.meta.dts), "a B-frame");
}

#[test]
fn times_lie_on_the_grid_at_rates_that_do_not_divide_the_timescale() {
    let encoder = VideoEncoder::open(&config(59)).unwrap();
    for slot in [0, 1, 58, 59, 1000, 59 * 3600] {
        let exact = slot as f64 * 90_000.0 / 59.0;
        assert!((encoder.ticks_of(slot) as f64 - exact).abs() <= 0.5);
    }
}

#[test]
fn slots_must_rise_and_sizes_must_fit() {
    let mut encoder = VideoEncoder::open(&config(60)).unwrap();
    encoder.encode(&picture(0), 5, true).unwrap();
    assert!(matches!(encoder.encode(&picture(0), 5, false), Err(Error::UnexpectedStream(_))));
    let other = Nv12::new(WIDTH * 2, HEIGHT).unwrap();
    assert!(matches!(encoder.encode(&other, 6, false), Err(Error::WrongSize { .. })));
    // Neither spoiled the encoder.
    assert_eq!(encoder.encode(&picture(1), 6, false).unwrap().len(), 1);
}

#[test]
fn chunks_say_of_themselves_what_the_packet_said() {
    let mut encoder = VideoEncoder::open(&config(60)).unwrap();
    let mut mux = ChunkMux::open(&[encoder.parameters().unwrap()]).unwrap();
    assert_eq!(Avcc::from_annex_b(encoder.parameters().unwrap().extradata()).unwrap().sequence_set_count(), 1);
    let mut bytes = mux.init_segment().bytes().to_vec();
    let mut metas = Vec::new();
    // With gaps, as on a screen that is mostly still.
    for slot in [0, 1, 2, 60, 61, 180] {
        for packet in encoder.encode(&picture(slot as u16), slot, slot % 60 == 0).unwrap() {
            let chunk = mux.write(&packet).unwrap();
            assert_eq!(chunk.meta, packet.meta);
            bytes.extend_from_slice(&chunk.bytes);
            metas.push(packet.meta);
        }
    }
    let found = scan(&bytes[..]).unwrap();
    assert_eq!(found.whole, bytes.len() as u64);
    assert_eq!(found.entries.iter().map(|e| e.meta).collect::<Vec<_>>(), metas);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stream.mp4");
    fs::write(&path, bytes).unwrap();
    let counters: Vec<_> = Clip::open(&path, false).counters;
    let expected: Vec<_> = [0u16, 1, 2, 60, 61, 180].map(|n| (i64::from(n) * 1500, Some(n))).into();
    assert_eq!(counters, expected);
}

#[test]
fn clone_keeps_what_it_shows() {
    let mut now = picture(1);
    let before = now.clone();
    now.fill_from_bgra(&draw(2), WIDTH as usize * 4).unwrap();
    assert_eq!(jpeg(&before, WIDTH, 90).unwrap(), jpeg(&picture(1), WIDTH, 90).unwrap());
    assert_ne!(jpeg(&before, WIDTH, 90).unwrap(), jpeg(&now, WIDTH, 90).unwrap());
}

#[test]
fn odd_sources_are_rounded_down_and_small_ones_refused() {
    let mut picture = Nv12::new(101, 51).unwrap();
    assert_eq!((picture.width(), picture.height()), (100, 50));
    picture.fill_from_bgra(&[7; 101 * 51 * 4], 101 * 4).unwrap();
    assert!(matches!(picture.fill_from_bgra(&[7; 99 * 51 * 4], 99 * 4), Err(Error::WrongSize { .. })));
    assert!(matches!(picture.fill_from_bgra(&[7; 101 * 49 * 4], 101 * 4), Err(Error::WrongSize { .. })));
    assert!(matches!(picture.fill_from_bgra(&[], 0), Err(Error::WrongSize { .. })));
    assert!(matches!(Nv12::new(1, 50), Err(Error::InvalidConfig { field: "width", .. })));
}

/// Size and the colour in the middle of a JPEG, as blue, green, red.
fn decoded(bytes: &[u8]) -> (i32, i32, [u8; 3]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.jpg");
    fs::write(&path, bytes).unwrap();
    support::still::read(&path)
}

#[test]
fn jpeg_has_the_size_and_the_colours_of_the_picture() {
    for colour in [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [40, 120, 200]] {
        let mut picture = Nv12::new(640, 360).unwrap();
        let pixels: Vec<u8> = [colour[0], colour[1], colour[2], 0].repeat(640 * 360);
        picture.fill_from_bgra(&pixels, 640 * 4).unwrap();
        let (width, height, seen) = decoded(&jpeg(&picture, 320, 90).unwrap());
        assert_eq!((width, height), (320, 180));
        let close = colour.iter().zip(&seen).all(|(a, b): (&u8, &u8)| a.abs_diff(*b) <= 6);
        assert!(close, "{colour:?} became {seen:?}");
    }
    let (width, height, _) = decoded(&jpeg(&picture(0), 5000, 90).unwrap());
    assert_eq!((width, height), (WIDTH as i32, HEIGHT as i32), "never scaled up");
}

#[test]
fn jpeg_quality_is_size_and_bad_values_are_refused() {
    let picture = picture(3);
    let size = |quality| jpeg(&picture, WIDTH, quality).unwrap().len();
    assert!(size(1) < size(50) && size(50) < size(100));
    assert!(matches!(jpeg(&picture, 1, 50), Err(Error::InvalidConfig { field: "max_width", .. })));
    assert!(matches!(jpeg(&picture, 100, 0), Err(Error::InvalidConfig { field: "quality", .. })));
    assert!(matches!(jpeg(&picture, 100, 101), Err(Error::InvalidConfig { field: "quality", .. })));
}
