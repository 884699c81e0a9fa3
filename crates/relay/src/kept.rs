//! Answers that are kept for a short time, and asked for once for all who want them.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::{Clock, Millis};

/// The most answers that are kept or waited for.
const MOST: usize = 64;

/// What was answered, and until when it counts.
#[derive(Debug)]
pub struct Answer<V> {
    /// The answer.
    pub value: V,
    /// When nobody is given it any more.
    pub until: Millis,
}

/// An answer that is there, or comes.
type Coming<V> = watch::Receiver<Option<Arc<Answer<V>>>>;

/// Answers by what was asked.
pub struct Kept<K, V> {
    answers: Mutex<BTreeMap<K, Coming<V>>>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self {
            answers: Mutex::default(),
        }
    }
}

impl<K: Ord + Clone, V: Send + Sync + 'static> Kept<K, V> {
    /// The answer to `key`, where it came within `patience`; asks for it unless somebody has. Asking goes on when
    /// nobody waits any more, so whoever comes later finds it. `None` where it is still asked, or where so much is
    /// asked already that this has to come later. What was answered makes room: first what counts for the shortest time.
    pub async fn get(
        &self,
        key: K,
        patience: Duration,
        clock: &Clock,
        ask: impl FnOnce() -> BoxedAnswer<V>,
    ) -> Option<Arc<Answer<V>>> {
        let mut answer = self.find_or_ask(key, clock.now(), ask)?;
        let told = tokio::time::timeout(patience, answer.wait_for(Option::is_some)).await;
        // Whoever asked may have been stopped.
        told.ok()?.ok()?.clone()
    }

    fn find_or_ask(
        &self,
        key: K,
        now: Millis,
        ask: impl FnOnce() -> BoxedAnswer<V>,
    ) -> Option<Coming<V>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|_, answer| counts(answer, now));
        if let Some(answer) = answers.get(&key) {
            return Some(answer.clone());
        }
        if answers.len() >= MOST {
            let oldest = oldest(&answers)?;
            answers.remove(&oldest);
        }
        let (tell, answer) = watch::channel(None);
        answers.insert(key, answer.clone());
        let asking = ask();
        tokio::spawn(async move {
            let told = asking.await;
            tell.send_replace(told.map(Arc::new));
        });
        Some(answer)
    }
}

/// What asks; `None` where it was stopped, and then nothing is kept.
pub type BoxedAnswer<V> = std::pin::Pin<Box<dyn Future<Output = Option<Answer<V>>> + Send>>;

/// The answered one that counts for the shortest time; `None` where all are still waited for.
fn oldest<K: Ord + Clone, V>(answers: &BTreeMap<K, Coming<V>>) -> Option<K> {
    let answered = answers.iter().filter_map(|(key, answer)| {
        let until = answer.borrow().as_ref().map(|told| told.until)?;
        Some((until, key))
    });
    answered.min().map(|(_, key)| key.clone())
}

/// Whether it is still waited for, or holds.
fn counts<V>(answer: &Coming<V>, now: Millis) -> bool {
    match &*answer.borrow() {
        Some(told) => told.until > now,
        // An error: nobody will tell any more.
        None => answer.has_changed().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    struct Asked {
        kept: Kept<u8, u32>,
        clock: Clock,
        times: Arc<AtomicU32>,
        go: Arc<Notify>,
    }

    impl Asked {
        fn new() -> Self {
            Self {
                kept: Kept::default(),
                clock: Clock::default(),
                times: Arc::default(),
                go: Arc::default(),
            }
        }

        /// Asks; the answer comes when `go` says so, is how often was asked, and holds for a minute.
        async fn get(&self, key: u8, patience: Duration) -> Option<u32> {
            let until = self.clock.now() + 60_000;
            let (times, go) = (self.times.clone(), self.go.clone());
            let ask = || -> BoxedAnswer<u32> {
                Box::pin(async move {
                    let value = times.fetch_add(1, Ordering::SeqCst) + 1;
                    go.notified().await;
                    Some(Answer { value, until })
                })
            };
            let got = self.kept.get(key, patience, &self.clock, ask).await;
            got.map(|answer| answer.value)
        }
    }

    #[tokio::test]
    async fn many_who_look_at_once_ask_once_and_all_get_the_answer() {
        let asked = Asked::new();
        asked.go.notify_one();
        let all = futures_util::future::join_all((0..20).map(|_| asked.get(1, LONG))).await;
        assert_eq!(all, vec![Some(1); 20]);
        assert_eq!(asked.get(1, LONG).await, Some(1), "it is kept");
        asked.clock.advance(Duration::from_secs(61));
        asked.go.notify_one();
        assert_eq!(asked.get(1, LONG).await, Some(2), "and not for ever");
    }

    #[tokio::test]
    async fn who_does_not_wait_is_told_so_and_who_comes_later_finds_the_answer() {
        let asked = Asked::new();
        assert_eq!(asked.get(1, Duration::ZERO).await, None);
        assert_eq!(asked.get(1, Duration::ZERO).await, None);
        asked.go.notify_one();
        assert_eq!(asked.get(1, LONG).await, Some(1));
        assert_eq!(asked.times.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn who_asks_for_one_thing_after_another_keeps_nobody_from_an_answer() {
        let asked = Asked::new();
        let most = u8::try_from(MOST).unwrap();
        for key in 1..=most {
            asked.go.notify_one();
            assert!(asked.get(key, LONG).await.is_some());
            asked.clock.advance(Duration::from_millis(10));
        }
        asked.go.notify_one();
        assert_eq!(asked.get(200, LONG).await, Some(u32::from(most) + 1));
        assert_eq!(asked.kept.answers.lock().unwrap().len(), MOST);
        assert_eq!(asked.get(2, LONG).await, Some(2), "the second is kept");
        asked.go.notify_one();
        let again = asked.get(1, LONG).await;
        assert_eq!(again, Some(u32::from(most) + 2), "the first made room");
    }

    #[tokio::test]
    async fn what_was_stopped_is_asked_for_again_and_no_more_than_the_most_is_asked_at_once() {
        let asked = Asked::new();
        let stopped = asked
            .kept
            .get(1, LONG, &asked.clock, || Box::pin(async { None }));
        assert!(stopped.await.is_none());
        asked.go.notify_one();
        assert_eq!(asked.get(1, LONG).await, Some(1));
        for key in 2..=u8::try_from(MOST).unwrap() + 1 {
            assert_eq!(asked.get(key, Duration::ZERO).await, None);
        }
        let times = || asked.times.load(Ordering::SeqCst);
        let before = times();
        assert_eq!(asked.get(200, Duration::ZERO).await, None);
        tokio::task::yield_now().await;
        assert_eq!(times(), before, "it was not even asked");
        let waiting = asked.kept.answers.lock().unwrap().len();
        assert_eq!(waiting, MOST);
    }
}
