//! `clipshot-flash`: a tone that begins, and a window that turns white, at each whole second of CLOCK_MONOTONIC.
//!
//! Each line of output is one second as JSON: `second`; `painting_ns` and `painted_ns`, between which the white came onto
//! the screen; `heard_ns`, when the tone began to be heard, by what the sound server says of its latency.

mod beeper;
mod line;
mod window;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use clap::Parser;

use beeper::{Beeper, Tone};
use window::Window;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Flashes and beeps at whole seconds of CLOCK_MONOTONIC, for 100 ms each.
#[derive(Debug, Parser)]
struct Options {
    /// X display to flash on; without it there is only the tone.
    #[arg(long)]
    display: Option<String>,
    /// Sound server; without it the PULSE_SERVER variable or the user's own.
    #[arg(long)]
    server: Option<String>,
    /// Output to play on; without it the default.
    #[arg(long)]
    sink: Option<String>,
    /// Name of the application, as the sound server shows it.
    #[arg(long, default_value = "clipshot-flash")]
    name: String,
    /// Frequency of the tone, Hz.
    #[arg(long, default_value_t = 1000.0)]
    frequency: f64,
    /// Amplitude of the tone; 1.0 is full scale.
    #[arg(long, default_value_t = 0.5)]
    amplitude: f64,
    /// Play the tone without a pause instead.
    #[arg(long)]
    continuous: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clipshot-flash: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Until SIGTERM or SIGINT.
fn run(options: &Options) -> Result<(), Error> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    let window = options.display.as_deref().map(Window::open).transpose()?;
    let flashing = window.map(|window| {
        let stop = stop.clone();
        thread::spawn(move || {
            let flashed = window.flash(&stop);
            stop.store(true, Ordering::Release);
            flashed
        })
    });
    let tone = Tone { frequency: options.frequency, amplitude: options.amplitude, continuous: options.continuous };
    let beeped = Beeper::open(options.server.as_deref(), options.sink.as_deref(), &options.name, tone)
        .and_then(|mut beeper| beeper.play(&stop));
    stop.store(true, Ordering::Release);
    if let Some(flashing) = flashing {
        flashing.join().map_err(|_| "the window's thread panicked")??;
    }
    beeped
}
