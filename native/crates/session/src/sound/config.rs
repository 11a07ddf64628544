//! What a session is to hear.

use clipshot_capture::sound::DeviceId;
use clipshot_sound::{MAX_GAIN_DB, MIN_GAIN_DB};

use crate::failure::{Failure, Result};

/// More inputs than anyone has; each is a track that is encoded.
const MAX_INPUTS: usize = 16;
/// Characters of a label: players cut longer ones.
const MAX_LABEL: usize = 100;

/// What to hear, and how to encode it.
#[derive(Clone, Debug)]
pub struct SoundConfig {
    /// One track each; with several there is a mixdown before them.
    pub inputs: Vec<InputConfig>,
    /// Of each track.
    pub bitrate_kbps: u32,
    /// Address of the sound server; none is PULSE_SERVER or the user's own.
    pub server: Option<String>,
}

/// One thing to hear.
#[derive(Clone, Debug)]
pub struct InputConfig {
    /// What.
    pub device: DeviceId,
    /// Title of its track; empty follows from the device.
    pub label: String,
    /// Gain at the start.
    pub gain_db: f64,
    /// Whether it starts muted.
    pub muted: bool,
}

impl SoundConfig {
    /// Checks what the encoder does not check.
    pub(super) fn validate(&self) -> Result<()> {
        if self.inputs.len() > MAX_INPUTS {
            return Err(Failure::invalid("inputs", format!("{} are more than {MAX_INPUTS}", self.inputs.len())));
        }
        for input in &self.inputs {
            check_gain(input.gain_db)?;
            if input.label.chars().count() > MAX_LABEL {
                return Err(Failure::invalid("label", format!("is longer than {MAX_LABEL} characters")));
            }
        }
        Ok(())
    }
}

impl InputConfig {
    /// Title of its track.
    pub(super) fn title(&self) -> &str {
        if self.label.is_empty() { self.device.label() } else { &self.label }
    }
}

/// Refuses a gain that cannot be set.
pub fn check_gain(gain_db: f64) -> Result<()> {
    if (MIN_GAIN_DB..=MAX_GAIN_DB).contains(&gain_db) {
        return Ok(());
    }
    Err(Failure::invalid("gain_db", format!("{gain_db} is not within {MIN_GAIN_DB} and {MAX_GAIN_DB}")))
}
