//! One round: load, death, perhaps more deaths while what is left is taken up again, and the account of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fastrand::Rng;
use tokio::task::JoinSet;

use crate::crash::Plan;
use crate::death::Death;
use crate::ledger::{self, Book, INTERRUPTED, Violation};
use crate::platforms::{self, Mood};
use crate::receiver::Receiver;
use crate::relay::{CrashAt, Relay, Starting};
use crate::sum::{Phase, Sum};
use crate::told;
use crate::visitors::{self, Asked, Round};
use crate::world::{World, now};

/// How long the load goes on at most before a relay is killed from outside at any moment.
const LOAD: Duration = Duration::from_millis(250);
/// How long a relay may take to come by its place, on a busy machine; less, when there is nothing more to do.
const PATIENCE: Duration = Duration::from_secs(2);
const IDLE: Duration = Duration::from_millis(50);
/// How long a relay that takes up what another left may go on before it is killed as well.
const HEAL: Duration = Duration::from_millis(150);
/// How long what is left may take to be settled and told.
const SETTLE: Duration = Duration::from_secs(120);
/// Callbacks and calls of one visitor and agent in a round.
const MOST: usize = 12;
const VISITORS: usize = 5;
const AGENTS: usize = 2;
/// How long nobody was there, in some of the rounds, for what was waiting.
const DOWNTIME: Duration = Duration::from_secs(2 * 60 * 60);

/// What the rounds of a lane have in common.
pub struct Stage<'a> {
    pub plan: &'a Plan,
    pub world: &'a World,
    pub folder: &'a Path,
    pub receiver: &'a Receiver,
    /// The relay that lives: of PostgreSQL's two the one that is not killed under load, on SQLite the one that took
    /// over last.
    pub alive: Option<Alive>,
    /// Which lane this is.
    pub lane: usize,
    /// Relays that were started.
    pub started: u64,
}

/// A relay that lives, and the name of its run.
pub struct Alive {
    pub relay: Relay,
    pub run: String,
    /// How the database knows its connections.
    name: String,
}

/// A relay that is to die; none, if it has died already.
struct Dying {
    relay: Option<Relay>,
    name: String,
}

