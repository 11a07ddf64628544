//! cs-spine: makes each packet a chunk at once and gives it to ring, recording and readers.

use std::sync::Arc;

use clipshot_ffmpeg::ChunkMux;
use clipshot_media::{Chunk, Packet, PlaceChange, SegmentWriter};
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
}

/// The thread's own state: nothing in here needs a lock.
pub struct Spine {
    pub shared: Arc<Shared>,
    pub mux: ChunkMux,
    pub packets: Receiver<Packet>,
    pub commands: Receiver<Command>,
    pub taps: Taps,
}

/// Where chunks go, besides the readers.
#[derive(Default)]
pub struct Taps {
    ring: Option<SegmentWriter>,
    ring_failing: bool,
    recording: Option<Arc<Recording>>,
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
        if matches!(command, Command::DetachRing(_) | Command::DetachRecording(_)) {
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
        if self.taps.recording.as_ref().is_some_and(|recording| !recording.push(chunk)) {
            self.taps.recording = None;
        }
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
