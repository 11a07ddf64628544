//! One who watches.

use std::os::fd::RawFd;
use std::sync::Arc;

use crate::Shared;
use crate::locked::lock;
use crate::preview::channel::{Channel, Place};
use crate::preview::queue::AccessUnit;

/// A viewer of a preview. Dropping it ends the watching, and with the last viewer the encoder.
pub struct Viewer {
    shared: Arc<Shared>,
    channel: Arc<Channel>,
    place: Arc<Place>,
}

impl Viewer {
    pub(super) fn new(shared: Arc<Shared>, channel: Arc<Channel>, place: Arc<Place>) -> Self {
        Self { shared, channel, place }
    }

    /// Takes what waits. A viewer that was too slow takes nothing, and goes on with a keyframe that is asked for now.
    pub fn drain(&self) -> Vec<AccessUnit> {
        self.place.signal.clear();
        let drained = lock(&self.place.queue).drain();
        if drained.keyframe_needed {
            self.request_keyframe();
        }
        drained.units
    }

    /// Asks for a keyframe: at once, but no sooner than a quarter of a second after the last one.
    pub fn request_keyframe(&self) {
        self.channel.ask_keyframe();
        self.shared.encoded.newest.wake();
    }

    /// Readable while units wait, and once at the end.
    pub fn descriptor(&self) -> RawFd {
        self.place.signal.descriptor()
    }

    /// Whether nothing more comes: the session or the encoder has ended.
    pub fn has_ended(&self) -> bool {
        self.channel.has_ended()
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.channel.config.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.channel.config.height
    }

    /// What a decoder is told, such as "avc1.42C01F".
    pub fn codec(&self) -> &str {
        &self.channel.codec
    }

    /// Units left out because this viewer was behind.
    pub fn skipped(&self) -> u64 {
        lock(&self.place.queue).skipped()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.shared.previews.leave(&self.channel, self.place.id);
        self.shared.encoded.newest.wake();
    }
}
