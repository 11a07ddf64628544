use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clipshot_capture::sound::DeviceId;
use clipshot_ffmpeg::AAC_FRAMES;
use clipshot_media::{Meta, monotonic_ns};
use clipshot_sound::{CHANNELS, Reading, SAMPLE_RATE};

use super::*;
use crate::sound::InputConfig;
use crate::testing::TestSession;

/// Frames that the made-up devices give at a time: 10 ms.
const BLOCK: u64 = SAMPLE_RATE as u64 / 100;

/// Hears a constant on its first input, nothing on any other; panics where it is told to.
struct MadeUp {
    panics: bool,
}

impl SoundBackend for MadeUp {
    fn run(
        &mut self,
        inputs: &[DeviceId],
        stop: &AtomicBool,
        tell: &mut dyn FnMut(usize, SoundEvent),
    ) -> clipshot_capture::Result<()> {
        assert!(!self.panics, "no device works");
        let began = monotonic_ns();
        tell(0, SoundEvent::Opened);
        (1..inputs.len()).for_each(|index| tell(index, SoundEvent::Absent));
        let mut position = 0;
        while !stop.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(5));
            let at_ns = monotonic_ns();
            let heard = (at_ns - began) as f64 * f64::from(SAMPLE_RATE) / 1e9;
            tell(0, SoundEvent::Reading(Reading { at_ns, frame: heard, uncertainty_ns: 100_000 }));
            while ((position + BLOCK) as f64) < heard {
                tell(0, SoundEvent::Samples { position, samples: vec![0.5; BLOCK as usize * CHANNELS] });
                position += BLOCK;
            }
        }
        Ok(())
    }
}

fn config(devices: &[DeviceId]) -> SoundConfig {
    let input =
        |device: &DeviceId| InputConfig { device: device.clone(), label: String::new(), gain_db: 0.0, muted: false };
    SoundConfig { inputs: devices.iter().map(input).collect(), bitrate_kbps: 96, server: None }
}

/// A session whose sound comes from a made-up backend, and what its threads hand to the spine.
fn started(backend: MadeUp, devices: &[DeviceId]) -> (TestSession, Arc<Sound>, crossbeam_channel::Receiver<Packet>) {
    let session = TestSession::new();
    let config = config(devices);
    let opened = OpenedSound::new(Box::new(backend), &config, encoders(&config).unwrap());
    let sound = opened.sound.clone();
    let (packets_in, packets) = crossbeam_channel::unbounded();
    opened.start(&session.shared, packets_in).unwrap();
    (session, sound, packets)
}

#[test]
fn tracks_begin_together_and_have_no_gap() {
    let devices = [DeviceId::DefaultOutput, DeviceId::DefaultInput];
    let (session, sound, packets) = started(MadeUp { panics: false }, &devices);
    let deadline = monotonic_ns() + 20_000_000_000;
    while !(sound.is_sent(135_000) && sound.tracks()[1].level.peak_dbfs > -7.0) {
        assert!(monotonic_ns() < deadline, "{:?}", sound.tracks());
        std::thread::sleep(Duration::from_millis(10));
    }
    let tracks = sound.tracks();
    sound.stop();
    // The channel ends when the threads do.
    let mut of_track: HashMap<u8, Vec<Meta>> = HashMap::new();
    packets.iter().for_each(|packet| of_track.entry(packet.meta.track).or_default().push(packet.meta));
    assert!(sound.is_over());

    assert_eq!(tracks.iter().map(|track| track.connected).collect::<Vec<_>>(), [true, true, false]);
    assert!((tracks[0].level.peak_dbfs + 6.02).abs() < 0.1, "the mixdown hears what the input hears: {tracks:?}");
    assert_eq!(of_track.len(), 3);
    for (track, metas) in &of_track {
        for (number, meta) in metas.iter().enumerate() {
            assert_eq!((meta.pts, meta.dur), (number as i64 * AAC_FRAMES as i64, AAC_FRAMES as i64), "track {track}");
        }
        assert!(metas.len() > 70, "track {track}: 1.5 s");
    }
    let lost = (NoticeKind::AudioLost, "default-input".to_owned());
    assert_eq!(session.notices(), [lost]);
}

#[test]
fn a_backend_that_panics_costs_the_sound_and_nothing_else() {
    let (session, sound, packets) = started(MadeUp { panics: true }, &[DeviceId::DefaultOutput]);
    let deadline = monotonic_ns() + 20_000_000_000;
    let mut notices = Vec::new();
    while notices.is_empty() {
        assert!(monotonic_ns() < deadline, "a notice");
        std::thread::sleep(Duration::from_millis(10));
        notices = session.notices();
    }
    assert_eq!(notices, [(NoticeKind::AudioUnavailable, "no device works".to_owned())]);
    let deadline = monotonic_ns() + 20_000_000_000;
    while !sound.is_sent(45_000) {
        assert!(monotonic_ns() < deadline, "the track goes on, silent");
        std::thread::sleep(Duration::from_millis(10));
    }
    sound.stop();
    assert!(packets.iter().count() > 20);
}

#[test]
fn volume_is_for_inputs_and_within_limits() {
    let sound = Sound::new(&config(&[DeviceId::DefaultOutput, DeviceId::DefaultInput]));
    sound.set(1, Some(-6.0), None).unwrap();
    sound.set(1, None, Some(true)).unwrap();
    let track = &sound.tracks()[1];
    assert_eq!((track.gain_db, track.muted, track.label.as_str()), (-6.0, true, "Desktop"));
    assert_eq!(sound.set(0, Some(0.0), None).unwrap_err().field, "index", "the mixdown has no volume");
    assert_eq!(sound.set(3, None, None).unwrap_err().field, "index");
    assert_eq!(sound.set(1, Some(f64::NAN), Some(false)).unwrap_err().field, "gain_db");
    assert!(sound.tracks()[1].muted, "a refused change changes nothing");
}
