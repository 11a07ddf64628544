//! Still pictures for people: screenshots.

use std::ffi::CStr;
use std::ptr;

use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::error::{check, out_of_memory};
use crate::frame::AvFrame;
use crate::jpeg::check_quality;
use crate::scale::SWS_AREA;
use crate::{Error, Nv12, Result};

/// File formats of still pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StillFormat {
    /// Exact, of pixels; of a picture that was converted for the encoder, as exact as that is.
    Png,
    /// JFIF, 4:2:0.
    Jpeg,
    /// WebP, with losses.
    WebP,
}

/// An encoded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Still {
    /// Format of the data.
    pub format: StillFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file.
    pub data: Vec<u8>,
}

/// How to encode one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StillOptions {
    /// File format.
    pub format: StillFormat,
    /// 1 to 100; means nothing to PNG.
    pub quality: u8,
    /// Scaled down to this width, never up; 0 for no limit.
    pub max_width: u32,
}

/// What to encode.
pub enum StillSource<'a> {
    /// A session's picture.
    Nv12(&'a Nv12),
    /// Four bytes a pixel: blue, green, red, and one without meaning.
    Bgra {
        /// The pixels.
        pixels: &'a [u8],
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes from one row to the next.
        stride: usize,
    },
}

impl StillFormat {
    /// Name of FFmpeg's encoder.
    fn encoder(self) -> &'static CStr {
        match self {
            Self::Png => c"png",
            Self::Jpeg => c"mjpeg",
            Self::WebP => c"libwebp",
        }
    }

    fn pixels(self) -> ffi::AVPixelFormat {
        match self {
            Self::Png => ffi::AVPixelFormat::AV_PIX_FMT_RGB24,
            Self::Jpeg => ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P,
            Self::WebP => ffi::AVPixelFormat::AV_PIX_FMT_YUV420P,
        }
    }

    /// Colours of JFIF 1.02 and of WebP (VP8): BT.601, JPEG in full range.
    fn is_full_range(self) -> bool {
        self == Self::Jpeg
    }
}

impl StillSource<'_> {
    fn size(&self) -> (u32, u32) {
        match self {
            Self::Nv12(picture) => (picture.width(), picture.height()),
            Self::Bgra { width, height, .. } => (*width, *height),
        }
    }

    /// Format, and first byte and row length of the planes, which are only read.
    fn planes(&self) -> Result<(ffi::AVPixelFormat, [*const u8; 4], [i32; 4])> {
        match self {
            Self::Nv12(picture) => {
                let frame = picture.frame().get();
                let data = [frame.data[0].cast_const(), frame.data[1].cast_const(), ptr::null(), ptr::null()];
                Ok((ffi::AVPixelFormat::AV_PIX_FMT_NV12, data, [frame.linesize[0], frame.linesize[1], 0, 0]))
            }
            Self::Bgra { pixels, width, height, stride } => {
                let row = *width as usize * 4;
                let needed = stride.saturating_mul((*height as usize).saturating_sub(1)).saturating_add(row);
                let stride = i32::try_from(*stride).ok().filter(|_| *stride >= row && pixels.len() >= needed);
                let (width, height) = (*width, *height);
                let stride = stride.ok_or(Error::WrongSize { width, height, got_width: 0, got_height: 0 })?;
                let data = [pixels.as_ptr(), ptr::null(), ptr::null(), ptr::null()];
                Ok((ffi::AVPixelFormat::AV_PIX_FMT_BGR0, data, [stride, 0, 0, 0]))
            }
        }
    }
}

