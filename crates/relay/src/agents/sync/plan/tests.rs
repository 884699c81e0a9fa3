use proptest::prelude::*;

use super::*;

const OURS: &str = "sync:babelforce";

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn user(id: &str, emails: &[&str], numbers: &[&str]) -> User {
    User {
        id: id.to_owned(),
        name: Some(format!("User {id}")),
        emails: emails.iter().map(|&email| email.to_owned()).collect(),
        numbers: numbers
            .iter()
            .map(|number| number.parse().unwrap())
            .collect(),
        standing: Standing::Active,
    }
}

fn agent(id: &str, source: &str, email: &str, number: &str) -> Agent {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Agent {
        id: id.to_owned(),
        source_id: text(source),
        system: text("salesforce"),
        email: text(email),
        number: text(number),
        ..Agent::default()
    }
}

fn known(sub: &str, agent: &str, source: &str) -> Known {
    Known {
        sub: sub.to_owned(),
        agent: agent.to_owned(),
        source: source.to_owned(),
    }
}

fn made(users: &[User], agents: &[Agent], known: &[Known]) -> Plan {
    plan(&Given {
        users,
        agents,
        known,
        source: OURS,
        system: None,
        region: "DE".parse().ok(),
        same: &same,
    })
}

/// What is known after a plan was applied.
fn applied(known: &[Known], plan: &Plan) -> Vec<Known> {
    let others = known.iter().filter(|known| known.source != OURS).cloned();
    let ours = plan.lines().map(|(user, agent)| Known {
        sub: user.sub.clone(),
        agent: agent.to_owned(),
        source: OURS.to_owned(),
    });
    others.chain(ours).collect()
}

fn pairs(plan: &Plan) -> Vec<(&str, &str, By, &Change)> {
    plan.matched
        .iter()
        .map(|one| {
            (
                one.user.sub.as_str(),
                one.agent.agent.as_str(),
                one.by,
                &one.change,
            )
        })
        .collect()
}

#[test]
fn the_crm_id_counts_more_than_the_address_and_that_more_than_the_number() {
    let users = [
        user("1", &["b@x.example"], &["+493012345672"]),
        user("2", &["B@X.example".to_lowercase().as_str()], &[]),
        user("3", &[], &["+493012345673"]),
        user("4", &["nobody@x.example"], &[]),
    ];
    let agents = [
        agent("a", "1", "", ""),
        agent("b", "", "B@x.example", "+493012345673"),
        agent("c", "", "", "030 12345673"),
        agent("d", "", "", "+493012345672"),
    ];
    let plan = made(&users[..1], &agents, &[]);
    assert_eq!(pairs(&plan), [("1", "a", By::SourceId, &Change::New)]);
    assert_eq!(plan.without_user.len(), 3);
    let plan = made(&users[1..], &agents, &[]);
    assert_eq!(
        pairs(&plan),
        [
            ("2", "b", By::Email, &Change::New),
            ("3", "c", By::Number, &Change::New)
        ]
    );
    assert_eq!(plan.without_agent[0].sub, "4");
}

#[test]
fn whoever_may_be_several_is_shown_with_everybody_and_never_guessed() {
    let users = [
        user("1", &["a@x.example"], &[]),
        user("2", &["a@x.example"], &[]),
    ];
    let one = [agent("a", "", "a@x.example", "")];
    let plan = made(&users, &one, &[]);
    assert!(plan.matched.is_empty() && plan.without_user.is_empty());
    assert_eq!(plan.ambiguous.len(), 2, "two users, one agent");
    let two = [
        agent("a", "", "a@x.example", ""),
        agent("b", "", "A@x.example", ""),
    ];
    let plan = made(&users[..1], &two, &[]);
    let names: Vec<_> = plan.ambiguous[0]
        .candidates
        .iter()
        .map(|one| one.agent.agent.as_str())
        .collect();
    assert_eq!(names, ["a", "b"], "one user, two agents");
    assert_eq!(plan.ambiguous[0].stays, None);
    // Who was one of them stays who they are.
    let plan = made(&users[..1], &two, &[known("1", "B", OURS)]);
    assert_eq!(plan.ambiguous[0].stays.as_deref(), Some("B"));
    assert!(plan.removed.is_empty() && plan.is_idle());
    // Who was somebody else is nobody until it is clear.
    let plan = made(&users[..1], &two, &[known("1", "z", OURS)]);
    assert_eq!(plan.removed[0].why, Gone::NoAgent);
    let twice = [agent("a", "1", "", ""), agent("b", "1", "", "")];
    assert_eq!(
        made(&users[..1], &twice, &[]).ambiguous.len(),
        1,
        "an id at two agents"
    );
}

