//! Agents, their groups and tags, and messages to them: what the core asks is as published, what the sandbox answers
//! too, and the platform's own client is told the same.

use std::collections::{BTreeMap, HashMap};

use babelforce_manager_sdk::r#gen::manager::models::AgentPushRequest;
use babelforce_manager_sdk::{Auth, ManagerClient};
use patchcord_core::error::Code;
use patchcord_core::outcome::Outcome;
use patchcord_core::payload::Payload;
use patchcord_core::provider::Provider;
use patchcord_core::provider::people::{
    Agent, Asked, Change, Find, Line, Message, Push, Status, To,
};
use patchcord_core::secret::Secret;
use reqwest::Method;
use serde_json::{Value, json};

use crate::ours::{account, exchange};
use crate::running::{AGENT, PASSWORD, Running, USERNAME};

const SAM: &str = "1b2c3d4e5f60718293a4b5c6d7e8f90a";
const KIM: &str = "3d4e5f60718293a4b5c6d7e8f90a1b2c";
const SALES: &str = "5e5f60718293a4b5c6d7e8f90a1b2c3d";
const HELPDESK: &str = "6f60718293a4b5c6d7e8f90a1b2c3d4e";

/// The core and the platform's client, at one sandbox.
struct Both {
    running: Running,
    token: Secret,
    vendor: ManagerClient,
}

impl Both {
    async fn start() -> Self {
        let running = Running::start().await;
        let token = Secret::new(running.token().await);
        let auth = Auth::Password {
            user: USERNAME.to_owned(),
            pass: PASSWORD.to_owned(),
            client_id: None,
        };
        let vendor = ManagerClient::builder(auth).base_url(running.sandbox.url());
        let vendor = vendor.connect().await.unwrap();
        Self {
            running,
            token,
            vendor,
        }
    }

    async fn list(&self, asked: &Asked) -> Vec<Agent> {
        let account = account(&self.running);
        let people = account.people().unwrap();
        let request = people.list(asked, 1, Some(&self.token)).unwrap();
        let page = people.read_list(1, exchange(&self.running, request).await);
        page.unwrap().items
    }

    async fn status(&self, agent: &str) -> Status {
        let account = account(&self.running);
        let people = account.people().unwrap();
        let request = people.status(agent, Some(&self.token)).unwrap();
        let reply = exchange(&self.running, request).await;
        people.read_status(reply).unwrap()
    }

    async fn change(&self, agent: &str, change: &Change) -> Outcome {
        let account = account(&self.running);
        let people = account.people().unwrap();
        let request = people.change(agent, change, Some(&self.token)).unwrap();
        people.read_change(change, exchange(&self.running, request).await)
    }

    async fn push(&self, to: To, message: &str, data: &str) -> Outcome {
        let account = account(&self.running);
        let people = account.people().unwrap();
        let push = Push {
            to,
            message: Message::parse(message).unwrap(),
            data: Payload::from_json(data).unwrap(),
        };
        let request = people.push(&push, Some(&self.token)).unwrap();
        people.read_push(exchange(&self.running, request).await)
    }

    async fn pushed(&self) -> Value {
        let state = self.running.get("/_sandbox/state").await.body;
        state["babelforce"]["pushed"].clone()
    }
}

fn ids(agents: &[Agent]) -> Vec<&str> {
    agents.iter().map(|agent| agent.id.as_str()).collect()
}

