//! One input: the stream it is recorded from, while there is one.

use std::cell::Cell;
use std::rc::Rc;

use clipshot_media::monotonic_ns;
use clipshot_sound::{CHANNELS, Reading, SAMPLE_RATE};
use libpulse_binding as pulse;
use pulse::def::BufferAttr;
use pulse::sample::{Format, Spec};
use pulse::stream::{FlagSet, PeekResult, State, Stream};

use super::catalog::Target;
use super::connection::Connection;
use crate::sound::SoundEvent;

const FRAME_BYTES: usize = size_of::<f32>() * CHANNELS;
/// The server hands over this much at a time: 10 ms.
const FRAGMENT: u32 = SAMPLE_RATE / 100 * FRAME_BYTES as u32;
/// What the server keeps for us while we do not read: 2 s; what is beyond is lost and becomes silence.
const MOST: u32 = 2 * SAMPLE_RATE * FRAME_BYTES as u32;
/// How often the server is asked for the time: quickly until the clock is settled, then four times a second.
const FIRST_READINGS: u32 = 16;
const FIRST_INTERVAL_NS: u64 = 20_000_000;
const INTERVAL_NS: u64 = 250_000_000;
/// An answer that takes this long is not waited for: the next question may be answered sooner.
const ANSWER_NS: u64 = 2_000_000_000;

/// A stream that the server feeds.
pub struct Recording {
    stream: Stream,
    target: Target,
    opened: bool,
    /// Frames read so far, holes included.
    position: u64,
    readings: u32,
    asked_at: u64,
    /// When the answer came, and whether it is one; none while there is no new answer.
    answer: Rc<Cell<Option<(u64, bool)>>>,
    waiting: bool,
}

impl Recording {
    /// Asks for a stream; it is there when it has been `Opened`.
    pub fn start(connection: &mut Connection, target: Target) -> Option<Self> {
        let spec = Spec { format: Format::FLOAT32NE, channels: CHANNELS as u8, rate: SAMPLE_RATE };
        let mut stream = Stream::new(&mut connection.context, "Recording", &spec, None)?;
        if let Some(index) = target.stream {
            stream.set_monitor_stream(index).ok()?;
        }
        let buffer =
            BufferAttr { maxlength: MOST, tlength: u32::MAX, prebuf: u32::MAX, minreq: u32::MAX, fragsize: FRAGMENT };
        // It is we who follow a device that moves.
        let flags = FlagSet::ADJUST_LATENCY | FlagSet::DONT_MOVE;
        stream.connect_record(Some(&target.source), Some(&buffer), flags).ok()?;
        Some(Self {
            stream,
            target,
            opened: false,
            position: 0,
            readings: 0,
            asked_at: 0,
            answer: Rc::default(),
            waiting: false,
        })
    }

    /// Where it records from.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Tells what has come; false when the stream has ended.
    pub fn step(&mut self, tell: &mut dyn FnMut(SoundEvent)) -> bool {
        match self.stream.get_state() {
            State::Unconnected | State::Creating => return true,
            State::Ready => {}
            State::Failed | State::Terminated => return false,
        }
        if !self.opened {
            self.opened = true;
            tell(SoundEvent::Opened);
        }
        if let Some(reading) = self.reading() {
            tell(SoundEvent::Reading(reading));
        }
        // Before the first samples the server counts from a moment that it corrects when they come.
        if self.position > 0 {
            self.ask_time();
        }
        self.read(tell)
    }

    fn read(&mut self, tell: &mut dyn FnMut(SoundEvent)) -> bool {
        loop {
            let (samples, bytes) = match self.stream.peek() {
                Ok(PeekResult::Empty) => return true,
                Ok(PeekResult::Hole(bytes)) => (None, bytes),
                Ok(PeekResult::Data(data)) => (Some(floats(data)), data.len()),
                Err(_) => return false,
            };
            if self.stream.discard().is_err() {
                return false;
            }
            let position = self.position;
            self.position += (bytes / FRAME_BYTES) as u64;
            if let Some(samples) = samples {
                tell(SoundEvent::Samples { position, samples });
            }
        }
    }

    fn ask_time(&mut self) {
        let now = monotonic_ns();
        let interval = if self.readings < FIRST_READINGS { FIRST_INTERVAL_NS } else { INTERVAL_NS };
        let least = if self.waiting { ANSWER_NS } else { interval };
        if now < self.asked_at + least {
            return;
        }
        // A new cell each time, so that a late answer to an earlier question is not taken for one to this.
        self.answer = Rc::default();
        let answer = self.answer.clone();
        self.asked_at = now;
        self.waiting = true;
        self.stream.update_timing_info(Some(Box::new(move |known| answer.set(Some((monotonic_ns(), known))))));
    }

    /// The frame that was heard between question and answer.
    fn reading(&mut self) -> Option<Reading> {
        let (answered_at, known) = self.answer.take()?;
        self.waiting = false;
        let info = self.stream.get_timing_info().filter(|_| known)?;
        self.readings += 1;
        // Written so far, and what the device has recorded beyond; of a monitor, less what is written but not yet
        // heard.
        let written = info.write_index as f64 / FRAME_BYTES as f64;
        let latency = info.source_usec.0 as f64 - info.sink_usec.0 as f64;
        let half = answered_at.saturating_sub(self.asked_at) / 2;
        Some(Reading {
            at_ns: self.asked_at + half,
            frame: written + latency * f64::from(SAMPLE_RATE) / 1e6,
            uncertainty_ns: half,
        })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // Fails for a stream that has ended already.
        let _ = self.stream.disconnect();
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(size_of::<f32>()).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect()
}
