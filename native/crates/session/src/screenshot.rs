//! A picture of a source, without a session and of one.

use clipshot_capture::Error;
use clipshot_capture::registry::{OpenOptions, open};
use clipshot_ffmpeg::{Still, StillOptions, StillSource, still};

use crate::Shared;
use crate::failure::{Failure, Reason, Result};
use crate::threads::{Priority, lower_priority};

/// Takes a picture of a source. Call it on a thread of its own: the encoding does not take the processor from recordings.
///
/// # Errors
/// The source cannot be opened or was lost, INVALID_CONFIG, or ENCODER_UNAVAILABLE for the format.
pub fn take_screenshot(source_id: &str, source: &OpenOptions, options: StillOptions) -> Result<Still> {
    lower_priority(Priority::Last);
    let mut source = open(source_id, source)?;
    loop {
        let mut slots = source.make_slots(1)?;
        let Some(mut slot) = slots.pop() else { return Err(Failure::new(Reason::Internal, "a source without memory")) };
        match source.fill(&mut slot) {
            Err(Error::Resized) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                let layout = source.layout();
                let (width, height, stride) = (layout.width, layout.height, layout.stride);
                let pixels = slot.bytes();
                return Ok(still(&StillSource::Bgra { pixels, width, height, stride }, options)?);
            }
        }
    }
}

impl Shared {
    /// The newest picture, as it is encoded. Call it on a thread of its own.
    ///
    /// # Errors
    /// CLOSED, RING_EMPTY before the first picture, INVALID_CONFIG, or ENCODER_UNAVAILABLE for the format.
    pub fn screenshot(&self, options: StillOptions) -> Result<Still> {
        lower_priority(Priority::Last);
        if !self.is_alive() {
            return Err(Failure::closed());
        }
        let newest = self.encoded.newest.picture();
        let newest = newest.ok_or_else(|| Failure::new(Reason::RingEmpty, "there is no picture yet"))?;
        Ok(still(&StillSource::Nv12(&newest), options)?)
    }
}
