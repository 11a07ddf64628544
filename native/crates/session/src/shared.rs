//! What the threads of a session and its callers share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use clipshot_capture::{Control, Counters};
use clipshot_ffmpeg::{Brightness, RateControl, VideoConfig};
use clipshot_media::{Clock, InitSegment, Ring, VIDEO_TIMESCALE, monotonic_ns};
use crossbeam_channel::Sender;

use crate::NoticeKind;
use crate::failure::Failure;
use crate::live::Live;
use crate::locked::lock;
use crate::newest::Newest;
use crate::notices::Notices;
use crate::preview::Previews;
use crate::recording::Recording;
use crate::sound::Sound;
use crate::spine::Command;
use crate::window::Window;

/// A running or ended session.
pub struct Shared {
    /// Ticks since slot 0.
    pub clock: Clock,
    /// Slots a second.
    pub fps: u32,
    /// Width of the encoded pictures.
    pub width: u32,
    /// Height of the encoded pictures.
    pub height: u32,
    /// What comes before the chunks.
    pub init: InitSegment,
    /// How the capture loop is stopped.
    pub control: Arc<Control>,
    /// What the capture loop has done.
    pub counters: Arc<Counters>,
    /// How pictures are encoded now.
    pub(crate) video: Mutex<VideoConfig>,
    /// What the encoder has done.
    pub encoded: Encoded,
    /// Readers of the chunks.
    pub live: Live,
    /// The sound tracks, where there are any.
    pub sound: Option<Arc<Sound>>,
    /// Encoders for those who watch.
    pub(crate) previews: Previews,
    /// What the session reports on its own.
    pub notices: Notices,
    pub(crate) commands: Sender<Command>,
    pub(crate) ring: Mutex<Option<Arc<Ring>>>,
    pub(crate) recording: Mutex<Option<Arc<Recording>>>,
    /// Held by each call that changes the recording, from its beginning to its end.
    pub(crate) recording_calls: Mutex<()>,
    pub(crate) threads: Mutex<Vec<JoinHandle<()>>>,
    /// Until the spine has handed out everything.
    pub(crate) alive: AtomicBool,
}

/// What the encoder has done, and what is asked of it.
#[derive(Default)]
pub struct Encoded {
    pub frames: AtomicU64,
    pub bytes: AtomicU64,
    /// Pictures that the encoder took and gave no packet for, and those that waited for it when it failed.
    pub lost: AtomicU64,
    /// PTS of the newest packet.
    pub last_pts: std::sync::atomic::AtomicI64,
    /// The first picture that is taken after this (CLOCK_MONOTONIC ns) has to be a keyframe; 0 when none has to. One that
    /// waited for the encoder before will not do: a still picture may follow that shows the same.
    pub force_key_since: AtomicU64,
    /// The newest picture.
    pub newest: Newest,
    /// How bright it was when that was looked at last.
    pub brightness: Mutex<Brightness>,
    /// A rate control for the pictures to come.
    pub new_rate: Mutex<Option<RateControl>>,
    pub window: Mutex<Window>,
}

impl Shared {
    /// A session that has not begun: chunks of `init`, pictures of `video`, slots from `origin_ns` on.
    ///
    /// # Errors
    /// No descriptor is left.
    pub(crate) fn new(
        video: &VideoConfig,
        origin_ns: u64,
        init: InitSegment,
        commands: Sender<Command>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            clock: Clock::starting_at(origin_ns),
            fps: video.fps,
            width: video.width,
            height: video.height,
            init,
            control: Arc::new(Control::new()?),
            counters: Arc::new(Counters::new()),
            video: Mutex::new(video.clone()),
            encoded: Encoded::default(),
            live: Live::default(),
            sound: None,
            previews: Previews::default(),
            notices: Notices::new()?,
            commands,
            ring: Mutex::default(),
            recording: Mutex::default(),
            recording_calls: Mutex::default(),
            threads: Mutex::default(),
            alive: AtomicBool::new(true),
        })
    }

    /// PTS of a slot in session ticks, rounded to the nearest as the encoder does.
    pub fn ticks_of(&self, slot: i64) -> i64 {
        let (slot, fps) = (i128::from(slot), i128::from(self.fps));
        let ticks = (slot * i128::from(VIDEO_TIMESCALE) * 2 + fps).div_euclid(2 * fps);
        i64::try_from(ticks).unwrap_or(i64::MAX)
    }

    /// Slot that is nearest to a moment, not before the first.
    pub(crate) fn slot_at(&self, monotonic_ns: u64) -> i64 {
        let ticks = i128::from(self.clock.ticks_at(monotonic_ns));
        let slot = (ticks * 2 * i128::from(self.fps) + i128::from(VIDEO_TIMESCALE))
            .div_euclid(2 * i128::from(VIDEO_TIMESCALE));
        i64::try_from(slot).unwrap_or(i64::MAX).max(0)
    }

    /// The next picture is a keyframe and is taken at once, also from a still screen.
    pub fn keyframe_now(&self) {
        let now = monotonic_ns();
        self.encoded.force_key_since.fetch_max(now, Ordering::AcqRel);
        self.control.picture_now(now);
    }

    /// Another bit rate or quality from the next picture on; the stream goes on without a keyframe.
    ///
    /// # Errors
    /// INVALID_CONFIG or ENCODER_UNAVAILABLE for what the encoder cannot do while it runs; CLOSED.
    pub fn set_rate_control(&self, rate: RateControl) -> Result<(), Failure> {
        if !self.is_alive() {
            return Err(Failure::closed());
        }
        let mut video = lock(&self.video);
        *video = video.with_rate(rate)?;
        *lock(&self.encoded.new_rate) = Some(rate);
        Ok(())
    }

    /// Counts pictures that were taken and got no packet.
    pub fn lost_in_encoder(&self, pictures: usize) {
        self.encoded.lost.fetch_add(pictures as u64, Ordering::Relaxed);
    }

    /// Ends the sound with what has been heard up to now.
    pub(crate) fn stop_sound(&self) {
        if let Some(sound) = &self.sound {
            sound.stop();
        }
    }

    /// Whether chunks may still come.
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Sends the spine a command; CLOSED when the session is over.
    pub(crate) fn command(&self, command: Command) -> Result<(), Failure> {
        self.commands.send(command).map_err(|_| Failure::closed())
    }

    /// Reports something on the session's own behalf.
    pub fn notify(&self, kind: NoticeKind, detail: impl Into<String>) {
        self.notices.post(kind, detail.into(), self.clock.ticks_at(clipshot_media::monotonic_ns()));
    }

    /// Ends capture, drains the encoder, closes the files and joins all threads. May be called more than once.
    pub fn stop(&self) {
        self.control.stop();
        self.stop_sound();
        // Held while joining, so that a second caller returns no sooner than the first.
        for thread in lock(&self.threads).drain(..) {
            // A panic has become a notice already.
            let _ = thread.join();
        }
        self.previews.join();
        let recording = lock(&self.recording).clone();
        if let Some(recording) = recording {
            // A failure has become a notice already.
            let _ = recording.finish();
        }
    }
}
