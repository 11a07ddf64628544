//! The rule on made-up times: a source paints at known times, the capture loop sees each change a little later.

use super::{Cause, Grid, Plan};

const START: u64 = 1_000_000_000;
/// Between a change and the moment at which the loop could take it, in slots.
const LATENCY: f64 = 0.05;

/// Repeatable noise in 0..1 (the low bits of a multiplicative hash).
fn noise(n: u64) -> f64 {
    let mixed = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 40) as f64 / (1u64 << 24) as f64
}

/// One picture: its slot, the frame of the source that it shows, and when that frame was painted (in slots).
#[derive(Clone, Copy, Debug)]
struct Picture {
    slot: i64,
    frame: usize,
    painted: f64,
    taken: f64,
}

struct Run {
    pictures: Vec<Picture>,
    waits: usize,
}

impl Run {
    fn slots(&self) -> Vec<i64> {
        steps(self.pictures.iter().map(|p| p.slot))
    }

    fn frames(&self) -> Vec<i64> {
        steps(self.pictures.iter().map(|p| p.frame as i64))
    }

    /// Largest distance of slot minus paint time from its median, over all but `outliers` pictures.
    fn pts_error(&self, outliers: usize) -> f64 {
        let mut offsets: Vec<f64> = self.pictures.iter().map(|p| p.slot as f64 - p.painted).collect();
        offsets.sort_by(f64::total_cmp);
        let median = offsets[offsets.len() / 2];
        let mut errors: Vec<f64> = offsets.iter().map(|offset| (offset - median).abs()).collect();
        errors.sort_by(f64::total_cmp);
        errors[errors.len() - 1 - outliers]
    }
}

