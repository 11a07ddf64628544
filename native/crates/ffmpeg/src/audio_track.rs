//! What a file says of its sound.

use crate::TrackParameters;

/// A sound track of a finished file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioTrack {
    /// What players call it; empty for none.
    pub title: String,
    /// Number of channels.
    pub channels: u32,
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// Bits a second that the encoder was set to.
    pub bitrate: u64,
}

impl AudioTrack {
    /// Those among a file's tracks, in their order.
    pub(crate) fn all(tracks: &[TrackParameters]) -> Vec<Self> {
        let sounds = tracks.iter().filter(|track| track.is_sound());
        let facts = sounds.map(|track| {
            let (channels, sample_rate_hz, bitrate) = track.sound();
            Self { title: track.title().into(), channels, sample_rate_hz, bitrate }
        });
        facts.collect()
    }
}
