//! One picture.

use std::sync::Arc;
use std::{ptr, slice};

use ffmpeg_sys_next as ffi;
use yuv::{BufferStoreMut, YuvBiPlanarImageMut, YuvConversionMode, YuvRange, YuvStandardMatrix};

use crate::error::{check, out_of_memory};
use crate::{Error, Result};

/// Rows begin at multiples of this, which suits every vector unit.
const ALIGN: usize = 64;

/// Black in limited range.
const BLACK_LUMA: u8 = 16;
const BLACK_CHROMA: u8 = 128;

/// An owned AVFrame.
pub(crate) struct AvFrame(*mut ffi::AVFrame);

// SAFETY: a frame is plain data without ties to a thread.
unsafe impl Send for AvFrame {}
// SAFETY: through a shared reference a frame is only read.
unsafe impl Sync for AvFrame {}

impl AvFrame {
    pub fn empty() -> Result<Self> {
        // SAFETY: no preconditions.
        let raw = unsafe { ffi::av_frame_alloc() };
        if raw.is_null() { Err(out_of_memory("av_frame_alloc")) } else { Ok(Self(raw)) }
    }

    /// A second reference to the same pixels.
    pub fn share(&self) -> Result<Self> {
        let other = Self::empty()?;
        // SAFETY: both frames are valid.
        check("av_frame_ref", unsafe { ffi::av_frame_ref(other.0, self.0) })?;
        Ok(other)
    }

    pub fn as_ptr(&self) -> *mut ffi::AVFrame {
        self.0
    }

    pub fn get(&self) -> &ffi::AVFrame {
        // SAFETY: valid for as long as self.
        unsafe { &*self.0 }
    }

    pub fn get_mut(&mut self) -> &mut ffi::AVFrame {
        // SAFETY: valid and only referred to through self.
        unsafe { &mut *self.0 }
    }
}

impl Drop for AvFrame {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::av_frame_free(&mut self.0) }
    }
}

/// Buffers of one size, used again once no picture refers to them.
struct BufferPool(*mut ffi::AVBufferPool);

// SAFETY: the pool has its own lock.
unsafe impl Send for BufferPool {}
// SAFETY: as above.
unsafe impl Sync for BufferPool {}

impl Drop for BufferPool {
    fn drop(&mut self) {
        // SAFETY: buffers still in use keep the pool's inside alive.
        unsafe { ffi::av_buffer_pool_uninit(&mut self.0) }
    }
}

/// A picture in NV12, BT.709, limited range.
///
/// A clone shares the pixels and costs next to nothing. Filling a picture whose pixels are shared takes another
/// buffer out of a pool, so that the clones keep what they show.
#[derive(Clone)]
pub struct Nv12 {
    frame: Arc<AvFrame>,
    pool: Arc<BufferPool>,
    width: u32,
    height: u32,
}

impl Nv12 {
    /// A picture of undefined content; an odd size is rounded down to even.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for a size below 2 or above 16384; otherwise no memory.
    pub fn new(width: u32, height: u32) -> Result<Self> {
        let (width, height) = (width & !1, height & !1);
        for (field, value) in [("width", width), ("height", height)] {
            if !(2..=16384).contains(&value) {
                return Err(Error::InvalidConfig { field, reason: format!("{value} is not within 2 and 16384") });
            }
        }
        let stride = (width as usize).next_multiple_of(ALIGN);
        // One row more than needed: vector code may read past the end of the last.
        let size = stride * (height as usize * 3 / 2 + 1);
        // SAFETY: no preconditions; no allocator of our own.
        let pool = unsafe { ffi::av_buffer_pool_init(size, None) };
        if pool.is_null() {
            return Err(out_of_memory("av_buffer_pool_init"));
        }
        let pool = Arc::new(BufferPool(pool));
        Ok(Self { frame: Arc::new(new_frame(&pool, width, height)?), pool, width, height })
    }