/// Encodes a picture.
///
/// # Errors
/// [`Error::InvalidConfig`] for a quality out of range, [`Error::EncoderUnavailable`] when FFmpeg was built without the
/// format, [`Error::WrongSize`] for too few pixels; otherwise FFmpeg's error.
pub fn still(source: &StillSource<'_>, options: StillOptions) -> Result<Still> {
    let StillOptions { format, quality, max_width } = options;
    check_quality(quality)?;
    let (own_width, own_height) = source.size();
    let (width, height) = match max_width {
        0 => (own_width, own_height),
        most if most >= own_width => (own_width, own_height),
        most => (most, (u64::from(own_height) * u64::from(most) / u64::from(own_width)).max(1) as u32),
    };
    let frame = converted(source, format, width, height)?;
    // SAFETY: the name is a C string.
    let codec = unsafe { ffi::avcodec_find_encoder_by_name(format.encoder().as_ptr()) };
    if codec.is_null() {
        let name = format.encoder().to_string_lossy().into_owned();
        let reason = "FFmpeg was built without it; choose another format".into();
        return Err(Error::EncoderUnavailable { name, reason });
    }
    // mjpeg's scale runs from 1 (best) to 31; 2 is the best that gives standard tables.
    let scale = (2 + (100 - i32::from(quality)) * 29 / 99) * ffi::FF_QP2LAMBDA;
    let set_up = |context: &mut ffi::AVCodecContext| {
        (context.width, context.height) = (width as i32, height as i32);
        context.pix_fmt = format.pixels();
        context.time_base = ffi::AVRational { num: 1, den: 1 };
        context.thread_count = 1;
        if format == StillFormat::Jpeg {
            context.color_range = ffi::AVColorRange::AVCOL_RANGE_JPEG;
            context.flags |= ffi::AV_CODEC_FLAG_QSCALE as i32;
            context.global_quality = scale;
        }
    };
    let quality = quality.to_string();
    let options: &[(&str, &str)] = if format == StillFormat::WebP { &[("quality", &quality)] } else { &[] };
    // SAFETY: the codec comes from avcodec_find_encoder_by_name.
    let mut encoder = unsafe { Codec::open(codec, set_up, options) }?;
    let mut frame = frame;
    frame.get_mut().quality = scale;
    encoder.send_frame(Some(&frame))?;
    encoder.send_frame(None)?;
    let packet = encoder.receive_packet()?;
    let packet = packet.ok_or_else(|| Error::UnexpectedStream("no still picture was made".into()))?;
    Ok(Still { format, width, height, data: packet.data().to_vec() })
}

/// The picture in the size and the colours of the format.
fn converted(source: &StillSource<'_>, format: StillFormat, width: u32, height: u32) -> Result<AvFrame> {
    let (from_format, planes, strides) = source.planes()?;
    let (from_width, from_height) = source.size();
    let mut frame = AvFrame::empty()?;
    let raw = frame.get_mut();
    raw.format = format.pixels() as i32;
    (raw.width, raw.height) = (width as i32, height as i32);
    // SAFETY: format and size are set.
    check("av_frame_get_buffer", unsafe { ffi::av_frame_get_buffer(frame.as_ptr(), 0) })?;
    // SAFETY: sizes and formats are valid; the last three pointers may be null.
    let scaler = unsafe {
        ffi::sws_getContext(
            from_width as i32,
            from_height as i32,
            from_format,
            width as i32,
            height as i32,
            format.pixels(),
            SWS_AREA,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null(),
        )
    };
    if scaler.is_null() {
        return Err(out_of_memory("sws_getContext"));
    }
    // SAFETY: the scaler is valid and freed here; the planes have the size that it was made for (`planes` checked),
    // as has the frame.
    let done = unsafe {
        let bt709 = ffi::sws_getCoefficients(ffi::SWS_CS_ITU709);
        let bt601 = ffi::sws_getCoefficients(ffi::SWS_CS_ITU601);
        // Refused where neither side has luma and chroma, and then not needed.
        let full = i32::from(format.is_full_range());
        ffi::sws_setColorspaceDetails(scaler, bt709, 0, bt601, full, 0, 1 << 16, 1 << 16);
        let to = frame.get_mut();
        let done = ffi::sws_scale(
            scaler,
            planes.as_ptr(),
            strides.as_ptr(),
            0,
            from_height as i32,
            to.data.as_ptr(),
            to.linesize.as_ptr(),
        );
        ffi::sws_freeContext(scaler);
        done
    };
    check("sws_scale", done)?;
    if format == StillFormat::Jpeg {
        frame.get_mut().color_range = ffi::AVColorRange::AVCOL_RANGE_JPEG;
    }
    Ok(frame)
}
