//! The sound of a session: heard on one thread, placed in time, mixed and encoded on another.
//!
//! ```text
//! cs-sound-in --events--> cs-sound --packets--> cs-spine
//! ```
//! The picture never waits for either. Events that cs-sound does not take in time are left out and become silence.

mod config;
mod input;
mod mixdown;
mod mixing;
mod opened;
mod track;

pub use config::{InputConfig, SoundConfig};
pub use opened::OpenedSound;
pub use track::{Sound, TrackStatus};
