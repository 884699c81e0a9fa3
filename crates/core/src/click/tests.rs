use proptest::prelude::*;

use super::*;

fn pressed(key: &str, at: u64) -> Event {
    Event::Pressed {
        key: key.to_owned(),
        at,
        before: Before::Nothing,
    }
}

/// A button that was pressed at 0 with a request that was sent before, and never answered.
fn pressed_again() -> Click {
    let mut click = Click::default();
    let prepare = click.handle(
        Event::Pressed {
            key: "key".to_owned(),
            at: 0,
            before: Before::Perhaps,
        },
        0,
    );
    assert_eq!(prepare, Some(Effect::Prepare { turn: 1 }));
    click
}

/// A button that was pressed at 0 and has just been told to send.
fn sending() -> (Click, u32) {
    let mut click = Click::default();
    click.handle(pressed("key", 0), 0);
    match click.handle(Event::Prepared { turn: 1 }, 0) {
        Some(Effect::Send { turn, .. }) => (click, turn),
        other => panic!("{other:?}"),
    }
}

#[test]
fn further_presses_do_nothing_until_three_seconds_after_acceptance() {
    let (mut click, turn) = sending();
    assert_eq!(click.handle(pressed("second", 10), 10), None);
    click.handle(
        Event::Replied {
            turn,
            reply: Reply::Accepted,
        },
        100,
    );
    assert_eq!(click.handle(pressed("third", 3_099), 3_099), None);
    assert!(matches!(
        click.handle(pressed("redial", 3_100), 3_100),
        Some(Effect::Prepare { .. })
    ));
}

#[test]
fn a_click_that_is_not_ready_in_ten_seconds_is_refused_as_expired() {
    let mut click = Click::default();
    click.handle(pressed("key", 0), 0);
    assert_eq!(click.phase(), Phase::Waiting);
    assert_eq!(click.wake_at(), Some(KEEP_MS));
    let expired = Some(Effect::Settle(Verdict::Refused(Reason::Found(
        Code::Expired,
    ))));
    assert_eq!(click.handle(Event::Tick, KEEP_MS), expired);
    assert_eq!(click.handle(Event::Prepared { turn: 1 }, KEEP_MS + 1), None);
}

#[test]
fn readiness_after_a_long_sleep_sends_nothing() {
    let mut click = Click::default();
    click.handle(pressed("key", 0), 0);
    let expired = Some(Effect::Settle(Verdict::Refused(Reason::Found(
        Code::Expired,
    ))));
    assert_eq!(
        click.handle(Event::Prepared { turn: 1 }, 20 * 60_000),
        expired
    );
}

#[test]
fn a_click_kept_elsewhere_counts_from_when_it_was_clicked() {
    let mut click = Click::default();
    let expired = Some(Effect::Settle(Verdict::Refused(Reason::Found(
        Code::Expired,
    ))));
    assert_eq!(click.handle(pressed("key", 1_000), 11_000), expired);
}

