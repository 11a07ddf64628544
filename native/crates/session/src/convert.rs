//! From the source's pixels to what the encoder takes.

use clipshot_capture::Layout;
use clipshot_ffmpeg::{Nv12, Scaler};

use crate::failure::Result;

/// Converts colours, and then the size where another one is asked for. The size of what it is given may change.
pub struct Converter {
    layout: Layout,
    width: u32,
    height: u32,
    converted: Nv12,
    scaled: Option<(Scaler, Nv12)>,
    /// Where the proportions differ.
    boxed: Option<Nv12>,
}

impl Converter {
    /// For pictures of this layout at first, to be encoded at `width` by `height` (even).
    pub fn new(layout: Layout, width: u32, height: u32) -> Result<Self> {
        // Nothing smaller has colours.
        let converted = Nv12::new(layout.width.max(2), layout.height.max(2))?;
        let (inner_width, inner_height) = fitted((converted.width(), converted.height()), (width, height));
        let scaled = if (converted.width(), converted.height()) == (inner_width, inner_height) {
            None
        } else {
            let scaled = Nv12::new(inner_width, inner_height)?;
            Some((Scaler::new(&converted, &scaled)?, scaled))
        };
        let boxed = if (inner_width, inner_height) == (width, height) { None } else { Some(Nv12::new(width, height)?) };
        Ok(Self { layout, width, height, converted, scaled, boxed })
    }

    /// Whether pictures of this layout have another size than those before.
    pub fn is_resized(&self, layout: Layout) -> bool {
        (layout.width, layout.height) != (self.layout.width, self.layout.height)
    }

    /// The picture for the encoder. Earlier ones keep what they show.
    pub fn convert(&mut self, bgra: &[u8], layout: Layout) -> Result<Nv12> {
        if self.is_resized(layout) {
            *self = Self::new(layout, self.width, self.height)?;
        }
        if layout.width < 2 || layout.height < 2 {
            let black = [0; 2 * 2 * 4];
            self.converted.fill_from_bgra(&black, 2 * 4)?;
        } else {
            self.converted.fill_from_bgra(bgra, layout.stride)?;
        }
        let mut picture = &self.converted;
        if let Some((scaler, scaled)) = &mut self.scaled {
            scaler.scale(picture, scaled)?;
            picture = scaled;
        }
        match &mut self.boxed {
            None => Ok(picture.clone()),
            Some(boxed) => {
                boxed.letterbox(picture)?;
                Ok(boxed.clone())
            }
        }
    }
}

/// The largest even size of the proportions of `from` within `to`. Bars of a few pixels, as rounding makes them, are
/// not worth having: the picture is stretched that little then.
fn fitted(from: (u32, u32), to: (u32, u32)) -> (u32, u32) {
    const NO_BAR: u32 = 4;
    let share = |value: u32, by: u32, of: u32| (u64::from(value) * u64::from(by) / u64::from(of.max(1))) as u32 & !1;
    let width = share(to.1, from.0, from.1).clamp(2, to.0);
    let height = share(to.0, from.1, from.0).clamp(2, to.1);
    (if to.0 - width <= NO_BAR { to.0 } else { width }, if to.1 - height <= NO_BAR { to.1 } else { height })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_kept() {
        assert_eq!(fitted((1920, 1080), (1280, 720)), (1280, 720));
        assert_eq!(fitted((800, 600), (1280, 720)), (960, 720));
        assert_eq!(fitted((300, 1000), (1280, 720)), (216, 720));
        assert_eq!(fitted((1000, 300), (640, 480)), (640, 192));
        assert_eq!(fitted((1366, 768), (1280, 720)), (1280, 720), "a pixel of rounding is no bar");
        assert_eq!(fitted((16_000, 2), (640, 480)), (640, 2));
    }

    #[test]
    fn any_size_becomes_the_encoded_one() {
        let mut converter = Converter::new(Layout::packed(64, 48), 64, 48).unwrap();
        for (width, height) in [(64, 48), (33, 77), (1, 1), (640, 2), (64, 48), (65, 49)] {
            let layout = Layout::packed(width, height);
            let picture = converter.convert(&vec![200; layout.len()], layout).unwrap();
            assert_eq!((picture.width(), picture.height()), (64, 48));
            assert!(!converter.is_resized(layout));
        }
    }
}
