//! Pictures that are pushed from outside: by a program that takes them in a way this crate does not know.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use clipshot_media::monotonic_ns;

use crate::registry::{Backend, OpenOptions, SourceInfo, SourceKind};
use crate::{Error, Layout, Result, Slot, Source, Waker};

const NAME: &str = "push";

/// The open push sources of this process: a source is opened by an id, so there has to be a place where ids are known.
static OPEN: Mutex<Vec<Weak<Pushed>>> = Mutex::new(Vec::new());

/// The end of a push source into which pictures are pushed. Dropping it closes the source.
#[derive(Debug)]
pub struct PushSource {
    pushed: Arc<Pushed>,
}

#[derive(Debug)]
struct Pushed {
    number: u64,
    title: String,
    refresh_hz: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    picture: Vec<u8>,
    layout: Layout,
    closed: bool,
    readers: Vec<Reader>,
}

/// A source that captures what is pushed.
#[derive(Debug)]
struct Reader {
    id: u64,
    event: Arc<Waker>,
    /// When the oldest picture that it has not taken was taken.
    changed_at: Option<u64>,
}

/// Rows of four bytes a pixel: blue, green, red, and one without meaning.
#[derive(Clone, Copy, Debug)]
pub struct PushedPicture<'a> {
    /// The pixels.
    pub bgra: &'a [u8],
    /// Size, and bytes from one row to the next.
    pub layout: Layout,
    /// When it was taken, CLOCK_MONOTONIC ns.
    pub taken_at: u64,
}

impl PushedPicture<'_> {
    /// Whether the bytes hold a picture of this layout.
    pub fn is_whole(&self) -> bool {
        let Layout { width, height, stride } = self.layout;
        let row = width as usize * 4;
        let needed = stride.checked_mul((height as usize).saturating_sub(1)).and_then(|rows| rows.checked_add(row));
        width > 0 && height > 0 && stride >= row && needed.is_some_and(|needed| needed <= self.bgra.len())
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let row = self.layout.width as usize * 4;
        self.bgra.chunks(self.layout.stride).take(self.layout.height as usize).map(move |bytes| &bytes[..row])
    }
}

impl PushSource {
    /// A source that is black until the first picture. `refresh_hz` and `title` are for people.
    pub fn new(width: u32, height: u32, refresh_hz: f64, title: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let title = if title.is_empty() { format!("Pushed pictures {number}") } else { title.to_owned() };
        let layout = Layout::packed(width, height);
        let state = State { picture: vec![0; layout.len()], layout, closed: false, readers: Vec::new() };
        let pushed = Arc::new(Pushed { number, title, refresh_hz, state: Mutex::new(state) });
        let mut open = lock(&OPEN);
        open.retain(|source| source.strong_count() > 0);
        open.push(Arc::downgrade(&pushed));
        Self { pushed }
    }

    /// Id by which it can be captured.
    pub fn id(&self) -> String {
        self.pushed.id()
    }

    /// Shows a picture, of the size that was announced or of another. One that is the same as the picture before is no
    /// change. False when nobody captures it; it is then not even copied.
    ///
    /// The picture must be whole: one that is not is left out, and the answer is false.
    pub fn push(&self, picture: PushedPicture<'_>) -> bool {
        let mut state = lock(&self.pushed.state);
        if state.closed || state.readers.is_empty() || !picture.is_whole() {
            return false;
        }
        let layout = Layout::packed(picture.layout.width, picture.layout.height);
        let resized = layout != state.layout;
        if !resized && state.picture.chunks(layout.stride).eq(picture.rows()) {
            return true;
        }
        state.picture.resize(layout.len(), 0);
        state.picture.chunks_mut(layout.stride).zip(picture.rows()).for_each(|(to, from)| to.copy_from_slice(from));
        state.layout = layout;
        let taken_at = picture.taken_at.min(monotonic_ns());
        for reader in &mut state.readers {
            reader.changed_at.get_or_insert(taken_at);
            reader.event.wake();
        }
        true
    }

