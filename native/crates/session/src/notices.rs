//! What a session reports on its own.

use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::sync::Mutex;

use crate::locked::lock;
use crate::signal::Signal;

/// More than this many unread notices push out the oldest.
const CAPACITY: usize = 256;

/// Kinds of notices; part of the Python face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// The source went away; the session ends.
    SourceLost,
    /// The source has another size and is scaled into that of the session; the detail is the size, `WxH`.
    SourceResized,
    /// Encoder or muxer failed; the session ends.
    EncoderFailed,
    /// A hardware encoder failed and libx264 goes on; the detail is '<from> -> <to>: why'.
    EncoderFellBack,
    /// The recording ended by itself; the detail is the reason.
    RecordingFailed,
    /// The ring goes on in memory.
    RingInMemory,
    /// The ring is in its folder again.
    RingOnDisk,
    /// The ring cannot be written; it is tried again at each keyframe.
    RingFailed,
    /// There is no sound server, or the sound failed; the detail says why. The session goes on without.
    AudioUnavailable,
    /// A device went away; its track is silent meanwhile. The detail is the device's id.
    AudioLost,
    /// The device of this id is there again.
    AudioBack,
    /// A preview's encoder failed; its viewers see the end.
    PreviewFailed,
    /// The last notice of a session.
    Ended,
}

impl NoticeKind {
    /// The name callers see.
    pub fn name(self) -> &'static str {
        match self {
            Self::SourceLost => "source_lost",
            Self::SourceResized => "source_resized",
            Self::EncoderFailed => "encoder_failed",
            Self::EncoderFellBack => "encoder_fell_back",
            Self::RecordingFailed => "recording_failed",
            Self::RingInMemory => "ring_in_memory",
            Self::RingOnDisk => "ring_on_disk",
            Self::RingFailed => "ring_failed",
            Self::AudioUnavailable => "audio_unavailable",
            Self::AudioLost => "audio_lost",
            Self::AudioBack => "audio_back",
            Self::PreviewFailed => "preview_failed",
            Self::Ended => "ended",
        }
    }
}

/// One report.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// Why, for people; a reason where the kind says so.
    pub detail: String,
    /// When, in session ticks.
    pub at_ticks: i64,
}

/// Reports that nobody has taken yet.
pub struct Notices {
    waiting: Mutex<VecDeque<Notice>>,
    signal: Signal,
}

impl Notices {
    pub fn new() -> io::Result<Self> {
        Ok(Self { waiting: Mutex::default(), signal: Signal::new()? })
    }

    pub fn post(&self, kind: NoticeKind, detail: String, at_ticks: i64) {
        let mut waiting = lock(&self.waiting);
        if waiting.len() == CAPACITY {
            waiting.pop_front();
        }
        waiting.push_back(Notice { kind, detail, at_ticks });
        self.signal.raise();
    }

    pub fn drain(&self) -> Vec<Notice> {
        self.signal.clear();
        lock(&self.waiting).drain(..).collect()
    }

    pub fn descriptor(&self) -> RawFd {
        self.signal.descriptor()
    }
}
