//! Many connections that ask as fast as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::wire::Wire;

/// What came out.
pub struct Measured {
    pub per_second: f64,
    /// Sorted.
    times: Vec<Duration>,
}

impl Measured {
    /// The time that this share of the requests stayed under, in milliseconds.
    pub fn within(&self, share: f64) -> f64 {
        let place = (self.times.len() as f64 * share) as usize;
        self.times
            .get(place.min(self.times.len().saturating_sub(1)))
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }
}

/// Sends each request once, over so many connections, which are shared out among the servers; all have to be
/// answered with `status`.
pub async fn drive(
    urls: &[&str],
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    status: u16,
) -> Result<Measured> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    let mut wires = Vec::new();
    for url in urls.iter().cycle().take(connections) {
        wires.push(Wire::open(url).await?);
    }
    let start = Instant::now();
    for mut wire in wires {
        let (next, requests) = (next.clone(), requests.clone());
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let begin = Instant::now();
                let reply = wire.ask(request).await?;
                times.push(begin.elapsed());
                ensure!(
                    reply.status == status,
                    "{}: {}",
                    reply.status,
                    String::from_utf8_lossy(&reply.body)
                );
            }
            Ok(times)
        }));
    }
    let mut times = Vec::with_capacity(requests.len());
    for task in tasks {
        times.extend(task.await??);
    }
    let took = start.elapsed();
    times.sort_unstable();
    Ok(Measured {
        per_second: times.len() as f64 / took.as_secs_f64(),
        times,
    })
}
