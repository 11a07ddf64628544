//! How bright a picture is, by a few of its pixels.

use crate::Nv12;

/// Samples from left to right and from top to bottom: enough to tell a black picture from one with a lit corner, few
/// enough to cost nothing.
const COLUMNS: usize = 64;
const ROWS: usize = 36;
/// Limits of luma in limited range (Rec. ITU-R BT.709, 6.10).
const BLACK: u8 = 16;
const WHITE: u8 = 235;

/// Brightness of a picture, 0 (black) to 255 (white).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Brightness {
    /// The mean.
    pub mean: f32,
    /// The brightest sample.
    pub most: u8,
}

impl Brightness {
    /// Samples a picture on a grid of 64 by 36.
    pub fn of(picture: &Nv12) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let (luma, stride) = picture.luma();
        let (mut sum, mut count, mut most) = (0u32, 0u32, 0);
        for y in (0..height).step_by(height.div_ceil(ROWS)) {
            for x in (0..width).step_by(width.div_ceil(COLUMNS)) {
                let sample = luma[y * stride + x];
                (sum, count, most) = (sum + u32::from(sample), count + 1, most.max(sample));
            }
        }
        let full = |luma: f32| (luma - f32::from(BLACK)).max(0.0) * 255.0 / f32::from(WHITE - BLACK);
        Self { mean: full(sum as f32 / count as f32).min(255.0), most: full(f32::from(most)).round() as u8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, height: u32, shade: impl Fn(u32, u32) -> u8) -> Nv12 {
        let pixels: Vec<u8> =
            (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| [shade(x, y); 4]).collect();
        let mut picture = Nv12::new(width, height).unwrap();
        picture.fill_from_bgra(&pixels, width as usize * 4).unwrap();
        picture
    }

    #[test]
    fn black_is_0_and_white_is_255() {
        for (width, height) in [(1920, 1080), (2, 2), (62, 34), (130, 74)] {
            assert_eq!(Brightness::of(&grey(width, height, |_, _| 0)), Brightness { mean: 0.0, most: 0 });
            assert_eq!(Brightness::of(&grey(width, height, |_, _| 255)), Brightness { mean: 255.0, most: 255 });
        }
    }

    #[test]
    fn a_lit_corner_is_seen() {
        let seen = Brightness::of(&grey(1920, 1080, |x, y| if x > 1880 && y > 1040 { 255 } else { 0 }));
        assert!(seen.most == 255 && seen.mean > 0.0 && seen.mean < 1.0, "{seen:?}");
        let half = Brightness::of(&grey(640, 360, |x, _| if x < 320 { 0 } else { 200 }));
        assert!((half.mean - 100.0).abs() < 2.0 && half.most.abs_diff(200) < 2, "{half:?}");
    }
}
