//! Writing a clip out of recorded segments.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use clipshot_media::{CopiedSample, Cut, Footage, FootageReader, InitSegment, Labels, StartRule};

use crate::head::{Head, HeadSettings, encode_head};
use crate::init_reader::track_parameters;
use crate::muxer::Muxer;
use crate::packet::AvPacket;
use crate::part_file::PartFile;
use crate::{AudioTrack, Error, Result, TrackParameters};

/// Few, large writes.
const BUFFER: usize = 1 << 20;

/// The most bytes the index can take for one sample: 8 in stts, 4 in stsz, 8 in co64, 12 in stsc, 4 in stss.
const INDEX_BYTES_PER_SAMPLE: usize = 36;
/// The most bytes the index takes beside that: headers and, per track, the configuration.
const INDEX_BYTES: usize = 16 << 10;
/// The most bytes that a chapter takes: a sample of the chapter track, and its entry with a title in the list.
const INDEX_BYTES_PER_CHAPTER: usize = INDEX_BYTES_PER_SAMPLE + 9 + 255;

/// A clip to be written.
pub struct SaveRequest<'a> {
    /// First moment wanted, in 90 kHz ticks of the session.
    pub start: i64,
    /// The moment after the last one wanted.
    pub end: i64,
    /// Where the clip begins.
    pub rule: StartRule,
    /// The file to be made. It must not exist; its name is taken only when the file is whole.
    pub target: &'a Path,
    /// Slots a second of the session's grid.
    pub fps: u32,
    /// Title and chapters; their times are those of the session.
    pub labels: &'a Labels,
    /// x264's preset for the head; none chooses by the number of cores.
    pub head_preset: Option<&'a str>,
    /// Called with the part that is done, 0.0 to 1.0.
    pub progress: &'a mut dyn FnMut(f32),
    /// Set it to stop the save within a second.
    pub cancel: &'a AtomicBool,
}

/// Facts of a clip that was written.
#[derive(Clone, Debug)]
pub struct SaveResult {
    /// Session time (90 kHz ticks) that is time 0 of the clip.
    pub first_pts: i64,
    /// Session time at which it ends.
    pub end_pts: i64,
    /// Pictures in it.
    pub frames: u64,
    /// Pictures that were encoded again.
    pub head_frames: u64,
    /// Time for decoding and encoding these.
    pub head_time: Duration,
    /// The rule that the clip follows.
    pub rule_used: StartRule,
    /// Why a clean start was not possible, where it was asked for and is not used.
    pub fallback_reason: Option<String>,
    /// Size of the file.
    pub size_bytes: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The sound tracks.
    pub audio: Vec<AudioTrack>,
    /// Time for everything.
    pub total_time: Duration,
}

