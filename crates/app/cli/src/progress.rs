//! Progress bars on stderr, for work that takes longer than half a second.
//!
//! Whoever works only adds to a counter. A thread of its own, which exists where there is a terminal
//! to draw on and as long as the work lasts, looks at it ten times a second. So a bar shows up in
//! time, and moves, even when nothing comes from a slow pipe. It has no colours.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::Sender;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use sealwright::Announcement;
use sealwright::ByteCount;
use sealwright::Progress;
use sealwright_core::terminal;

use crate::announcements;
use crate::env;
use crate::printer::Printer;

/// How long work lasts before it is shown.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a bar is drawn.
const PERIOD: Duration = Duration::from_millis(100);
/// Most characters that say what is worked on.
const MAX_WHAT: usize = 40;

/// One bar at a time.
#[derive(Debug)]
pub(crate) struct Bar {
    shown: bool,
    count: ByteCount,
    current: Mutex<Option<Drawing>>,
    printer: Printer,
}

impl Bar {
    pub(crate) fn new(printer: &Printer) -> Self {
        Self {
            shown: printer.shows_progress(env::read(env::TERM).as_deref()),
            count: ByteCount::default(),
            current: Mutex::new(None),
            printer: *printer,
        }
    }

    fn replace(&self, drawing: Option<Drawing>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // What was drawn is gone before anything else is.
        drop(current.take());
        *current = drawing;
    }
}

impl Progress for Bar {
    fn start(&self, what: &str, total: Option<u64>) {
        if self.shown {
            self.replace(None);
            self.replace(Drawing::start(what, total, &self.count));
        }
    }

    fn count(&self) -> &ByteCount {
        &self.count
    }

    fn finish(&self) {
        if self.shown {
            self.replace(None);
        }
    }

    fn warn(&self, message: &str) {
        self.finish();
        self.printer.warn(&terminal::escape(message));
    }

    fn say(&self, announcement: &Announcement<'_>) {
        if self.shown {
            self.replace(None);
        }
        announcements::print(&self.printer, announcement);
    }

    fn is_interactive(&self) -> bool {
        use std::io::IsTerminal as _;
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}

/// A bar that is, or will be, drawn until this is dropped; then it is cleared.
#[derive(Debug)]
struct Drawing {
    /// Never sent to: that it is gone is the message.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drawing {
    /// Without a thread there is no bar, and the work goes on.
    fn start(what: &str, total: Option<u64>, count: &ByteCount) -> Option<Self> {
        let what = shortened(&terminal::escape(what));
        let count = count.clone();
        let (end, ended) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || draw(what, total, &count, &ended))
            .ok()?;
        Some(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn draw(what: String, total: Option<u64>, count: &ByteCount, ended: &Receiver<()>) {
    let lasts = |time| ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
    let template = match total {
        Some(_) => "{msg} {wide_bar} {binary_bytes}/{binary_total_bytes} {eta}",
        None => "{spinner} {msg} {binary_bytes}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(what);
    if !lasts(PATIENCE) {
        return;
    }
    bar.set_draw_target(ProgressDrawTarget::stderr());
    loop {
        match count.done() {
            // Either draws, and moves what shows that this is alive.
            done if done == bar.position() => bar.tick(),
            done => bar.set_position(done),
        }
        if !lasts(PERIOD) {
            break;
        }
    }
    bar.finish_and_clear();
}

/// Leaves room for the bar.
fn shortened(what: &str) -> String {
    match what.char_indices().nth(MAX_WHAT) {
        Some((end, _)) => format!("{}…", what.get(..end).unwrap_or_default()),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::Verbosity;

    #[test]
    fn nothing_is_shown_where_nothing_can_be_drawn() {
        for (verbosity, term) in [
            (Verbosity::Quiet, Some("xterm")),
            (Verbosity::Verbose, Some("dumb")),
            (Verbosity::Normal, None),
        ] {
            assert!(!Printer::new(verbosity).shows_progress(term));
        }
        let bar = Bar {
            printer: Printer::new(Verbosity::Quiet),
            shown: false,
            count: ByteCount::default(),
            current: Mutex::new(None),
        };
        bar.start("work", Some(1));
        assert!(bar.current.lock().unwrap().is_none());
    }

    #[test]
    fn a_bar_ends_with_its_work_or_when_another_begins() {
        let bar = Bar {
            printer: Printer::new(Verbosity::Quiet),
            shown: true,
            count: ByteCount::default(),
            current: Mutex::new(None),
        };
        bar.start("one", Some(1));
        bar.start("two", None);
        assert!(bar.current.lock().unwrap().is_some());
        bar.finish();
        assert!(bar.current.lock().unwrap().is_none());
        bar.finish();
    }

    #[test]
    fn long_names_leave_room() {
        assert_eq!(shortened("a"), "a");
        assert_eq!(shortened(&"ä".repeat(40)), "ä".repeat(40));
        assert_eq!(shortened(&"ä".repeat(41)).chars().count(), 41);
    }
}
