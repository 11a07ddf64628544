//! A moving picture with a counter that survives compression.

pub const WIDTH: u32 = 320;
pub const HEIGHT: u32 = 192;
/// Side of the squares that carry a bit each: four times a macroblock's area, so that coding cannot flip one.
const CELL: usize = 20;

/// BGRA pixels: moving stripes, the counter's 16 bits in a row of squares and their complement in a row below.
pub fn draw(counter: u16) -> Vec<u8> {
    let (w, h) = (WIDTH as usize, HEIGHT as usize);
    let mut pixels = vec![0; w * h * 4];
    for y in 0..h {
        for x in 0..w {
            let shade = match (y / CELL, x / CELL) {
                (row @ 0..=1, bit) => 255 * u8::from((counter >> bit & 1 == 1) == (row == 0)),
                _ => ((x + y + 5 * usize::from(counter)) % 64 * 2 + 60) as u8,
            };
            let tint = ((y * 255) / h) as u8;
            let at = (y * w + x) * 4;
            let colour = if y < 2 * CELL { [shade; 3] } else { [tint, shade, 255 - tint] };
            pixels[at..at + 3].copy_from_slice(&colour);
        }
    }
    pixels
}

/// Reads the counter out of a luma plane; None where bits and complement do not agree.
pub fn read(luma: &[u8], stride: usize) -> Option<u16> {
    let sample = |row: usize, bit: usize| luma[(row * CELL + CELL / 2) * stride + bit * CELL + CELL / 2] > 126;
    (0..16).try_fold(0, |counter, bit| {
        let set = sample(0, bit);
        (set != sample(1, bit)).then_some(counter | u16::from(set) << bit)
    })
}
