//! Sound arithmetic: where a stream's samples lie in time, gain, mixdown, limiter and levels.
//!
//! It knows no devices, codecs or threads, and takes every time from the caller. Samples are 32-bit floats, full scale
//! is 1.0, channels are interleaved.

#![forbid(unsafe_code)]

mod clock;
mod gain;
mod level;
mod limiter;
mod timeline;

pub use clock::{Reading, StreamClock};
pub use gain::{Gain, MAX_GAIN_DB, MIN_GAIN_DB};
pub use level::{FLOOR_DBFS, Level, Meter};
pub use limiter::Limiter;
pub use timeline::{Resample, Timeline};

/// Samples a second of every track.
pub const SAMPLE_RATE: u32 = 48_000;
/// Channels of every track.
pub const CHANNELS: usize = 2;
