//! From the source's pixels to what the encoder takes.

use clipshot_capture::Layout;
use clipshot_ffmpeg::{Nv12, Scaler};

use crate::failure::Result;

/// Converts colours, and then the size where another one is asked for.
pub struct Converter {
    converted: Nv12,
    scaled: Option<(Scaler, Nv12)>,
}

impl Converter {
    /// For pictures of this layout, to be encoded at `width` by `height` (even).
    pub fn new(layout: Layout, width: u32, height: u32) -> Result<Self> {
        let converted = Nv12::new(layout.width, layout.height)?;
        let same = (converted.width(), converted.height()) == (width, height);
        let scaled = if same {
            None
        } else {
            let scaled = Nv12::new(width, height)?;
            Some((Scaler::new(&converted, &scaled)?, scaled))
        };
        Ok(Self { converted, scaled })
    }

    /// The picture for the encoder. Earlier ones keep what they show.
    pub fn convert(&mut self, bgra: &[u8], layout: Layout) -> Result<Nv12> {
        self.converted.fill_from_bgra(bgra, layout.stride)?;
        match &mut self.scaled {
            None => Ok(self.converted.clone()),
            Some((scaler, scaled)) => {
                scaler.scale(&self.converted, scaled)?;
                Ok(scaled.clone())
            }
        }
    }
}

/// The size to encode at: a width or height of 0 follows from the other by the source's proportions, both 0 are the
/// source's own, rounded down to even.
pub fn encoded_size(layout: Layout, width: u32, height: u32) -> (u32, u32) {
    let (own_width, own_height) = (layout.width.max(1), layout.height.max(1));
    let share = |value: u32, of: u32, to: u32| (u64::from(value) * u64::from(to) / u64::from(of)) as u32 & !1;
    match (width, height) {
        (0, 0) => (own_width & !1, own_height & !1),
        (width, 0) => (width, share(width, own_width, own_height)),
        (0, height) => (share(height, own_height, own_width), height),
        both => both,
    }
}
