//! A still picture for previews and thumbnails.

use std::ptr;

use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::error::{check, failure, out_of_memory};
use crate::frame::AvFrame;
use crate::scale::SWS_AREA;
use crate::{Error, Nv12, Result};

/// Encodes a picture as JPEG, scaled down to at most `max_width` pixels (never up), `quality` 1 to 100.
///
/// # Errors
/// [`Error::InvalidConfig`] for a width below 2 or a quality out of range; otherwise FFmpeg's error.
pub fn jpeg(picture: &Nv12, max_width: u32, quality: u8) -> Result<Vec<u8>> {
    if max_width < 2 {
        return Err(Error::InvalidConfig { field: "max_width", reason: format!("{max_width} is below 2") });
    }
    check_quality(quality)?;
    let width = picture.width().min(max_width & !1);
    let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width());
    let height = (height as u32 & !1).max(2);
    let mut frame = scaled(picture, width, height)?;

    // FFmpeg's scale runs from 1 (best) to 31; 2 is the best that gives standard tables.
    let scale = 2 + (100 - i32::from(quality)) * 29 / 99;
    frame.get_mut().quality = scale * ffi::FF_QP2LAMBDA;
    // SAFETY: the id is one of FFmpeg's.
    let codec = unsafe { ffi::avcodec_find_encoder(ffi::AVCodecID::AV_CODEC_ID_MJPEG) };
    if codec.is_null() {
        return Err(failure("avcodec_find_encoder", ffi::AVERROR_ENCODER_NOT_FOUND));
    }
    let set_up = |context: &mut ffi::AVCodecContext| {
        (context.width, context.height) = (width as i32, height as i32);
        context.pix_fmt = ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P;
        context.color_range = ffi::AVColorRange::AVCOL_RANGE_JPEG;
        context.time_base = ffi::AVRational { num: 1, den: 1 };
        context.flags |= ffi::AV_CODEC_FLAG_QSCALE as i32;
        context.global_quality = scale * ffi::FF_QP2LAMBDA;
        context.thread_count = 1;
    };
    // SAFETY: the codec comes from avcodec_find_encoder.
    let mut encoder = unsafe { Codec::open(codec, set_up, &[]) }?;
    encoder.send_frame(Some(&frame))?;
    encoder.send_frame(None)?;
    let packet = encoder.receive_packet()?;
    packet.map(|p| p.data().to_vec()).ok_or_else(|| Error::UnexpectedStream("no JPEG was made".into()))
}

pub(crate) fn check_quality(quality: u8) -> Result<()> {
    if (1..=100).contains(&quality) {
        return Ok(());
    }
    Err(Error::InvalidConfig { field: "quality", reason: format!("{quality} is not within 1 and 100") })
}

/// The picture in the size and the colours of JPEG: BT.601, full range (JFIF 1.02).
fn scaled(picture: &Nv12, width: u32, height: u32) -> Result<AvFrame> {
    let mut frame = AvFrame::empty()?;
    let raw = frame.get_mut();
    raw.format = ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P as i32;
    (raw.width, raw.height) = (width as i32, height as i32);
    raw.color_range = ffi::AVColorRange::AVCOL_RANGE_JPEG;
    // SAFETY: format and size are set.
    check("av_frame_get_buffer", unsafe { ffi::av_frame_get_buffer(frame.as_ptr(), 0) })?;

    let from = picture.frame().get();
    // SAFETY: sizes and formats are valid; the last three pointers may be null.
    let scaler = unsafe {
        ffi::sws_getContext(
            from.width,
            from.height,
            ffi::AVPixelFormat::AV_PIX_FMT_NV12,
            width as i32,
            height as i32,
            ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P,
            SWS_AREA,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null(),
        )
    };
    if scaler.is_null() {
        return Err(out_of_memory("sws_getContext"));
    }
    // SAFETY: the scaler is valid and freed here; both frames have the sizes that it was made for.
    let done = unsafe {
        let bt709 = ffi::sws_getCoefficients(ffi::SWS_CS_ITU709);
        let bt601 = ffi::sws_getCoefficients(ffi::SWS_CS_ITU601);
        ffi::sws_setColorspaceDetails(scaler, bt709, 0, bt601, 1, 0, 1 << 16, 1 << 16);
        let to = frame.get_mut();
        let done = ffi::sws_scale(
            scaler,
            from.data.as_ptr().cast(),
            from.linesize.as_ptr(),
            0,
            from.height,
            to.data.as_ptr(),
            to.linesize.as_ptr(),
        );
        ffi::sws_freeContext(scaler);
        done
    };
    check("sws_scale", done)?;
    Ok(frame)
}