/// Writes a plain MP4: index first, no fragments, pictures from time 0 without an edit list, sound with one packet of
/// pre-roll under an edit list, chapters as a list and as a track of text.
///
/// The file is written as `TARGET.part` and renamed in without replacing anything; what a power cut must not take
/// away has to be synced afterwards ([`clipshot_media::sync_file_and_folder`]). Where the head of a clean start
/// cannot be encoded, the clip starts at the keyframe and the result says why. The encoder of the head and the
/// decoder run on threads with this thread's nice value.
///
/// # Errors
/// [`Error::Media`] when the footage does not hold the range, [`Error::NoSpace`], [`Error::TargetExists`],
/// [`Error::Cancelled`], or an error of file or muxer. No file is left behind.
pub fn save(footage: &Footage, request: SaveRequest) -> Result<SaveResult> {
    let began = Instant::now();
    let SaveRequest { start, end, mut rule, target, fps, labels, head_preset, progress, cancel } = request;
    let mut tracks = track_parameters(&footage.init)?;
    let mut cut = Cut::plan(footage, start, end, rule)?;
    let (part, file) = PartFile::create(target)?;
    let mut reader = footage.reader();
    let mut done = Progress { done: 0, total: cut.head.len() + cut.copied.len(), report: progress };

    let mut head = None;
    let mut fallback_reason = None;
    if !cut.head.is_empty() {
        let settings = HeadSettings { fps, preset: head_preset.unwrap_or_else(|| default_head_preset()) };
        match encode_head(&cut.head, &mut reader, &tracks[0], &settings, cancel, &mut || done.step()) {
            Ok(encoded) => {
                tracks[0].set_extradata(&encoded.configuration)?;
                head = Some(encoded);
            }
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => {
                fallback_reason = Some(error.to_string());
                rule = StartRule::Keyframe;
                cut = Cut::plan(footage, start, end, rule)?;
            }
        }
    }
    let labels = labels.of_file(&footage.timeline, cut.origin, cut.end);
    let clip = Clip { init: &footage.init, tracks: &tracks, labels: &labels, cut: &cut, head: head.as_ref() };
    let size_bytes = clip.write(file, &mut reader, cancel, &mut done).map_err(|e| part.name_error(e))?;
    part.place()?;
    (done.report)(1.0);

    let (width, height) = tracks[0].size();
    let audio = AudioTrack::all(&tracks);
    Ok(SaveResult {
        first_pts: cut.origin,
        end_pts: cut.end,
        frames: cut.picture_count() as u64,
        head_frames: head.as_ref().map_or(0, |h| h.samples.len() as u64),
        head_time: head.map_or(Duration::ZERO, |h| h.took),
        rule_used: rule,
        fallback_reason,
        size_bytes,
        width,
        height,
        audio,
        total_time: began.elapsed(),
    })
}

/// On few cores the recorder needs them: the head is then encoded the fastest way.
fn default_head_preset() -> &'static str {
    match available_parallelism() {
        Ok(cores) if cores.get() > 2 => "superfast",
        _ => "ultrafast",
    }
}

/// Counts samples and reports each hundredth.
struct Progress<'a> {
    done: usize,
    total: usize,
    report: &'a mut dyn FnMut(f32),
}

impl Progress<'_> {
    fn step(&mut self) {
        self.done += 1;
        let every = (self.total / 100).max(1);
        if self.done.is_multiple_of(every) {
            (self.report)((self.done as f32 / self.total as f32).min(1.0));
        }
    }
}

/// Everything the file consists of.
struct Clip<'a> {
    init: &'a InitSegment,
    tracks: &'a [TrackParameters],
    labels: &'a Labels,
    cut: &'a Cut,
    head: Option<&'a Head>,
}

impl Clip<'_> {
    /// Writes the file and gives its size.
    fn write(&self, file: File, reader: &mut FootageReader, cancel: &AtomicBool, done: &mut Progress) -> Result<u64> {
        let head = self.head.map_or(&[][..], |h| &h.samples);
        let samples = head.len() + self.cut.copied.len();
        let configurations: usize = self.tracks.iter().map(|t| t.extradata().len()).sum();
        let labels = self.labels.title.len() + self.labels.chapters.len() * INDEX_BYTES_PER_CHAPTER;
        let index = samples * INDEX_BYTES_PER_SAMPLE + configurations + labels + INDEX_BYTES;
        // The index is written into room kept at the front; what it does not need becomes a free box.
        let options = [("moov_size", &*index.to_string())];
        let mut muxer = Muxer::open_labelled(file, BUFFER, self.tracks, self.labels, &options)?;

        let mut head = head.iter().peekable();
        for sample in &self.cut.copied {
            let order = self.init.order_of(&sample.meta);
            while let Some(packet) = head.next_if(|p| self.init.order_of(&p.meta) < order) {
                muxer.write(&AvPacket::copied(packet)?)?;
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(Error::Cancelled);
            }
            let CopiedSample { source, len, meta } = sample;
            muxer.write(&AvPacket::filled(meta, *len as usize, |buf| reader.read(*source, buf))?)?;
            done.step();
        }
        for packet in head {
            muxer.write(&AvPacket::copied(packet)?)?;
        }
        muxer.finish()?;
        let size = muxer.sink_mut().metadata().map_err(Error::io("".as_ref()))?.len();
        Ok(size)
    }
}
