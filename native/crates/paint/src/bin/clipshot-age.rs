//! `clipshot-age`: watches a spot of an X screen where a painted picture is shown again (by a player, a browser) and says
//! how old each picture is when it gets there.
//!
//! One line "COUNTER MICROSECONDS" for each new picture: its number, and the time since it was painted.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use clipshot_capture::testcard::Stamp;
use clipshot_capture::{Layout, SharedMemory};
use clipshot_media::monotonic_ns;
use x11rb::connection::Connection as _;
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xproto::ImageFormat;
use x11rb::rust_connection::RustConnection;

type Error = Box<dyn std::error::Error>;

/// The blocks of a stamp in one row.
const WIDTH: u32 = 66 * 16;
const HEIGHT: u32 = 16;

/// Says how old the painted pictures are that an X screen shows.
#[derive(Debug, Parser)]
struct Options {
    /// X display; without it the DISPLAY variable.
    #[arg(long)]
    display: Option<String>,
    /// Left edge of the picture in pixels; it has to be shown in its own size.
    #[arg(long, default_value_t = 0)]
    x: i16,
    /// Upper edge of the picture in pixels.
    #[arg(long, default_value_t = 0)]
    y: i16,
    /// Looks a second.
    #[arg(long, default_value_t = 500.0)]
    rate: f64,
    /// How long.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clipshot-age: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Error> {
    if !(options.rate > 0.0 && options.rate <= 10_000.0) {
        return Err("--rate has to be above 0 and up to 10000".into());
    }
    let spot = Spot::open(options)?;
    let mut out = io::stdout().lock();
    let begin = Instant::now();
    let mut last = None;
    for look in 1.. {
        let (stamp, at_ns) = spot.look()?;
        if let Some(stamp) = stamp.filter(|stamp| last != Some(stamp.counter)) {
            last = Some(stamp.counter);
            writeln!(out, "{} {}", stamp.counter, ((at_ns / 1000) as u32).wrapping_sub(stamp.micros))?;
        }
        let due = Duration::from_secs_f64(f64::from(look) / options.rate);
        if due.as_secs_f64() >= options.seconds {
            break;
        }
        std::thread::sleep(due.saturating_sub(begin.elapsed()));
    }
    Ok(())
}

/// The part of the screen that holds the stamp.
struct Spot {
    connection: RustConnection,
    root: u32,
    x: i16,
    y: i16,
    segment: shm::Seg,
    memory: SharedMemory,
}

impl Spot {
    fn open(options: &Options) -> Result<Self, Error> {
        let (connection, number) =
            x11rb::connect(options.display.as_deref()).map_err(|error| format!("no X display: {error}"))?;
        let root = connection.setup().roots[number].root;
        let (memory, descriptor) = SharedMemory::new(Layout::packed(WIDTH, HEIGHT).len())?;
        let segment = connection.generate_id()?;
        connection.shm_attach_fd(segment, descriptor, false)?.check()?;
        Ok(Self { connection, root, x: options.x, y: options.y, segment, memory })
    }

    /// The stamp that is shown, and when it was, CLOCK_MONOTONIC ns; none where there is none or half of one.
    fn look(&self) -> Result<(Option<Stamp>, u64), Error> {
        let format = ImageFormat::Z_PIXMAP.into();
        let (width, height) = (WIDTH as u16, HEIGHT as u16);
        self.connection
            .shm_get_image(self.root, self.x, self.y, width, height, !0, format, self.segment, 0)?
            .reply()?;
        Ok((Stamp::read(self.memory.bytes(), Layout::packed(WIDTH, HEIGHT)), monotonic_ns()))
    }
}
