//! The mouse pointer, drawn into the picture.

use x11rb::protocol::xfixes::GetCursorImageReply;

use super::area::Area;
use crate::Layout;

/// The pointer's picture: premultiplied ARGB, and the point that is at the pointer's position.
#[derive(Clone, Debug, Default)]
pub struct CursorImage {
    width: u32,
    height: u32,
    hot_x: i32,
    hot_y: i32,
    pixels: Vec<u32>,
}

impl From<GetCursorImageReply> for CursorImage {
    fn from(reply: GetCursorImageReply) -> Self {
        Self {
            width: u32::from(reply.width),
            height: u32::from(reply.height),
            hot_x: i32::from(reply.xhot),
            hot_y: i32::from(reply.yhot),
            pixels: reply.cursor_image,
        }
    }
}

impl CursorImage {
    /// Whether the pointer at this position of the root window shows within `area`.
    pub fn shows_in(&self, area: Area, position: (i32, i32)) -> bool {
        area.touches(position.0 - self.hot_x, position.1 - self.hot_y, self.width.max(1), self.height.max(1))
    }

    /// Draws the pointer at `position` (of the root window) into a picture of `area`.
    pub fn draw(&self, picture: &mut [u8], layout: Layout, area: Area, position: (i32, i32)) {
        let left = position.0 - self.hot_x - i32::from(area.x);
        let top = position.1 - self.hot_y - i32::from(area.y);
        for (row, pixels) in self.pixels.chunks_exact(self.width.max(1) as usize).enumerate() {
            let y = top + row as i32;
            if y < 0 || y >= layout.height as i32 {
                continue;
            }
            for (column, colour) in pixels.iter().enumerate() {
                let x = left + column as i32;
                if x < 0 || x >= layout.width as i32 {
                    continue;
                }
                let at = y as usize * layout.stride + x as usize * 4;
                blend(&mut picture[at..at + 3], *colour);
            }
        }
    }
}

/// Lays a premultiplied ARGB colour over a blue-green-red pixel.
fn blend(pixel: &mut [u8], colour: u32) {
    let clear = 255 - (colour >> 24);
    if clear == 255 {
        return;
    }
    for (channel, byte) in pixel.iter_mut().enumerate() {
        let over = colour >> (8 * channel) & 0xff;
        *byte = (over + u32::from(*byte) * clear / 255).min(255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { x: 10, y: 20, width: 4, height: 3 };

    fn cursor() -> CursorImage {
        CursorImage { width: 2, height: 2, hot_x: 1, hot_y: 0, pixels: vec![0xff01_0203, 0, 0x8000_0040, 0xffff_ffff] }
    }

    fn draw(position: (i32, i32)) -> Vec<u8> {
        let layout = Layout::packed(4, 3);
        let mut picture = vec![100; layout.len()];
        cursor().draw(&mut picture, layout, AREA, position);
        picture
    }

    #[test]
    fn drawn_at_its_hot_spot_within_the_area() {
        let picture = draw((12, 20));
        assert_eq!(picture[4..7], [3, 2, 1], "opaque");
        assert_eq!(picture[8..11], [100, 100, 100], "transparent");
        assert_eq!(picture[20..23], [64 + 49, 49, 49], "half");
        assert_eq!(picture[24..27], [255, 255, 255]);
    }

    #[test]
    fn cut_off_at_the_edges() {
        assert!(draw((500, 500)).iter().all(|byte| *byte == 100));
        assert!(draw((-500, -500)).iter().all(|byte| *byte == 100));
        let corner = draw((10, 19));
        assert_eq!(corner[0..3], [255, 255, 255], "only the lower right pixel is inside");
        assert!(corner[4..].iter().all(|byte| *byte == 100));
    }

    #[test]
    fn shows_only_where_it_touches() {
        assert!(cursor().shows_in(AREA, (14, 20)));
        assert!(!cursor().shows_in(AREA, (15, 20)));
        assert!(!cursor().shows_in(AREA, (12, 40)));
    }
}