#[tokio::test]
async fn agents_are_found_by_every_filter_and_by_their_crm_id_address_and_number() {
    let both = Both::start().await;
    let text = |text: &str| Some(text.to_owned());
    let asked = Asked::default;
    let list = |texts: &[&str]| {
        texts
            .iter()
            .map(|&text| text.to_owned())
            .collect::<Vec<_>>()
    };
    for (asked, found) in [
        (asked(), vec![AGENT, SAM, KIM]),
        (
            Asked {
                text: text("kramer"),
                ..asked()
            },
            vec![KIM],
        ),
        (
            Asked {
                name: text("sam"),
                ..asked()
            },
            vec![SAM],
        ),
        (
            Asked {
                number: text("+493012345679"),
                ..asked()
            },
            vec![SAM],
        ),
        (
            Asked {
                source_id: text("005ALEX"),
                ..asked()
            },
            vec![AGENT],
        ),
        (
            Asked {
                system: text("zendesk"),
                ..asked()
            },
            vec![],
        ),
        (
            Asked {
                enabled: Some(false),
                ..asked()
            },
            vec![],
        ),
        (
            Asked {
                line: Some(Line::Available),
                ..asked()
            },
            vec![AGENT, SAM, KIM],
        ),
        (
            Asked {
                group_ids: list(&[SALES]),
                ..asked()
            },
            vec![AGENT],
        ),
        (
            Asked {
                groups: list(&["Sales", "Helpdesk"]),
                ..asked()
            },
            vec![AGENT, SAM],
        ),
        (
            Asked {
                tags: list(&["german"]),
                ..asked()
            },
            vec![AGENT, SAM],
        ),
        (
            Asked {
                tags: list(&["english"]),
                enabled: Some(true),
                ..asked()
            },
            vec![AGENT],
        ),
    ] {
        assert_eq!(ids(&both.list(&asked).await), found, "{asked:?}");
    }
    let source = Find::Source {
        system: text("salesforce"),
        id: "005SAM".to_owned(),
    };
    let number = Find::Number("+493012345679".parse().unwrap());
    for find in [source, Find::Email("SAM@acme.example".to_owned()), number] {
        let found = find.one(both.list(&find.asked()).await).unwrap();
        assert_eq!(found.id, SAM, "{find:?}");
    }
    let nobody = Find::Email("nobody@acme.example".to_owned());
    let error = nobody.one(both.list(&nobody.asked()).await).unwrap_err();
    assert_eq!(error.code, Code::AgentUnknown);

    // The platform's client is told of the same people, with the same groups and tags.
    let theirs = both.vendor.agents.list_all().await.unwrap();
    for (ours, theirs) in both.list(&asked()).await.iter().zip(theirs) {
        assert_eq!(ours.id, theirs.id.simple().to_string());
        assert_eq!(ours.name, Some(theirs.name));
        let groups = theirs.groups.into_iter().flatten();
        let groups: Vec<_> = groups.map(|group| group.id.simple().to_string()).collect();
        let own: Vec<_> = ours.groups.iter().map(|group| group.id.clone()).collect();
        assert_eq!(own, groups);
        assert_eq!(ours.tags, theirs.tags.unwrap_or_default());
    }
}

#[tokio::test]
async fn groups_their_members_tags_presences_and_statuses_are_told() {
    let both = Both::start().await;
    let account = account(&both.running);
    let people = account.people().unwrap();
    let token = Some(&both.token);
    let groups = exchange(&both.running, people.groups(1, token)).await;
    let groups = people.read_groups(1, groups).unwrap().items;
    let named: BTreeMap<_, _> = groups
        .iter()
        .map(|group| (group.id.as_str(), group.name.as_deref().unwrap()))
        .collect();
    assert_eq!(named, [(SALES, "Sales"), (HELPDESK, "Helpdesk")].into());
    let theirs = both.vendor.agents.groups.list_all().await.unwrap();
    let theirs: Vec<_> = theirs.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(theirs, ["Sales", "Helpdesk"]);

    let request = people.members(HELPDESK, 1, token).unwrap();
    let members = people.read_list(1, exchange(&both.running, request).await);
    assert_eq!(ids(&members.unwrap().items), [AGENT, SAM]);
    let theirs = both.vendor.agents.groups.list_agents(HELPDESK).await;
    assert_eq!(theirs.unwrap().len(), 2);
    let request = people.members(AGENT, 1, token).unwrap();
    let nobody = people.read_list(1, exchange(&both.running, request).await);
    assert_eq!(
        nobody.unwrap_err().because().unwrap().code,
        Code::ProviderNotFound
    );

    let tags = exchange(&both.running, people.tags(token)).await;
    assert_eq!(people.read_tags(tags).unwrap(), ["english", "german"]);
    assert_eq!(both.vendor.system.tags().await.unwrap().items.len(), 2);

    let presences = exchange(&both.running, people.presences(token)).await;
    let presences = people.read_presences(presences).unwrap();
    let choices = exchange(&both.running, people.choices(token)).await;
    let choices = people.read_choices(choices).unwrap();
    assert_eq!(choices.len(), presences.len());
    assert_eq!(choices[2].id, "presence:lunch");
    let theirs = both.vendor.agents.available_statuses().await.unwrap();
    assert_eq!(theirs.items.len(), choices.len());
}

