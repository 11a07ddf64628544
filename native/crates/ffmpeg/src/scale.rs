//! Pictures in another size.

use std::ptr;

use ffmpeg_sys_next as ffi;

use crate::error::{check, out_of_memory};
use crate::{Error, Nv12, Result};

/// Averaging over the area of a pixel, the cheapest way down that does not flicker (libswscale/swscale.h, where it is
/// an enum since FFmpeg 8 and a number before).
pub(crate) const SWS_AREA: i32 = 0x20;

/// Scales pictures of one size to another. The picture is stretched where the proportions differ.
pub struct Scaler {
    context: *mut ffi::SwsContext,
    from: (u32, u32),
    to: (u32, u32),
}

// SAFETY: the context belongs to this value alone and is not tied to a thread.
unsafe impl Send for Scaler {}

impl Scaler {
    /// A scaler from the size of pictures like `from` to the size of pictures like `to`.
    ///
    /// # Errors
    /// No memory.
    pub fn new(from: &Nv12, to: &Nv12) -> Result<Self> {
        let size = |picture: &Nv12| (picture.width(), picture.height());
        let format = ffi::AVPixelFormat::AV_PIX_FMT_NV12;
        // SAFETY: sizes and formats are valid; the last three pointers may be null.
        let context = unsafe {
            ffi::sws_getContext(
                from.width() as i32,
                from.height() as i32,
                format,
                to.width() as i32,
                to.height() as i32,
                format,
                SWS_AREA,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
            )
        };
        if context.is_null() {
            return Err(out_of_memory("sws_getContext"));
        }
        Ok(Self { context, from: size(from), to: size(to) })
    }

    /// Fills `to` with what `from` shows.
    ///
    /// # Errors
    /// [`Error::WrongSize`] for pictures of other sizes than the scaler's; otherwise FFmpeg's error.
    pub fn scale(&mut self, from: &Nv12, to: &mut Nv12) -> Result<()> {
        for (picture, (width, height)) in [(from, self.from), (&*to, self.to)] {
            let (got_width, got_height) = (picture.width(), picture.height());
            if (got_width, got_height) != (width, height) {
                return Err(Error::WrongSize { width, height, got_width, got_height });
            }
        }
        to.make_unique()?;
        let (from, to) = (from.frame().get(), to.frame().get());
        // SAFETY: both frames have the sizes and the format that the scaler was made for, and nothing else refers to
        // the pixels of `to`.
        let done = unsafe {
            ffi::sws_scale(
                self.context,
                from.data.as_ptr().cast(),
                from.linesize.as_ptr(),
                0,
                from.height,
                to.data.as_ptr(),
                to.linesize.as_ptr(),
            )
        };
        check("sws_scale", done).map(drop)
    }
}

impl Drop for Scaler {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::sws_freeContext(self.context) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Left half black, right half white.
    fn halves(width: u32, height: u32) -> Nv12 {
        let mut picture = Nv12::new(width, height).unwrap();
        let line: Vec<u8> = (0..width).flat_map(|x| [if x < width / 2 { 0 } else { 255 }; 4]).collect();
        picture.fill_from_bgra(&line.repeat(height as usize), width as usize * 4).unwrap();
        picture
    }

    /// Luma at a place.
    fn luma(picture: &Nv12, x: usize, y: usize) -> u8 {
        let frame = picture.frame().get();
        // SAFETY: within the luma plane.
        unsafe { *frame.data[0].add(y * frame.linesize[0] as usize + x) }
    }

    #[test]
    fn what_was_left_stays_left_in_any_size() {
        for (from, to) in [((640, 360), (320, 180)), ((320, 180), (640, 360)), ((322, 182), (160, 240))] {
            let picture = halves(from.0, from.1);
            let mut scaled = Nv12::new(to.0, to.1).unwrap();
            Scaler::new(&picture, &scaled).unwrap().scale(&picture, &mut scaled).unwrap();
            for y in [0, to.1 as usize - 1] {
                assert_eq!(luma(&scaled, 2, y), 16, "{from:?} to {to:?}");
                assert_eq!(luma(&scaled, to.0 as usize - 3, y), 235, "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn clones_keep_what_they_show() {
        let (white, black) = (halves(64, 64), Nv12::new(64, 64).unwrap());
        let mut scaled = Nv12::new(32, 32).unwrap();
        let mut scaler = Scaler::new(&white, &scaled).unwrap();
        scaler.scale(&white, &mut scaled).unwrap();
        let clone = scaled.clone();
        scaler.scale(&black, &mut scaled).unwrap();
        assert_eq!(luma(&clone, 30, 5), 235);
    }

    #[test]
    fn other_sizes_are_refused() {
        let (from, mut to) = (halves(64, 64), Nv12::new(32, 32).unwrap());
        let mut scaler = Scaler::new(&from, &to).unwrap();
        assert!(matches!(scaler.scale(&halves(66, 64), &mut to), Err(Error::WrongSize { .. })));
    }
}
