//! How libx264 is set up, for the stream and for the head of a clip.

use std::time::Duration;

use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::registry::{EncoderInfo, RateControlKind};
use crate::{Error, RateControl, Result};

/// What libx264 can do (`x264 --fullhelp`; sizes: level 6.2 of H.264).
pub(crate) const INFO: EncoderInfo = EncoderInfo {
    name: "libx264",
    codec: "h264",
    hardware: false,
    vendor: "VideoLAN x264",
    needs: "",
    max_width: 8192,
    max_height: 8192,
    max_fps: 240,
    presets: &["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"],
    tunes: &["zerolatency", "film", "animation", "grain", "stillimage", "fastdecode"],
    rate_controls: &[RateControlKind::Crf, RateControlKind::Cbr, RateControlKind::Vbr],
    max_lookahead: 250,
    rate_changes: true,
};

/// x264's "no limit" for the distance of keyframes (X264_KEYINT_MAX_INFINITE).
pub(crate) const NO_KEYFRAMES_OF_ITS_OWN: i32 = 1 << 30;

/// The buffer of what is recorded: its bit rate is held over each second.
pub(crate) const RECORDED_BUFFER: Duration = Duration::from_secs(1);

/// Everything that differs between the uses.
pub(crate) struct Setup<'a> {
    pub width: i32,
    pub height: i32,
    pub format: ffi::AVPixelFormat,
    /// Of the times of the frames given.
    pub time_base: ffi::AVRational,
    pub fps: u32,
    pub rate: RateControl,
    pub preset: &'a str,
    pub tune: Option<&'a str>,
    pub lookahead: u32,
    /// Id of the parameter sets.
    pub set_id: u32,
    /// How long the decoder's buffer takes to fill at the highest bit rate: the limit holds over this time.
    pub buffer: Duration,
    /// Most threads; 0 is as many as x264 finds right.
    pub threads: u32,
}

/// Opens libx264 without B-frames, with closed GOPs, and with IDR pictures only where the caller asks for them.
///
/// A scene cut must not place a keyframe: the ring cuts its segments by time.
pub(crate) fn open(setup: &Setup) -> Result<Codec> {
    // SAFETY: the name is a C string.
    let codec = unsafe { ffi::avcodec_find_encoder_by_name(c"libx264".as_ptr()) };
    if codec.is_null() {
        let reason = "these FFmpeg libraries are built without libx264".into();
        return Err(Error::EncoderUnavailable { name: INFO.name.into(), reason });
    }
    let lookahead = setup.lookahead.to_string();
    let params = format!("sps-id={}", setup.set_id);
    let quality;
    let mut options = vec![
        ("preset", setup.preset),
        ("bf", "0"),
        ("sc_threshold", "0"),
        ("forced-idr", "1"),
        ("rc-lookahead", &lookahead),
        ("x264-params", &params),
    ];
    if let Some(tune) = setup.tune {
        options.push(("tune", tune));
    }
    if let RateControl::Crf { quality: q, .. } = setup.rate {
        quality = q.to_string();
        options.push(("crf", &quality));
    }
    let set_up = |context: &mut ffi::AVCodecContext| {
        (context.width, context.height) = (setup.width, setup.height);
        context.pix_fmt = setup.format;
        context.time_base = setup.time_base;
        context.framerate = ffi::AVRational { num: setup.fps as i32, den: 1 };
        context.gop_size = NO_KEYFRAMES_OF_ITS_OWN;
        context.flags |= ffi::AV_CODEC_FLAG_GLOBAL_HEADER as i32;
        context.thread_count = setup.threads as i32;
        describe_colours(context);
        limit(context, setup.rate, setup.buffer);
    };
    // SAFETY: the codec comes from avcodec_find_encoder_by_name.
    unsafe { Codec::open(codec, set_up, &options) }
}

/// Changes the rate control of a running encoder: the next picture is encoded by it, as what it would have been anyway.
///
/// The change must be one that [`crate::VideoConfig::with_rate`] allows: x264 ignores all others.
pub(crate) fn set_rate(codec: &mut Codec, rate: RateControl, buffer: Duration) -> Result<()> {
    if let RateControl::Crf { quality, .. } = rate {
        codec.set_option(c"crf", &quality.to_string())?;
    }
    limit(codec.context(), rate, buffer);
    Ok(())
}

/// Says of the pictures what [`crate::Nv12`] makes of them: BT.709, limited range.
pub(crate) fn describe_colours(context: &mut ffi::AVCodecContext) {
    context.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
    context.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
    context.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
    context.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
}

/// Writes the bit rates into the context, from where the wrapper of libx264 takes them with each picture.
pub(crate) fn limit(context: &mut ffi::AVCodecContext, rate: RateControl, buffer: Duration) {
    context.bit_rate = match rate {
        RateControl::Crf { .. } => 0,
        RateControl::Cbr { bitrate } | RateControl::Vbr { bitrate, .. } => bitrate as i64,
    };
    if let Some(most) = rate.limit() {
        context.rc_max_rate = most as i64;
        // Validation keeps a second's worth within 31 bits, and no buffer is longer.
        context.rc_buffer_size = (most as f64 * buffer.as_secs_f64()) as i32;
    }
}