#[test]
fn a_weaker_match_takes_no_agent_whom_the_platform_calls_somebody_else() {
    let left = User {
        standing: Standing::Inactive,
        ..user("1", &[], &[])
    };
    let heir = user("2", &["sales@x.example"], &[]);
    let agents = [agent("a", "1", "sales@x.example", "")];
    let plan = made(&[left, heir.clone()], &agents, &[]);
    assert!(plan.matched.is_empty());
    assert_eq!(plan.without_agent[0].sub, "2");
    let plan = made(&[heir], &agents, &[]);
    assert_eq!(
        pairs(&plan).len(),
        1,
        "an id of somebody whom this CRM does not know"
    );
}

#[test]
fn ids_of_another_system_are_not_this_crms() {
    let users = [user("1", &[], &[])];
    let agents = [agent("a", "1", "", "")];
    let ask = |system| {
        plan(&Given {
            users: &users,
            agents: &agents,
            known: &[],
            source: OURS,
            system: Some(system),
            region: None,
            same: &same,
        })
    };
    assert_eq!(ask("salesforce").matched.len(), 1);
    assert_eq!(ask("zendesk").without_agent.len(), 1);
}

#[test]
fn who_left_or_is_inactive_is_removed_and_who_changed_is_changed() {
    let inactive = User {
        standing: Standing::Inactive,
        ..user("2", &["b@x.example"], &[])
    };
    let users = [
        user("1", &["a@x.example"], &[]),
        inactive,
        user("3", &[], &[]),
    ];
    let agents = [
        agent("a", "", "a@x.example", ""),
        agent("b", "", "b@x.example", ""),
    ];
    let before = [
        known("1", "z", OURS),
        known("2", "b", OURS),
        known("3", "c", OURS),
        known("4", "d", OURS),
        known("5", "e", "csv"),
    ];
    let plan = made(&users, &agents, &before);
    assert_eq!(
        pairs(&plan),
        [("1", "a", By::Email, &Change::From("z".to_owned()))]
    );
    let gone: Vec<_> = plan
        .removed
        .iter()
        .map(|one| (one.user.sub.as_str(), one.why))
        .collect();
    assert_eq!(
        gone,
        [
            ("2", Gone::Inactive),
            ("3", Gone::NoAgent),
            ("4", Gone::Left)
        ]
    );
    assert_eq!(
        plan.without_user[0].agent, "b",
        "an agent of nobody who works there"
    );
    assert_eq!(plan.still_known, [known("5", "e", "csv")]);
}

#[test]
fn what_another_source_says_is_kept_and_never_contradicted() {
    let users = [user("1", &["a@x.example"], &[])];
    let agents = [agent("a", "", "a@x.example", ""), agent("b", "", "", "")];
    let agrees = made(&users, &agents, &[known("1", "A", "configuration")]);
    assert_eq!(agrees.matched[0].said_by.as_deref(), Some("configuration"));
    assert!(agrees.is_idle() && agrees.lines().next().is_none());
    let differs = made(&users, &agents, &[known("1", "b", "csv")]);
    let why: Vec<_> = differs.ambiguous[0]
        .candidates
        .iter()
        .map(|one| &one.why)
        .collect();
    assert_eq!(why, [&Why::Fits(By::Email), &Why::SaidBy("csv".to_owned())]);
    let other = made(&users, &agents, &[known("9", "a", "csv")]);
    let other_is = Why::IsOther {
        sub: "9".to_owned(),
        source: "csv".to_owned(),
    };
    assert!(
        other.ambiguous[0]
            .candidates
            .iter()
            .any(|one| one.why == other_is)
    );
    assert!(other.matched.is_empty());
}

#[test]
fn a_plan_is_known_by_what_it_says_and_about_whom() {
    let users = [user("1", &["a@x.example"], &[])];
    let one = made(&users, &[agent("a", "", "a@x.example", "")], &[]);
    let two = made(&users, &[agent("b", "", "a@x.example", "")], &[]);
    assert_eq!(one.fingerprint("acme"), one.clone().fingerprint("acme"));
    assert_ne!(one.fingerprint("acme"), two.fingerprint("acme"));
    assert_ne!(one.fingerprint("acme"), one.fingerprint("other"));
    assert_eq!(one.fingerprint("acme").len(), 32);
}

prop_compose! {
    fn some_user()(id in 0..6_u8, emails in prop::collection::btree_set(0..4_u8, 0..3), numbers in prop::collection::btree_set(0..4_u8, 0..3), active in any::<bool>()) -> User {
        User {
            id: id.to_string(),
            name: None,
            emails: emails.iter().map(|email| format!("{email}@x.example")).collect(),
            numbers: numbers.iter().map(|number| format!("+4930123456{number}0").parse().unwrap()).collect(),
            standing: if active { Standing::Active } else { Standing::Inactive },
        }
    }
}

