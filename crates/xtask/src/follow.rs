//! Commands that take long: what they say is kept, and meanwhile it is seen that they go on.

use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How often a terminal's line is written anew, and how often a log gets one.
const TERMINAL: Duration = Duration::from_secs(1);
const LOG: Duration = Duration::from_secs(60);
/// A terminal's line must not wrap: what wraps cannot be taken back.
const WIDTH: usize = 79;

/// How a command ended, and all that it said.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

/// Where a command says something.
#[derive(Debug, Clone, Copy)]
enum Way {
    Out,
    Err,
}

/// A line, and what kept the next one from being read.
type Heard = io::Result<(Way, Vec<u8>)>;

/// Runs a command to its end. Shows now and then for how long it has been running and what it said last.
pub fn run(command: &mut Command) -> io::Result<Ended> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let place = if io::stderr().is_terminal() {
        Place::Terminal
    } else {
        Place::Log
    };
    let mut watch = Watch::new(place);
    let ended = hear(child, &mut watch);
    watch.end();
    ended
}

fn hear(mut child: Child, watch: &mut Watch) -> io::Result<Ended> {
    let (heard, lines) = mpsc::channel();
    // Both at once: a pipe that nobody reads is full soon, and then the command waits for ever.
    read(Way::Out, child.stdout.take(), heard.clone());
    read(Way::Err, child.stderr.take(), heard);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    loop {
        match lines.recv_timeout(watch.every()) {
            Ok(line) => {
                let (way, line) = line?;
                watch.heard(&line);
                match way {
                    Way::Out => out.extend(line),
                    Way::Err => err.extend(line),
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        watch.show();
    }
    Ok(Ended {
        status: child.wait()?,
        out: String::from_utf8_lossy(&out).into_owned(),
        err: String::from_utf8_lossy(&err).into_owned(),
    })
}

/// Reads line by line to the end, beside all else.
fn read(way: Way, from: Option<impl Read + Send + 'static>, heard: Sender<Heard>) {
    let Some(from) = from else { return };
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        loop {
            let mut line = Vec::new();
            let read = from.read_until(b'\n', &mut line);
            let more = matches!(read, Ok(1..));
            let told = match read {
                Ok(0) => return,
                read => heard.send(read.map(|_| (way, line))),
            };
            // Nobody listens any more, or there is nothing more to read.
            if told.is_err() || !more {
                return;
            }
        }
    });
}

/// Where somebody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// One line, written over itself.
    Terminal,
    /// A new line each time.
    Log,
}

/// What is seen of a command that runs.
struct Watch {
    place: Place,
    began: Instant,
    shown: Instant,
    /// The last line that says anything.
    last: String,
    /// Tests that have ended, of a test runner that says so.
    tests: u64,
}

impl Watch {
    fn new(place: Place) -> Self {
        let now = Instant::now();
        Self {
            place,
            began: now,
            shown: now,
            last: String::new(),
            tests: 0,
        }
    }

    fn every(&self) -> Duration {
        match self.place {
            Place::Terminal => TERMINAL,
            Place::Log => LOG,
        }
    }

    fn heard(&mut self, line: &[u8]) {
        let line = plain(&String::from_utf8_lossy(line));
        self.tests += u64::from(is_ended_test(&line));
        if !line.is_empty() {
            self.last = line;
        }
    }

    /// The line to show after so long.
    fn line(&self, after: Duration) -> String {
        let tests = match self.tests {
            0 => String::new(),
            tests => format!(", {tests} tests"),
        };
        let line = format!("    {}{tests}: {}", minutes(after), self.last);
        line.chars().take(WIDTH).collect()
    }

    fn show(&mut self) {
        if self.shown.elapsed() < self.every() {
            return;
        }
        self.shown = Instant::now();
        let line = self.line(self.began.elapsed());
        match self.place {
            Place::Terminal => eprint!("\r\x1b[K{line}"),
            Place::Log => eprintln!("{line}"),
        }
    }

    /// Takes the terminal's line away.
    fn end(&self) {
        if self.place == Place::Terminal {
            eprint!("\r\x1b[K");
        }
    }
}

/// `test … ... ok`, as Rust's test programs say it.
fn is_ended_test(line: &str) -> bool {
    line.starts_with("test ") && (line.ends_with("... ok") || line.ends_with("... FAILED"))
}

/// A line without what moves the cursor or colours: what stands behind the last return, without escapes.
fn plain(line: &str) -> String {
    let line = line.trim_end();
    let line = line.rsplit('\r').next().unwrap_or(line);
    let mut plain = String::new();
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c == '\x1b' {
            // To the letter that ends it.
            rest.by_ref().find(char::is_ascii_alphabetic);
        } else if !c.is_control() {
            plain.push(c);
        }
    }
    plain.trim().to_owned()
}

/// A time for a person: `4.2 s`, `3 min 05 s`.
pub fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        return format!("{:.1} s", time.as_secs_f64());
    }
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Ended {
        run(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn all_that_a_command_says_is_kept_apart_and_how_it_ended() {
        let ended = shell("echo one; echo two >&2; printf three; exit 3");
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!(ended.out, "one\nthree");
        assert_eq!(ended.err, "two\n");
    }

    #[test]
    fn much_on_both_ways_and_bytes_that_are_no_text_stop_nothing() {
        let much =
            "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789 >&2;
            echo 0123456789012345678901234567890123456789; i=$((i+1)); done; printf '\\377'";
        let ended = shell(much);
        assert!(ended.status.success());
        assert_eq!(ended.err.lines().count(), 3000);
        assert_eq!(ended.out.lines().count(), 3001);
        assert!(ended.out.ends_with('\u{fffd}'));
    }

    #[test]
    fn a_command_that_is_not_there_is_an_error() {
        assert!(run(&mut Command::new("/nowhere/to/be/found")).is_err());
    }

    #[test]
    fn the_last_line_and_the_tests_that_have_ended_are_shown_in_one_line() {
        let mut watch = Watch::new(Place::Log);
        for line in [
            "test a::b ... ok\n",
            "test c ... FAILED\n",
            "test d ... ignored\n",
            "\x1b[32mhalf\r\x1b[1A\x1b[2K  ✓ whole\x1b[0m\n",
            "\n",
        ] {
            watch.heard(line.as_bytes());
        }
        let line = watch.line(Duration::from_secs(185));
        assert_eq!(line, "    3 min 05 s, 2 tests: ✓ whole");
        watch.heard("ü".repeat(200).as_bytes());
        assert_eq!(watch.line(Duration::ZERO).chars().count(), WIDTH);
    }
}
