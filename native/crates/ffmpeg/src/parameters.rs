//! What a muxer needs to know of a track.

use std::{ptr, slice};

use ffmpeg_sys_next as ffi;

use crate::error::{check, out_of_memory};
use crate::{Error, Result};

/// Codec parameters of a track and the timescale of its times.
pub struct TrackParameters {
    raw: *mut ffi::AVCodecParameters,
    timescale: u32,
    title: String,
}

// SAFETY: codec parameters are plain data without ties to a thread, and are not changed through a shared reference.
unsafe impl Send for TrackParameters {}
// SAFETY: as above.
unsafe impl Sync for TrackParameters {}

impl TrackParameters {
    /// A copy.
    ///
    /// # Errors
    /// No memory.
    pub fn try_clone(&self) -> Result<Self> {
        // SAFETY: the parameters are valid.
        unsafe { Self::copy_of(self.raw, self.timescale) }
    }

    fn empty(timescale: u32) -> Result<Self> {
        // SAFETY: no preconditions.
        let raw = unsafe { ffi::avcodec_parameters_alloc() };
        if raw.is_null() {
            Err(out_of_memory("avcodec_parameters_alloc"))
        } else {
            Ok(Self { raw, timescale, title: String::new() })
        }
    }

    /// Of an open encoder (an AVCodecContext) whose packets are given in `timescale`.
    ///
    /// # Safety
    /// `context` must be an open codec context.
    ///
    /// # Errors
    /// No memory.
    pub unsafe fn of_context(context: *const ffi::AVCodecContext, timescale: u32) -> Result<Self> {
        let own = Self::empty(timescale)?;
        // SAFETY: both are valid.
        let copied = unsafe { ffi::avcodec_parameters_from_context(own.raw, context) };
        check("avcodec_parameters_from_context", copied)?;
        Ok(own)
    }

    /// A copy.
    ///
    /// # Safety
    /// `parameters` must be valid.
    pub(crate) unsafe fn copy_of(parameters: *const ffi::AVCodecParameters, timescale: u32) -> Result<Self> {
        let own = Self::empty(timescale)?;
        // SAFETY: both are valid.
        check("avcodec_parameters_copy", unsafe { ffi::avcodec_parameters_copy(own.raw, parameters) })?;
        Ok(own)
    }

    /// The same track, called `title` in players; empty for none.
    pub(crate) fn with_title(mut self, title: &str) -> Self {
        // A C string ends at a zero byte.
        self.title = title.replace('\0', "");
        self
    }

    /// What players call the track; empty for none.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether these are whole parameters of H.264 pictures.
    pub fn is_h264(&self) -> bool {
        // SAFETY: the parameters are valid.
        let raw = unsafe { &*self.raw };
        raw.codec_id == ffi::AVCodecID::AV_CODEC_ID_H264 && raw.width > 0 && raw.height > 0
    }

    /// Whether these are whole parameters of AAC sound.
    pub fn is_aac(&self) -> bool {
        // SAFETY: the parameters are valid.
        let raw = unsafe { &*self.raw };
        raw.codec_id == ffi::AVCodecID::AV_CODEC_ID_AAC && raw.sample_rate > 0 && raw.ch_layout.nb_channels > 0
    }

    /// Whether the track carries sound.
    pub fn is_sound(&self) -> bool {
        // SAFETY: the parameters are valid.
        unsafe { (*self.raw).codec_type == ffi::AVMediaType::AVMEDIA_TYPE_AUDIO }
    }

    /// Channels, samples a second and bits a second of sound, as the encoder was set up.
    pub fn sound(&self) -> (u32, u32, u64) {
        // SAFETY: the parameters are valid.
        let raw = unsafe { &*self.raw };
        (raw.ch_layout.nb_channels.max(0) as u32, raw.sample_rate.max(0) as u32, raw.bit_rate.max(0) as u64)
    }

    /// Ticks a second.
    pub fn timescale(&self) -> u32 {
        self.timescale
    }

    /// The codec's configuration, such as an AVCDecoderConfigurationRecord.
    pub fn extradata(&self) -> &[u8] {
        // SAFETY: the parameters are valid.
        let raw = unsafe { &*self.raw };
        if raw.extradata.is_null() || raw.extradata_size <= 0 {
            return &[];
        }
        // SAFETY: extradata points to extradata_size bytes owned by the parameters.
        unsafe { slice::from_raw_parts(raw.extradata, raw.extradata_size as usize) }
    }

    pub(crate) fn set_extradata(&mut self, bytes: &[u8]) -> Result<()> {
        let size = i32::try_from(bytes.len()).map_err(|_| Error::UnexpectedStream("huge extradata".into()))?;
        let padded = bytes.len() + ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
        // SAFETY: no preconditions.
        let copy = unsafe { ffi::av_mallocz(padded) }.cast::<u8>();
        if copy.is_null() {
            return Err(out_of_memory("av_mallocz"));
        }
        // SAFETY: `copy` has room for the bytes and the old extradata is owned by the parameters.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len());
            ffi::av_freep((&raw mut (*self.raw).extradata).cast());
            (*self.raw).extradata = copy;
            (*self.raw).extradata_size = size;
        }
        Ok(())
    }

    /// Width and height in pixels; 0 for sound.
    pub fn size(&self) -> (u32, u32) {
        // SAFETY: the parameters are valid.
        let raw = unsafe { &*self.raw };
        (raw.width.max(0) as u32, raw.height.max(0) as u32)
    }

    pub(crate) fn as_ptr(&self) -> *const ffi::AVCodecParameters {
        self.raw
    }
}

impl Drop for TrackParameters {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::avcodec_parameters_free(&mut self.raw) }
    }
}