prop_compose! {
    fn some_agent()(id in 0..6_u8, source in prop::option::of(0..6_u8), email in prop::option::of(0..4_u8), number in prop::option::of(0..4_u8)) -> Agent {
        let text = |value: Option<u8>, form: fn(u8) -> String| value.map(form).unwrap_or_default();
        agent(
            &format!("a{id}"),
            &text(source, |n| n.to_string()),
            &text(email, |n| format!("{n}@X.example")),
            &text(number, |n| format!("+4930123456{n}0")),
        )
    }
}

prop_compose! {
    fn some_known()(sub in 0..8_u8, agent in 0..8_u8, source in 0..3_u8) -> Known {
        let source = [OURS, "csv", "configuration"][usize::from(source)];
        known(&sub.to_string(), &format!("a{agent}"), source)
    }
}

fn once<T: Clone, K: Ord>(all: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = BTreeSet::new();
    all.into_iter()
        .filter(|one| seen.insert(key(one)))
        .collect()
}

type World = (Vec<User>, Vec<Agent>, Vec<Known>);

fn world() -> impl Strategy<Value = World> {
    (
        prop::collection::vec(some_user(), 0..8),
        prop::collection::vec(some_agent(), 0..8),
        prop::collection::vec(some_known(), 0..8),
    )
        .prop_map(|(users, agents, known)| {
            (
                once(users, |user| user.id.clone()),
                once(agents, |agent| agent.id.clone()),
                // A person is one agent by one source.
                once(known, |known| (known.sub.clone(), known.source.clone())),
            )
        })
}

fn shuffled() -> impl Strategy<Value = (World, World)> {
    world().prop_flat_map(|world| {
        let (users, agents, known) = world.clone();
        let other = (
            Just(users).prop_shuffle(),
            Just(agents).prop_shuffle(),
            Just(known).prop_shuffle(),
        );
        (Just(world), other)
    })
}

proptest! {
    #[test]
    fn nobody_becomes_two_agents_and_no_agent_two_people((users, agents, known) in world()) {
        let plan = made(&users, &agents, &known);
        let after = applied(&known, &plan);
        let subs: BTreeSet<_> = plan.lines().map(|(user, _)| user.sub.clone()).collect();
        prop_assert_eq!(subs.len(), plan.lines().count());
        let matched: BTreeSet<_> = plan.matched.iter().map(|one| one.agent.agent.clone()).collect();
        prop_assert_eq!(matched.len(), plan.matched.len());
        for one in plan.matched.iter().filter(|one| one.change != Change::None) {
            let is: BTreeSet<_> = after.iter().filter(|known| known.sub == one.user.sub).map(|known| &known.agent).collect();
            prop_assert_eq!(is.len(), 1, "{:?}", one);
        }
    }

    #[test]
    fn a_plan_that_was_applied_leaves_nothing_to_do((users, agents, known) in world()) {
        let first = made(&users, &agents, &known);
        let after = applied(&known, &first);
        let second = made(&users, &agents, &after);
        prop_assert!(second.is_idle(), "{:?}\n{:?}", first, second);
        let third = applied(&after, &second);
        let sorted = |mut all: Vec<Known>| { all.sort(); all };
        prop_assert_eq!(sorted(third), sorted(after));
    }

    #[test]
    fn the_order_of_the_lists_does_not_matter(((users, agents, known), (users2, agents2, known2)) in shuffled()) {
        prop_assert_eq!(made(&users, &agents, &known), made(&users2, &agents2, &known2));
    }

    #[test]
    fn everybody_is_in_the_plan_once((users, agents, known) in world()) {
        let plan = made(&users, &agents, &known);
        let active = users.iter().filter(|user| user.standing == Standing::Active).count();
        prop_assert_eq!(plan.matched.len() + plan.ambiguous.len() + plan.without_agent.len(), active);
        let mut seen: BTreeSet<&str> = plan.matched.iter().map(|one| one.agent.agent.as_str()).collect();
        seen.extend(plan.without_user.iter().map(|one| one.agent.as_str()));
        seen.extend(plan.ambiguous.iter().flat_map(|one| &one.candidates).map(|one| one.agent.agent.as_str()));
        for agent in &agents {
            prop_assert!(seen.contains(agent.id.as_str()), "{}", agent.id);
        }
        let ours = known.iter().filter(|known| known.source == OURS).count();
        let kept = plan.lines().filter(|(user, _)| known.iter().any(|known| known.source == OURS && known.sub == user.sub)).count();
        let given_up = plan.matched.iter().filter(|one| one.said_by.is_some() && known.iter().any(|known| known.source == OURS && known.sub == one.user.sub)).count();
        prop_assert_eq!(plan.removed.len() + kept + given_up, ours);
    }
}
