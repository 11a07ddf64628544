//! One encoder's viewers, and what they ask of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use clipshot_ffmpeg::PreviewConfig;
use clipshot_media::monotonic_ns;

use crate::failure::{Failure, Result};
use crate::locked::lock;
use crate::preview::queue::{AccessUnit, ViewerQueue};
use crate::signal::Signal;

/// Keyframes that are asked for come no closer than this, ns, however many viewers ask. Who comes in between begins
/// with the last one.
pub const KEYFRAME_DISTANCE_NS: u64 = 250_000_000;

/// What the encoder's thread and the viewers share.
pub struct Channel {
    pub config: PreviewConfig,
    /// What a decoder is told.
    pub codec: String,
    keyframe_asked: AtomicBool,
    ended: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    places: Vec<Arc<Place>>,
    next_id: u64,
    /// The last keyframe and what followed, for as long as no other one may come.
    since_key: Vec<AccessUnit>,
}

/// One viewer's side of the channel.
pub struct Place {
    pub id: u64,
    pub queue: Mutex<ViewerQueue>,
    pub signal: Signal,
}

impl Channel {
    pub fn new(config: PreviewConfig, codec: String) -> Self {
        Self {
            config,
            codec,
            keyframe_asked: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Another viewer. It gets its first picture from the last keyframe if that is young, else a new one is asked for.
    ///
    /// # Errors
    /// CLOSED when the encoder has ended.
    pub fn join(&self, signal: Signal) -> Result<Arc<Place>> {
        let mut state = lock(&self.state);
        if self.has_ended() {
            return Err(Failure::closed());
        }
        let mut queue = ViewerQueue::default();
        let now = monotonic_ns();
        let young = |key: &AccessUnit| now.saturating_sub(key.ready_at) < KEYFRAME_DISTANCE_NS;
        if state.since_key.first().is_some_and(young) {
            for unit in &state.since_key {
                queue.push(unit);
            }
            signal.raise();
        } else {
            self.ask_keyframe();
        }
        let place = Arc::new(Place { id: state.next_id, queue: Mutex::new(queue), signal });
        state.next_id += 1;
        state.places.push(place.clone());
        Ok(place)
    }

    /// A viewer goes; true when it was the last one. The channel has ended then.
    pub fn leave(&self, id: u64) -> bool {
        let mut state = lock(&self.state);
        state.places.retain(|place| place.id != id);
        let last = state.places.is_empty();
        if last {
            self.ended.store(true, Ordering::Release);
        }
        last
    }

    /// Gives a unit to every viewer.
    pub fn publish(&self, unit: AccessUnit) {
        let mut state = lock(&self.state);
        if unit.key {
            // Not before: who asks or joins while it is being encoded is served by it.
            self.keyframe_asked.store(false, Ordering::Release);
            state.since_key.clear();
        }
        let follows = |key: &AccessUnit| unit.ready_at.saturating_sub(key.ready_at) < KEYFRAME_DISTANCE_NS;
        if unit.key || state.since_key.first().is_some_and(follows) {
            state.since_key.push(unit.clone());
        } else {
            state.since_key.clear();
        }
        for place in &state.places {
            if lock(&place.queue).push(&unit) {
                place.signal.raise();
            }
        }
    }

    /// The end: viewers are told, nobody joins any more.
    pub fn end(&self) {
        let mut state = lock(&self.state);
        self.ended.store(true, Ordering::Release);
        state.since_key.clear();
        for place in state.places.drain(..) {
            place.signal.raise();
        }
    }

    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Somebody needs a keyframe. Whoever asks also wakes the encoder.
    pub fn ask_keyframe(&self) {
        self.keyframe_asked.store(true, Ordering::Release);
    }

    pub fn is_keyframe_asked(&self) -> bool {
        self.keyframe_asked.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> Channel {
        Channel::new(PreviewConfig { width: 16, height: 16, fps: 30, bitrate: 100_000 }, String::new())
    }

    fn unit(sequence: u64, key: bool, age_ms: u64) -> AccessUnit {
        let ready_at = monotonic_ns() - age_ms * 1_000_000;
        AccessUnit { sequence, key, pts: 0, captured_at: 0, ready_at, data: Arc::new([]) }
    }

    #[test]
    fn who_joins_soon_after_a_keyframe_begins_with_it() {
        let channel = channel();
        channel.publish(unit(0, true, 40));
        channel.publish(unit(1, false, 7));
        let place = channel.join(Signal::new().unwrap()).unwrap();
        assert!(!channel.is_keyframe_asked());
        assert_eq!(lock(&place.queue).drain().units.len(), 2);
    }

    #[test]
    fn who_joins_later_has_a_keyframe_made() {
        let channel = channel();
        channel.publish(unit(0, true, 900));
        for sequence in 1..20 {
            channel.publish(unit(sequence, false, 600 - 30 * sequence));
        }
        let place = channel.join(Signal::new().unwrap()).unwrap();
        assert!(channel.is_keyframe_asked());
        assert!(lock(&place.queue).drain().units.is_empty());
    }
}
