use clap::Parser;
use clipshot_ffmpeg::{RateControl, VideoConfig};

/// Encode the pictures of a screen out of memory, in real time.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// X display to take the pictures from, e.g. `:1`.
    #[arg(long)]
    pub display: String,
    /// Pictures a second.
    #[arg(long, default_value_t = 60)]
    pub fps: u32,
    /// How long to encode.
    #[arg(long, default_value_t = 30)]
    pub seconds: u64,
    /// How many pictures to hold: 3 MB each at 1080p.
    #[arg(long, default_value_t = 90)]
    pub held: usize,
    /// The encoder's preset.
    #[arg(long, default_value = "superfast")]
    pub preset: String,
    /// The encoder's tuning; empty leaves it out.
    #[arg(long, default_value = "zerolatency")]
    pub tune: String,
    /// Average kbit/s; 0 encodes at constant quality instead.
    #[arg(long, default_value_t = 0)]
    pub bitrate_kbps: u64,
    /// Rate factor at constant quality.
    #[arg(long, default_value_t = 23.0)]
    pub crf: f32,
    /// Cap in kbit/s.
    #[arg(long, default_value_t = 20_000)]
    pub max_bitrate_kbps: u64,
}

impl Arguments {
    /// The configuration of a session with these arguments.
    pub fn video(&self, width: u32, height: u32) -> VideoConfig {
        let max_bitrate = Some(self.max_bitrate_kbps * 1000);
        let rate = match self.bitrate_kbps {
            0 => RateControl::Crf { quality: self.crf, max_bitrate },
            kbps => RateControl::Vbr { bitrate: kbps * 1000, max_bitrate },
        };
        VideoConfig {
            width,
            height,
            fps: self.fps,
            rate,
            preset: self.preset.clone(),
            tune: (!self.tune.is_empty()).then(|| self.tune.clone()),
            ..VideoConfig::default()
        }
    }
}