#[tokio::test]
async fn presence_and_enabling_are_changed_and_told_to_both() {
    let both = Both::start().await;
    let lunch = Change::Presence("lunch".to_owned());
    assert_eq!(both.change(AGENT, &lunch).await, Outcome::Accepted);
    assert_eq!(
        both.change(AGENT, &Change::Disable).await,
        Outcome::Accepted
    );
    let status = both.status(AGENT).await;
    assert_eq!(status.enabled, Some(false));
    assert_eq!(status.available, Some(false));
    assert_eq!(status.presence.unwrap().label, "Lunch break");
    let theirs = both.vendor.agents.get_status(AGENT).await.unwrap();
    assert_eq!(theirs.item[0].enabled, Some(false));

    both.vendor.agents.enable(AGENT).await.unwrap();
    assert_eq!(both.status(AGENT).await.enabled, Some(true));
    both.vendor.agents.disable(AGENT).await.unwrap();
    assert_eq!(both.change(AGENT, &Change::Enable).await, Outcome::Accepted);
    assert_eq!(both.status(AGENT).await.enabled, Some(true));

    let asleep = Change::Presence("asleep".to_owned());
    assert_eq!(both.change(AGENT, &asleep).await.as_str(), "refused");
    let gone = both.change(SALES, &Change::Enable).await;
    assert_eq!(gone.because().unwrap().code, Code::ProviderNotFound);
    let fault = json!({"faults": [{
        "match": {"path": format!("/api/v2/agents/{AGENT}/status")},
        "action": {"status": {"code": 501, "body": r#"{"message": "not supported"}"#}},
    }]});
    assert_eq!(
        both.running.post("/_sandbox/faults", fault).await.status,
        200
    );
    let busy = both
        .change(AGENT, &Change::Presence("busy".to_owned()))
        .await;
    let because = busy.because().unwrap();
    assert_eq!(
        (busy.as_str(), because.code),
        ("refused", Code::CapabilityMissing)
    );
    assert_eq!(because.message.as_deref(), Some("not supported"));
}

#[tokio::test]
async fn a_message_is_pushed_to_one_or_to_all_and_the_sandbox_shows_it() {
    let both = Both::start().await;
    let to = To::Agent(SAM.to_owned());
    let data = r#"{"record":"003GRETA"}"#;
    assert_eq!(
        both.push(to.clone(), "Greta calls", data).await,
        Outcome::Accepted
    );
    assert_eq!(
        both.push(To::Everybody, "Meeting", "{}").await,
        Outcome::Accepted
    );
    let theirs = AgentPushRequest {
        message: Some("Greta calls".to_owned()),
        agent_id: Some(SAM.to_owned()),
        broadcast: Some(false),
        data: Some(HashMap::from([("record".to_owned(), json!("003GRETA"))])),
    };
    assert!(both.vendor.agents.push(theirs).await.unwrap().success);
    let pushed = both.pushed().await;
    assert_eq!(pushed[0]["message"], "Greta calls");
    assert_eq!(pushed[0]["data"]["record"], "003GRETA");
    assert_eq!(pushed[1]["agent_id"], Value::Null);
    let same = |name: &str| pushed[0][name] == pushed[2][name];
    assert!(
        same("message") && same("agent_id") && same("data"),
        "{pushed}"
    );

    let nobody = both.push(To::Agent(SALES.to_owned()), "Hello", "{}").await;
    assert_eq!(nobody.because().unwrap().code, Code::ProviderNotFound);
    let path = "/api/v2/agents/push";
    for body in [
        json!({"message": "nobody is named"}),
        json!({"message": "", "broadcast": true}),
        json!({"message": "x".repeat(251), "broadcast": true}),
        json!({"message": "x", "broadcast": true, "data": [1]}),
    ] {
        let token = both.token.expose();
        let refused = both
            .running
            .with(token, Method::POST, path, body.clone())
            .await;
        assert_eq!(refused.status, 400, "{body}");
    }
    assert_eq!(both.pushed().await.as_array().unwrap().len(), 3);
}
