//! The sum of all inputs.

use std::collections::VecDeque;

use clipshot_ffmpeg::{AAC_FRAMES, AudioEncoder};
use clipshot_media::Packet;
use clipshot_sound::{CHANNELS, Limiter, Meter};

use super::track::{Heard, Track};
use crate::failure::Result;

/// Adds inputs up, keeps the sum below full scale and encodes it.
pub struct Mixdown {
    encoder: AudioEncoder,
    limiter: Limiter,
    meter: Meter,
    sum: Vec<f32>,
    /// What the limiter gave out and does not fill a packet yet.
    limited: VecDeque<f32>,
    /// Session frame of the first of these.
    next: i64,
    /// The limiter's first samples come before the first input.
    to_skip: usize,
}

impl Mixdown {
    /// A sum that begins at the session frame `first`.
    pub fn new(encoder: AudioEncoder, first: i64) -> Self {
        Self {
            encoder,
            limiter: Limiter::default(),
            meter: Meter::default(),
            sum: vec![0.0; AAC_FRAMES * CHANNELS],
            limited: VecDeque::new(),
            next: first,
            to_skip: Limiter::DELAY * CHANNELS,
        }
    }

    /// Adds an input's part to the block in hand.
    pub fn add(&mut self, samples: &[f32]) {
        self.sum.iter_mut().zip(samples).for_each(|(sum, sample)| *sum += sample);
    }

    /// Ends the block in hand; it comes out with the next one.
    pub fn encode(&mut self, track: &Track) -> Result<Vec<Packet>> {
        self.limiter.apply(&mut self.sum);
        self.limited.extend(self.sum.drain(..).skip(self.to_skip));
        self.to_skip = 0;
        self.sum.resize(AAC_FRAMES * CHANNELS, 0.0);
        let mut packets = Vec::new();
        while self.limited.len() >= AAC_FRAMES * CHANNELS {
            let block: Vec<f32> = self.limited.drain(..AAC_FRAMES * CHANNELS).collect();
            self.meter.add(&block);
            packets.extend(self.encoder.encode(&block, self.next)?);
            self.next += AAC_FRAMES as i64;
        }
        track.measured(Heard { connected: true, level: self.meter.level(), drift_ppm: 0.0, latency_ms: 0.0 });
        Ok(packets)
    }

    /// Gives out what is held back. Nothing can be added after this.
    pub fn finish(&mut self, track: &Track) -> Result<Vec<Packet>> {
        let mut packets = self.encode(track)?;
        packets.extend(self.encoder.finish()?);
        Ok(packets)
    }
}
