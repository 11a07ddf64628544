use clipshot_media::recover_recording;

use super::*;
use crate::testing::TestSession;

#[test]
fn a_failing_sync_ends_the_recording_with_what_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    let mut session = TestSession::new();
    let writer = RecordingWriter::create(&path, &session.shared.init).unwrap();
    // A descriptor on which fdatasync fails: what a broken disk would say comes from the kernel here too.
    let unsyncable = File::open("/dev/null").unwrap();
    let recording = Recording::start_threads(writer, unsyncable, &session.shared.init, &session.shared).unwrap();

    let chunk = session.chunk(0);
    assert!(recording.push(&chunk));
    recording.wait_playable(Duration::from_secs(60)).unwrap();
    let ended = recording.wait_until(Duration::from_secs(60), |state| state.outcome.is_some());
    drop(ended);

    assert!(recording.has_failed());
    assert!(!recording.push(&session.chunk(1)));
    assert_eq!(recording.finish().unwrap_err().reason, Reason::Io);
    assert_eq!(session.notices(), [(NoticeKind::RecordingFailed, "IO".to_owned())]);
    let size = session.shared.init.bytes().len() + chunk.bytes.len();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), size as u64);
    assert_eq!(recover_recording(&path).unwrap().samples().count(), 1);
}

#[test]
fn a_recording_that_syncs_has_all_chunks_and_no_notice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    let mut session = TestSession::new();
    let recording = Recording::start(&path, &session.shared.init, &session.shared).unwrap();
    for slot in 0..3 {
        assert!(recording.push(&session.chunk(slot)));
    }
    recording.finish().unwrap();
    assert!(session.notices().is_empty());
    assert_eq!(recover_recording(&path).unwrap().samples().count(), 3);
}
