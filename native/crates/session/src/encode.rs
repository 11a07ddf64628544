//! cs-encode: pictures in, packets out.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clipshot_capture::{CpuImage, Frame, FrameQueue, Image};
use clipshot_ffmpeg::{Brightness, Nv12, PictureEncoder};
use clipshot_media::{Packet, VIDEO_TIMESCALE, monotonic_ns};
use crossbeam_channel::Sender;

use crate::convert::Converter;
use crate::failure::{Failure, Reason, Result};
use crate::in_flight::InFlight;
use crate::locked::lock;
use crate::newest::Shown;
use crate::{NoticeKind, Shared};

/// The thread's own state.
pub struct Encoding {
    pub shared: Arc<Shared>,
    pub frames: Arc<FrameQueue>,
    pub encoder: Box<dyn PictureEncoder>,
    pub converter: Converter,
    pub packets: Sender<Packet>,
    pub keyframe_ticks: i64,
    /// PTS of the last keyframe.
    pub last_key: Option<i64>,
    /// PTS from which on the brightness is looked at again.
    pub brightness_due: i64,
    pub in_flight: InFlight,
}

impl Encoding {
    /// Encodes until the queue of pictures is closed and empty, then drains the encoder.
    pub fn run(mut self) -> Result<()> {
        while let Some(frame) = self.frames.pop() {
            let begun = monotonic_ns();
            let packets = self.encode(frame)?;
            self.hand_on(packets);
            let now = monotonic_ns();
            lock(&self.shared.encoded.window).add_work(now, now - begun);
        }
        let rest = self.encoder.finish()?;
        self.hand_on(rest);
        Ok(())
    }

    fn encode(&mut self, frame: Frame) -> Result<Vec<Packet>> {
        let slot = frame.slot;
        let pts = self.shared.ticks_of(slot);
        self.in_flight.enter(pts, frame.taken_at);
        let taken_at = frame.taken_at;
        let picture = self.convert(frame)?;
        if pts >= self.brightness_due {
            *lock(&self.shared.encoded.brightness) = Brightness::of(&picture);
            self.brightness_due = pts + i64::from(VIDEO_TIMESCALE);
        }
        if let Some(rate) = lock(&self.shared.encoded.new_rate).take() {
            self.encoder.set_rate(rate)?;
        }
        self.shared.encoded.newest.put(Shown { picture: picture.clone(), pts, taken_at });
        // By time and not by a count of frames: a still screen makes one frame a second.
        let due = self.last_key.is_none_or(|last| pts - last >= self.keyframe_ticks);
        let key = self.is_key_asked(taken_at) || due;
        if key {
            self.last_key = Some(pts);
        }
        let packets = self.encoder.encode(&picture, slot, key)?;
        if let Some(fall_back) = self.encoder.take_fall_back() {
            *lock(&self.shared.video) = self.encoder.config().clone();
            self.shared.notify(NoticeKind::EncoderFellBack, fall_back.to_string());
            // The new encoder has begun with a keyframe.
            self.last_key = Some(pts);
        }
        Ok(packets)
    }

    /// Whether a keyframe was asked for before this picture was taken; the request is over then.
    fn is_key_asked(&self, taken_at: u64) -> bool {
        let since = &self.shared.encoded.force_key_since;
        let asked_at = since.load(Ordering::Acquire);
        let is_asked = asked_at != 0 && taken_at >= asked_at;
        if is_asked {
            // A newer request stays.
            let _ = since.compare_exchange(asked_at, 0, Ordering::AcqRel, Ordering::Relaxed);
        }
        is_asked
    }

    fn convert(&mut self, frame: Frame) -> Result<Nv12> {
        let image = match frame.image {
            Image::Cpu(image) => image,
            _ => return Err(Failure::new(Reason::Internal, "pictures of a kind that is not supported")),
        };
        let CpuImage { slot, layout } = image;
        if self.converter.is_resized(layout) {
            self.shared.notify(NoticeKind::SourceResized, format!("{}x{}", layout.width, layout.height));
        }
        let converted = self.converter.convert(slot.bytes(), layout);
        self.frames.recycle(slot);
        converted
    }

