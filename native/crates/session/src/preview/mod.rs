//! What viewers see live: a second, small, low-delay encoder that runs while somebody watches.
//!
//! It takes its pictures from [`crate::newest::Newest`] and leaves out those that it has no time for, so that the
//! stream that is recorded never waits for it. One encoder serves all viewers of a size.

mod channel;
mod queue;
mod viewer;
mod worker;

use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use clipshot_ffmpeg::PreviewConfig;

use crate::failure::{Failure, Result};
use crate::locked::lock;
use crate::preview::channel::Channel;
use crate::preview::worker::Worker;
use crate::signal::Signal;
use crate::threads::Priority;
use crate::{NoticeKind, Shared, threads};

pub use queue::AccessUnit;
pub use viewer::Viewer;

/// More sizes than these are not encoded at once: who asks for another one gets the nearest.
const MOST_SIZES: usize = 3;
/// The smallest side of a preview.
const LEAST_SIDE: u32 = 16;
/// Bit rates that a preview may have, kbit/s.
const BITRATES: std::ops::RangeInclusive<u32> = 100..=50_000;

/// The previews of a session that somebody watches.
#[derive(Default)]
pub struct Previews {
    channels: Mutex<Vec<Arc<Channel>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What a viewer asks for.
#[derive(Clone, Copy, Debug)]
pub struct PreviewRequest {
    /// Width in pixels that is not passed; 0 is half the session's.
    pub max_width: u32,
    /// The most that is sent, kbit/s.
    pub bitrate_kbps: u32,
}

impl Shared {
    /// A viewer. The first of a size starts its encoder, with its bit rate; the last one ends it.
    ///
    /// # Errors
    /// INVALID_CONFIG names the field; CLOSED; ENCODER_UNAVAILABLE.
    pub fn open_preview(self: &Arc<Self>, request: PreviewRequest) -> Result<Viewer> {
        let config = self.preview_config(request)?;
        let signal = Signal::new()?;
        // Held until the encoder is there, so that two viewers who come at once do not start two.
        let mut channels = lock(&self.previews.channels);
        if !self.is_alive() {
            return Err(Failure::closed());
        }
        let full = channels.len() >= MOST_SIZES;
        let distance = |channel: &&Arc<Channel>| channel.config.width.abs_diff(config.width);
        let nearest = channels.iter().min_by_key(distance).filter(|channel| full || distance(channel) == 0);
        let channel = match nearest {
            Some(channel) => channel.clone(),
            None => {
                let channel = self.start_channel(config)?;
                channels.push(channel.clone());
                channel
            }
        };
        let queue = channel.join(signal)?;
        self.encoded.newest.wake();
        Ok(Viewer::new(self.clone(), channel, queue))
    }

    fn preview_config(&self, request: PreviewRequest) -> Result<PreviewConfig> {
        let PreviewRequest { max_width, bitrate_kbps } = request;
        if (1..LEAST_SIDE).contains(&max_width) {
            return Err(Failure::invalid(
                "max_width",
                format!("{max_width} is below {LEAST_SIDE}; 0 is half the size"),
            ));
        }
        if !BITRATES.contains(&bitrate_kbps) {
            let (least, most) = BITRATES.into_inner();
            return Err(Failure::invalid("bitrate_kbps", format!("{bitrate_kbps} is not within {least} and {most}")));
        }
        let width = if max_width == 0 { self.width / 2 } else { max_width.min(self.width) };
        let width = (width & !1).max(LEAST_SIDE);
        let height = u64::from(self.height) * u64::from(width) / u64::from(self.width);
        let height = (height as u32 & !1).max(LEAST_SIDE);
        Ok(PreviewConfig { width, height, fps: self.fps, bitrate: u64::from(bitrate_kbps) * 1000 })
    }

    fn start_channel(self: &Arc<Self>, config: PreviewConfig) -> Result<Arc<Channel>> {
        let (tell, told) = mpsc::sync_channel(1);
        let (shared, of_failure) = (self.clone(), self.clone());
        // The encoder is opened on its thread: those that it starts take name and priority from there.
        let work = move || {
            threads::lower_priority(Priority::Second);
            match Worker::open(shared, config) {
                Ok(worker) => {
                    // The caller waits for it.
                    let _ = tell.send(Ok(worker.channel()));
                    worker.run()
                }
                Err(failure) => {
                    let _ = tell.send(Err(failure));
                    Ok(())
                }
            }
        };
        let failed = move |failure: Failure| of_failure.notify(NoticeKind::PreviewFailed, failure.message);
        let thread = threads::spawn("cs-preview", work, failed)?;
        let mut running = lock(&self.previews.threads);
        running.retain(|thread| !thread.is_finished());
        running.push(thread);
        drop(running);
        told.recv().unwrap_or_else(|_| Err(Failure::new(crate::Reason::Internal, "the preview did not start")))
    }
}

impl Previews {
    /// A viewer goes. With the last one of a channel nobody can join it any more, and its encoder ends.
    fn leave(&self, channel: &Arc<Channel>, viewer: u64) {
        let mut channels = lock(&self.channels);
        if channel.leave(viewer) {
            channels.retain(|other| !Arc::ptr_eq(other, channel));
        }
    }

    /// An encoder has ended by itself.
    fn remove(&self, channel: &Arc<Channel>) {
        lock(&self.channels).retain(|other| !Arc::ptr_eq(other, channel));
    }

    /// Waits for all encoders; the pictures must have ended.
    pub(crate) fn join(&self) {
        // Not held while joining: a thread that ends needs the list of channels, and who holds that starts threads.
        let threads = std::mem::take(&mut *lock(&self.threads));
        for thread in threads {
            // A panic has become a notice already.
            let _ = thread.join();
        }
    }
}
