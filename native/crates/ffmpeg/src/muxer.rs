//! FFmpeg's mp4 muxer, writing into a [`Sink`].

use std::ffi::{CStr, CString, c_int, c_void};
use std::io::{self, SeekFrom};
use std::{ptr, slice};

use clipshot_media::{Chapter, Labels, VIDEO_TIMESCALE};
use ffmpeg_sys_next as ffi;

use crate::callback::caught;
use crate::codec::quiet;
use crate::dictionary::Dictionary;
use crate::error::{check, out_of_memory};
use crate::packet::AvPacket;
use crate::sink::Sink;
use crate::{Error, Result, TrackParameters};

/// Times in the movie header count in the video's ticks: FFmpeg 5.1's default of 1000 rounds durations to ms.
const COMMON_OPTIONS: [(&str, &str); 2] = [("video_track_timescale", "90000"), ("movie_timescale", "90000")];

/// What the callbacks see.
struct Target<S> {
    sink: S,
    /// The first error of the sink, which FFmpeg would only hand on as a number.
    error: Option<io::Error>,
}

/// An open mp4 file.
pub(crate) struct Muxer<S: Sink> {
    context: *mut ffi::AVFormatContext,
    target: Box<Target<S>>,
}

// SAFETY: a format context may be used from any one thread at a time, and the sink can be sent.
unsafe impl<S: Sink + Send> Send for Muxer<S> {}

impl<S: Sink> Muxer<S> {
    /// Writes the header.
    pub fn open(sink: S, buffer: usize, tracks: &[TrackParameters], options: &[(&str, &str)]) -> Result<Self> {
        Self::open_labelled(sink, buffer, tracks, &Labels::default(), options)
    }

    /// Writes the header of a file with title and chapters, whose times are those of the file. A sink that can seek is
    /// needed for chapters: they are a list for some players and a track for others.
    pub fn open_labelled(
        sink: S,
        buffer: usize,
        tracks: &[TrackParameters],
        labels: &Labels,
        options: &[(&str, &str)],
    ) -> Result<Self> {
        quiet();
        let mut context = ptr::null_mut();
        // SAFETY: out pointer and name are valid.
        let made =
            unsafe { ffi::avformat_alloc_output_context2(&mut context, ptr::null(), c"mp4".as_ptr(), ptr::null()) };
        check("avformat_alloc_output_context2", made)?;
        let mut own = Self { context, target: Box::new(Target { sink, error: None }) };
        own.attach_target(buffer)?;
        for track in tracks {
            own.add_track(track)?;
        }
        own.set_title(&labels.title)?;
        for chapter in &labels.chapters {
            own.add_chapter(chapter)?;
        }
        let mut options = Dictionary::new(COMMON_OPTIONS.into_iter().chain(options.iter().copied()))?;
        // SAFETY: the context has its output and its streams.
        let written = unsafe { ffi::avformat_write_header(own.context, options.as_mut_ptr()) };
        own.outcome("avformat_write_header", written)?;
        options.all_taken()?;
        for (index, track) in tracks.iter().enumerate() {
            // SAFETY: there are as many streams as tracks.
            let base = unsafe { (**(*own.context).streams.add(index)).time_base };
            if (base.num, base.den) != (1, track.timescale() as i32) {
                let text = format!("muxer changed the time base of track {index} to {}/{}", base.num, base.den);
                return Err(Error::UnexpectedStream(text));
            }
        }
        Ok(own)
    }

    fn attach_target(&mut self, buffer: usize) -> Result<()> {
        let size = i32::try_from(buffer).unwrap_or(i32::MAX);
        // SAFETY: no preconditions.
        let memory = unsafe { ffi::av_malloc(size as usize) }.cast::<u8>();
        if memory.is_null() {
            return Err(out_of_memory("av_malloc"));
        }
        let opaque = ptr::from_mut(&mut *self.target).cast::<c_void>();
        let seek: Option<unsafe extern "C" fn(*mut c_void, i64, c_int) -> i64> =
            if self.target.sink.seek(SeekFrom::Current(0)).is_some() { Some(on_seek::<S>) } else { None };
        // SAFETY: the buffer was allocated with av_malloc; the target is boxed and outlives the AVIO context.
        let pb = unsafe { ffi::avio_alloc_context(memory, size, 1, opaque, None, Some(on_write::<S>), seek) };
        if pb.is_null() {
            // SAFETY: the buffer was not taken.
            unsafe { ffi::av_free(memory.cast()) };
            return Err(out_of_memory("avio_alloc_context"));
        }
        // SAFETY: the context is valid and not yet in use.
        let context = unsafe { &mut *self.context };
        context.pb = pb;
        context.flags |= ffi::AVFMT_FLAG_CUSTOM_IO;
        // Times go into the file as they are: a shift would tear sound and picture apart.
        context.avoid_negative_ts = 0;
        context.flush_packets = 0;
        Ok(())
    }

