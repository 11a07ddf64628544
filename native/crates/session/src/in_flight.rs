//! Pictures on their way through the encoder.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::Shared;

/// Pictures whose packets have not come out, the oldest first. A picture that never gets one, because the encoder
/// skipped it or has failed, counts as lost: those that are left when this is dropped, also by a panic.
pub struct InFlight {
    shared: Arc<Shared>,
    pictures: VecDeque<Picture>,
}

struct Picture {
    pts: i64,
    /// CLOCK_MONOTONIC ns.
    taken_at: u64,
}

impl InFlight {
    /// None yet, of this session.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, pictures: VecDeque::new() }
    }

    /// A picture that the encoder gets now; PTS rise.
    pub fn enter(&mut self, pts: i64, taken_at: u64) {
        self.pictures.push_back(Picture { pts, taken_at });
    }

    /// The packet of a picture came out: when that was taken (ns), none for a packet without a picture.
    pub fn leave(&mut self, pts: i64) -> Option<u64> {
        let skipped = self.pictures.iter().take_while(|picture| picture.pts < pts).count();
        self.pictures.drain(..skipped);
        self.shared.lost_in_encoder(skipped);
        self.pictures.pop_front_if(|picture| picture.pts == pts).map(|picture| picture.taken_at)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.shared.lost_in_encoder(self.pictures.len());
    }
}
