//! How encoders on a chip are set up: low delay, no B-frames, keyframes only where they are asked for.

use std::ffi::CString;

use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::registry::{EncoderInfo, RateControlKind};
use crate::upload::Upload;
use crate::{Error, RateControl, Result, VideoConfig, x264};

use RateControlKind::{Cbr, Crf, Vbr};

/// What differs from the others.
const NONE: EncoderInfo = EncoderInfo {
    name: "",
    codec: "h264",
    hardware: true,
    vendor: "",
    needs: "",
    max_width: 4096,
    max_height: 4096,
    max_fps: 240,
    presets: &[],
    tunes: &[],
    rate_controls: &[Cbr, Vbr],
    max_lookahead: 0,
    rate_changes: false,
};

/// NVENC (NVIDIA Video Codec SDK: presets P1 to P7, H.264 up to 4096 pixels).
pub(crate) const NVENC: EncoderInfo = EncoderInfo {
    name: "h264_nvenc",
    vendor: "NVIDIA",
    needs: "an NVIDIA GPU with NVENC and its driver (libcuda, libnvidia-encode)",
    presets: &["p1", "p2", "p3", "p4", "p5", "p6", "p7"],
    rate_controls: &[Crf, Cbr, Vbr],
    ..NONE
};

/// Quick Sync Video.
pub(crate) const QSV: EncoderInfo = EncoderInfo {
    name: "h264_qsv",
    vendor: "Intel",
    needs: "an Intel GPU with Quick Sync Video and its runtime (libmfx or oneVPL)",
    presets: &["veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"],
    ..NONE
};

/// VA-API.
pub(crate) const VAAPI: EncoderInfo = EncoderInfo {
    name: "h264_vaapi",
    vendor: "VA-API (AMD, Intel)",
    needs: "a GPU that encodes H.264 by VA-API, with its driver, and access to its render node (/dev/dri/renderD128)",
    ..NONE
};

/// AMD's Advanced Media Framework.
pub(crate) const AMF: EncoderInfo = EncoderInfo {
    name: "h264_amf",
    vendor: "AMD",
    needs: "an AMD GPU and its AMF runtime (libamfrt64)",
    presets: &["speed", "balanced", "quality"],
    ..NONE
};

/// Stateful encoders of small boards, by the kernel's interface.
pub(crate) const V4L2: EncoderInfo = EncoderInfo {
    name: "h264_v4l2m2m",
    vendor: "Video4Linux",
    needs: "a chip with an H.264 encoder that the kernel offers as a memory-to-memory device (/dev/video*)",
    max_width: 1920,
    max_height: 1920,
    rate_controls: &[Vbr],
    ..NONE
};

/// Quick Sync holds the length of a GOP in 16 bits.
const LONGEST_GOP_16_BIT: i32 = u16::MAX as i32;

/// An open encoder, and the way of the pictures to it.
pub(crate) struct Opened {
    pub codec: Codec,
    pub upload: Option<Upload>,
}

/// Opens one of the encoders above.
///
/// # Errors
/// FFmpeg's libraries lack it, or it cannot do what is asked for, or there is no device.
pub(crate) fn open(config: &VideoConfig, info: &EncoderInfo) -> Result<Opened> {
    let name = CString::new(info.name).map_err(|_| Error::UnexpectedStream("zero byte in a name".into()))?;
    // SAFETY: the name is a C string.
    let codec = unsafe { ffi::avcodec_find_encoder_by_name(name.as_ptr()) };
    if codec.is_null() {
        let reason = "these FFmpeg libraries are built without it".into();
        return Err(Error::EncoderUnavailable { name: info.name.into(), reason });
    }
    let upload = match info.name {
        "h264_vaapi" => Some(Upload::vaapi(config.width as i32, config.height as i32)?),
        _ => None,
    };
    let quality = match config.rate {
        RateControl::Crf { quality, .. } => quality.to_string(),
        _ => String::new(),
    };
    let options = options(config, &quality);
    let set_up = |context: &mut ffi::AVCodecContext| {
        (context.width, context.height) = (config.width as i32, config.height as i32);
        context.pix_fmt = ffi::AVPixelFormat::AV_PIX_FMT_NV12;
        if let Some(upload) = &upload {
            upload.attach(context);
        }
        context.time_base = ffi::AVRational { num: 1, den: config.fps as i32 };
        context.framerate = ffi::AVRational { num: config.fps as i32, den: 1 };
        context.gop_size = if info.name == "h264_qsv" { LONGEST_GOP_16_BIT } else { x264::NO_KEYFRAMES_OF_ITS_OWN };
        context.max_b_frames = 0;
        context.flags |= ffi::AV_CODEC_FLAG_GLOBAL_HEADER as i32;
        x264::describe_colours(context);
        x264::limit(context, config.rate, x264::RECORDED_BUFFER);
    };
    // SAFETY: the codec comes from avcodec_find_encoder_by_name.
    let codec = unsafe { Codec::open(codec, set_up, &options) }?;
    Ok(Opened { codec, upload })
}

/// Each encoder's own options (`ffmpeg -h encoder=NAME`).
fn options<'a>(config: &'a VideoConfig, quality: &'a str) -> Vec<(&'static str, &'a str)> {
    let constant = config.rate.kind() == Cbr;
    let mode = |cbr: &'static str, other: &'static str| if constant { cbr } else { other };
    let mut options: Vec<(&str, &str)> = match config.encoder.as_str() {
        "h264_nvenc" => {
            vec![("tune", "ull"), ("zerolatency", "1"), ("delay", "0"), ("forced-idr", "1"), ("rc", mode("cbr", "vbr"))]
        }
        // Constant where average and limit are the same, which they are set to.
        "h264_qsv" => vec![("async_depth", "1"), ("forced_idr", "1")],
        "h264_vaapi" => vec![("async_depth", "1"), ("rc_mode", mode("CBR", "VBR"))],
        "h264_amf" => vec![("usage", "lowlatency"), ("rc", mode("cbr", "vbr_latency"))],
        _ => vec![],
    };
    if config.rate.kind() == Crf {
        options.push(("cq", quality));
    }
    if !config.preset.is_empty() {
        options.push((if config.encoder == "h264_amf" { "quality" } else { "preset" }, &config.preset));
    }
    options
}