    fn add_track(&mut self, track: &TrackParameters) -> Result<()> {
        // SAFETY: the context is valid.
        let stream = unsafe { ffi::avformat_new_stream(self.context, ptr::null()) };
        if stream.is_null() {
            return Err(out_of_memory("avformat_new_stream"));
        }
        // SAFETY: stream and parameters are valid.
        let stream = unsafe { &mut *stream };
        // SAFETY: as above.
        let copied = unsafe { ffi::avcodec_parameters_copy(stream.codecpar, track.as_ptr()) };
        check("avcodec_parameters_copy", copied)?;
        // SAFETY: every stream has parameters. The muxer chooses the tag (avc1, mp4a).
        unsafe { (*stream.codecpar).codec_tag = 0 };
        stream.time_base = ffi::AVRational { num: 1, den: track.timescale() as i32 };
        if !track.title().is_empty() {
            // Players look at one or the other.
            let names = Dictionary::new([("handler_name", track.title()), ("title", track.title())])?;
            stream.metadata = names.into_raw();
        }
        Ok(())
    }

    fn set_title(&mut self, title: &str) -> Result<()> {
        if title.is_empty() {
            return Ok(());
        }
        // SAFETY: the context is valid; it frees its metadata.
        let metadata = unsafe { &raw mut (*self.context).metadata };
        // SAFETY: as above.
        unsafe { set_entry(metadata, c"title", title) }
    }

    fn add_chapter(&mut self, chapter: &Chapter) -> Result<()> {
        // SAFETY: no preconditions.
        let raw = unsafe { ffi::av_mallocz(size_of::<ffi::AVChapter>()) }.cast::<ffi::AVChapter>();
        if raw.is_null() {
            return Err(out_of_memory("av_mallocz"));
        }
        // SAFETY: zeroed memory of a chapter's size is an empty chapter, and the context is valid. The list takes the
        // chapter over and is freed with it by the context; where it cannot grow it lets go of all, this one included.
        unsafe {
            (*raw).time_base = ffi::AVRational { num: 1, den: VIDEO_TIMESCALE as c_int };
            (*raw).start = chapter.start;
            (*raw).end = chapter.end;
            let context = &mut *self.context;
            (*raw).id = i64::from(context.nb_chapters);
            let mut count = context.nb_chapters as c_int;
            ffi::av_dynarray_add((&raw mut context.chapters).cast(), &mut count, raw.cast());
            context.nb_chapters = count as u32;
            if count == 0 {
                return Err(out_of_memory("av_dynarray_add"));
            }
            set_entry(&raw mut (*raw).metadata, c"title", &chapter.title)
        }
    }

    /// Writes a packet.
    pub fn write(&mut self, packet: &AvPacket) -> Result<()> {
        // SAFETY: the header is written, the packet valid. av_write_frame does not keep it.
        let written = unsafe { ffi::av_write_frame(self.context, packet.as_ptr()) };
        self.outcome("av_write_frame", written)
    }

    /// Lets the next fragment of each track begin at its packet's own time, not where the one before it ended.
    ///
    /// FFmpeg takes the flag back with the next packet.
    pub fn begin_at_own_time(&mut self) -> Result<()> {
        // SAFETY: the context is valid, and its private data are an object with options; name and value are C strings.
        let set =
            unsafe { ffi::av_opt_set((*self.context).priv_data, c"movflags".as_ptr(), c"+frag_discont".as_ptr(), 0) };
        check("av_opt_set", set).map(|_| ())
    }

    /// Ends the fragment in hand (with `frag_custom`) and hands over everything that is buffered.
    pub fn flush_fragment(&mut self) -> Result<()> {
        // SAFETY: the header is written; a null packet flushes.
        let flushed = unsafe { ffi::av_write_frame(self.context, ptr::null_mut()) };
        self.outcome("av_write_frame", flushed)?;
        self.flush()
    }

    /// Hands everything that is buffered to the sink.
    pub fn flush(&mut self) -> Result<()> {
        // SAFETY: the output is valid.
        unsafe { ffi::avio_flush((*self.context).pb) };
        self.outcome("avio_flush", 0)
    }

    /// Writes the index and hands everything to the sink.
    pub fn finish(&mut self) -> Result<()> {
        // SAFETY: the header is written, and this is called once: callers drop the muxer afterwards.
        let written = unsafe { ffi::av_write_trailer(self.context) };
        self.outcome("av_write_trailer", written)?;
        self.flush()
    }

    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.target.sink
    }

    /// An error of the sink tells more than FFmpeg's number.
    fn outcome(&mut self, call: &'static str, result: c_int) -> Result<()> {
        if let Some(error) = self.target.error.take() {
            return Err(Error::io("".as_ref())(error));
        }
        check(call, result).map(|_| ())
    }
}