    fn hand_on(&mut self, packets: Vec<Packet>) {
        let encoded = &self.shared.encoded;
        for packet in packets {
            let now = monotonic_ns();
            let taken_at = self.in_flight.leave(packet.meta.pts).unwrap_or(now);
            let bytes = packet.data.len() as u64;
            encoded.frames.fetch_add(1, Ordering::Relaxed);
            encoded.bytes.fetch_add(bytes, Ordering::Relaxed);
            lock(&encoded.window).add(now, bytes, now.saturating_sub(taken_at));
            let pts = packet.meta.pts;
            // The spine outlives this thread unless it failed, which it has reported then.
            let _ = self.packets.send(packet);
            // Last: who sees it can rely on the packet being on its way.
            encoded.last_pts.store(pts, Ordering::Release);
        }
    }
}

impl Drop for Encoding {
    /// However it ended, nobody reads pictures any more.
    fn drop(&mut self) {
        self.shared.lost_in_encoder(self.frames.abandon());
        // Sound without pictures is of no use to anyone.
        self.shared.stop_sound();
    }
}

/// What a failure of the thread means: capture stops, what was encoded is kept.
pub fn failed(shared: &Shared, failure: Failure) {
    shared.control.stop();
    shared.notify(NoticeKind::EncoderFailed, failure.message);
}

/// Ticks between keyframes.
pub fn keyframe_ticks(seconds: f64) -> i64 {
    (seconds * f64::from(VIDEO_TIMESCALE)) as i64
}

#[cfg(test)]
mod tests {
    use clipshot_capture::Slot;
    use clipshot_ffmpeg::{Error, Guarded, RateControl, TrackParameters, VideoConfig, VideoEncoder, open_encoder};
    use crossbeam_channel::Receiver;

    use super::*;
    use crate::testing::{LAYOUT, TestSession, video};
    use crate::threads;

    fn frame(index: usize, slot: i64) -> Frame {
        let image = CpuImage { slot: Slot::own(index, LAYOUT.len()), layout: LAYOUT };
        Frame { image: Image::Cpu(image), slot, taken_at: monotonic_ns() }
    }

    /// An encoder's thread that finds these slots of the grid in its queue, and where its packets come out.
    fn encoding(shared: &Arc<Shared>, config: &VideoConfig, slots: &[i64]) -> (Encoding, Receiver<Packet>) {
        let frames = Arc::new(FrameQueue::new(vec![]));
        for (index, &slot) in slots.iter().enumerate() {
            assert!(frames.push(frame(index, slot)));
        }
        let (packets, out) = crossbeam_channel::unbounded();
        let encoding = Encoding {
            shared: shared.clone(),
            frames,
            encoder: open_encoder(config).unwrap(),
            converter: Converter::new(LAYOUT, LAYOUT.width, LAYOUT.height).unwrap(),
            packets,
            keyframe_ticks: keyframe_ticks(1.0),
            last_key: None,
            brightness_due: 0,
            in_flight: InFlight::new(shared.clone()),
        };
        (encoding, out)
    }

    fn lost(shared: &Shared) -> u64 {
        let dropped = shared.stats().dropped;
        dropped.iter().find(|(stage, _)| *stage == "encode").unwrap().1
    }

    /// The encoder refuses a slot that does not rise.
    const FAILS_AT_THE_FOURTH: [i64; 6] = [0, 1, 2, 2, 3, 4];

    #[test]
    fn a_forced_keyframe_is_the_first_picture_taken_after_the_request() {
        let session = TestSession::new();
        let (encoding, packets) = encoding(&session.shared, &video(), &[]);
        for (slot, taken_at) in [(0, 10), (1, 20), (2, 30), (3, 40)] {
            assert!(encoding.frames.push(Frame { taken_at, ..frame(slot as usize, slot) }));
        }
        encoding.frames.close();
        // The picture of 20 waited for the encoder when the keyframe was asked for.
        session.shared.encoded.force_key_since.store(25, Ordering::Release);
        encoding.run().unwrap();
        let keys: Vec<bool> = packets.iter().map(|packet| packet.meta.key).collect();
        assert_eq!(keys, [true, false, true, false]);
        assert_eq!(session.shared.encoded.force_key_since.load(Ordering::Acquire), 0);
    }

