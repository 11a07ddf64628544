//! FFmpeg's codec context: an encoder or a decoder.

use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Once;

use ffmpeg_sys_next as ffi;

use crate::dictionary::Dictionary;
use crate::error::{check, failure, out_of_memory};
use crate::frame::AvFrame;
use crate::packet::AvPacket;
use crate::{Error, Result, TrackParameters};

/// An open codec context.
pub(crate) struct Codec(*mut ffi::AVCodecContext);

// SAFETY: a codec context may be used from any one thread at a time.
unsafe impl Send for Codec {}

impl Codec {
    /// Opens `codec` with what `set_up` writes into the context; every option must be known to it.
    ///
    /// # Safety
    /// `codec` must be one that FFmpeg gave out.
    pub unsafe fn open(
        codec: *const ffi::AVCodec,
        set_up: impl FnOnce(&mut ffi::AVCodecContext),
        options: &[(&str, &str)],
    ) -> Result<Self> {
        quiet();
        // SAFETY: the caller promises a valid codec.
        let own = Self(unsafe { ffi::avcodec_alloc_context3(codec) });
        if own.0.is_null() {
            return Err(out_of_memory("avcodec_alloc_context3"));
        }
        // SAFETY: the context was just allocated and is only referred to from here.
        set_up(unsafe { &mut *own.0 });
        let mut dictionary = Dictionary::new(options.iter().copied())?;
        // SAFETY: all three are valid.
        check("avcodec_open2", unsafe { ffi::avcodec_open2(own.0, codec, dictionary.as_mut_ptr()) })?;
        dictionary.all_taken()?;
        Ok(own)
    }

    /// A decoder for a track.
    pub fn decoder(parameters: &TrackParameters) -> Result<Self> {
        // SAFETY: the parameters are valid; an unknown id gives null.
        let codec = unsafe { ffi::avcodec_find_decoder((*parameters.as_ptr()).codec_id) };
        if codec.is_null() {
            return Err(failure("avcodec_find_decoder", ffi::AVERROR_DECODER_NOT_FOUND));
        }
        let mut copied = 0;
        let set_up = |context: &mut ffi::AVCodecContext| {
            // SAFETY: both are valid.
            copied = unsafe { ffi::avcodec_parameters_to_context(context, parameters.as_ptr()) };
            context.thread_count = 0;
            context.pkt_timebase = ffi::AVRational { num: 1, den: parameters.timescale() as i32 };
        };
        // SAFETY: the codec comes from avcodec_find_decoder.
        let own = unsafe { Self::open(codec, set_up, &[]) }?;
        check("avcodec_parameters_to_context", copied)?;
        Ok(own)
    }

    /// Parameters of the encoder's output, whose packets are given in `timescale`.
    pub fn parameters(&self, timescale: u32) -> Result<TrackParameters> {
        // SAFETY: the context is open.
        unsafe { TrackParameters::of_context(self.0, timescale) }
    }

    /// The context, whose fields an encoder may read again with each picture.
    pub fn context(&mut self) -> &mut ffi::AVCodecContext {
        // SAFETY: the context is open and only referred to through self.
        unsafe { &mut *self.0 }
    }

    /// Sets an option of the codec's own.
    pub fn set_option(&mut self, name: &CStr, value: &str) -> Result<()> {
        let value = CString::new(value).map_err(|_| Error::UnexpectedStream("zero byte in an option".into()))?;
        // SAFETY: the context is open, its private data are an object with options, the strings are C strings.
        let set = unsafe { ffi::av_opt_set((*self.0).priv_data, name.as_ptr(), value.as_ptr(), 0) };
        check("av_opt_set", set).map(drop)
    }

    /// Gives a picture to an encoder; none ends the stream.
    pub fn send_frame(&mut self, frame: Option<&AvFrame>) -> Result<()> {
        let raw = frame.map_or(ptr::null_mut(), AvFrame::as_ptr);
        // SAFETY: the context is open, the frame valid or null.
        check("avcodec_send_frame", unsafe { ffi::avcodec_send_frame(self.0, raw) })?;
        Ok(())
    }

    /// The next packet of an encoder; none when it wants more pictures or the stream is over.
    pub fn receive_packet(&mut self) -> Result<Option<AvPacket>> {
        let packet = AvPacket::empty()?;
        // SAFETY: the context is open, the packet valid.
        let result = unsafe { ffi::avcodec_receive_packet(self.0, packet.as_ptr()) };
        Ok(more("avcodec_receive_packet", result)?.then_some(packet))
    }

    /// Gives a packet to a decoder; none ends the stream.
    pub fn send_packet(&mut self, packet: Option<&AvPacket>) -> Result<()> {
        let raw = packet.map_or(ptr::null_mut(), AvPacket::as_ptr);
        // SAFETY: the context is open, the packet valid or null.
        check("avcodec_send_packet", unsafe { ffi::avcodec_send_packet(self.0, raw) })?;
        Ok(())
    }

    /// The next picture of a decoder; none when it wants more packets or the stream is over.
    pub fn receive_frame(&mut self) -> Result<Option<AvFrame>> {
        let frame = AvFrame::empty()?;
        // SAFETY: the context is open, the frame valid.
        let result = unsafe { ffi::avcodec_receive_frame(self.0, frame.as_ptr()) };
        Ok(more("avcodec_receive_frame", result)?.then_some(frame))
    }
}

impl Drop for Codec {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::avcodec_free_context(&mut self.0) }
    }
}

/// Whether a "receive" call gave something.
fn more(call: &'static str, result: i32) -> Result<bool> {
    if result == ffi::AVERROR(ffi::EAGAIN) || result == ffi::AVERROR_EOF {
        return Ok(false);
    }
    check(call, result).map(|_| true)
}

/// Keeps FFmpeg and x264 from writing anything but errors to the process's standard error.
pub(crate) fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| log_level(ffi::AV_LOG_ERROR));
}

/// Keeps them from writing even these, for as long as it lives.
pub(crate) struct Silent(());

impl Silent {
    pub fn new() -> Self {
        quiet();
        log_level(ffi::AV_LOG_QUIET);
        Self(())
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        log_level(ffi::AV_LOG_ERROR);
    }
}

fn log_level(level: i32) {
    // SAFETY: sets one integer.
    unsafe { ffi::av_log_set_level(level) }
}
