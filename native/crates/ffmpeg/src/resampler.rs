//! Sound at a speed that can be changed while it runs.

use std::ptr;

use clipshot_sound::{CHANNELS, Resample, SAMPLE_RATE};
use ffmpeg_sys_next as ffi;

use crate::error::{check, out_of_memory};
use crate::{Error, Result};

/// Output frames over which a change of speed is given to libswresample as a whole number of frames: one in so many is
/// 0.2 ppm.
const DISTANCE: i32 = 4_800_000;
/// Fine enough to give half of the filter's delay as a fraction.
const DELAY_BASE: i64 = SAMPLE_RATE as i64 * 1000;
/// Output frames beyond the number that went in: what a stretched and until now delayed input can give at once.
const MARGIN: usize = 256;

/// libswresample, stereo at 48 kHz on both sides.
pub struct Resampler {
    context: *mut ffi::SwrContext,
}

// SAFETY: the context belongs to this value alone and is not tied to a thread.
unsafe impl Send for Resampler {}

impl Resampler {
    /// A resampler that changes nothing yet.
    ///
    /// # Errors
    /// No memory.
    pub fn new() -> Result<Self> {
        let mut own = Self { context: ptr::null_mut() };
        // SAFETY: an AVChannelLayout may be all zeros.
        let mut layout: ffi::AVChannelLayout = unsafe { std::mem::zeroed() };
        let format = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLT;
        let rate = SAMPLE_RATE as i32;
        // SAFETY: context and layouts are valid for the calls; a layout of the default order owns no memory.
        let made = unsafe {
            ffi::av_channel_layout_default(&mut layout, CHANNELS as i32);
            ffi::swr_alloc_set_opts2(
                &mut own.context,
                &raw mut layout,
                format,
                rate,
                &raw mut layout,
                format,
                rate,
                0,
                ptr::null_mut(),
            )
        };
        check("swr_alloc_set_opts2", made)?;
        if own.context.is_null() {
            return Err(out_of_memory("swr_alloc_set_opts2"));
        }
        // SWR_FLAG_RESAMPLE: although the rates are equal. Between the filter's phases it interpolates, so that a slow
        // drift through them makes no noise.
        for (name, value) in [(c"flags", 1), (c"linear_interp", 1)] {
            // SAFETY: the context is an object with these options, the name a C string.
            let set = unsafe { ffi::av_opt_set_int(own.context.cast(), name.as_ptr(), value, 0) };
            check("av_opt_set_int", set)?;
        }
        own.restart()?;
        Ok(own)
    }
}

impl Resample for Resampler {
    type Error = Error;

    fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<()> {
        let frames = samples.len() / CHANNELS;
        let before = out.len();
        let room = frames + frames / 64 + MARGIN;
        out.resize(before + room * CHANNELS, 0.0);
        let (input, mut output) = (samples.as_ptr().cast::<u8>(), out[before..].as_mut_ptr().cast::<u8>());
        // SAFETY: both point to one interleaved plane with as many frames as said.
        let made = unsafe {
            ffi::swr_convert(
                self.context,
                &raw mut output,
                room as i32,
                (&raw const input).cast_mut().cast(),
                frames as i32,
            )
        };
        let made = check("swr_convert", made)?;
        out.truncate(before + made as usize * CHANNELS);
        Ok(())
    }

    fn stretch(&mut self, ppm: f64) -> Result<()> {
        let frames = (ppm * f64::from(DISTANCE) / 1e6).round() as i32;
        // SAFETY: the context is open.
        check("swr_set_compensation", unsafe { ffi::swr_set_compensation(self.context, frames, DISTANCE) })?;
        Ok(())
    }

    fn delay(&self) -> f64 {
        // SAFETY: the context is open.
        let delay = unsafe { ffi::swr_get_delay(self.context, DELAY_BASE) };
        delay as f64 * f64::from(SAMPLE_RATE) / DELAY_BASE as f64
    }

    fn restart(&mut self) -> Result<()> {
        // SAFETY: the context has all its options; opening it again empties it.
        check("swr_init", unsafe { ffi::swr_init(self.context) })?;
        // The first compensation rebuilds the filter, which must not happen between samples.
        self.stretch(0.2)
    }
}

impl Drop for Resampler {
    fn drop(&mut self) {
        // SAFETY: owned; freeing null is allowed.
        unsafe { ffi::swr_free(&mut self.context) }
    }
}
