//! Opening the sound of a session, and starting its threads.

use std::sync::Arc;

use clipshot_capture::sound::{DeviceId, SoundBackend, SoundEvent, open};
use clipshot_ffmpeg::{AudioEncoder, TrackParameters};
use clipshot_media::{Packet, VIDEO_TRACK};
use crossbeam_channel::Sender;

use super::config::SoundConfig;
use super::input::Input;
use super::mixdown::Mixdown;
use super::mixing::{FIRST_FRAME, Mixing};
use super::track::Sound;
use crate::failure::Result;
use crate::locked::lock;
use crate::{NoticeKind, Shared, threads};

/// Events that may wait for cs-sound: ten seconds of one input. Samples and readings beyond that are left out.
const MAX_EVENTS: usize = 1_200;

/// A sound server that answered, and an encoder for each track.
pub struct OpenedSound {
    /// What callers see of it.
    pub sound: Arc<Sound>,
    backend: Box<dyn SoundBackend>,
    devices: Vec<DeviceId>,
    /// In the order of the tracks.
    encoders: Vec<AudioEncoder>,
}

impl OpenedSound {
    /// Connects and opens the encoders; none when there is nothing to hear.
    ///
    /// # Errors
    /// AUDIO_UNAVAILABLE when no server answers, INVALID_CONFIG.
    pub fn open(config: &SoundConfig) -> Result<Option<Self>> {
        config.validate()?;
        let encoders = encoders(config)?;
        if config.inputs.is_empty() {
            return Ok(None);
        }
        let backend = open(config.server.as_deref())?;
        Ok(Some(Self::new(backend, config, encoders)))
    }

    fn new(backend: Box<dyn SoundBackend>, config: &SoundConfig, encoders: Vec<AudioEncoder>) -> Self {
        let devices = config.inputs.iter().map(|input| input.device.clone()).collect();
        Self { sound: Arc::new(Sound::new(config)), backend, devices, encoders }
    }

    /// What the muxer needs to know of the tracks.
    pub fn parameters(&self) -> Result<Vec<TrackParameters>> {
        let tracks = self.encoders.iter().enumerate();
        let parameters = tracks.map(|(index, encoder)| encoder.parameters(&self.sound.track(index).label));
        Ok(parameters.collect::<clipshot_ffmpeg::Result<_>>()?)
    }

    /// Starts both threads. Packets end when the sound is stopped.
    pub fn start(self, shared: &Arc<Shared>, packets: Sender<Packet>) -> Result<()> {
        let Self { sound, mut backend, devices, mut encoders } = self;
        // Bounded by the rule below: what reports a change is never left out.
        let (events_in, events) = crossbeam_channel::unbounded();
        let mixdown = (devices.len() > 1).then(|| Mixdown::new(encoders.remove(0), FIRST_FRAME));
        let first = usize::from(mixdown.is_some());
        let origin = shared.clock.origin_ns();
        let mut inputs = Vec::new();
        for ((index, device), encoder) in devices.iter().enumerate().zip(encoders) {
            let volume = sound.track(first + index).volume();
            inputs.push((Input::new(device.clone(), volume, origin)?, encoder));
        }
        let mixing = Mixing {
            shared: shared.clone(),
            sound: sound.clone(),
            events,
            inputs,
            mixdown,
            packets,
            next: FIRST_FRAME,
        };

        let failing = shared.clone();
        let failed = move |failure: crate::Failure| failing.notify(NoticeKind::AudioUnavailable, failure.message);
        let mixing = threads::spawn("cs-sound", move || mixing.run(), failed)?;
        lock(&shared.threads).push(mixing);
        let hear = move || {
            let mut tell = |index, event| {
                let needed = matches!(event, SoundEvent::Opened | SoundEvent::Absent);
                if needed || events_in.len() < MAX_EVENTS * devices.len() {
                    // Fails when cs-sound has ended, and then the flag below is set.
                    let _ = events_in.send((index, event));
                }
            };
            Ok(backend.run(&devices, sound.stop_flag(), &mut tell)?)
        };
        let failing = shared.clone();
        let failed = move |failure: crate::Failure| failing.notify(NoticeKind::AudioUnavailable, failure.message);
        let hearing = threads::spawn("cs-sound-in", hear, failed)?;
        lock(&shared.threads).push(hearing);
        Ok(())
    }
}

/// An encoder for each track.
fn encoders(config: &SoundConfig) -> Result<Vec<AudioEncoder>> {
    let count = Sound::new(config).tracks().len() as u8;
    let encoders = (1..=count).map(|index| AudioEncoder::open(VIDEO_TRACK + index, config.bitrate_kbps));
    Ok(encoders.collect::<clipshot_ffmpeg::Result<_>>()?)
}

#[cfg(test)]
#[path = "opened_tests.rs"]
mod tests;
