//! Encoders, the chunk muxer and the replay save over FFmpeg's libraries: the only crate that knows FFmpeg.
//!
//! It starts no threads of its own (x264 and the decoder start theirs, which inherit the caller's nice value).

mod aac;
mod audio_track;
mod brightness;
mod callback;
mod chunk_mux;
mod codec;
mod config;
mod dictionary;
mod encoder;
mod error;
mod finish;
mod frame;
mod guarded;
mod hardware;
mod head;
mod init_reader;
mod jpeg;
mod muxer;
mod packet;
mod parameters;
mod part_file;
mod picture_encoder;
mod preview;
mod registry;
mod resampler;
mod save;
mod scale;
mod sink;
mod still;
mod upload;
mod x264;

pub use aac::{AAC_FRAMES, AudioEncoder, MAX_AUDIO_KBPS, MIN_AUDIO_KBPS};
pub use audio_track::AudioTrack;
pub use brightness::Brightness;
pub use chunk_mux::ChunkMux;
pub use config::{RateControl, VideoConfig};
pub use encoder::VideoEncoder;
pub use error::{Error, Result};
pub use finish::finish_recording;
pub use frame::Nv12;
pub use guarded::Guarded;
pub use jpeg::jpeg;
pub use parameters::TrackParameters;
pub use picture_encoder::{FallBack, PictureEncoder};
pub use preview::{PreviewConfig, PreviewEncoder};
pub use registry::{EncoderInfo, ProbedEncoder, RateControlKind, ffmpeg_version, open_encoder, probed_encoders};
pub use resampler::Resampler;
pub use save::{SaveRequest, SaveResult, save};
pub use scale::Scaler;
pub use still::{Still, StillFormat, StillOptions, StillSource, still};
