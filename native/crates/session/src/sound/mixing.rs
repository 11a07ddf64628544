//! cs-sound: blocks of all inputs at the same time, encoded.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clipshot_capture::sound::SoundEvent;
use clipshot_ffmpeg::{AAC_FRAMES, AudioEncoder};
use clipshot_media::{Packet, monotonic_ns};
use clipshot_sound::CHANNELS;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::input::{Input, Presence, frame_at, time_of};
use super::mixdown::Mixdown;
use super::track::Sound;
use crate::failure::Result;
use crate::{NoticeKind, Shared};

/// How long the thread sleeps at most.
const STEP: Duration = Duration::from_millis(10);
/// The first frame that is encoded. The encoder's packets begin one packet before, so their times begin with 0.
pub const FIRST_FRAME: i64 = AAC_FRAMES as i64;

/// The thread's own state.
pub struct Mixing {
    pub shared: Arc<Shared>,
    pub sound: Arc<Sound>,
    pub events: Receiver<(usize, SoundEvent)>,
    pub inputs: Vec<(Input, AudioEncoder)>,
    pub mixdown: Option<Mixdown>,
    pub packets: Sender<Packet>,
    /// Session frame of the next block.
    pub next: i64,
}

impl Mixing {
    /// Encodes until the sound is stopped.
    pub fn run(mut self) -> Result<()> {
        let mut end = None;
        loop {
            let stopped = self.sound.stop_flag().load(Ordering::Acquire);
            if stopped && end.is_none() {
                end = Some(frame_at(self.shared.clock.ticks_at(monotonic_ns())));
            }
            if end.is_some_and(|end| self.next >= end) {
                return self.finish();
            }
            self.hear()?;
            while self.is_block_ready() {
                self.encode_block()?;
            }
            self.report();
        }
    }

    /// Takes in what has happened, waiting a moment for something.
    fn hear(&mut self) -> Result<()> {
        let mut event = match self.events.recv_timeout(STEP) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(STEP);
                None
            }
        };
        while let Some((index, what)) = event {
            if let Some((input, _)) = self.inputs.get_mut(index) {
                input.hear(what)?;
            }
            event = self.events.try_recv().ok();
        }
        Ok(())
    }

    fn is_block_ready(&self) -> bool {
        let end = self.next + AAC_FRAMES as i64;
        let late = monotonic_ns().checked_sub(time_of(end, self.shared.clock.origin_ns()));
        late.is_some_and(|late| self.inputs.iter().all(|(input, _)| input.is_ready(end, late)))
    }

    fn encode_block(&mut self) -> Result<()> {
        let mut packets = Vec::new();
        let mut block = vec![0.0; AAC_FRAMES * CHANNELS];
        let first = usize::from(self.mixdown.is_some());
        for (index, (input, encoder)) in self.inputs.iter_mut().enumerate() {
            input.take(self.next, self.sound.track(first + index), &mut block);
            if let Some(mixdown) = &mut self.mixdown {
                mixdown.add(&block);
            }
            packets.extend(encoder.encode(&block, self.next)?);
        }
        if let Some(mixdown) = &mut self.mixdown {
            packets.extend(mixdown.encode(self.sound.track(0))?);
        }
        self.next += AAC_FRAMES as i64;
        self.hand_on(packets);
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        let mut packets = Vec::new();
        for (_, encoder) in &mut self.inputs {
            packets.extend(encoder.finish()?);
        }
        if let Some(mixdown) = &mut self.mixdown {
            packets.extend(mixdown.finish(self.sound.track(0))?);
        }
        self.hand_on(packets);
        Ok(())
    }

    fn hand_on(&self, mut packets: Vec<Packet>) {
        packets.sort_by_key(|packet| (packet.meta.pts, packet.meta.track));
        // The mixdown is the last to have its packet; all tracks have the same packet borders.
        let slowest = if self.mixdown.is_some() { 1 } else { self.inputs.len() };
        let until = packets.iter().filter(|p| usize::from(p.meta.track) <= slowest).map(|p| p.meta.end()).max();
        for packet in packets {
            // The spine outlives this thread unless it failed, which it has reported then.
            let _ = self.packets.send(packet);
        }
        if let Some(until) = until {
            self.sound.sent(until);
        }
    }

    fn report(&mut self) {
        let first = usize::from(self.mixdown.is_some());
        for (index, (input, _)) in self.inputs.iter_mut().enumerate() {
            let kind = match input.report() {
                Some(Presence::Lost) => NoticeKind::AudioLost,
                Some(Presence::Back) => NoticeKind::AudioBack,
                None => continue,
            };
            self.shared.notify(kind, self.sound.track(first + index).device_id.clone());
        }
    }
}

impl Drop for Mixing {
    /// However it ended, nobody waits for sound any more.
    fn drop(&mut self) {
        self.sound.stop();
        self.sound.end();
    }
}
