//! Encoder, muxer, ring and recording wired as in a session, without threads and clocks.

use std::path::PathBuf;
use std::sync::Arc;

use clipshot_ffmpeg::{ChunkMux, Nv12, PictureEncoder, VideoConfig, VideoEncoder};
use clipshot_media::{Packet, RecordingWriter, Ring, RingLimits, SegmentWriter};
use tempfile::TempDir;

use super::aac::Tone;
use super::picture::{HEIGHT, WIDTH, draw};

pub struct Session {
    pub folder: TempDir,
    pub ring: Arc<Ring>,
    pub recording: PathBuf,
    pub fps: u32,
    encoder: Box<dyn PictureEncoder>,
    mux: ChunkMux,
    writer: SegmentWriter,
    recorder: RecordingWriter,
    picture: Nv12,
    next_key: i64,
    tone: Option<Tone>,
}

pub fn config(fps: u32) -> VideoConfig {
    VideoConfig { width: WIDTH, height: HEIGHT, fps, ..VideoConfig::default() }
}

impl Session {
    /// `sound`: the slot at which a sound track starts to have packets, if there is one.
    pub fn new(config: &VideoConfig, sound: Option<i64>) -> Self {
        Self::with_encoder(Box::new(VideoEncoder::open(config).unwrap()), sound)
    }

    pub fn with_encoder(encoder: Box<dyn PictureEncoder>, sound: Option<i64>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = encoder.config();
        let mut tracks = vec![encoder.parameters().unwrap()];
        let tone = sound.map(|slot| Tone::new(slot * 48_000 / i64::from(config.fps)));
        tracks.extend(tone.as_ref().map(|t| t.parameters()));
        let mux = ChunkMux::open(&tracks).unwrap();
        let limits = RingLimits { ticks: 60 * 90_000, bytes: u64::MAX };
        let (ring, writer) = Ring::create(&folder.path().join("ring"), mux.init_segment().clone(), limits).unwrap();
        let recording = folder.path().join("recording.mp4");
        let recorder = RecordingWriter::create(&recording, mux.init_segment()).unwrap();
        let picture = Nv12::new(config.width, config.height).unwrap();
        let fps = config.fps;
        Self { folder, ring, recording, fps, encoder, mux, writer, recorder, picture, next_key: 0, tone }
    }

    /// A session of 60 slots a second that shows counter n in slot n, for `slots`.
    pub fn moving(slots: i64, sound: Option<i64>) -> Self {
        let mut session = Self::new(&config(60), sound);
        for slot in 0..slots {
            session.show(slot, slot as u16);
        }
        session.finish();
        session
    }

    /// Shows a picture from `slot` on; sound is given out up to then.
    pub fn show(&mut self, slot: i64, counter: u16) {
        let key = slot >= self.next_key;
        if key {
            self.next_key = slot + i64::from(self.fps);
        }
        self.picture.fill_from_bgra(&draw(counter), WIDTH as usize * 4).unwrap();
        let mut packets = self.encoder.encode(&self.picture, slot, key).unwrap();
        if let Some(tone) = &mut self.tone {
            packets.extend(tone.until(slot * 48_000 / i64::from(self.fps)));
        }
        self.append(packets);
    }

    pub fn finish(&mut self) {
        let packets = self.encoder.finish().unwrap();
        self.append(packets);
    }

    fn append(&mut self, packets: Vec<Packet>) {
        for packet in packets {
            let chunk = self.mux.write(&packet).unwrap();
            self.writer.append(&chunk).unwrap();
            self.recorder.append(&chunk).unwrap();
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Ticks of a slot.
    pub fn ticks(&self, slot: i64) -> i64 {
        slot * 90_000 / i64::from(self.fps)
    }
}