    /// Width in pixels, even.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, even.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Converts a picture of four bytes a pixel (blue, green, red, unused), rows `stride` bytes apart.
    ///
    /// The source may be wider or higher; what is beyond the size of this picture is left out.
    ///
    /// # Errors
    /// [`Error::WrongSize`] when the source is smaller than this picture.
    pub fn fill_from_bgra(&mut self, bgra: &[u8], stride: usize) -> Result<()> {
        let (width, height) = (self.width as usize, self.height as usize);
        let needed = stride.saturating_mul(height - 1).saturating_add(width * 4);
        if stride < width * 4 || bgra.len() < needed {
            let got_height = bgra.len().checked_div(stride).unwrap_or(0) as u32;
            let got_width = (stride / 4) as u32;
            return Err(Error::WrongSize { width: self.width, height: self.height, got_width, got_height });
        }
        let stride = u32::try_from(stride).map_err(|_| Error::UnexpectedStream("stride above 4 GiB".into()))?;
        self.make_unique()?;
        let frame = self.frame.get();
        let (y_stride, uv_stride) = (frame.linesize[0] as usize, frame.linesize[1] as usize);
        // SAFETY: the frame's only buffer has these two planes one after the other (see new_frame), and nothing else
        // refers to it: make_unique made sure.
        let (y_plane, uv_plane) = unsafe {
            (
                slice::from_raw_parts_mut(frame.data[0], y_stride * height),
                slice::from_raw_parts_mut(frame.data[1], uv_stride * height / 2),
            )
        };
        let mut image = YuvBiPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(y_plane),
            y_stride: y_stride as u32,
            uv_plane: BufferStoreMut::Borrowed(uv_plane),
            uv_stride: uv_stride as u32,
            width: self.width,
            height: self.height,
        };
        let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt709);
        yuv::bgra_to_yuv_nv12(&mut image, bgra, stride, range, matrix, YuvConversionMode::Balanced)
            .map_err(|e| Error::UnexpectedStream(format!("colour conversion: {e}")))
    }

    /// Puts `picture` into the middle of this one, with black around it.
    ///
    /// # Errors
    /// [`Error::WrongSize`] when it is larger than this one.
    pub fn letterbox(&mut self, picture: &Self) -> Result<()> {
        if picture.width > self.width || picture.height > self.height {
            let (got_width, got_height) = (picture.width, picture.height);
            return Err(Error::WrongSize { width: self.width, height: self.height, got_width, got_height });
        }
        self.make_unique()?;
        // Even, so that the colours fall onto those of the same pixels.
        let left = (((self.width - picture.width) / 2) & !1) as usize;
        let top = (((self.height - picture.height) / 2) & !1) as usize;
        let (width, height) = (self.width as usize, self.height as usize);
        for (plane, black) in [(0, BLACK_LUMA), (1, BLACK_CHROMA)] {
            let (top, height, rows) = (top >> plane, height >> plane, picture.height as usize >> plane);
            for (y, row) in self.rows_mut(plane, height, width).enumerate() {
                match y.checked_sub(top).filter(|y| *y < rows) {
                    None => row.fill(black),
                    Some(y) => {
                        let from = picture.row(plane, y);
                        row[..left].fill(black);
                        row[left..left + from.len()].copy_from_slice(from);
                        row[left + from.len()..].fill(black);
                    }
                }
            }
        }
        Ok(())
    }

    /// The bytes of a row of a plane: `width` of luma or of interleaved chroma. To be called with rows that there are.
    fn row(&self, plane: usize, y: usize) -> &[u8] {
        let frame = self.frame.get();
        // SAFETY: the plane has height (or half of it) rows of linesize bytes, of which width are used (see new_frame).
        unsafe { slice::from_raw_parts(frame.data[plane].add(y * frame.linesize[plane] as usize), self.width as usize) }
    }

    /// All rows of a plane, of pixels that make_unique has made this picture's own.
    fn rows_mut(&mut self, plane: usize, height: usize, width: usize) -> impl Iterator<Item = &mut [u8]> {
        let frame = self.frame.get();
        let stride = frame.linesize[plane] as usize;
        // SAFETY: the frame's only buffer has these rows (see new_frame), and the caller is the only one who knows it.
        let rows = unsafe { slice::from_raw_parts_mut(frame.data[plane], stride * height) };
        rows.chunks_exact_mut(stride).map(move |row| &mut row[..width])
    }

    /// Takes another buffer if anything else refers to the pixels; what they show then is undefined.
    pub(crate) fn make_unique(&mut self) -> Result<()> {
        if Arc::get_mut(&mut self.frame).is_none_or(|f| !is_writable(f)) {
            self.frame = Arc::new(new_frame(&self.pool, self.width, self.height)?);
        }
        Ok(())
    }

    pub(crate) fn frame(&self) -> &AvFrame {
        &self.frame
    }

    /// The luma plane and the bytes from one row to the next.
    pub(crate) fn luma(&self) -> (&[u8], usize) {
        let frame = self.frame.get();
        let stride = frame.linesize[0] as usize;
        // SAFETY: the plane has this many bytes (see new_frame), and nobody writes to what is borrowed: that takes a
        // picture of one's own (see make_unique).
        (unsafe { slice::from_raw_parts(frame.data[0], stride * self.height as usize) }, stride)
    }

    /// The same pixels as an encoder takes them: shown from `pts` on, as a keyframe or as it likes.
    pub(crate) fn frame_at(&self, pts: i64, key: bool) -> Result<AvFrame> {
        let mut frame = self.frame.share()?;
        let raw = frame.get_mut();
        raw.pts = pts;
        raw.pict_type =
            if key { ffi::AVPictureType::AV_PICTURE_TYPE_I } else { ffi::AVPictureType::AV_PICTURE_TYPE_NONE };
        Ok(frame)
    }
}

