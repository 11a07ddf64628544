//! Pictures for encoders that take them only from the GPU's memory.

use std::ptr;

use ffmpeg_sys_next as ffi;

use crate::Result;
use crate::error::{check, out_of_memory};
use crate::frame::AvFrame;

/// Pictures of the GPU's memory that are in use at once: those in the encoder, its references, and the one that is
/// uploaded.
const POOL: i32 = 20;

/// A pool of pictures on a GPU.
pub(crate) struct Upload(*mut ffi::AVBufferRef);

// SAFETY: reference counts of buffers are atomic, and libva locks its display.
unsafe impl Send for Upload {}

impl Upload {
    /// Opens the first device of VA-API (a render node) for NV12 pictures of a size.
    ///
    /// # Errors
    /// There is no such device, or it cannot hold such pictures.
    pub fn vaapi(width: i32, height: i32) -> Result<Self> {
        let mut device = ptr::null_mut();
        let kind = ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_VAAPI;
        // SAFETY: the first pointer is valid; no name is the default device, and there are no options.
        let opened = unsafe { ffi::av_hwdevice_ctx_create(&mut device, kind, ptr::null(), ptr::null_mut(), 0) };
        check("av_hwdevice_ctx_create", opened)?;
        // SAFETY: the device is valid; the frames take a reference of their own, so that ours can go.
        let own = unsafe {
            let own = Self(ffi::av_hwframe_ctx_alloc(device));
            ffi::av_buffer_unref(&mut device);
            own
        };
        if own.0.is_null() {
            return Err(out_of_memory("av_hwframe_ctx_alloc"));
        }
        // SAFETY: the buffer holds a frames context that nothing else refers to yet.
        unsafe {
            let frames = &mut *(*own.0).data.cast::<ffi::AVHWFramesContext>();
            frames.format = ffi::AVPixelFormat::AV_PIX_FMT_VAAPI;
            frames.sw_format = ffi::AVPixelFormat::AV_PIX_FMT_NV12;
            (frames.width, frames.height) = (width, height);
            frames.initial_pool_size = POOL;
            check("av_hwframe_ctx_init", ffi::av_hwframe_ctx_init(own.0))?;
        }
        Ok(own)
    }

    /// Makes an encoder take its pictures from here.
    pub fn attach(&self, context: &mut ffi::AVCodecContext) {
        context.pix_fmt = ffi::AVPixelFormat::AV_PIX_FMT_VAAPI;
        // SAFETY: the buffer is valid; the encoder owns the new reference. Null, for want of memory, makes it refuse.
        context.hw_frames_ctx = unsafe { ffi::av_buffer_ref(self.0) };
    }

    /// The picture on the GPU, with the same time and kind.
    ///
    /// # Errors
    /// The device is lost or has no memory left.
    pub fn upload(&self, frame: &AvFrame) -> Result<AvFrame> {
        let on_gpu = AvFrame::empty()?;
        // SAFETY: all are valid; the frame is empty and has the size of the pool's.
        unsafe {
            check("av_hwframe_get_buffer", ffi::av_hwframe_get_buffer(self.0, on_gpu.as_ptr(), 0))?;
            check("av_hwframe_transfer_data", ffi::av_hwframe_transfer_data(on_gpu.as_ptr(), frame.as_ptr(), 0))?;
            check("av_frame_copy_props", ffi::av_frame_copy_props(on_gpu.as_ptr(), frame.as_ptr()))?;
        }
        Ok(on_gpu)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // SAFETY: owned; pictures and encoders have references of their own.
        unsafe { ffi::av_buffer_unref(&mut self.0) }
    }
}
