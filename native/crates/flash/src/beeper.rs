//! The tone.

use std::cell::Cell;
use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use clipshot_media::monotonic_ns;
use libpulse_binding as pulse;
use pulse::context::{Context, FlagSet as ContextFlags, State as ContextState};
use pulse::def::BufferAttr;
use pulse::mainloop::standard::Mainloop;
use pulse::proplist::{Proplist, properties};
use pulse::sample::{Format, Spec};
use pulse::stream::{FlagSet, SeekMode, State, Stream};
use pulse::time::MicroSeconds;

use crate::Error;
use crate::line::Line;

const RATE: u32 = 48_000;
const CHANNELS: usize = 2;
const FRAME_BYTES: usize = size_of::<f32>() * CHANNELS;
const SECOND_NS: f64 = 1e9;
/// Length of a beep in frames: 100 ms.
const BEEP: u64 = RATE as u64 / 10;
/// Kept ahead in the server: 200 ms.
const AHEAD: u32 = RATE / 5 * FRAME_BYTES as u32;
/// How often the server is asked for its timing, and how long an answer may take.
const ASK_NS: u64 = 50_000_000;
const ANSWER_NS: u64 = 1_000_000_000;
/// An answer that took longer says too little of when it was true.
const SURE_NS: u64 = 2_000_000;

/// What is played.
pub struct Tone {
    pub frequency: f64,
    pub amplitude: f64,
    pub continuous: bool,
}

/// A stream to a sound server that beeps at whole seconds.
pub struct Beeper {
    stream: Stream,
    // Fields are dropped in this order.
    context: Context,
    mainloop: Mainloop,
    tone: Tone,
    line: Line,
    /// Frames written so far.
    written: u64,
    /// Second and first frame of the beep in hand or to come.
    beep: Option<(u64, u64)>,
    /// Beeps that were written and are not reported yet.
    unreported: VecDeque<(u64, u64)>,
    asked_at: u64,
    answer: Rc<Cell<Option<u64>>>,
}

impl Beeper {
    pub fn open(server: Option<&str>, sink: Option<&str>, name: &str, tone: Tone) -> Result<Self, Error> {
        let mut mainloop = Mainloop::new().ok_or("no loop can be made")?;
        let mut about = Proplist::new().ok_or("no memory")?;
        about.set_str(properties::APPLICATION_NAME, name).map_err(|()| "the name cannot be used")?;
        let mut context = Context::new_with_proplist(&mainloop, name, &about).ok_or("no memory")?;
        context.connect(server, ContextFlags::NOAUTOSPAWN, None)?;
        while context.get_state() != ContextState::Ready {
            if !context.get_state().is_good() {
                return Err("no sound server answers".into());
            }
            step(&mut mainloop)?;
        }
        let spec = Spec { format: Format::FLOAT32NE, channels: CHANNELS as u8, rate: RATE };
        let mut stream = Stream::new(&mut context, "Beeps", &spec, None).ok_or("no memory")?;
        let buffer =
            BufferAttr { maxlength: u32::MAX, tlength: AHEAD, prebuf: 0, minreq: AHEAD / 20, fragsize: u32::MAX };
        stream.connect_playback(sink, Some(&buffer), FlagSet::ADJUST_LATENCY, None, None)?;
        while stream.get_state() != State::Ready {
            if !stream.get_state().is_good() {
                return Err("the sound server refused the stream".into());
            }
            step(&mut mainloop)?;
        }
        Ok(Self {
            stream,
            context,
            mainloop,
            tone,
            line: Line::default(),
            written: 0,
            beep: None,
            unreported: VecDeque::new(),
            asked_at: 0,
            answer: Rc::default(),
        })
    }

    /// Until `stop`.
    pub fn play(&mut self, stop: &AtomicBool) -> Result<(), Error> {
        while !stop.load(Ordering::Acquire) {
            if self.context.get_state() != ContextState::Ready || self.stream.get_state() != State::Ready {
                return Err("the sound server went away".into());
            }
            self.read_timing();
            let room = self.stream.writable_size().unwrap_or(0) / FRAME_BYTES;
            if room > 0 {
                let samples = self.samples(room as u64);
                let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect();
                self.stream.write_copy(&bytes, 0, SeekMode::Relative)?;
            }
            self.report();
            step(&mut self.mainloop)?;
        }
        Ok(())
    }

    fn read_timing(&mut self) {
        if let Some(answered_at) = self.answer.take()
            && answered_at - self.asked_at < SURE_NS
            && let Some(info) = self.stream.get_timing_info()
        {
            let at = (self.asked_at + answered_at) as f64 / 2.0;
            let taken = info.read_index as f64 / FRAME_BYTES as f64;
            self.line.add(at, taken - info.sink_usec.0 as f64 * f64::from(RATE) / 1e6);
        }
        let now = monotonic_ns();
        let waiting = Rc::strong_count(&self.answer) > 1;
        if now >= self.asked_at + if waiting { ANSWER_NS } else { ASK_NS } {
            self.answer = Rc::default();
            self.asked_at = now;
            let answer = self.answer.clone();
            self.stream.update_timing_info(Some(Box::new(move |known| answer.set(known.then(monotonic_ns)))));
        }
    }

    /// The next frames of the stream.
    fn samples(&mut self, frames: u64) -> Vec<f32> {
        let mut samples = Vec::with_capacity(frames as usize * CHANNELS);
        for frame in self.written..self.written + frames {
            self.plan_beep(frame);
            let since =
                if self.tone.continuous { Some(frame) } else { self.beep.and_then(|(_, at)| frame.checked_sub(at)) };
            let sample = since.map_or(0.0, |since| {
                self.tone.amplitude * (since as f64 * self.tone.frequency / f64::from(RATE) * TAU).cos()
            });
            samples.extend([sample as f32; CHANNELS]);
        }
        self.written += frames;
        samples
    }

    /// Decides shortly before where the next beep begins.
    fn plan_beep(&mut self, frame: u64) {
        match self.beep {
            Some((second, at)) if frame >= at + BEEP => {
                self.unreported.push_back((second, at));
                self.beep = None;
            }
            Some(_) => {}
            // Once in 10 ms is often enough; the planning is expensive.
            None if frame.is_multiple_of(480) => {
                let Some(heard_at) = self.line.time_of(frame as f64) else { return };
                let second = (heard_at / SECOND_NS).floor() + 1.0;
                let at = self.line.frame_at(second * SECOND_NS).unwrap_or(0.0).round() as u64;
                if at >= frame && at - frame < 480 * 2 {
                    self.beep = Some((second as u64, at));
                }
            }
            None => {}
        }
    }

    /// Beeps are reported when they have been heard, with what is known of the timing then.
    fn report(&mut self) {
        while let Some(&(second, at)) = self.unreported.front() {
            let Some(heard_at) = self.line.time_of(at as f64) else { return };
            if heard_at + SECOND_NS / 2.0 > monotonic_ns() as f64 {
                return;
            }
            println!("{{\"second\":{second},\"heard_ns\":{}}}", heard_at as u64);
            self.unreported.pop_front();
        }
    }
}

fn step(mainloop: &mut Mainloop) -> Result<(), Error> {
    mainloop.prepare(Some(MicroSeconds(10_000)))?;
    mainloop.poll()?;
    mainloop.dispatch()?;
    Ok(())
}