impl<S: Sink> Drop for Muxer<S> {
    fn drop(&mut self) {
        // SAFETY: the context is owned; its output was made by attach_target. What is still buffered is dropped with
        // the buffer, never written: freeing does not flush.
        unsafe {
            let pb = &raw mut (*self.context).pb;
            if !(*pb).is_null() {
                ffi::av_freep((&raw mut (**pb).buffer).cast());
                ffi::avio_context_free(pb);
            }
            ffi::avformat_free_context(self.context);
        }
    }
}

/// Sets an entry of a dictionary that FFmpeg owns. Zero bytes, which C cannot take, are left out.
///
/// # Safety
/// `dictionary` points to a dictionary, which may be null.
unsafe fn set_entry(dictionary: *mut *mut ffi::AVDictionary, key: &CStr, value: &str) -> Result<()> {
    let value: Vec<u8> = value.bytes().filter(|byte| *byte != 0).collect();
    let value = CString::new(value).unwrap_or_default();
    // SAFETY: as the caller says; both strings are copied.
    let set = unsafe { ffi::av_dict_set(dictionary, key.as_ptr(), value.as_ptr(), 0) };
    check("av_dict_set", set).map(|_| ())
}

#[cfg(ffmpeg_7)]
type Bytes = *const u8;
#[cfg(not(ffmpeg_7))]
type Bytes = *mut u8;

unsafe extern "C" fn on_write<S: Sink>(opaque: *mut c_void, bytes: Bytes, len: c_int) -> c_int {
    // SAFETY: FFmpeg hands back the pointer of attach_target, to a target that is alive and not otherwise in use
    // during a call into the muxer, and `len` valid bytes.
    let (target, bytes) = unsafe { (&mut *opaque.cast::<Target<S>>(), slice::from_raw_parts(bytes, len as usize)) };
    match caught(|| target.sink.write(bytes)) {
        Ok(()) => len,
        Err(error) => fail(target, error),
    }
}

unsafe extern "C" fn on_seek<S: Sink>(opaque: *mut c_void, offset: i64, whence: c_int) -> i64 {
    // SAFETY: as in on_write.
    let target = unsafe { &mut *opaque.cast::<Target<S>>() };
    let to = match whence & !ffi::AVSEEK_FORCE {
        0 => SeekFrom::Start(offset.max(0) as u64),
        1 => SeekFrom::Current(offset),
        2 => SeekFrom::End(offset),
        // Also AVSEEK_SIZE, which a writer does not need.
        _ => return i64::from(ffi::AVERROR(ffi::ENOSYS)),
    };
    match caught(|| target.sink.seek(to).transpose()) {
        Ok(Some(position)) => position as i64,
        Ok(None) => i64::from(ffi::AVERROR(ffi::ENOSYS)),
        Err(error) => i64::from(fail(target, error)),
    }
}

fn fail<S>(target: &mut Target<S>, error: io::Error) -> c_int {
    target.error.get_or_insert(error);
    ffi::AVERROR(ffi::EIO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PictureEncoder, VideoConfig, VideoEncoder};

    /// Panics where it is asked to.
    struct Panicking {
        on_write: bool,
        on_seek: bool,
    }

    impl Sink for Panicking {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<()> {
            if self.on_write { panic!("in write") } else { Ok(()) }
        }
        fn seek(&mut self, to: SeekFrom) -> Option<io::Result<u64>> {
            // Opening asks where the sink is; that is not a call out of C.
            if self.on_seek && to != SeekFrom::Current(0) { panic!("in seek") } else { Some(Ok(0)) }
        }
    }

    fn written_and_finished(sink: Panicking) -> Result<()> {
        let config = VideoConfig { width: 64, height: 64, ..VideoConfig::default() };
        let track = VideoEncoder::open(&config)?.parameters()?;
        let mut muxer = Muxer::open(sink, 4096, &[track], &[])?;
        muxer.flush()?;
        muxer.finish()
    }

    #[test]
    fn a_panic_in_the_sink_is_an_error_of_the_call() {
        written_and_finished(Panicking { on_write: false, on_seek: false }).unwrap();
        for (on_write, on_seek) in [(true, false), (false, true)] {
            let error = written_and_finished(Panicking { on_write, on_seek }).unwrap_err();
            assert!(matches!(&error, Error::Io { source, .. } if source.to_string().contains("panic")), "{error}");
        }
    }
}
