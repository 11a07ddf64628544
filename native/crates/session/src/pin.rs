//! Holding a part of the ring for a save.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clipshot_media::{Footage, Pin, VIDEO_TIMESCALE, VIDEO_TRACK, monotonic_ns, recover};

use crate::Shared;
use crate::failure::{Failure, Reason, Result};
use crate::locked::lock;
use crate::stats::ring_off;

/// How long a pin waits for the picture on the screen to be taken, and for its packet: far more than either needs.
const PICTURE_PATIENCE: Duration = Duration::from_millis(250);
const PACKET_PATIENCE: Duration = Duration::from_millis(1500);
/// How long it waits for the sound of that picture, which is a tenth of a second late where the device is there.
const SOUND_PATIENCE: Duration = Duration::from_millis(1500);
/// Begins the file that is kept beside the segments: format, then start and end as little-endian 64-bit ticks, then
/// the caller's bytes.
const MAGIC: &[u8; 8] = b"CSPIN\0\0\x01";
const HEADER: usize = 24;

/// What to hold.
pub struct PinRequest {
    /// Folder to hold the segments in; must not exist.
    pub folder: PathBuf,
    /// How much to hold, up to now.
    pub seconds: f64,
    /// Where to begin instead (session ticks): with what the ring has from there on.
    pub since: Option<i64>,
    /// The caller's bytes, for the next start.
    pub request: Vec<u8>,
}

/// Segments that are held; the folder goes when the last user of a released one is done.
pub struct Held {
    what: What,
    request: Vec<u8>,
    start: i64,
    end: i64,
    waited: Duration,
    released: AtomicBool,
}

enum What {
    Pin(Pin),
    /// The whole ring of a session that is dead.
    Ring(PathBuf, Footage),
}

impl Shared {
    /// Holds the last `seconds`, or all since a moment, up to the picture that is on the screen now.
    ///
    /// # Errors
    /// RING_OFF, RING_EMPTY, ALREADY_EXISTS or an error of the file system.
    pub fn pin(&self, request: &PinRequest) -> Result<Held> {
        let asked_at = monotonic_ns();
        let began = Instant::now();
        let ring = lock(&self.ring).clone().ok_or_else(ring_off)?;
        let slot = self.newest_slot(asked_at);
        let pts = self.ticks_of(slot.max(0));
        if self.is_alive() {
            ring.wait_for(pts, PACKET_PATIENCE);
        }
        let held = ring.status();
        let oldest = held.oldest_pts.ok_or_else(ring_empty)?;
        let end = self.ticks_of(slot + 1).min(oldest + held.filled_ticks);
        if self.sound.as_ref().is_some_and(|sound| !sound.is_over()) {
            ring.wait_for_sound(end, SOUND_PATIENCE);
        }
        let waited = began.elapsed();
        let start = match request.since {
            Some(since) => since.max(oldest),
            None => end - (request.seconds * f64::from(VIDEO_TIMESCALE)).round() as i64,
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&start.to_le_bytes());
        bytes.extend_from_slice(&end.to_le_bytes());
        bytes.extend_from_slice(&request.request);
        let pin = ring.pin(start..end, &request.folder, &bytes)?;
        Ok(Held::new(What::Pin(pin), request.request.clone(), start, end, waited))
    }

    /// Slot of the picture that shows the screen as of `asked_at`. Where nothing moves a picture is taken for it, so
    /// that the clip is as long as the time that passed.
    fn newest_slot(&self, asked_at: u64) -> i64 {
        let interval = 1_000_000_000 / u64::from(self.fps.max(1));
        let is_recent = || self.counters.last_taken_at.load(Ordering::Acquire) + interval * 3 / 2 >= asked_at;
        if self.is_alive() && !is_recent() {
            self.control.picture_now(asked_at);
            let deadline = Instant::now() + PICTURE_PATIENCE;
            while !is_recent() && self.is_alive() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        self.counters.last_slot.load(Ordering::Acquire)
    }
}

impl Held {
    fn new(what: What, request: Vec<u8>, start: i64, end: i64, waited: Duration) -> Self {
        Self { what, request, start, end, waited, released: AtomicBool::new(false) }
    }

    /// Opens a folder that a crash left.
    ///
    /// # Errors
    /// BROKEN_FILE when it was never a whole pin or nothing in it can be read.
    pub fn open(folder: &Path) -> Result<Self> {
        let broken = |message: &str| Failure::new(Reason::BrokenFile, format!("{}: {message}", folder.display()));
        let pin = Pin::open(folder).map_err(|error| broken(&error.to_string()))?;
        let bytes = pin.request();
        if bytes.len() < HEADER || bytes[..8] != MAGIC[..] {
            return Err(broken("the request is not one of this program"));
        }
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[at..at + 8]);
            i64::from_le_bytes(number)
        };
        let (start, end, request) = (number(8), number(16), bytes[HEADER..].to_vec());
        pin.footage().picture_span().ok_or_else(|| broken("it holds no picture"))?;
        Ok(Self::new(What::Pin(pin), request, start, end, Duration::ZERO))
    }

    /// Takes the whole ring of a session that is dead.
    ///
    /// # Errors
    /// BROKEN_FILE when nothing in it can be read.
    pub fn whole_ring(folder: &Path) -> Result<Self> {
        let broken = |message: &str| Failure::new(Reason::BrokenFile, format!("{}: {message}", folder.display()));
        let footage = recover(folder).map_err(|error| broken(&error.to_string()))?;
        let span = footage.picture_span().ok_or_else(|| broken("it holds no picture"))?;
        Ok(Self::new(What::Ring(folder.into(), footage), vec![], span.start, span.end, Duration::ZERO))
    }

    /// What is held.
    pub fn footage(&self) -> &Footage {
        match &self.what {
            What::Pin(pin) => pin.footage(),
            What::Ring(_, footage) => footage,
        }
    }

    /// Where it is held.
    pub fn folder(&self) -> &Path {
        match &self.what {
            What::Pin(pin) => pin.folder(),
            What::Ring(folder, _) => folder,
        }
    }

    /// The caller's bytes.
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// First tick asked for.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// Tick after the last one asked for.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// How long the call waited for the newest picture.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// Slots a second of the session it came from.
    pub fn fps(&self) -> u32 {
        slots_a_second(self.footage())
    }

    /// The folder goes as soon as nobody reads it any more.
    pub fn release(self: Arc<Self>) {
        self.released.store(true, Ordering::Release);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.released.load(Ordering::Acquire) {
            // A folder that cannot be removed now is found again at the next start.
            let _ = std::fs::remove_dir_all(self.folder());
        }
    }
}

fn ring_empty() -> Failure {
    Failure::new(Reason::RingEmpty, "the ring holds no picture yet")
}

/// Slots a second of the session that made this footage, by the duration of its first picture.
pub fn slots_a_second(footage: &Footage) -> u32 {
    let picture = footage.samples().find(|(_, entry)| entry.meta.track == VIDEO_TRACK);
    let ticks = picture.map_or(0, |(_, entry)| entry.meta.dur);
    let fps = (f64::from(VIDEO_TIMESCALE) / ticks.max(1) as f64).round();
    // A damaged file may say anything.
    if (1.0..=1000.0).contains(&fps) { fps as u32 } else { 30 }
}
