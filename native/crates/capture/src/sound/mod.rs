//! Sound from outputs, microphones and single applications: what there is to hear, and hearing it.
//!
//! A backend implements [`SoundBackend`] and says when something happens to an input; placing samples in time, gain,
//! mixing and encoding are done once, above all backends.

mod backend;
mod device;
mod pulse;

pub use backend::{SoundBackend, SoundEvent};
pub use device::{AudioDevice, AudioKind, DeviceId};

use crate::Result;

/// Everything that can be heard now.
///
/// `server` is an address as `PULSE_SERVER` has it; none takes that variable or the user's own server.
///
/// # Errors
/// [`crate::Error::SoundUnavailable`] when no sound server answers.
pub fn list_devices(server: Option<&str>) -> Result<Vec<AudioDevice>> {
    pulse::list_devices(server)
}

/// Connects to the sound server. `server` is as in [`list_devices`].
///
/// # Errors
/// [`crate::Error::SoundUnavailable`] when none answers.
pub fn open(server: Option<&str>) -> Result<Box<dyn SoundBackend>> {
    pulse::open(server)
}
