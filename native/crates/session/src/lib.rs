//! One source, one encoder, one stream of chunks with its taps: no Python in here.
//!
//! ```text
//! cs-capture --frames--> cs-encode --packets--> cs-spine --chunks--> ring (segment files)
//!                                                   |---> cs-record --> recording file <-- cs-sync (fdatasync)
//!                                                   '---> live queues (eventfd)
//! cs-sound-in --events--> cs-sound --packets--> cs-spine
//! cs-encode --newest picture--> cs-preview (while somebody watches) --access units--> viewers' queues (eventfd)
//! ```
//! Only the spine's thread touches muxer and ring writer, so neither has a lock. Whatever ends, ends the thread after
//! it by closing the queue between them; the spine is the last and says so.

mod capture;
mod convert;
mod encode;
mod failure;
mod in_flight;
mod live;
mod locked;
mod newest;
mod notices;
mod pin;
mod preview;
mod recorder;
mod recording;
mod screenshot;
mod shared;
mod signal;
mod sound;
mod spine;
mod start;
mod stats;
mod taps;
#[cfg(test)]
mod testing;
pub mod threads;
mod window;

pub use failure::{Failure, Reason, Result};
pub use live::Subscriber;
pub use locked::lock;
pub use notices::{Notice, NoticeKind};
pub use pin::{Held, PinRequest, slots_a_second};
pub use preview::{AccessUnit, PreviewRequest, Viewer};
pub use screenshot::take_screenshot;
pub use shared::Shared;
pub use signal::Signal;
pub use sound::{InputConfig, Sound, SoundConfig, TrackStatus};
pub use start::{StartRequest, start};
pub use stats::{RingFacts, Stats};
pub use taps::limits;