fn is_writable(frame: &mut AvFrame) -> bool {
    // SAFETY: the frame is valid.
    unsafe { ffi::av_frame_is_writable(frame.as_ptr()) > 0 }
}

/// A frame over one buffer of the pool: the luma plane, then the interleaved chroma plane.
fn new_frame(pool: &BufferPool, width: u32, height: u32) -> Result<AvFrame> {
    let stride = (width as usize).next_multiple_of(ALIGN);
    let mut frame = AvFrame::empty()?;
    // SAFETY: the pool is valid.
    let buffer = unsafe { ffi::av_buffer_pool_get(pool.0) };
    if buffer.is_null() {
        return Err(out_of_memory("av_buffer_pool_get"));
    }
    let raw = frame.get_mut();
    raw.buf[0] = buffer;
    raw.format = ffi::AVPixelFormat::AV_PIX_FMT_NV12 as i32;
    (raw.width, raw.height) = (width as i32, height as i32);
    (raw.linesize[0], raw.linesize[1]) = (stride as i32, stride as i32);
    // SAFETY: the buffer has stride * height * 3/2 bytes and more.
    unsafe {
        raw.data[0] = (*buffer).data;
        raw.data[1] = (*buffer).data.add(stride * height as usize);
    }
    raw.extended_data = ptr::from_mut(&mut raw.data).cast();
    raw.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
    raw.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
    raw.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
    raw.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letterbox_is_black_around_the_picture() {
        let mut white = Nv12::new(20, 10).unwrap();
        white.fill_from_bgra(&[255; 20 * 10 * 4], 80).unwrap();
        let mut boxed = Nv12::new(32, 18).unwrap();
        boxed.letterbox(&white).unwrap();
        for y in 0..18 {
            for x in 0..32 {
                let inside = (6..26).contains(&x) && (4..14).contains(&y);
                assert_eq!(boxed.row(0, y)[x], if inside { 235 } else { 16 }, "{x},{y}");
                assert_eq!(boxed.row(1, y / 2)[x], 128);
            }
        }
        assert!(white.letterbox(&boxed).is_err());
    }
}
