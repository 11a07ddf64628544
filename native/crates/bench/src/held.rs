use std::sync::Arc;
use std::thread;

use clipshot_capture::{CaptureLoop, Control, Counters, FrameQueue, Image, registry};
use clipshot_ffmpeg::Nv12;
use clipshot_media::{Grid, monotonic_ns};

use crate::Failure;
use crate::arguments::Arguments;

/// One is read, one waits, one is filled, and one more for the start, when memory is touched for the first time.
const SLOTS: usize = 4;

/// Takes `held` pictures in a row from the display's primary monitor.
///
/// # Errors
/// When the display shows nothing new: the pictures would be cheaper to encode than any real ones.
pub fn take(arguments: &Arguments) -> Result<Vec<Nv12>, Failure> {
    let display = Some(arguments.display.as_str());
    let monitors = registry::sources_of("x11", display)?;
    let monitor = monitors.first().ok_or("the display has no monitor")?;
    let options = registry::OpenOptions { display: display.map(str::to_owned), draw_cursor: false };
    let mut source = registry::open(&monitor.id, &options)?;
    let layout = source.layout();
    let mut pictures =
        (0..arguments.held.max(2)).map(|_| Nv12::new(layout.width, layout.height)).collect::<Result<Vec<_>, _>>()?;

    let frames = Arc::new(FrameQueue::new(source.make_slots(SLOTS)?));
    let control = Arc::new(Control::new()?);
    let counters = Arc::new(Counters::new());
    let capture = CaptureLoop {
        source,
        grid: Grid::new(monotonic_ns(), arguments.fps),
        frames: Arc::clone(&frames),
        control: Arc::clone(&control),
        counters: Arc::clone(&counters),
    };
    thread::scope(|scope| {
        let capturing = scope.spawn(|| {
            let result = capture.run();
            frames.close();
            result
        });
        let filled = fill(&mut pictures, &frames);
        control.stop();
        frames.close();
        capturing.join().map_err(|_| "capture ended in a panic")??;
        filled
    })?;
    let keepalive = counters.keepalive.load(std::sync::atomic::Ordering::Relaxed);
    if keepalive > 0 {
        return Err(
            format!("the display stood still: {keepalive} of {} pictures show no change", pictures.len()).into()
        );
    }
    Ok(pictures)
}

fn fill(pictures: &mut [Nv12], frames: &FrameQueue) -> Result<(), Failure> {
    for picture in pictures {
        let frame = frames.pop().ok_or("the screen went away")?;
        let Image::Cpu(image) = frame.image else { return Err("the picture is not in memory".into()) };
        picture.fill_from_bgra(image.slot.bytes(), image.layout.stride)?;
        frames.recycle(image.slot);
    }
    Ok(())
}

/// Index of the picture for a slot: 0, 1, ... n-1, n-2, ... 1, 0, 1, ...
pub fn to_and_fro(slot: i64, count: usize) -> usize {
    let period = (2 * count - 2).max(1);
    let at = slot.unsigned_abs() as usize % period;
    if at < count { at } else { period - at }
}

#[cfg(test)]
mod tests {
    use super::to_and_fro;

    #[test]
    fn neighbours_follow_each_other_at_both_ends() {
        let order: Vec<usize> = (0..9).map(|slot| to_and_fro(slot, 4)).collect();
        assert_eq!(order, [0, 1, 2, 3, 2, 1, 0, 1, 2]);
    }
}
