//! An encoder that fails in the middle of a stream.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::sync::atomic::AtomicBool;

use clipshot_ffmpeg::{
    Error, FallBack, Guarded, Nv12, PictureEncoder, RateControl, Result, SaveRequest, TrackParameters, VideoConfig,
    VideoEncoder, save,
};
use clipshot_media::{Avcc, Labels, Packet, StartRule};
use support::clip::Clip;
use support::picture::{HEIGHT, WIDTH, draw};
use support::session::{Session, config};

/// How an encoder goes wrong.
#[derive(Clone, Copy)]
enum Fault {
    /// It says so.
    Error,
    /// It takes pictures and gives nothing.
    Silence,
}

/// Stands for a chip: encodes well up to a slot.
struct Chip {
    inner: VideoEncoder,
    config: VideoConfig,
    fails_at: i64,
    fault: Fault,
}

impl Chip {
    fn new(fails_at: i64, fault: Fault) -> Self {
        let config = config(60);
        let inner = VideoEncoder::open(&config).unwrap();
        Self { inner, config: VideoConfig { encoder: "h264_chip".into(), ..config }, fails_at, fault }
    }
}

impl PictureEncoder for Chip {
    fn config(&self) -> &VideoConfig {
        &self.config
    }

    fn parameters(&self) -> Result<TrackParameters> {
        self.inner.parameters()
    }

    fn encode(&mut self, picture: &Nv12, slot: i64, force_key: bool) -> Result<Vec<Packet>> {
        match self.fault {
            _ if slot < self.fails_at => self.inner.encode(picture, slot, force_key),
            Fault::Error => Err(Error::UnexpectedStream("the chip is on fire".into())),
            Fault::Silence => Ok(vec![]),
        }
    }

    fn set_rate(&mut self, rate: RateControl) -> Result<()> {
        self.inner.set_rate(rate)
    }

    fn finish(&mut self) -> Result<Vec<Packet>> {
        self.inner.finish()
    }
}

fn guarded(chip: Chip) -> Guarded {
    // Another preset: other parameter sets than the chip's.
    Guarded::new(Box::new(chip), VideoConfig { preset: "ultrafast".into(), ..config(60) }).unwrap()
}

#[test]
fn the_stream_goes_on_in_the_same_file_without_a_lost_picture() {
    let encoder = guarded(Chip::new(90, Fault::Error));
    let sets = encoder.parameters().unwrap().extradata().to_vec();
    assert_eq!(Avcc::parse(&sets).unwrap().sequence_set_count(), 2);
    let mut session = Session::with_encoder(Box::new(encoder), None);
    for slot in 0..200 {
        session.show(slot, slot as u16);
    }
    session.finish();
    let clip = Clip::open(&session.recording, false);
    assert_eq!(clip.extradata, sets);
    assert_eq!(clip.counters, (0..200).map(|n| (n * 1500, Some(n as u16))).collect::<Vec<_>>());
    let keys: Vec<_> = clip.pictures.iter().filter(|packet| packet.key).map(|packet| packet.pts / 1500).collect();
    assert_eq!(keys, [0, 60, 90, 120, 180], "those asked for, and the first one of the software encoder");

    // Clips across the change, and with a head that is encoded a third time.
    for (from, to, sets) in [(70, 200, 3), (85, 100, 3), (90, 150, 2), (100, 200, 3)] {
        let target = session.path(&format!("{from}.mp4"));
        let (start, end) = (session.ticks(from), session.ticks(to));
        let pin = session.ring.pin(start..end, &session.path(&format!("pin-{from}")), b"").unwrap();
        let (mut progress, cancel) = (|_| {}, AtomicBool::new(false));
        let request = SaveRequest {
            start,
            end,
            rule: StartRule::Clean,
            target: &target,
            fps: 60,
            labels: &Labels::default(),
            head_preset: None,
            progress: &mut progress,
            cancel: &cancel,
        };
        assert_eq!(save(pin.footage(), request).unwrap().fallback_reason, None);
        let clip = Clip::open(&target, false);
        assert_eq!(Avcc::parse(&clip.extradata).unwrap().sequence_set_count(), sets);
        assert_eq!(clip.counters, (from..to).map(|n| ((n - from) * 1500, Some(n as u16))).collect::<Vec<_>>());
    }
    assert!(fs::metadata(&session.recording).unwrap().len() > 0);
}

#[test]
fn the_change_is_told_once() {
    let mut encoder = guarded(Chip::new(2, Fault::Error));
    let mut picture = Nv12::new(WIDTH, HEIGHT).unwrap();
    picture.fill_from_bgra(&draw(0), WIDTH as usize * 4).unwrap();
    for slot in 0..2 {
        encoder.encode(&picture, slot, slot == 0).unwrap();
        assert_eq!((encoder.take_fall_back(), encoder.config().encoder.as_str()), (None, "h264_chip"));
    }
    assert!(encoder.encode(&picture, 2, false).unwrap()[0].meta.key);
    let told = encoder.take_fall_back().unwrap();
    let expected = FallBack {
        from: "h264_chip".into(),
        to: "libx264".into(),
        why: "unexpected stream: the chip is on fire".into(),
    };
    assert_eq!(told, expected);
    assert_eq!(told.to_string(), "h264_chip -> libx264: unexpected stream: the chip is on fire");
    assert!(!encoder.encode(&picture, 3, false).unwrap()[0].meta.key);
    assert_eq!((encoder.take_fall_back(), encoder.config().encoder.as_str()), (None, "libx264"));
    // There is no third one: what the caller does wrong is an error now.
    encoder.encode(&picture, 3, false).unwrap_err();
}

#[test]
fn an_encoder_that_gives_nothing_any_more_has_failed() {
    let mut encoder = guarded(Chip::new(10, Fault::Silence));
    let mut picture = Nv12::new(WIDTH, HEIGHT).unwrap();
    picture.fill_from_bgra(&draw(0), WIDTH as usize * 4).unwrap();
    let mut first_after = None;
    for slot in 0..100 {
        let packets = encoder.encode(&picture, slot, slot == 0).unwrap();
        if slot >= 10 && !packets.is_empty() && first_after.is_none() {
            assert!(packets[0].meta.key);
            first_after = Some(slot);
        }
    }
    assert_eq!(first_after, Some(42), "32 are waited for");
    assert!(encoder.take_fall_back().unwrap().why.contains("no packet came out"));
}