impl Stage<'_> {
    /// Plays one round: all that is left to chance in it is in its seed.
    pub async fn play(&mut self, seed: u64, sum: &mut Sum) -> Result<()> {
        let began = now();
        let mut clock = Instant::now();
        let rng = &mut Rng::with_seed(seed);
        let death = first_death(rng);
        // Of its own, because they ask at the same time as this goes on.
        let mut askers = rng.fork();
        let mood = Mood::chosen(rng);
        mood.set(self.world).await?;
        if death.wants_a_token() || rng.u8(0..5) == 0 {
            platforms::expire_tokens(self.world).await?;
        }
        let round = Arc::new(Round::default());
        let mut in_flight = BTreeSet::new();

        let dying = self.one_that_dies(&death, sum).await?;
        sum.took(Phase::Start, &mut clock);
        let mut load = JoinSet::new();
        if let Some(relay) = dying.relay {
            let mut relays = vec![relay.url.clone()];
            relays.extend(self.alive.as_ref().map(|alive| alive.relay.url.clone()));
            self.spawn_load(&mut load, &relays, &round, &mut askers);
            let idle = async {
                while load.join_next().await.is_some() {}
                tokio::time::sleep(IDLE).await;
            };
            kill_by(relay, &death, PATIENCE, idle, sum).await?;
        }
        self.gone(&dying.name).await?;
        in_flight.extend(self.in_flight(began).await?);
        while let Some(asker) = load.join_next().await {
            asker?;
        }
        sum.took(Phase::Load, &mut clock);

        if rng.u8(0..6) == 0 {
            self.world.let_time_pass(DOWNTIME).await?;
        }
        while rng.u8(0..3) == 0 {
            let death = Death::of_one_that_heals(rng, HEAL);
            let dying = self.start(&death, sum).await?;
            if let Some(relay) = dying.relay {
                kill_by(relay, &death, HEAL, std::future::pending(), sum).await?;
            }
            self.gone(&dying.name).await?;
            in_flight.extend(self.in_flight(began).await?);
        }
        if rng.u8(0..4) == 0 {
            self.kill_the_living().await?;
            in_flight.extend(self.in_flight(began).await?);
        }
        if self.alive.is_none() {
            self.alive = Some(self.live().await?);
        }
        sum.took(Phase::Heal, &mut clock);

        let mut violations = self.ask_again(&round).await?;
        self.settle(began, &mut violations).await?;
        sum.took(Phase::Settle, &mut clock);
        violations.extend(self.account(began, &mood, &round, &in_flight, sum).await?);
        sum.took(Phase::Account, &mut clock);
        sum.in_flight += in_flight.len();
        sum.violations.extend(violations);
        Ok(())
    }

    /// The relay that is to die under load: on SQLite the one that took over last, where it may die anywhere.
    async fn one_that_dies(&mut self, death: &Death, sum: &mut Sum) -> Result<Dying> {
        let alone = self.plan.postgres.is_none();
        if alone
            && let Death::Working(_) = death
            && let Some(alive) = self.alive.take()
        {
            return Ok(Dying {
                relay: Some(alive.relay),
                name: alive.name,
            });
        }
        // Another one would have the token before this one asks for it.
        if alone || death.wants_a_token() {
            self.kill_the_living().await?;
        }
        self.start(death, sum).await
    }

    /// Starts a relay that is to die, and waits until it listens, unless it dies before.
    async fn start(&mut self, death: &Death, sum: &mut Sum) -> Result<Dying> {
        let (starting, name) = self.starting(death.crash())?;
        if let Death::Starting(after) = death {
            tokio::time::sleep(*after).await;
            starting.kill().await?;
            sum.deaths.add(death, false);
            return Ok(Dying { relay: None, name });
        }
        let relay = starting.listening().await?;
        if relay.is_none() {
            sum.deaths.add(death, true);
        }
        Ok(Dying { relay, name })
    }

    /// A relay, and how the server knows its connections.
    fn starting(&mut self, crash: Option<&CrashAt>) -> Result<(Starting, String)> {
        self.started += 1;
        let name = format!("relay-{}-{}", self.lane, self.started);
        let variables = self.world.database_by(&name);
        let starting = Starting::new(&self.plan.relay, self.folder, crash, &variables)?;
        Ok((starting, name))
    }

    /// Starts one that lives on.
    pub async fn live(&mut self) -> Result<Alive> {
        let (starting, name) = self.starting(None)?;
        let relay = starting.listening().await?;
        let database = self.world.look().await?;
        // Nobody else starts meanwhile.
        let run = sqlx::query_scalar("SELECT id FROM run ORDER BY started_at DESC, id LIMIT 1")
            .fetch_one(&database)
            .await?;
        database.close().await;
        Ok(Alive {
            relay: relay.context("a relay died that nobody killed")?,
            run,
            name,
        })
    }

    async fn kill_the_living(&mut self) -> Result<()> {
        if let Some(alive) = self.alive.take() {
            alive.relay.kill().await?;
            self.gone(&alive.name).await?;
        }
        Ok(())
    }

    /// What a relay sent to a server before it died is done only when the server has seen that it is gone.
    async fn gone(&self, name: &str) -> Result<()> {
        if self.plan.postgres.is_none() {
            return Ok(());
        }
        let database = self.world.look().await?;
        let begin = Instant::now();
        loop {
            let left: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1",
            )
            .bind(name)
            .fetch_one(&database)
            .await?;
            if left == 0 {
                break;
            }
            anyhow::ensure!(
                begin.elapsed() < SETTLE,
                "the server keeps {left} of {name}"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        database.close().await;
        Ok(())
    }

    fn run(&self) -> Option<&str> {
        self.alive.as_ref().map(|alive| alive.run.as_str())
    }

    /// What those had in flight who are dead. None of them, where there is no database yet.
    async fn in_flight(&self, began: i64) -> Result<BTreeSet<String>> {
        if !self.world.has_tables().await? {
            return Ok(BTreeSet::new());
        }
        let database = self.world.look().await?;
        let in_flight = ledger::in_flight(&database, began, self.run()).await;
        database.close().await;
        in_flight
    }

    fn spawn_load(
        &self,
        load: &mut JoinSet<()>,
        relays: &[String],
        round: &Arc<Round>,
        rng: &mut Rng,
    ) {
        for (place, relay) in relays.iter().cycle().take(VISITORS).enumerate() {
            let (client, relay, round) = (self.world.client.clone(), relay.clone(), round.clone());
            if place < AGENTS {
                let (client, relay, round) = (client.clone(), relay.clone(), round.clone());
                load.spawn(visitors::dial(client, relay, round, MOST, rng.fork()));
            }
            load.spawn(visitors::visit(client, relay, round, MOST, rng.fork()));
        }
    }

    /// A visitor who was answered gets the same reply again, across the crash; one who was not is answered now.
    async fn ask_again(&self, round: &Round) -> Result<Vec<Violation>> {
        let mut violations = Vec::new();
        let Some(alive) = &self.alive else {
            return Ok(violations);
        };
        let mut callbacks = round.callbacks.lock().await;
        let answered = callbacks.iter().position(|asked| asked.reply.is_some());
        let unanswered = callbacks.iter().position(|asked| asked.reply.is_none());
        for place in answered.into_iter().chain(unanswered) {
            let Some(asked) = callbacks.get_mut(place) else {
                continue;
            };
            match visitors::callback(&self.world.client, &alive.relay.url, asked).await {
                Ok(reply) if asked.reply.as_ref().is_none_or(|first| *first == reply) => {
                    asked.reply = Some(reply);
                }
                Ok(_) => violations.push(format!("{} was answered differently", asked.mark)),
                Err(error) => {
                    violations.push(format!("{} is not answered again: {error:#}", asked.mark));
                }
            }
        }
        Ok(violations)
    }

    async fn settle(&self, began: i64, violations: &mut Vec<Violation>) -> Result<()> {
        let database = self.world.look().await?;
        let begin = Instant::now();
        while ledger::unsettled(&database, began, self.run()).await? > 0 {
            if begin.elapsed() > SETTLE {
                violations.push("not everything was settled and told".to_owned());
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        database.close().await;
        Ok(())
    }

    async fn account(
        &self,
        began: i64,
        mood: &Mood,
        round: &Round,
        in_flight: &BTreeSet<String>,
        sum: &mut Sum,
    ) -> Result<Vec<Violation>> {
        let database = self.world.look().await?;
        let book = Book::since(&database, began).await?;
        let callbacks: Vec<Asked> = round.callbacks.lock().await.clone();
        let calls: Vec<Asked> = round.calls.lock().await.clone();
        let reached = platforms::reached(self.world).await?;
        let mut violations = ledger::compare(&book, &callbacks, &calls, &reached);
        violations.extend(ledger::unknowns(&book, in_flight, mood.unknown));
        let (messages, wrong) = self.receiver.told();
        violations.extend(wrong);
        let told = told::judge(&database, &book, &messages).await?;
        violations.extend(told.violations);
        let failed: i64 =
            sqlx::query_scalar("SELECT count(*) FROM delivery WHERE state = 'failed'")
                .fetch_one(&database)
                .await?;
        if failed > 0 {
            violations.push(format!("{failed} messages were given up"));
        }
        database.close().await;
        sum.callbacks += callbacks.len();
        sum.calls += calls.len();
        sum.alerts += book.alerts.len();
        sum.longest = sum.longest.max(told.longest);
        for row in book.callbacks.values().chain(book.calls.values()) {
            let interrupted = row.code.as_deref() == Some(INTERRUPTED);
            let state = if interrupted { INTERRUPTED } else { &row.state };
            *sum.ends.entry(state.to_owned()).or_default() += 1;
        }
        Ok(violations)
    }
}

/// How the relay under load is to die: what a round draws first, so that a seed can be chosen by it.
pub fn first_death(rng: &mut Rng) -> Death {
    Death::of_one_at_work(rng, LOAD)
}

/// Lets it die at its place, or kills it: after its time, or when it does not come by there, at the latest when
/// there is nothing more to do.
async fn kill_by(
    mut relay: Relay,
    death: &Death,
    patience: Duration,
    idle: impl Future<Output = ()>,
    sum: &mut Sum,
) -> Result<()> {
    let by_itself = match death {
        Death::Working(after) => relay.ended(*after).await?,
        _ => tokio::select! {
            ended = relay.ended(patience) => ended?,
            () = idle => false,
        },
    };
    sum.deaths.add(death, by_itself);
    if by_itself {
        return Ok(());
    }
    relay.kill().await
}