    /// Ends the source: whoever captures it has lost it.
    pub fn close(&self) {
        let mut state = lock(&self.pushed.state);
        state.closed = true;
        state.readers.iter().for_each(|reader| reader.event.wake());
    }
}

impl Drop for PushSource {
    fn drop(&mut self) {
        self.close();
    }
}

impl Pushed {
    fn id(&self) -> String {
        format!("{NAME}:{}", self.number)
    }
}

/// The end at which the pictures are captured.
struct PushCapture {
    pushed: Arc<Pushed>,
    id: u64,
    event: Arc<Waker>,
    /// Size of the slots.
    layout: Layout,
}

impl PushCapture {
    fn open(pushed: Arc<Pushed>) -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let no_event = |error: std::io::Error| Error::BackendUnavailable {
            backend: NAME.into(),
            reason: format!("no descriptor is left ({error}); raise the limit of open files"),
        };
        let (id, event) = (NEXT.fetch_add(1, Ordering::Relaxed), Arc::new(Waker::new().map_err(no_event)?));
        let mut state = lock(&pushed.state);
        state.readers.push(Reader { id, event: event.clone(), changed_at: Some(monotonic_ns()) });
        let layout = state.layout;
        drop(state);
        Ok(Self { pushed, id, event, layout })
    }
}

impl Drop for PushCapture {
    fn drop(&mut self) {
        lock(&self.pushed.state).readers.retain(|reader| reader.id != self.id);
    }
}

impl Source for PushCapture {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn make_slots(&mut self, count: usize) -> Result<Vec<Slot>> {
        self.layout = lock(&self.pushed.state).layout;
        Ok((0..count).map(|index| Slot::own(index, self.layout.len())).collect())
    }

    fn wait(&mut self, deadline_ns: u64, waker: &Waker) -> Result<()> {
        if lock(&self.pushed.state).closed {
            return Err(closed());
        }
        if self.changed().is_none() {
            waker.wait_for_either(&self.event, deadline_ns);
        }
        if lock(&self.pushed.state).closed { Err(closed()) } else { Ok(()) }
    }

    fn changed(&self) -> Option<u64> {
        let state = lock(&self.pushed.state);
        state.readers.iter().find(|reader| reader.id == self.id).and_then(|reader| reader.changed_at)
    }

    fn fill(&mut self, slot: &mut Slot) -> Result<()> {
        let mut state = lock(&self.pushed.state);
        if state.closed {
            return Err(closed());
        }
        if state.layout != self.layout {
            return Err(Error::Resized);
        }
        slot.bytes_mut().copy_from_slice(&state.picture);
        if let Some(reader) = state.readers.iter_mut().find(|reader| reader.id == self.id) {
            reader.changed_at = None;
        }
        Ok(())
    }
}

fn closed() -> Error {
    Error::SourceLost { reason: "no more pictures are pushed".into() }
}

/// The backend's entry in the registry.
pub struct PushBackend;

impl Backend for PushBackend {
    fn name(&self) -> &'static str {
        NAME
    }

    fn probe(&self, _display: Option<&str>) -> Result<()> {
        Ok(())
    }

    fn sources(&self, _display: Option<&str>) -> Result<Vec<SourceInfo>> {
        let info = |pushed: Arc<Pushed>| {
            let state = lock(&pushed.state);
            (!state.closed).then(|| SourceInfo {
                width: state.layout.width,
                height: state.layout.height,
                refresh_hz: pushed.refresh_hz,
                ..SourceInfo::new(pushed.id(), SourceKind::Push, pushed.title.clone(), NAME)
            })
        };
        Ok(lock(&OPEN).iter().filter_map(Weak::upgrade).filter_map(info).collect())
    }

    fn open(&self, name: &str, _options: &OpenOptions) -> Result<Box<dyn Source>> {
        let open = lock(&OPEN).iter().filter_map(Weak::upgrade).find(|pushed| pushed.number.to_string() == name);
        match open.filter(|pushed| !lock(&pushed.state).closed) {
            Some(pushed) => Ok(Box::new(PushCapture::open(pushed)?)),
            None => Err(Error::SourceNotFound { id: format!("{NAME}:{name}") }),
        }
    }
}

