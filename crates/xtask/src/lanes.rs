//! As much at once as the machine has cores.

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many lanes are worth having: one for each core.
pub fn cores() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Does the work on every item, on so many of them at once, begun in their order. What it came to, in that order.
pub fn each<T: Sync, R: Send>(
    items: &[T],
    lanes: NonZero<usize>,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let waiting = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..lanes.get().min(items.len()) {
            scope.spawn(|| {
                while let Some((place, item)) = locked(&waiting, Iterator::next) {
                    let result = work(item);
                    locked(&done, |done| done.push((place, result)));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Work that panics ends the whole run when its thread is joined; until then the others go on.
fn locked<T, R>(mutex: &Mutex<T>, act: impl FnOnce(&mut T) -> R) -> R {
    act(&mut mutex.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn lanes(number: usize) -> NonZero<usize> {
        NonZero::new(number).unwrap()
    }

    #[test]
    fn every_item_is_worked_on_once_and_the_results_keep_the_order() {
        let items: Vec<usize> = (0..50).collect();
        let worked = AtomicUsize::new(0);
        let squares = each(&items, lanes(3), |item| {
            worked.fetch_add(1, Ordering::SeqCst);
            item * item
        });
        assert_eq!(squares, items.iter().map(|i| i * i).collect::<Vec<_>>());
        assert_eq!(worked.into_inner(), items.len());
    }

    #[test]
    fn as_many_are_worked_on_at_once_as_there_are_lanes_and_no_more() {
        // Each waits for another: with fewer at once this would never end.
        let pair = Barrier::new(2);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        each(&[(); 10], lanes(2), |()| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            pair.wait();
            now.fetch_sub(1, Ordering::SeqCst);
        });
        assert_eq!(most.into_inner(), 2);
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        let none: Vec<u8> = each(&[], lanes(2), |item| *item);
        assert!(none.is_empty());
    }
}
