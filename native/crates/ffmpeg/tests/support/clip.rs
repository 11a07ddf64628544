//! Reads a finished file through FFmpeg's libraries.

use std::ffi::CString;
use std::path::Path;
use std::{ptr, slice};

use ffmpeg_sys_next as ffi;

use super::picture;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadPacket {
    pub pts: i64,
    pub dts: i64,
    pub dur: i64,
    pub key: bool,
    pub discard: bool,
    pub size: usize,
}

/// Everything a test wants to know of a file.
#[derive(Debug, Default)]
pub struct Clip {
    /// Of the picture track, in its order.
    pub pictures: Vec<ReadPacket>,
    /// Of the sound track.
    pub sounds: Vec<ReadPacket>,
    /// PTS and counter of each decoded picture.
    pub counters: Vec<(i64, Option<u16>)>,
    /// PTS and samples of each decoded block of sound, after the edit list.
    pub blocks: Vec<(i64, usize)>,
    /// Duration of the container in microseconds.
    pub duration_us: i64,
    /// Parameter sets.
    pub extradata: Vec<u8>,
    pub codec_tag: u32,
}

impl Clip {
    /// `ignore_edits`: as a weak player that does not know edit lists.
    pub fn open(path: &Path, ignore_edits: bool) -> Self {
        // SAFETY: all objects are owned here and freed at the end; pointers come from FFmpeg.
        unsafe { Self::read(path, ignore_edits, None) }
    }

    /// Decodes after a seek to `seek` (ticks of the picture track), then from there on.
    pub fn open_at(path: &Path, seek: i64) -> Self {
        // SAFETY: as above.
        unsafe { Self::read(path, false, Some(seek)) }
    }

    pub fn first_counter(&self) -> u16 {
        self.counters.first().unwrap().1.unwrap()
    }

    pub fn last_counter(&self) -> u16 {
        self.counters.last().unwrap().1.unwrap()
    }

    unsafe fn read(path: &Path, ignore_edits: bool, seek: Option<i64>) -> Self {
        // SAFETY: as the callers say.
        unsafe {
            let name = CString::new(path.to_str().unwrap()).unwrap();
            let mut options = ptr::null_mut();
            if ignore_edits {
                ffi::av_dict_set(&mut options, c"ignore_editlist".as_ptr(), c"1".as_ptr(), 0);
            }
            let mut format = ptr::null_mut();
            let opened = ffi::avformat_open_input(&mut format, name.as_ptr(), ptr::null(), &mut options);
            assert_eq!(opened, 0, "cannot open {}", path.display());
            ffi::av_dict_free(&mut options);
            assert!(ffi::avformat_find_stream_info(format, ptr::null_mut()) >= 0);
            let streams = slice::from_raw_parts((*format).streams, (*format).nb_streams as usize);
            let mut decoders = Vec::new();
            // A chapter track is last, and nothing to decode.
            let is_decoded = |stream: &&*mut ffi::AVStream| {
                (*(***stream).codecpar).codec_type != ffi::AVMediaType::AVMEDIA_TYPE_DATA
            };
            for &stream in streams.iter().filter(is_decoded) {
                let codec = ffi::avcodec_find_decoder((*(*stream).codecpar).codec_id);
                let context = ffi::avcodec_alloc_context3(codec);
                ffi::avcodec_parameters_to_context(context, (*stream).codecpar);
                (*context).pkt_timebase = (*stream).time_base;
                assert_eq!(ffi::avcodec_open2(context, codec, ptr::null_mut()), 0);
                decoders.push(context);
            }
            let par = &*(*streams[0]).codecpar;
            let mut clip = Self {
                duration_us: (*format).duration,
                extradata: slice::from_raw_parts(par.extradata, par.extradata_size as usize).to_vec(),
                codec_tag: par.codec_tag,
                ..Self::default()
            };
            if let Some(at) = seek {
                assert!(ffi::av_seek_frame(format, 0, at, ffi::AVSEEK_FLAG_BACKWARD) >= 0);
            }
            let mut packet = ffi::av_packet_alloc();
            while ffi::av_read_frame(format, packet) >= 0 {
                let p = &*packet;
                if p.stream_index as usize >= decoders.len() {
                    ffi::av_packet_unref(packet);
                    continue;
                }
                let read = ReadPacket {
                    pts: p.pts,
                    dts: p.dts,
                    dur: p.duration,
                    key: p.flags & ffi::AV_PKT_FLAG_KEY != 0,
                    discard: p.flags & ffi::AV_PKT_FLAG_DISCARD != 0,
                    size: p.size as usize,
                };
                let index = p.stream_index as usize;
                if index == 0 { &mut clip.pictures } else { &mut clip.sounds }.push(read);
                assert!(ffi::avcodec_send_packet(decoders[index], packet) >= 0, "a packet cannot be decoded");
                clip.receive(decoders[index], index);
                ffi::av_packet_unref(packet);
            }
            for (index, decoder) in decoders.iter_mut().enumerate() {
                ffi::avcodec_send_packet(*decoder, ptr::null());
                clip.receive(*decoder, index);
                ffi::avcodec_free_context(decoder);
            }
            ffi::av_packet_free(&mut packet);
            ffi::avformat_close_input(&mut format);
            clip
        }
    }

    unsafe fn receive(&mut self, decoder: *mut ffi::AVCodecContext, index: usize) {
        // SAFETY: the decoder is open; the picture's first plane has height rows.
        unsafe {
            let mut frame = ffi::av_frame_alloc();
            while ffi::avcodec_receive_frame(decoder, frame) == 0 {
                let f = &*frame;
                assert_eq!(f.decode_error_flags, 0, "picture with errors");
                if index == 0 {
                    let stride = f.linesize[0] as usize;
                    let luma = slice::from_raw_parts(f.data[0], stride * f.height as usize);
                    self.counters.push((f.pts, picture::read(luma, stride)));
                } else {
                    self.blocks.push((f.pts, f.nb_samples as usize));
                }
            }
            ffi::av_frame_free(&mut frame);
        }
    }
}
