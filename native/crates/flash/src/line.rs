//! When the frames of a played stream are heard.

use std::collections::VecDeque;

/// Readings that the line is drawn through: two seconds.
const READINGS: usize = 40;
/// Readings before the first line.
const FIRST: usize = 20;

/// A straight line through the last readings of the server's timing, by least squares.
#[derive(Debug, Default)]
pub struct Line {
    readings: VecDeque<(f64, f64)>,
}

impl Line {
    /// `frame` is heard at `at_ns`.
    pub fn add(&mut self, at_ns: f64, frame: f64) {
        self.readings.push_back((at_ns, frame));
        if self.readings.len() > READINGS {
            self.readings.pop_front();
        }
    }

    /// When a frame is heard; none before there are enough readings.
    pub fn time_of(&self, frame: f64) -> Option<f64> {
        let (mean_at, mean_frame, slope) = self.fit()?;
        Some(mean_at + (frame - mean_frame) / slope)
    }

    /// Which frame is heard at a time.
    pub fn frame_at(&self, at_ns: f64) -> Option<f64> {
        let (mean_at, mean_frame, slope) = self.fit()?;
        Some(mean_frame + (at_ns - mean_at) * slope)
    }

    fn fit(&self) -> Option<(f64, f64, f64)> {
        if self.readings.len() < FIRST {
            return None;
        }
        let count = self.readings.len() as f64;
        let (base_at, base_frame) = self.readings[0];
        let mean_at = self.readings.iter().map(|(at, _)| at - base_at).sum::<f64>() / count;
        let mean_frame = self.readings.iter().map(|(_, frame)| frame - base_frame).sum::<f64>() / count;
        let (mut squares, mut products) = (0.0, 0.0);
        for (at, frame) in &self.readings {
            let (at, frame) = (at - base_at - mean_at, frame - base_frame - mean_frame);
            squares += at * at;
            products += at * frame;
        }
        (squares > 0.0).then(|| (base_at + mean_at, base_frame + mean_frame, products / squares))
    }
}
