//! What a file says of itself beside its tracks.

use crate::Timeline;

/// Title and chapters of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Title of the file; empty for none.
    pub title: String,
    /// Its chapters.
    pub chapters: Vec<Chapter>,
}

/// Name of what lies before the first chapter: a chapter track cannot begin later than the file.
const BEFORE_FIRST: &str = "Start";

/// A named part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// First moment, 90 kHz ticks.
    pub start: i64,
    /// The moment after the last; not later than the start: until the next chapter begins.
    pub end: i64,
    /// Name; an empty one becomes "Chapter 1" and so on.
    pub title: String,
}

impl Labels {
    /// The labels of a file that shows `start` to `end` of what `timeline` describes, for chapters in session times.
    ///
    /// The chapters come out in order and with times from 0, none overlaps the next, and those outside are left out. What
    /// lies before the first is a chapter too.
    #[must_use]
    pub fn of_file(&self, timeline: &Timeline, start: i64, end: i64) -> Self {
        let length = end - start;
        let within = |session: i64| (timeline.in_file(session) - start).clamp(0, length.max(0));
        let mut chapters: Vec<Chapter> = self
            .chapters
            .iter()
            .map(|chapter| {
                let end = if chapter.end > chapter.start { within(chapter.end) } else { length };
                Chapter { start: within(chapter.start), end, title: chapter.title.clone() }
            })
            .filter(|chapter| chapter.start < chapter.end)
            .collect();
        chapters.sort_by_key(|chapter| chapter.start);
        for next in (1..chapters.len()).rev() {
            chapters[next - 1].end = chapters[next - 1].end.min(chapters[next].start);
        }
        chapters.retain(|chapter| chapter.start < chapter.end);
        for (number, chapter) in (1..).zip(&mut chapters) {
            if chapter.title.is_empty() {
                chapter.title = format!("Chapter {number}");
            }
        }
        if let Some(first) = chapters.first().map(|first| first.start).filter(|start| *start > 0) {
            chapters.insert(0, Chapter { start: 0, end: first, title: BEFORE_FIRST.into() });
        }
        Self { title: self.title.clone(), chapters }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TimeMark;

    fn chapters(given: &[(i64, i64, &str)]) -> Labels {
        let chapter = |&(start, end, title): &(i64, i64, &str)| Chapter { start, end, title: title.into() };
        Labels { title: "file".into(), chapters: given.iter().map(chapter).collect() }
    }

    #[test]
    fn chapters_are_cut_to_the_file_and_follow_each_other() {
        let given =
            chapters(&[(150, 180, "b"), (0, 10, "before"), (90, 160, "a"), (190, 190, ""), (250, 260, "after")]);
        let expected = chapters(&[(0, 50, "a"), (50, 80, "b"), (90, 100, "Chapter 3")]);
        assert_eq!(given.of_file(&Timeline::default(), 100, 200), expected);
    }

    #[test]
    fn what_lies_before_the_first_chapter_is_one() {
        let expected = chapters(&[(0, 10, "Start"), (10, 20, "a")]);
        assert_eq!(chapters(&[(110, 120, "a")]).of_file(&Timeline::default(), 100, 200), expected);
    }

    #[test]
    fn chapters_keep_their_place_across_a_pause() {
        let timeline = Timeline { marks: vec![TimeMark { from: 150, shift: 1000 }] };
        let given = chapters(&[(100, 700, "paused within"), (700, 1160, "from the pause"), (1160, 1170, "after")]);
        let expected = chapters(&[(0, 50, "paused within"), (50, 60, "from the pause"), (60, 70, "after")]);
        assert_eq!(given.of_file(&timeline, 100, 200), expected);
    }
}
