//! Rectangles of the root window.

use std::str::FromStr;

/// A rectangle of the root window, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x: i16,
    pub y: i16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    /// All of a root window.
    pub fn of_root((width, height): (u16, u16)) -> Self {
        Self { x: 0, y: 0, width, height }
    }

    /// Whether a rectangle at `x`, `y` shares a pixel with this one.
    pub fn touches(&self, x: i32, y: i32, width: u32, height: u32) -> bool {
        let (left, top) = (i64::from(self.x), i64::from(self.y));
        let (x, y) = (i64::from(x), i64::from(y));
        x < left + i64::from(self.width)
            && left < x + i64::from(width)
            && y < top + i64::from(self.height)
            && top < y + i64::from(height)
    }

    /// The part of it that lies within a root window of this size; none when there is no pixel.
    pub fn within(&self, (root_width, root_height): (u16, u16)) -> Option<Self> {
        let cut = |start: i16, length: u16, end: u16| {
            let first = i32::from(start).clamp(0, i32::from(end));
            let last = (i32::from(start) + i32::from(length)).clamp(0, i32::from(end));
            (last > first).then_some((first as i16, (last - first) as u16))
        };
        let (x, width) = cut(self.x, self.width, root_width)?;
        let (y, height) = cut(self.y, self.height, root_height)?;
        Some(Self { x, y, width, height })
    }

    /// Whether the size is the same.
    pub fn is_as_large_as(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }
}

/// As an id says it: `<x>,<y>,<width>x<height>`.
impl FromStr for Area {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (x, rest) = text.split_once(',').ok_or(())?;
        let (y, size) = rest.split_once(',').ok_or(())?;
        let (width, height) = size.split_once('x').ok_or(())?;
        let (x, y) = (x.parse().map_err(drop)?, y.parse().map_err(drop)?);
        let (width, height) = (width.parse().map_err(drop)?, height.parse().map_err(drop)?);
        Ok(Self { x, y, width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_touch_when_they_share_a_pixel() {
        let area = Area { x: 100, y: 50, width: 10, height: 10 };
        assert!(area.touches(109, 59, 1, 1));
        assert!(area.touches(0, 0, 1000, 1000));
        assert!(!area.touches(110, 50, 5, 5));
        assert!(!area.touches(90, 50, 10, 10));
        assert!(!area.touches(100, 40, 10, 10));
    }

    #[test]
    fn regions_are_clipped_to_the_screen() {
        let within = |text: &str| text.parse::<Area>().unwrap().within((100, 80));
        assert_eq!(within("10,20,30x40"), "10,20,30x40".parse().ok());
        assert_eq!(within("-10,-20,30x40"), "0,0,20x20".parse().ok());
        assert_eq!(within("90,70,30x40"), "90,70,10x10".parse().ok());
        assert_eq!(within("0,0,65535x65535"), "0,0,100x80".parse().ok());
        for outside in ["100,0,10x10", "0,80,10x10", "-10,0,10x10", "5,5,0x5"] {
            assert_eq!(within(outside), None, "{outside}");
        }
        for wrong in ["", "1,2", "1,2,3", "1,2,3x", "a,2,3x4", "1,2,-3x4", "1,2,3x4x5", "40000,0,1x1"] {
            assert_eq!(wrong.parse::<Area>(), Err(()), "{wrong}");
        }
    }
}
