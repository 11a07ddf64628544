//! A synthetic sound track: AAC at 48 kHz of a 440 Hz tone.

use std::ptr;

use clipshot_ffmpeg::TrackParameters;
use clipshot_media::{Meta, Packet};
use ffmpeg_sys_next as ffi;

const RATE: i32 = 48_000;
const BLOCK: i32 = 1024;

pub struct Tone {
    context: *mut ffi::AVCodecContext,
    next: i64,
}

impl Tone {
    /// First sample at `start` (48 kHz).
    pub fn new(start: i64) -> Self {
        // SAFETY: plain set-up of an encoder that this object owns.
        unsafe {
            let codec = ffi::avcodec_find_encoder(ffi::AVCodecID::AV_CODEC_ID_AAC);
            let context = ffi::avcodec_alloc_context3(codec);
            (*context).sample_fmt = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP;
            (*context).sample_rate = RATE;
            (*context).bit_rate = 96_000;
            (*context).time_base = ffi::AVRational { num: 1, den: RATE };
            (*context).flags |= ffi::AV_CODEC_FLAG_GLOBAL_HEADER as i32;
            ffi::av_channel_layout_default(&mut (*context).ch_layout, 1);
            assert_eq!(ffi::avcodec_open2(context, codec, ptr::null_mut()), 0);
            Self { context, next: start }
        }
    }

    pub fn parameters(&self) -> TrackParameters {
        // SAFETY: the context is open.
        unsafe { TrackParameters::of_context(self.context, RATE as u32).unwrap() }
    }

    /// The packets of all whole blocks before `end`.
    pub fn until(&mut self, end: i64) -> Vec<Packet> {
        let mut packets = Vec::new();
        while self.next + i64::from(BLOCK) <= end {
            self.send_block();
            packets.extend(self.receive());
        }
        packets
    }

    fn send_block(&mut self) {
        // SAFETY: the frame is owned here and has one plane of BLOCK floats.
        unsafe {
            let mut frame = ffi::av_frame_alloc();
            (*frame).format = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP as i32;
            (*frame).nb_samples = BLOCK;
            (*frame).sample_rate = RATE;
            ffi::av_channel_layout_default(&mut (*frame).ch_layout, 1);
            assert_eq!(ffi::av_frame_get_buffer(frame, 0), 0);
            let samples = (*frame).data[0].cast::<f32>();
            for i in 0..BLOCK {
                let t = (self.next + i64::from(i)) as f32 / RATE as f32;
                *samples.add(i as usize) = (t * 440.0 * std::f32::consts::TAU).sin() * 0.5;
            }
            (*frame).pts = self.next;
            assert_eq!(ffi::avcodec_send_frame(self.context, frame), 0);
            ffi::av_frame_free(&mut frame);
        }
        self.next += i64::from(BLOCK);
    }

    fn receive(&mut self) -> Vec<Packet> {
        let mut packets = Vec::new();
        // SAFETY: the packet is owned here; its data is copied before it is freed.
        unsafe {
            let mut packet = ffi::av_packet_alloc();
            while ffi::avcodec_receive_packet(self.context, packet) == 0 {
                let p = &*packet;
                let meta = Meta { track: 1, key: true, pts: p.pts, dts: p.dts, dur: i64::from(BLOCK) };
                let data = std::slice::from_raw_parts(p.data, p.size as usize).to_vec();
                packets.push(Packet { meta, data });
            }
            ffi::av_packet_free(&mut packet);
        }
        packets
    }
}

impl Drop for Tone {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::avcodec_free_context(&mut self.context) }
    }
}
