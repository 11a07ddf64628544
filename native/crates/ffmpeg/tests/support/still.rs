//! Reads a JPEG's size and the colour in its middle.

use std::ffi::CString;
use std::path::Path;
use std::{ptr, slice};

use ffmpeg_sys_next as ffi;

/// Width, height, and blue, green and red in the middle.
pub fn read(path: &Path) -> (i32, i32, [u8; 3]) {
    // SAFETY: all objects are owned here and freed at the end; pointers come from FFmpeg.
    unsafe {
        let name = CString::new(path.to_str().unwrap()).unwrap();
        let mut format = ptr::null_mut();
        assert_eq!(ffi::avformat_open_input(&mut format, name.as_ptr(), ptr::null(), ptr::null_mut()), 0);
        assert!(ffi::avformat_find_stream_info(format, ptr::null_mut()) >= 0);
        let par = (**(*format).streams).codecpar;
        let codec = ffi::avcodec_find_decoder((*par).codec_id);
        let mut context = ffi::avcodec_alloc_context3(codec);
        ffi::avcodec_parameters_to_context(context, par);
        assert_eq!(ffi::avcodec_open2(context, codec, ptr::null_mut()), 0);
        let (mut packet, mut frame) = (ffi::av_packet_alloc(), ffi::av_frame_alloc());
        assert_eq!(ffi::av_read_frame(format, packet), 0);
        assert_eq!(ffi::avcodec_send_packet(context, packet), 0);
        ffi::avcodec_send_packet(context, ptr::null());
        assert_eq!(ffi::avcodec_receive_frame(context, frame), 0);
        let f = &*frame;
        assert_eq!(f.format, ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P as i32);
        let at = |plane: usize, x: i32, y: i32| {
            let stride = f.linesize[plane];
            f64::from(slice::from_raw_parts(f.data[plane], (stride * (y + 1)) as usize)[(stride * y + x) as usize])
        };
        let (x, y) = (f.width / 2, f.height / 2);
        let (luma, cb, cr) = (at(0, x, y), at(1, x / 2, y / 2) - 128.0, at(2, x / 2, y / 2) - 128.0);
        // JFIF 1.02: BT.601, full range.
        let colour = [luma + 1.772 * cb, luma - 0.344_136 * cb - 0.714_136 * cr, luma + 1.402 * cr];
        let result = (f.width, f.height, colour.map(|c| c.round().clamp(0.0, 255.0) as u8));
        ffi::av_frame_free(&mut frame);
        ffi::av_packet_free(&mut packet);
        ffi::avcodec_free_context(&mut context);
        ffi::avformat_close_input(&mut format);
        result
    }
}
