//! cs-preview: the newest picture in, access units out.

use std::sync::Arc;

use clipshot_ffmpeg::{Nv12, PreviewConfig, PreviewEncoder, Scaler};
use clipshot_media::{VIDEO_TIMESCALE, monotonic_ns};

use crate::Shared;
use crate::failure::Result;
use crate::newest::{Look, Seen, Shown};
use crate::preview::channel::{Channel, KEYFRAME_DISTANCE_NS};
use crate::preview::queue::AccessUnit;

/// Without anybody asking a keyframe comes this often: who joins has one made, so it only bounds damage.
const KEYFRAME_TICKS: i64 = 10 * VIDEO_TIMESCALE as i64;
/// When a keyframe is asked for and this long, ns, no new picture came, the screen stands still: it is made of the one
/// that is there. A moving screen shows a new one by then.
const STILL_NS: u64 = 50_000_000;

/// The thread's own state.
pub struct Worker {
    shared: Arc<Shared>,
    channel: Arc<Channel>,
    encoder: PreviewEncoder,
    scaled: Option<(Scaler, Nv12)>,
    /// PTS of the last picture that was new.
    seen: Option<i64>,
    last: Option<Last>,
}

/// What was encoded last.
#[derive(Clone, Copy)]
struct Last {
    sequence: u64,
    pts: i64,
    at_ns: u64,
    key_pts: i64,
    key_at_ns: u64,
}

impl Worker {
    /// Opens the encoder.
    pub fn open(shared: Arc<Shared>, config: PreviewConfig) -> Result<Self> {
        let encoder = PreviewEncoder::open(&config)?;
        let channel = Arc::new(Channel::new(config, encoder.codec_name().to_owned()));
        Ok(Self { shared, channel, encoder, scaled: None, seen: None, last: None })
    }

    /// What viewers share with it.
    pub fn channel(&self) -> Arc<Channel> {
        self.channel.clone()
    }

    /// Encodes until the last viewer or the last picture has gone.
    pub fn run(mut self) -> Result<()> {
        let shared = self.shared.clone();
        loop {
            let (shown, repeated) = match shared.encoded.newest.look(self.seen, || self.decide()) {
                Seen::New(shown) => (shown, false),
                Seen::Same(shown) => (shown, true),
                Seen::End => return Ok(()),
            };
            self.seen = Some(shown.pts);
            self.encode(&shown, repeated)?;
        }
    }

    fn decide(&self) -> Look {
        if self.channel.has_ended() {
            Look::Away
        } else if let (true, Some(last)) = (self.channel.is_keyframe_asked(), self.last) {
            Look::Again((last.key_at_ns + KEYFRAME_DISTANCE_NS).max(last.at_ns + STILL_NS))
        } else {
            Look::On
        }
    }

    fn encode(&mut self, shown: &Shown, repeated: bool) -> Result<()> {
        let now = monotonic_ns();
        // A repeated picture is what the screen still shows.
        let (captured_at, pts) =
            if repeated { (now, self.shared.clock.ticks_at(now)) } else { (shown.taken_at, shown.pts) };
        let pts = self.last.map_or(pts, |last| pts.max(last.pts + 1));
        let key = self.last.is_none_or(|last| {
            let asked = self.channel.is_keyframe_asked() && now >= last.key_at_ns + KEYFRAME_DISTANCE_NS;
            asked || pts - last.key_pts >= KEYFRAME_TICKS
        });
        let picture = self.scaled(&shown.picture)?;
        let data = self.encoder.encode(&picture, pts, key)?.into();
        let sequence = self.last.map_or(0, |last| last.sequence + 1);
        let (key_pts, key_at_ns) = match self.last {
            Some(last) if !key => (last.key_pts, last.key_at_ns),
            _ => (pts, now),
        };
        self.last = Some(Last { sequence, pts, at_ns: now, key_pts, key_at_ns });
        self.channel.publish(AccessUnit { sequence, key, pts, captured_at, ready_at: monotonic_ns(), data });
        Ok(())
    }

    fn scaled(&mut self, picture: &Nv12) -> Result<Nv12> {
        let PreviewConfig { width, height, .. } = self.channel.config;
        if (picture.width(), picture.height()) == (width, height) {
            return Ok(picture.clone());
        }
        let (scaler, scaled) = match &mut self.scaled {
            Some(scaled) => scaled,
            None => {
                let scaled = Nv12::new(width, height)?;
                self.scaled.insert((Scaler::new(picture, &scaled)?, scaled))
            }
        };
        scaler.scale(picture, scaled)?;
        Ok(scaled.clone())
    }
}

impl Drop for Worker {
    /// However it ended, the viewers are told.
    fn drop(&mut self) {
        self.channel.end();
        self.shared.previews.remove(&self.channel);
    }
}
