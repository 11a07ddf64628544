//! What a sound backend has to do.

use std::sync::atomic::AtomicBool;

use clipshot_sound::Reading;

use super::DeviceId;

/// What happens to an input.
#[derive(Clone, Debug, PartialEq)]
pub enum SoundEvent {
    /// A stream begins, for the first time or after the device came back or changed; positions count from 0 again.
    Opened,
    /// Samples, 48 kHz and stereo, interleaved. Positions without samples are silence.
    Samples {
        /// Position of the first frame in the stream.
        position: u64,
        /// Whole frames.
        samples: Vec<f32>,
    },
    /// Which frame is heard when.
    Reading(Reading),
    /// There is no stream: the device is not there, or no longer.
    Absent,
}

/// A connection to whatever gives out sound.
pub trait SoundBackend: Send {
    /// Hears all `inputs` on the calling thread until `stop` is set; looks at it at least ten times a second.
    ///
    /// `tell` gets what happens, with the index of the input; it never waits. Devices, and the server itself, may go
    /// and come back at any time. Each input is told to be opened or absent within a second of the start.
    ///
    /// # Errors
    /// Only what makes hearing impossible for good.
    fn run(
        &mut self,
        inputs: &[DeviceId],
        stop: &AtomicBool,
        tell: &mut dyn FnMut(usize, SoundEvent),
    ) -> crate::Result<()>;
}
