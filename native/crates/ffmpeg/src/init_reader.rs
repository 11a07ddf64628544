//! Getting the codec parameters back out of an initialisation segment.

use std::ffi::{c_int, c_void};
use std::{ptr, slice};

use clipshot_media::{Avcc, Error as MediaError, InitSegment, VIDEO_TIMESCALE};
use ffmpeg_sys_next as ffi;

use crate::codec::quiet;
use crate::dictionary::Dictionary;
use crate::error::{check, out_of_memory};
use crate::{Error, Result, TrackParameters};

const BUFFER: usize = 16 << 10;
/// What FFmpeg's muxer calls tracks without a title.
const UNTITLED: [&str; 2] = ["VideoHandler", "SoundHandler"];

/// The bytes that FFmpeg's demuxer reads.
struct Source<'a> {
    rest: &'a [u8],
}

/// The demuxer with everything it refers to.
struct Demuxer<'a> {
    context: *mut ffi::AVFormatContext,
    pb: *mut ffi::AVIOContext,
    _source: Box<Source<'a>>,
}

/// The parameters of each track: those of H.264 pictures, then those of sound.
///
/// # Errors
/// [`MediaError::BadInit`] where the segment is damaged, so that no player could decode what follows it.
pub(crate) fn track_parameters(init: &InitSegment) -> Result<Vec<TrackParameters>> {
    let demuxer = Demuxer::open(init.bytes()).map_err(|error| match error {
        Error::Ffmpeg { code: ffi::AVERROR_INVALIDDATA | ffi::AVERROR_EOF, .. } => {
            MediaError::BadInit("FFmpeg cannot read it").into()
        }
        other => other,
    })?;
    // SAFETY: the context is open, and its streams are as many as it says.
    let streams = unsafe {
        let context = &*demuxer.context;
        slice::from_raw_parts(context.streams, context.nb_streams as usize)
    };
    if streams.len() != init.tracks().len() {
        return Err(MediaError::BadInit("tracks that FFmpeg does not know").into());
    }
    let tracks = streams.iter().zip(init.tracks());
    let parameters = tracks.map(|(stream, track)| {
        // SAFETY: every stream has parameters, and its metadata are null or valid.
        unsafe {
            let title = Dictionary::value_of((**stream).metadata, c"handler_name");
            let title = if UNTITLED.contains(&title.as_str()) { "" } else { &title };
            Ok(TrackParameters::copy_of((**stream).codecpar, track.timescale)?.with_title(title))
        }
    });
    let parameters: Vec<TrackParameters> = parameters.collect::<Result<_>>()?;
    let (pictures, sound) = parameters.split_first().ok_or(MediaError::BadInit("no track"))?;
    if pictures.timescale() != VIDEO_TIMESCALE || !pictures.is_h264() || Avcc::parse(pictures.extradata()).is_err() {
        return Err(MediaError::BadInit("no parameters of H.264 pictures").into());
    }
    if !sound.iter().all(TrackParameters::is_aac) {
        return Err(MediaError::BadInit("no parameters of AAC sound").into());
    }
    Ok(parameters)
}

impl<'a> Demuxer<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self> {
        quiet();
        let mut source = Box::new(Source { rest: bytes });
        // SAFETY: no preconditions.
        let memory = unsafe { ffi::av_malloc(BUFFER) }.cast::<u8>();
        if memory.is_null() {
            return Err(out_of_memory("av_malloc"));
        }
        let opaque = ptr::from_mut(&mut *source).cast::<c_void>();
        // SAFETY: the buffer was allocated with av_malloc; the source is boxed and outlives the AVIO context.
        let pb = unsafe { ffi::avio_alloc_context(memory, BUFFER as c_int, 0, opaque, Some(on_read), None, None) };
        if pb.is_null() {
            // SAFETY: the buffer was not taken.
            unsafe { ffi::av_free(memory.cast()) };
            return Err(out_of_memory("avio_alloc_context"));
        }
        let mut own = Self { context: ptr::null_mut(), pb, _source: source };
        // SAFETY: no preconditions; null is checked.
        own.context = unsafe { ffi::avformat_alloc_context() };
        if own.context.is_null() {
            return Err(out_of_memory("avformat_alloc_context"));
        }
        // SAFETY: the context is valid; avformat_open_input frees it and sets it to null where it fails.
        let opened = unsafe {
            (*own.context).pb = pb;
            (*own.context).flags |= ffi::AVFMT_FLAG_CUSTOM_IO;
            let format = ffi::av_find_input_format(c"mp4".as_ptr());
            ffi::avformat_open_input(&mut own.context, ptr::null(), format as *mut _, ptr::null_mut())
        };
        check("avformat_open_input", opened)?;
        Ok(own)
    }
}

impl Drop for Demuxer<'_> {
    fn drop(&mut self) {
        // SAFETY: all owned; closing a null context is allowed, and with CUSTOM_IO it leaves the output alone.
        unsafe {
            ffi::avformat_close_input(&mut self.context);
            ffi::av_freep((&raw mut (*self.pb).buffer).cast());
            ffi::avio_context_free(&mut self.pb);
        }
    }
}

unsafe extern "C" fn on_read(opaque: *mut c_void, to: *mut u8, len: c_int) -> c_int {
    // SAFETY: FFmpeg hands back the pointer of Demuxer::open to a source that is alive, and room for `len` bytes.
    let (source, to) = unsafe { (&mut *opaque.cast::<Source>(), slice::from_raw_parts_mut(to, len as usize)) };
    // No panic leaves for C: `n` is within both slices, and nothing else here can panic.
    let n = to.len().min(source.rest.len());
    if n == 0 {
        return ffi::AVERROR_EOF;
    }
    to[..n].copy_from_slice(&source.rest[..n]);
    source.rest = &source.rest[n..];
    n as c_int
}
