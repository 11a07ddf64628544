//! `clipshot-paint`: a moving picture on an X display that people and programs can read.
//!
//! Every frame carries its number and the time of its painting ([`clipshot_capture::testcard::Stamp`]). At the end one
//! line of JSON says what was painted, so that a reader of a recording knows which frames it may miss.

mod pace;
mod pictures;
mod report;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Parser, ValueEnum};
use clipshot_capture::testcard::Stamp;
use clipshot_media::{monotonic_ns, unix_ns};

use pace::Pace;
use pictures::Pictures;
use report::Report;
use window::Window;

type Error = Box<dyn std::error::Error>;

/// Paints a moving picture with a frame counter and a clock on an X display.
#[derive(Debug, Parser)]
struct Options {
    /// X display; without it the DISPLAY variable.
    #[arg(long)]
    display: Option<String>,
    /// Frames a second.
    #[arg(long, default_value_t = 60.0)]
    fps: f64,
    /// WIDTHxHEIGHT in pixels; without it the whole screen.
    #[arg(long)]
    size: Option<Size>,
    /// How long; without it until SIGTERM or SIGINT.
    #[arg(long)]
    seconds: Option<f64>,
    /// How much of the picture changes with each frame.
    #[arg(long, value_enum, default_value_t = Mode::Move)]
    mode: Mode,
    /// File for one line "COUNTER MICROSECONDS" (CLOCK_MONOTONIC) a frame.
    #[arg(long)]
    log: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// One frame, which stays.
    Still,
    /// The whole picture moves.
    Move,
    /// Only counter and clock change.
    Partial,
}

#[derive(Clone, Copy, Debug)]
struct Size {
    width: u16,
    height: u16,
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not WIDTHxHEIGHT, at least 160x120";
        let (width, height) = text.split_once('x').ok_or(wrong)?;
        let size = Self { width: width.parse().map_err(|_| wrong)?, height: height.parse().map_err(|_| wrong)? };
        if size.width >= 160 && size.height >= 120 { Ok(size) } else { Err(wrong) }
    }
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clipshot-paint: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Error> {
    if !(options.fps > 0.0 && options.fps <= 1000.0) {
        return Err("--fps has to be above 0 and up to 1000".into());
    }
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    let window = Window::open(options.display.as_deref(), options.size.map(|size| (size.width, size.height)))?;
    let count = if options.mode == Mode::Move { None } else { Some(1) };
    let mut pictures = Pictures::render(&window, count)?;
    let mut report = Report::new(options.fps, options.log.as_deref())?;
    let mut pace = Pace::new(options.fps, options.seconds);
    let mut counter = 0u32;
    while let Some(due_ns) = pace.wait(&stop) {
        let began_ns = monotonic_ns();
        let stamp = Stamp::new(counter, began_ns);
        let time_of_day_ms = unix_ns() / 1_000_000 % 86_400_000;
        let lines = pictures.stamp(counter, stamp, time_of_day_ms);
        // After the first frame only the stamp's lines have to go to the screen where nothing else moves.
        let lines = if options.mode == Mode::Partial && counter > 0 { lines } else { window.height() };
        pictures.put(&window, counter, lines)?;
        report.painted(stamp, due_ns, began_ns, monotonic_ns())?;
        counter = counter.wrapping_add(1);
        if options.mode == Mode::Still {
            pace.sleep_until_stopped(&stop);
        }
    }
    report.finish()
}
