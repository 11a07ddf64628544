//! Encodes pictures that are in memory already, in real time, and prints what that cost as one line of JSON:
//! `{"frames": 1800, "cpu_seconds": 13.2, "bytes": 45000000, "late": 0}`.
//!
//! The pictures are those of a real screen, held as NV12 before the clock starts, so that neither capture nor colour
//! conversion is in the figure. They run to and fro, so that no cut of scenes comes in where they begin again.

mod arguments;
mod held;
mod pace;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clipshot_ffmpeg::{PictureEncoder, VideoEncoder};
use rustix::time::{ClockId, clock_gettime};

use arguments::Arguments;
use pace::Pace;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("clipshot-encode-alone: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<String, Failure> {
    let pictures = held::take(arguments)?;
    let config = arguments.video(pictures[0].width(), pictures[0].height());
    let frames = i64::try_from(arguments.seconds * u64::from(arguments.fps))?;
    let before = cpu_time();
    let mut encoder = VideoEncoder::open(&config)?;
    let mut pace = Pace::new(arguments.fps);
    let mut bytes = 0;
    for slot in 0..frames {
        pace.wait_for(slot);
        // One keyframe a second, by time, as a session forces them.
        let key = slot % i64::from(arguments.fps) == 0;
        let packets = encoder.encode(&pictures[held::to_and_fro(slot, pictures.len())], slot, key)?;
        bytes += packets.iter().map(|packet| packet.data.len()).sum::<usize>();
    }
    bytes += encoder.finish()?.iter().map(|packet| packet.data.len()).sum::<usize>();
    let cpu = (cpu_time() - before).as_secs_f64();
    Ok(format!(r#"{{"frames": {frames}, "cpu_seconds": {cpu:.4}, "bytes": {bytes}, "late": {}}}"#, pace.late()))
}

/// CPU time of all threads of this process, the encoder's too.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