    #[test]
    fn a_failure_loses_its_picture_and_all_that_wait() {
        let session = TestSession::new();
        let (encoding, packets) = encoding(&session.shared, &video(), &FAILS_AT_THE_FOURTH);
        let frames = encoding.frames.clone();
        assert_eq!(encoding.run().unwrap_err().reason, Reason::Internal);
        assert_eq!((packets.iter().count(), lost(&session.shared)), (3, 3));
        assert!(frames.acquire().is_none(), "capture is told");
    }

    #[test]
    fn a_failure_loses_what_the_encoder_holds_for_its_lookahead() {
        let session = TestSession::new();
        let config = VideoConfig { tune: None, lookahead: 10, ..video() };
        let (encoding, packets) = encoding(&session.shared, &config, &FAILS_AT_THE_FOURTH);
        encoding.run().unwrap_err();
        assert_eq!((packets.iter().count(), lost(&session.shared)), (0, 6));
    }

    #[test]
    fn a_panic_loses_as_much_as_a_failure() {
        let session = TestSession::new();
        let (mut encoding, packets) = encoding(&session.shared, &video(), &[0, 1, 2]);
        let shared = session.shared.clone();
        let work = move || {
            let first = encoding.frames.pop().unwrap();
            encoding.in_flight.enter(0, first.taken_at);
            panic!("in the encoder");
        };
        threads::spawn("cs-encode", work, move |failure| failed(&shared, failure)).unwrap().join().unwrap();
        assert_eq!((packets.iter().count(), lost(&session.shared)), (0, 3));
        assert_eq!(session.notices(), [(NoticeKind::EncoderFailed, "in the encoder".to_owned())]);
    }

    #[test]
    fn the_end_loses_nothing() {
        let session = TestSession::new();
        let config = VideoConfig { tune: None, lookahead: 10, ..video() };
        let (encoding, packets) = encoding(&session.shared, &config, &[0, 1, 2, 5]);
        encoding.frames.close();
        encoding.run().unwrap();
        assert_eq!((packets.iter().count(), lost(&session.shared)), (4, 0));
    }

    /// Stands for a chip that fails at a slot, with one picture in work.
    struct Chip {
        inner: VideoEncoder,
        config: VideoConfig,
        held: Vec<Packet>,
        fails_at: i64,
    }

    impl PictureEncoder for Chip {
        fn config(&self) -> &VideoConfig {
            &self.config
        }

        fn parameters(&self) -> clipshot_ffmpeg::Result<TrackParameters> {
            self.inner.parameters()
        }

        fn encode(&mut self, picture: &Nv12, slot: i64, force_key: bool) -> clipshot_ffmpeg::Result<Vec<Packet>> {
            if slot == self.fails_at {
                return Err(Error::UnexpectedStream("gone".into()));
            }
            let packets = self.inner.encode(picture, slot, force_key)?;
            Ok(std::mem::replace(&mut self.held, packets))
        }

        fn set_rate(&mut self, rate: RateControl) -> clipshot_ffmpeg::Result<()> {
            self.inner.set_rate(rate)
        }

        fn finish(&mut self) -> clipshot_ffmpeg::Result<Vec<Packet>> {
            self.inner.finish()
        }
    }

    #[test]
    fn a_chip_that_fails_costs_what_it_held_and_the_session_goes_on() {
        let session = TestSession::new();
        let (mut encoding, packets) = encoding(&session.shared, &video(), &[0, 1, 2, 3, 4, 5]);
        let config = VideoConfig { encoder: "h264_chip".into(), ..video() };
        let chip = Chip { inner: VideoEncoder::open(&video()).unwrap(), config, held: vec![], fails_at: 3 };
        encoding.encoder = Box::new(Guarded::new(Box::new(chip), video()).unwrap());
        encoding.frames.close();
        encoding.run().unwrap();
        let out: Vec<_> = packets.iter().map(|packet| (packet.meta.pts / 3000, packet.meta.key)).collect();
        assert_eq!(out, [(0, true), (1, false), (3, true), (4, false), (5, false)]);
        assert_eq!(lost(&session.shared), 1);
        let told = "h264_chip -> libx264: unexpected stream: gone";
        assert_eq!(session.notices(), [(NoticeKind::EncoderFellBack, told.to_owned())]);
        assert_eq!(session.shared.stats().encoder, "libx264");
    }
}