#[test]
fn a_lost_reply_is_asked_for_again_under_the_same_key_and_then_unknown() {
    let (mut click, mut turn) = sending();
    let mut now = 0;
    let mut keys = vec!["key".to_owned()];
    loop {
        let mut effect = click.handle(
            Event::Replied {
                turn,
                reply: Reply::Lost,
            },
            now,
        );
        assert!(
            !matches!(click.phase(), Phase::Waiting),
            "what was sent cannot be called off"
        );
        if effect.is_none() {
            now = click.wake_at().unwrap();
            let Some(Effect::Prepare { turn }) = click.handle(Event::Tick, now) else {
                panic!()
            };
            effect = click.handle(Event::Prepared { turn }, now);
        }
        match effect {
            Some(Effect::Send { turn: next, key }) => {
                turn = next;
                keys.push(key);
            }
            Some(Effect::Settle(verdict)) => {
                assert_eq!(verdict, Verdict::Unknown(Reason::Found(Code::NoReply)));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(now < KEEP_MS);
    assert!(
        keys.len() > 3 && keys.iter().all(|key| key == "key"),
        "{keys:?}"
    );
}

#[test]
fn no_reply_in_twenty_seconds_is_unknown_and_a_late_one_changes_nothing() {
    let (mut click, turn) = sending();
    assert_eq!(click.wake_at(), Some(REPLY_MS));
    assert_eq!(click.handle(Event::Tick, REPLY_MS - 1), None);
    let unknown = Verdict::Unknown(Reason::Found(Code::NoReply));
    assert_eq!(
        click.handle(Event::Tick, REPLY_MS),
        Some(Effect::Settle(unknown))
    );
    click.handle(
        Event::Replied {
            turn,
            reply: Reply::Accepted,
        },
        REPLY_MS + 1,
    );
    assert_eq!(click.phase(), Phase::Settled(unknown));
}

#[test]
fn a_refused_session_is_renewed_once() {
    let (mut click, turn) = sending();
    let renew = click.handle(
        Event::Replied {
            turn,
            reply: Reply::Unauthorized,
        },
        10,
    );
    let Some(Effect::Renew { turn }) = renew else {
        panic!("{renew:?}")
    };
    let send = click.handle(Event::Prepared { turn }, 20);
    let Some(Effect::Send { turn, .. }) = send else {
        panic!("{send:?}")
    };
    let refused = Some(Effect::Settle(Verdict::Refused(Reason::Reply)));
    assert_eq!(
        click.handle(
            Event::Replied {
                turn,
                reply: Reply::Unauthorized
            },
            30
        ),
        refused
    );
}

#[test]
fn an_unreachable_relay_is_tried_three_times_and_then_said_to_be_so() {
    let mut click = Click::default();
    let mut effect = click.handle(pressed("key", 0), 0);
    let mut tries = 0;
    while let Some(Effect::Prepare { turn }) = effect {
        tries += 1;
        effect = click.handle(
            Event::NotPrepared {
                turn,
                obstacle: Obstacle::Lost,
            },
            0,
        );
        if effect.is_none() {
            effect = click.handle(Event::Tick, click.wake_at().unwrap());
        }
    }
    assert_eq!(tries, 3);
    assert_eq!(
        effect,
        Some(Effect::Settle(Verdict::Refused(Reason::Found(
            Code::RelayUnreachable
        ))))
    );
}

#[test]
fn a_kept_click_can_be_called_off_and_a_sent_one_cannot() {
    let mut click = Click::default();
    click.handle(pressed("key", 0), 0);
    let cancelled = Some(Effect::Settle(Verdict::Refused(Reason::Found(
        Code::Cancelled,
    ))));
    assert_eq!(click.handle(Event::Cancelled, 5), cancelled);
    let (mut click, _) = sending();
    assert_eq!(click.handle(Event::Cancelled, 5), None);
}

#[test]
fn a_refusal_after_a_lost_reply_does_not_hide_that_the_first_may_have_arrived() {
    let (mut click, turn) = sending();
    assert_eq!(
        click.handle(
            Event::Replied {
                turn,
                reply: Reply::Lost
            },
            0
        ),
        None
    );
    let prepare = click.handle(Event::Tick, click.wake_at().unwrap());
    let Some(Effect::Prepare { turn }) = prepare else {
        panic!("{prepare:?}")
    };
    let unknown = Some(Effect::Settle(Verdict::Unknown(Reason::Found(
        Code::NoReply,
    ))));
    assert_eq!(
        click.handle(
            Event::NotPrepared {
                turn,
                obstacle: Obstacle::Refused
            },
            400
        ),
        unknown
    );
}

#[test]
fn what_may_have_arrived_before_it_is_sent_again_is_unknown_until_an_answer_proves_otherwise() {
    let unknown = Some(Effect::Settle(Verdict::Unknown(Reason::Found(
        Code::NoReply,
    ))));
    let mut offline = pressed_again();
    assert_eq!(offline.phase(), Phase::Working);
    assert_eq!(offline.handle(Event::Cancelled, 5), None);
    assert_eq!(offline.handle(Event::Tick, KEEP_MS), unknown);

    for (reply, verdict) in [
        (Reply::Denied, unknown),
        (
            Reply::NotTaken,
            Some(Effect::Settle(Verdict::Refused(Reason::Reply))),
        ),
        (
            Reply::Refused,
            Some(Effect::Settle(Verdict::Refused(Reason::Reply))),
        ),
        (Reply::Accepted, Some(Effect::Settle(Verdict::Accepted))),
    ] {
        let mut click = pressed_again();
        let send = click.handle(Event::Prepared { turn: 1 }, 5);
        assert!(matches!(send, Some(Effect::Send { turn: 2, .. })));
        let settled = click.handle(Event::Replied { turn: 2, reply }, 90);
        assert_eq!(settled, verdict, "{reply:?}");
    }
}

#[derive(Debug, Clone)]
enum Input {
    Press,
    Answer(u8),
    Late(u8, u32),
    Cancel,
    Tick,
}

fn input() -> impl Strategy<Value = (Input, u64)> {
    let input = prop_oneof![
        2 => Just(Input::Press),
        5 => (0_u8..8).prop_map(Input::Answer),
        1 => (0_u8..8, 0_u32..40).prop_map(|(answer, turn)| Input::Late(answer, turn)),
        1 => Just(Input::Cancel),
        3 => Just(Input::Tick),
    ];
    (input, prop_oneof![3 => 0_u64..400, 1 => 0_u64..30_000])
}

fn answer(kind: u8, turn: u32, open: Option<&Effect>) -> Event {
    match (kind, open) {
        (0..=4, Some(Effect::Prepare { .. } | Effect::Renew { .. })) => Event::Prepared { turn },
        (5 | 6, Some(Effect::Prepare { .. } | Effect::Renew { .. })) => Event::NotPrepared {
            turn,
            obstacle: Obstacle::Lost,
        },
        (_, Some(Effect::Prepare { .. } | Effect::Renew { .. })) => Event::NotPrepared {
            turn,
            obstacle: Obstacle::Refused,
        },
        (kind, _) => {
            let reply = match kind {
                0 => Reply::Accepted,
                1 => Reply::Refused,
                2 => Reply::Denied,
                3 | 4 => Reply::Unauthorized,
                5 => Reply::Unknown,
                _ => Reply::Lost,
            };
            Event::Replied { turn, reply }
        }
    }
}

proptest! {
    #[test]
    fn no_click_is_sent_twice_under_two_keys_or_late_and_none_gets_stuck(
        inputs in proptest::collection::vec(input(), 1..60)
    ) {
        let mut click = Click::default();
        let mut now = 1_000_u64;
        let mut presses = 0_u64;
        let mut open: Option<Effect> = None;
        // The key and time of the click at work, and whether a send of it is unanswered.
        let mut current: Option<(String, u64)> = None;
        let mut quiet_until = 0;
        for (input, wait) in inputs {
            now += wait;
            let event = match input {
                Input::Press => {
                    presses += 1;
                    pressed(&format!("key-{presses}"), now)
                }
                Input::Answer(kind) => match open.clone() {
                    Some(Effect::Prepare { turn } | Effect::Renew { turn } | Effect::Send { turn, .. }) => {
                        answer(kind, turn, open.as_ref())
                    }
                    _ => Event::Tick,
                },
                Input::Late(kind, turn) if !click.awaits(turn) => answer(kind, turn, None),
                Input::Late(..) | Input::Tick => Event::Tick,
                Input::Cancel => Event::Cancelled,
            };
            let is_press = matches!(event, Event::Pressed { .. });
            let was_accepted = matches!(event, Event::Replied { reply: Reply::Accepted, .. });
            let before = click.phase();
            let effect = click.handle(event, now);
            if is_press && !matches!(before, Phase::Waiting | Phase::Working) && effect.is_some() {
                prop_assert!(now >= quiet_until, "a click in the quiet time was taken");
                current = Some((format!("key-{presses}"), now));
            }
            match &effect {
                Some(Effect::Send { key, .. }) => {
                    let (own, at) = current.clone().unwrap();
                    prop_assert_eq!(key, &own);
                    prop_assert!(now < at + KEEP_MS, "sent after the deadline");
                }
                Some(Effect::Settle(verdict)) => {
                    if was_accepted {
                        prop_assert_eq!(*verdict, Verdict::Accepted);
                    }
                    if matches!(verdict, Verdict::Accepted | Verdict::Unknown(_)) {
                        quiet_until = now + QUIET_MS;
                    }
                    current = None;
                }
                _ => {}
            }
            if effect.is_some() || !matches!(click.phase(), Phase::Waiting | Phase::Working) {
                open = effect;
            }
            let at_work = matches!(click.phase(), Phase::Waiting | Phase::Working);
            prop_assert_eq!(at_work, click.wake_at().is_some(), "stuck: nothing wakes it");
        }
        // Left alone, with nobody answering, it ends.
        for _ in 0..20 {
            let Some(at) = click.wake_at() else { break };
            now = now.max(at);
            click.handle(Event::Tick, now);
        }
        prop_assert!(click.wake_at().is_none(), "still at work: {:?}", click);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_keep_a_click_longer(back in 0_u64..1_000_000) {
        let mut click = Click::default();
        let start = 1_000_000;
        click.handle(pressed("key", start), start);
        click.handle(Event::Tick, start + KEEP_MS - 1);
        click.handle(Event::Tick, start - back);
        click.handle(Event::Tick, start + KEEP_MS);
        prop_assert_eq!(click.phase(), Phase::Settled(Verdict::Refused(Reason::Found(Code::Expired))));
        let now = start - back;
        let prepare = click.handle(pressed("next", now), now);
        prop_assert!(matches!(prepare, Some(Effect::Prepare { .. })), "{:?}", prepare);
    }
}
