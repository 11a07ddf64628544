//! cs-spine: makes each packet a chunk at once and gives it to ring, recording and readers.

use std::sync::Arc;

use clipshot_ffmpeg::ChunkMux;
use clipshot_media::{Chunk, Packet, PlaceChange, SegmentWriter, VIDEO_TRACK};
use crossbeam_channel::{Receiver, Sender, select_biased};

use crate::failure::{Failure, Result};
use crate::locked::lock;
use crate::recording::Recording;
use crate::{NoticeKind, Shared};

/// What callers ask of the spine. The replies come when it is done.
pub enum Command {
    /// Buffer into this ring from the next keyframe on.
    AttachRing(SegmentWriter),
    /// Close the ring's writer.
    DetachRing(Sender<()>),
    /// Record from the next keyframe on.
    AttachRecording(Arc<Recording>),
    /// Give the recording no more chunks.
    DetachRecording(Sender<()>),
    /// Leave out of the recording what comes after this session time.
    PauseRecording(i64, Sender<()>),
    /// Let this recording go on with the next keyframe in the place of the present one, which is closed there.
    SplitRecording(Arc<Recording>),
    /// Take that back, if it has not happened.
    CancelSplit(Sender<()>),
}

/// The thread's own state: nothing in here needs a lock.
pub struct Spine {
    pub shared: Arc<Shared>,
    pub mux: ChunkMux,
    pub packets: Receiver<Packet>,
    pub commands: Receiver<Command>,
    pub taps: Taps,
}

/// How much later than its pictures (90 kHz ticks) sound may come and still go into a recording that was split.
const LATE_SOUND: i64 = 45_000;

/// Where chunks go, besides the readers.
#[derive(Default)]
pub struct Taps {
    ring: Option<SegmentWriter>,
    ring_failing: bool,
    recording: Option<Arc<Recording>>,
    /// What takes the recording's place with the next keyframe.
    next_recording: Option<Arc<Recording>>,
    /// A recording that was split, and where: it waits for its last sound.
    ending: Option<(Arc<Recording>, i64)>,
}

impl Taps {
    fn record(&mut self, chunk: &Chunk) {
        if let Some(next) = self.next_recording.take() {
            if chunk.meta.is_keyframe() {
                self.end_split();
                self.ending = self.recording.take().map(|old| {
                    old.pause(chunk.meta.pts);
                    (old, chunk.meta.pts)
                });
                self.recording = Some(next);
            } else if next.push(chunk) {
                // It keeps sound that came early.
                self.next_recording = Some(next);
            }
        }
        if self.recording.as_ref().is_some_and(|recording| !recording.push(chunk)) {
            self.recording = None;
        }
        if let Some((old, at)) = &self.ending {
            let goes_on = match chunk.meta.track {
                VIDEO_TRACK => chunk.meta.pts < at + LATE_SOUND,
                _ => old.push(chunk),
            };
            if !goes_on || old.has_all_sound() {
                self.end_split();
            }
        }
    }

    fn end_split(&mut self) {
        if let Some((old, _)) = self.ending.take() {
            old.close();
        }
    }
}

impl Drop for Taps {
    /// However the spine ended, no recording gets more.
    fn drop(&mut self) {
        self.end_split();
        self.next_recording.iter().chain(&self.recording).for_each(|recording| recording.close());
    }
}

impl Spine {
    /// Runs until the encoder has handed out its last packet.
    pub fn run(mut self) -> Result<()> {
        loop {
            select_biased! {
                recv(self.commands) -> command => match command {
                    Ok(command) => self.obey(command)?,
                    Err(_) => return Ok(()),
                },
                recv(self.packets) -> packet => match packet {
                    Ok(packet) => self.write(&packet)?,
                    Err(_) => return Ok(()),
                },
            }
        }
    }

    fn obey(&mut self, command: Command) -> Result<()> {
        if matches!(command, Command::DetachRing(_) | Command::DetachRecording(_) | Command::PauseRecording(..)) {
            // What was encoded before the call still belongs into the file.
            while let Ok(packet) = self.packets.try_recv() {
                self.write(&packet)?;
            }
        }
        match command {
            Command::AttachRing(writer) => {
                self.taps.ring = Some(writer);
                self.taps.ring_failing = false;
            }
            Command::DetachRing(done) => {
                self.taps.ring = None;
                // A caller that gave up waiting is no error.
                let _ = done.send(());
            }
            Command::AttachRecording(recording) => self.taps.recording = Some(recording),
            Command::DetachRecording(done) => {
                self.taps.recording = None;
                let _ = done.send(());
            }
            Command::PauseRecording(at, done) => {
                if let Some(recording) = &self.taps.recording {
                    recording.pause(at);
                }
                let _ = done.send(());
            }
            Command::SplitRecording(next) => self.taps.next_recording = Some(next),
            Command::CancelSplit(done) => {
                self.taps.next_recording = None;
                let _ = done.send(());
            }
        }
        Ok(())
    }

    fn write(&mut self, packet: &Packet) -> Result<()> {
        let chunk = self.mux.write(packet)?;
        self.hand_out(&chunk);
        Ok(())
    }

    fn hand_out(&mut self, chunk: &Chunk) {
        if let Some(ring) = &mut self.taps.ring {
            match ring.append(chunk) {
                Ok(change) => {
                    self.taps.ring_failing = false;
                    match change {
                        Some(PlaceChange::ToMemory { reason }) => {
                            self.shared.notify(NoticeKind::RingInMemory, reason.to_string());
                        }
                        Some(PlaceChange::ToFolder) => self.shared.notify(NoticeKind::RingOnDisk, ""),
                        None => {}
                    }
                }
                // The ring tries again at each keyframe; one notice tells of the whole time.
                Err(error) if !self.taps.ring_failing => {
                    self.taps.ring_failing = true;
                    self.shared.notify(NoticeKind::RingFailed, error.to_string());
                }
                Err(_) => {}
            }
        }
        self.taps.record(chunk);
        self.shared.live.publish(chunk);
    }
}

/// What a failure of the thread means: the session stops; what is in the files stays.
pub fn failed(shared: &Shared, failure: Failure) {
    shared.control.stop();
    shared.notify(NoticeKind::EncoderFailed, failure.message);
}

/// The last thing that happens in a session.
pub fn ended(shared: &Shared) {
    if let Some(recording) = lock(&shared.recording).as_ref() {
        recording.close();
    }
    shared.alive.store(false, std::sync::atomic::Ordering::Release);
    shared.encoded.newest.close();
    shared.live.end();
    shared.notify(NoticeKind::Ended, "");
}