fn steps(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let values: Vec<i64> = values.collect();
    values.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

fn count(values: &[i64], wanted: i64) -> usize {
    values.iter().filter(|value| **value == wanted).count()
}

/// Runs the grid over paint times in slots since the session's start; `delay` is the loop's latency for a picture.
fn run(fps: u32, painted: &[f64], delay: impl Fn(usize) -> f64) -> Run {
    let mut grid = Grid::new(START, fps);
    let interval = grid.interval_ns;
    let at = |slots: f64| START + (slots * interval) as u64;
    assert_eq!(grid.plan(START, Cause::Still), Plan::Take { slot: 0 });
    let mut run = Run { pictures: vec![], waits: 0 };
    let (mut next, mut now) = (0, 0.0f64);
    while next < painted.len() {
        now = now.max(painted[next]) + delay(run.pictures.len());
        let slot = loop {
            match grid.plan(at(now), Cause::Change) {
                Plan::Take { slot } => break slot,
                Plan::Wait { until } => {
                    run.waits += 1;
                    let until = (until - START) as f64 / interval;
                    assert!(until > now, "a wait leads into the future");
                    assert!(until < now + 1.7, "a wait is shorter than two slots");
                    now = until + 0.001;
                }
            }
        };
        let frame = (next..painted.len()).take_while(|i| painted[*i] <= now).last().unwrap_or(next);
        run.pictures.push(Picture { slot, frame, painted: painted[frame], taken: now });
        next = frame + 1;
    }
    assert!(run.slots().iter().all(|step| *step >= 1), "slots rise");
    run
}

/// Paint times of a source of `rate` frames for each slot, each up to `jitter` slots late.
fn source(rate: f64, frames: usize, jitter: f64) -> Vec<f64> {
    (0..frames).map(|i| 0.3 + i as f64 / rate + jitter * noise(i as u64)).collect()
}

#[test]
fn equal_rates_fill_each_slot_once_despite_jitter() {
    for jitter in [0.0, 0.1, 0.3, 0.45] {
        let run = run(60, &source(1.0, 3000, jitter), |_| LATENCY);
        assert_eq!(run.pictures.len(), 3000, "jitter {jitter}");
        assert_eq!(count(&run.slots(), 1), 2999, "jitter {jitter}");
        assert_eq!(run.waits, 0, "jitter {jitter}");
        assert!(run.pts_error(0) < 0.5, "jitter {jitter}: {}", run.pts_error(0));
    }
}

#[test]
fn a_frame_painted_late_keeps_its_place() {
    for lateness in [0.5, 0.7, 0.85] {
        let mut painted = source(1.0, 600, 0.05);
        painted[300] += lateness;
        let run = run(60, &painted, |_| LATENCY);
        assert_eq!(count(&run.slots(), 1), 599, "late by {lateness}");
        assert!(run.pts_error(1) < 0.1, "only the late one is off: {}", run.pts_error(1));
    }
}

#[test]
fn late_wake_ups_cost_no_more_than_what_they_miss() {
    for sleep in [0.6, 0.94, 1.0, 1.3, 2.5, 4.0] {
        let painted = source(1.0, 600, 0.02);
        let run = run(60, &painted, |picture| if picture == 300 { sleep } else { LATENCY });
        let lost = painted.len() - run.pictures.len();
        let missed = (sleep + LATENCY).round() as usize;
        assert!(lost <= missed, "slept {sleep}: lost {lost}");
        let settled = &run.pictures[310..];
        assert!(settled.iter().all(|p| p.taken - p.painted < 0.2), "slept {sleep}: pictures still wait");
        assert!(run.pts_error(10) < 0.1, "slept {sleep}: {}", run.pts_error(10));
    }
}

#[test]
fn a_wake_up_that_is_a_slot_late_leaves_the_times_as_they_were() {
    let painted = source(1.0, 600, 0.08);
    for late in 300..350 {
        let run = run(60, &painted, |picture| if picture == late { 0.93 } else { LATENCY });
        assert!(run.pts_error(3) < 0.5, "picture {late}: {}", run.pts_error(3));
        assert!(run.waits <= 1, "picture {late}: {}", run.waits);
    }
}

#[test]
fn times_stay_true_on_a_busy_machine() {
    // One wake-up in twenty is late by up to one slot and a third.
    let delay = |picture: usize| if picture % 20 == 7 { 1.33 * noise(picture as u64) } else { LATENCY };
    let painted = source(1.0, 6000, 0.1);
    let run = run(60, &painted, delay);
    assert!(run.waits < 60, "pictures do not stand in line: {}", run.waits);
    assert!(run.pts_error(60) < 0.5, "nor do their times: {}", run.pts_error(60));
}

#[test]
fn a_source_that_moves_is_followed() {
    for shift in [0.3, 0.6, 0.8, 1.4] {
        let mut painted = source(1.0, 600, 0.05);
        painted[300..].iter_mut().for_each(|time| *time += shift);
        // Then a late one: the grid must be in phase again to bear it.
        painted[450] += 0.7;
        let run = run(60, &painted, |_| LATENCY);
        assert_eq!(run.pictures.len(), 600, "shift {shift}");
        assert_eq!(run.waits, 0, "shift {shift}");
    }
}

#[test]
fn a_slower_source_leaves_its_gaps_and_loses_nothing() {
    let run = run(60, &source(59.0 / 60.0, 59 * 20, 0.05), |_| LATENCY);
    assert_eq!(run.pictures.len(), 59 * 20);
    let gaps = count(&run.slots(), 2);
    assert!((18..=21).contains(&gaps), "one gap a second: {gaps}");
    assert!(run.pts_error(0) < 1.0);
}

#[test]
fn a_faster_source_loses_only_what_has_no_slot() {
    let painted = source(61.0 / 60.0, 61 * 20, 0.05);
    let run = run(60, &painted, |_| LATENCY);
    let lost = painted.len() - run.pictures.len();
    assert!((18..=22).contains(&lost), "one frame a second: {lost}");
    assert!(count(&run.slots(), 1) >= run.pictures.len() - 3);
    // Slot 0 lies one slot before the start from which paint times count.
    assert!(run.pictures.iter().all(|p| p.slot as f64 - 1.0 - p.painted < 1.5));
}

#[test]
fn twice_the_rate_takes_every_second_frame() {
    let run = run(30, &source(2.0, 4000, 0.05), |_| LATENCY);
    let even = count(&run.frames(), 2);
    assert!(even >= run.frames().len() - 10, "{even} of {}", run.frames().len());
    assert_eq!(count(&run.slots(), 1), run.slots().len());
}

#[test]
fn half_the_rate_takes_every_second_slot() {
    let run = run(60, &source(0.5, 1000, 0.2), |_| LATENCY);
    assert_eq!(run.pictures.len(), 1000);
    assert_eq!(run.waits, 0);
    assert!(count(&run.slots(), 2) >= 997, "{}", count(&run.slots(), 2));
}

#[test]
fn a_still_screen_has_pictures_at_their_time() {
    let mut grid = Grid::new(START, 30);
    assert_eq!(grid.plan(START, Cause::Still), Plan::Take { slot: 0 });
    for second in 1..=5u64 {
        let plan = grid.plan(START + second * 1_000_000_000, Cause::Still);
        assert_eq!(plan, Plan::Take { slot: 1 + 30 * second as i64 });
    }
}

#[test]
fn pictures_asked_for_at_once_still_have_slots_of_their_own() {
    let mut grid = Grid::new(START, 30);
    for slot in 0..4 {
        assert_eq!(grid.plan(START, Cause::Still), Plan::Take { slot });
    }
}

#[test]
fn a_movement_after_a_pause_is_whole() {
    for shift in [0.0, 0.2, 0.5, 0.8] {
        let mut painted = source(1.0, 300, 0.05);
        painted.extend(source(1.0, 300, 0.05).iter().map(|t| t + 400.0 + shift));
        let run = run(60, &painted, |_| LATENCY);
        assert_eq!(run.pictures.len(), 600, "shift {shift}");
        assert!(count(&run.slots(), 1) >= 596, "shift {shift}: {}", count(&run.slots(), 1));
        assert_eq!(run.waits, 0, "shift {shift}");
    }
}

#[test]
fn the_phase_follows_the_source() {
    // The first change comes sooner after its frame than all others, so that the grid begins out of phase.
    let mut painted = source(1.0, 600, 0.05);
    painted[0] += 0.4;
    painted[1..].iter_mut().for_each(|time| *time += 0.85);
    painted[300] += 0.75;
    let run = run(60, &painted, |_| LATENCY);
    assert_eq!(run.pictures.len(), 600);
    assert_eq!(count(&run.slots(), 1), 599);
}

#[test]
fn a_wait_that_ends_late_gives_the_slot_of_then() {
    let mut grid = Grid::new(START, 10);
    let at = |slots: f64| START + (slots * 1e8) as u64;
    assert_eq!(grid.plan(at(0.0), Cause::Still), Plan::Take { slot: 0 });
    assert_eq!(grid.plan(at(0.0), Cause::Change), Plan::Take { slot: 1 });
    let Plan::Wait { until } = grid.plan(at(0.1), Cause::Change) else {
        panic!("a change right after a picture waits");
    };
    assert!(until > at(0.9) && until < at(1.2));
    assert_eq!(grid.plan(until + 300_000_000, Cause::Change), Plan::Take { slot: 5 });
}

/// A burst of lateness moves the phase, but not for good, wherever in its slot the source paints.
#[test]
fn lateness_for_a_while_shifts_no_pts_whatever_the_sources_phase() {
    for tenth in 0..10 {
        let phase = f64::from(tenth) / 10.0;
        let painted: Vec<f64> = (0..1800).map(|i| 3.0 + phase + i as f64 + 0.02 * (noise(i) - 0.5)).collect();
        let run = run(30, &painted, |n| if (600..630).contains(&n) { LATENCY + 0.25 } else { LATENCY });
        let shift = |p: &Picture| (p.slot as f64 - p.painted).round() as i64;
        let before = shift(&run.pictures[500]);
        let after = shift(&run.pictures[run.pictures.len() - 1]);
        assert_eq!(before, after, "phase {phase}");
        assert!(run.slots()[3..].iter().all(|step| *step == 1), "phase {phase}");
    }
}
