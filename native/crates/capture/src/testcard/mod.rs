//! A moving picture that people and programs can read: detail in motion, a clock, and a frame counter with the time
//! of painting that survive compression.

mod font;
mod stamp;

pub use stamp::Stamp;

use crate::Layout;

/// Horizontal bands that move by themselves, in turns to the left and to the right.
const BANDS: u32 = 6;
/// How far a band moves before it turns back, in pixels.
const TRAVEL: u32 = 256;
const WHITE: u32 = 0x00ff_ffff;
const PANEL: u32 = 0x0010_1418;

/// Draws pictures of one size.
#[derive(Debug)]
pub struct TestCard {
    layout: Layout,
    /// Rows of `width + TRAVEL` pixels, drawn once; a picture is a window of each band.
    panorama: Vec<u8>,
}

impl TestCard {
    /// Prepares pictures of `width` by `height` pixels (32-bit, lines without padding).
    pub fn new(width: u32, height: u32) -> Self {
        let wide = width + TRAVEL;
        let mut panorama = Vec::with_capacity(wide as usize * height as usize * 4);
        for y in 0..height {
            for x in 0..wide {
                panorama.extend_from_slice(&detail(x, y, wide, height).to_le_bytes());
            }
        }
        Self { layout: Layout::packed(width, height), panorama }
    }

    /// Size of the pictures.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Draws the moving part of frame number `frame`.
    pub fn draw_background(&self, picture: &mut [u8], frame: u32) {
        let wide = (self.layout.width + TRAVEL) as usize * 4;
        let height = self.layout.height;
        for (y, line) in picture.chunks_exact_mut(self.layout.stride).enumerate().take(height as usize) {
            let band = y as u32 * BANDS / height;
            let from = y * wide + offset(band, frame) as usize * 4;
            line.copy_from_slice(&self.panorama[from..from + line.len()]);
        }
    }

    /// Draws the stamp and the clock over a background. `time_of_day_ms` is what the clock shows.
    pub fn draw_stamp(&self, picture: &mut [u8], stamp: Stamp, time_of_day_ms: u64) {
        stamp.draw(picture, self.layout);
        let scale = (self.layout.height / 120).max(1);
        let left = 2 * scale;
        let top = Stamp::height(self.layout.width) + 2 * scale;
        let clock = clock_text(time_of_day_ms);
        let counter = format!("FRAME {:08}", stamp.counter);
        let mut canvas = Canvas { picture, layout: self.layout };
        let line = (font::HEIGHT + 1) * scale;
        let width = font::width(clock.len().max(counter.len())) * scale + 2 * left;
        canvas.rectangle(left, top, width, 2 * line + 3 * scale, PANEL);
        font::draw(&clock, |x, y| canvas.rectangle(2 * left + x * scale, top + (y + 2) * scale, scale, scale, WHITE));
        let top = top + line;
        font::draw(&counter, |x, y| canvas.rectangle(2 * left + x * scale, top + (y + 2) * scale, scale, scale, WHITE));
    }

    /// How many lines [`TestCard::draw_stamp`] may change, from the top.
    pub fn stamp_lines(&self) -> u32 {
        let scale = (self.layout.height / 120).max(1);
        (Stamp::height(self.layout.width) + 2 * scale + 2 * (font::HEIGHT + 1) * scale + 3 * scale)
            .min(self.layout.height)
    }
}

/// Where a band's window begins: to and fro, each band at its own speed.
fn offset(band: u32, frame: u32) -> u32 {
    let speed = 1 + band % 3;
    let way = frame.wrapping_mul(speed) % (2 * TRAVEL);
    let way = if way < TRAVEL { way } else { 2 * TRAVEL - 1 - way };
    if band.is_multiple_of(2) { way } else { TRAVEL - 1 - way }
}

/// A pixel of the panorama: gradients, a grid of lines and fine grain, so that an encoder has something to do.
fn detail(x: u32, y: u32, wide: u32, height: u32) -> u32 {
    let mix = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
    let mix = (mix ^ (mix >> 15)).wrapping_mul(0x2C1B_3C6D);
    let grain = (mix >> 27) & 15;
    let tile = ((x / 48) ^ (y / 36)).wrapping_mul(0x045D_9F3B) >> 4;
    let edge = if x.is_multiple_of(48) || y.is_multiple_of(36) { 60 } else { 0 };
    let red = 40 + x * 120 / wide + (tile & 31) + grain;
    let green = 30 + y * 130 / height + ((tile >> 5) & 31) + grain;
    let blue = 50 + (x + y) * 100 / (wide + height) + ((tile >> 10) & 31) + grain;
    let channel = |value: u32| (value + edge).min(255);
    channel(red) << 16 | channel(green) << 8 | channel(blue)
}

fn clock_text(time_of_day_ms: u64) -> String {
    let (seconds, ms) = (time_of_day_ms / 1000, time_of_day_ms % 1000);
    format!("{:02}:{:02}:{:02}.{ms:03}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

/// Fills rectangles; what lies outside of the picture is left out.
struct Canvas<'a> {
    picture: &'a mut [u8],
    layout: Layout,
}

impl Canvas<'_> {
    fn rectangle(&mut self, x: u32, y: u32, width: u32, height: u32, colour: u32) {
        let right = (x + width).min(self.layout.width) as usize;
        let left = (x as usize).min(right);
        for line in y..(y + height).min(self.layout.height) {
            let start = line as usize * self.layout.stride;
            for pixel in self.picture[start + left * 4..start + right * 4].chunks_exact_mut(4) {
                pixel.copy_from_slice(&colour.to_le_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_size_can_be_drawn_and_each_frame_is_another_picture() {
        for (width, height) in [(160, 120), (641, 361), (1280, 720)] {
            let card = TestCard::new(width, height);
            let mut pictures = vec![];
            for frame in 0..3 {
                let mut picture = vec![0; card.layout().len()];
                card.draw_background(&mut picture, frame);
                card.draw_stamp(&mut picture, Stamp { counter: frame, micros: 7 }, 86_399_999);
                pictures.push(picture);
            }
            assert!(pictures[0] != pictures[1], "{width}x{height}");
            assert!(pictures[1] != pictures[2], "{width}x{height}");
        }
    }

    #[test]
    fn the_stamp_stays_within_its_lines() {
        let card = TestCard::new(320, 240);
        let mut before = vec![0; card.layout().len()];
        card.draw_background(&mut before, 5);
        let mut after = before.clone();
        card.draw_stamp(&mut after, Stamp { counter: u32::MAX, micros: u32::MAX }, 0);
        let lines = card.stamp_lines() as usize * card.layout().stride;
        assert!(before[lines..] == after[lines..]);
        assert!(before[..lines] != after[..lines]);
    }

    #[test]
    fn the_clock_shows_the_time_of_day() {
        assert_eq!(clock_text(0), "00:00:00.000");
        assert_eq!(clock_text(86_399_999), "23:59:59.999");
    }
}