/// A copy that panicked leaves at worst a torn picture.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{open, sources_of};

    const OPTIONS: OpenOptions = OpenOptions { display: None, draw_cursor: false };

    fn picture(bgra: &[u8], width: u32, stride: usize) -> PushedPicture<'_> {
        let height = (bgra.len() / stride.max(1)) as u32;
        PushedPicture { bgra, layout: Layout { width, height, stride }, taken_at: 7 }
    }

    #[test]
    fn nothing_is_copied_while_nobody_captures() {
        let source = PushSource::new(2, 2, 30.0, "");
        assert!(!source.push(picture(&[1; 16], 2, 8)));
        let mut capture = open(&source.id(), &OPTIONS).unwrap();
        let mut slot = capture.make_slots(1).unwrap().pop().unwrap();
        capture.fill(&mut slot).unwrap();
        assert_eq!(slot.bytes(), [0; 16]);
        assert!(source.push(picture(&[1; 16], 2, 8)));
        assert_eq!(capture.changed(), Some(7));
        drop(capture);
        assert!(!source.push(picture(&[2; 16], 2, 8)));
    }

    #[test]
    fn the_same_picture_is_no_change_and_padding_no_part_of_it() {
        let source = PushSource::new(2, 2, 0.0, "");
        let mut capture = open(&source.id(), &OPTIONS).unwrap();
        let mut slot = capture.make_slots(1).unwrap().pop().unwrap();
        let mut padded = vec![5; 24];
        assert!(source.push(picture(&padded, 2, 12)));
        capture.fill(&mut slot).unwrap();
        assert_eq!(slot.bytes(), [5; 16]);
        padded[8..12].fill(9);
        assert!(source.push(picture(&padded, 2, 12)));
        assert_eq!(capture.changed(), None);
        padded[0] = 6;
        assert!(source.push(picture(&padded, 2, 12)));
        assert!(capture.changed().is_some());
    }

    #[test]
    fn another_size_needs_other_slots() {
        let source = PushSource::new(2, 2, 0.0, "");
        let mut capture = open(&source.id(), &OPTIONS).unwrap();
        let mut slot = capture.make_slots(1).unwrap().pop().unwrap();
        assert!(source.push(picture(&[3; 32], 4, 16)));
        assert!(matches!(capture.fill(&mut slot), Err(Error::Resized)));
        let mut slot = capture.make_slots(1).unwrap().pop().unwrap();
        capture.fill(&mut slot).unwrap();
        assert_eq!((capture.layout(), slot.bytes()), (Layout::packed(4, 2), [3; 32].as_slice()));
    }

    #[test]
    fn a_picture_that_is_not_whole_is_left_out() {
        let source = PushSource::new(2, 2, 0.0, "");
        let _capture = open(&source.id(), &OPTIONS).unwrap();
        let torn = [
            Layout { width: 2, height: 3, stride: 8 },
            Layout { width: 3, height: 2, stride: 8 },
            Layout { width: 0, height: 2, stride: 8 },
            Layout { width: 2, height: u32::MAX, stride: usize::MAX },
        ];
        for layout in torn {
            assert!(!source.push(PushedPicture { bgra: &[1; 16], layout, taken_at: 0 }), "{layout:?}");
        }
    }

    #[test]
    fn listed_while_it_is_open() {
        let source = PushSource::new(6, 4, 30.0, "Screen by mss");
        let listed = || sources_of(NAME, None).unwrap().into_iter().find(|info| info.id == source.id());
        let info = listed().unwrap();
        assert_eq!((info.title.as_str(), info.width, info.height), ("Screen by mss", 6, 4));
        let mut capture = open(&source.id(), &OPTIONS).unwrap();
        source.close();
        assert!(listed().is_none());
        assert!(matches!(open(&source.id(), &OPTIONS), Err(Error::SourceNotFound { .. })));
        assert!(matches!(capture.wait(u64::MAX, &Waker::new().unwrap()), Err(Error::SourceLost { .. })));
    }
}
