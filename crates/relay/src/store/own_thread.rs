//! A thread for the writer: it looks for SQLite's answer for a moment before it sleeps.
//!
//! SQLite works on a thread of sqlx's. Each statement is a way there and back, a dozen for each request, and to
//! fall asleep and be woken in between costs more than the statement: on a virtual machine up to 50 µs. Measured:
//! `docs/scale.md`.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long it looks before it sleeps: longer than most statements take, shorter than an fsync.
const LOOK: Duration = Duration::from_micros(60);

struct Woken {
    is_woken: AtomicBool,
    thread: Thread,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Cheap where the thread is awake; otherwise it is woken.
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

/// Runs a future to its end on this thread.
pub fn run<F: Future>(future: F) -> F::Output {
    let woken = Arc::new(Woken {
        is_woken: AtomicBool::new(false),
        thread: thread::current(),
    });
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    // Alone on one core, looking would keep SQLite from working.
    let look = match thread::available_parallelism() {
        Ok(cores) if cores.get() > 1 => LOOK,
        _ => Duration::ZERO,
    };
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
        let began = Instant::now();
        while !woken.is_woken.swap(false, Ordering::AcqRel) {
            if began.elapsed() < look {
                std::hint::spin_loop();
            } else {
                thread::park();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_others_wake_comes_to_its_end() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let (ask, asked) = std::sync::mpsc::channel();
        let other = thread::spawn(move || {
            // Once while it looks, once while it sleeps.
            asked.recv().unwrap();
            thread::sleep(LOOK * 20);
            sender.send(7).unwrap();
        });
        let seen = run(async {
            ask.send(()).unwrap();
            tokio::task::yield_now().await;
            receiver.await.unwrap()
        });
        assert_eq!(seen, 7);
        other.join().unwrap();
    }
}
