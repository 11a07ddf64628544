//! Encoders, the chunk muxer and the replay save over FFmpeg's libraries: the only crate that knows FFmpeg.
//! It starts no threads of its own (x264 does).

mod config;
mod error;
mod signatures;

pub use config::{RateControl, VideoConfig};
pub use error::{Error, Result};
pub use signatures::*;
