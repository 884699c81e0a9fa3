use patchcord_core::provider::Provider;
use patchcord_core::provider::conferences::{ConferenceState, MemberState};
use patchcord_core::secret::Secret;
use serde_json::{Value, json};

use super::panel::{ALEX, COLLEAGUE, CUSTOMER, KIM, Panel, SAM, list};
use crate::ours::{account, exchange};
use crate::running::{Running, text};
use crate::vendor_client::client;

impl Panel<'_> {
    /// The one conference.
    fn conference(&self) -> Value {
        let conferences = list(&self.view, "conferences");
        assert_eq!(conferences.len(), 1, "{:#}", self.view);
        conferences[0].clone()
    }

    /// The member who is shown so.
    fn member(&self, display: &str) -> Value {
        let members = list(&self.conference(), "members");
        let found = members.iter().find(|member| member["display"] == display);
        found
            .unwrap_or_else(|| panic!("no {display}: {members:#?}"))
            .clone()
    }

    async fn member_is(&mut self, display: &str, state: &str) {
        self.member_has(display, "state", json!(state)).await;
    }

    async fn member_has(&mut self, display: &str, field: &str, value: Value) {
        let is_so = |view: &Value| {
            let members = list(&view["conferences"][0], "members");
            members
                .iter()
                .any(|member| member["display"] == display && member[field] == value)
        };
        self.until(is_so).await;
    }

    async fn no_conference(&mut self) {
        self.until(|view| view["conferences"].is_null()).await;
    }
}

fn of_member(command: &str, member: &Value) -> Value {
    json!({ command: {"memberId": member["id"]} })
}

fn switch(command: &str, member: &Value) -> Value {
    json!({ command: {"memberId": member["id"], "on": true} })
}

/// Alex, the customer and Sam in one conference; the calls of the two agents.
async fn three<'a>(running: &'a Running) -> (Panel<'a>, String, Panel<'a>, String) {
    let mut alex = Panel::control_only(running, &ALEX).await;
    let mut sam = Panel::control_only(running, &SAM).await;
    let call = alex.in_a_call().await;
    alex.send(json!({"startConference": {}})).await;
    alex.until(|view| !view["conferences"].is_null()).await;
    alex.send(json!({"addConferenceMember": {"agentId": SAM.id}}))
        .await;
    sam.until(|view| !list(view, "activeCalls").is_empty())
        .await;
    let leg = text(&sam.calls()[0]["id"]);
    running.act(&leg, "agent", "answer").await;
    sam.call_is(&leg, "BRIDGED").await;
    alex.member_is("Sam Sommer", "added").await;
    (alex, call, sam, leg)
}

#[tokio::test]
async fn a_conference_is_opened_around_a_call_by_its_moderator() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    panel
        .refused(json!({"startConference": {}}), "no_call")
        .await;
    let call = panel.in_a_call().await;
    panel.send(json!({"startConference": {"hold": true}})).await;
    panel.until(|view| !view["conferences"].is_null()).await;
    let conference = panel.conference();
    assert_eq!(conference["state"], "created");
    assert_eq!(conference["iAmModerator"], true);
    let (me, customer) = (panel.member("Alex Adler"), panel.member(CUSTOMER));
    assert_eq!(conference["myMemberId"], me["id"]);
    assert_eq!(
        (&me["isMe"], &me["moderator"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        (&me["callId"], &me["agentId"]),
        (&json!(call), &json!(ALEX.id))
    );
    assert_eq!(
        (&customer["onHold"], &customer["number"]),
        (&json!(true), &json!(CUSTOMER))
    );
    assert_eq!(customer["moderator"], Value::Null);
    // The agent's own leg stays among the calls.
    assert_eq!(panel.call(&call)["state"], "CALL_LIFECYCLE_BRIDGED");
    panel
        .refused(json!({"startConference": {}}), "conference_failed")
        .await;
    panel.agrees_with_the_state().await;
}

#[tokio::test]
async fn whoever_is_invited_is_pending_and_then_added() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    // Without a conference one is opened, and the customer parked.
    panel
        .send(json!({"addConferenceMember": {"number": COLLEAGUE}}))
        .await;
    panel.member_is(COLLEAGUE, "pending").await;
    assert_eq!(panel.member(CUSTOMER)["onHold"], true);
    let leg = text(&panel.member(COLLEAGUE)["callId"]);
    assert_eq!(running.desk_call(&leg).await["from"], "+493012345600");
    running.act(&leg, "customer", "answer").await;
    panel.member_is(COLLEAGUE, "added").await;
    assert_eq!(
        panel.member(CUSTOMER)["onHold"],
        true,
        "until somebody lets them listen"
    );
    let customer = panel.member(CUSTOMER);
    panel
        .send(json!({"holdConferenceMember": {"memberId": customer["id"]}}))
        .await;
    panel.member_has(CUSTOMER, "onHold", Value::Null).await;
    assert_eq!(panel.calls().len(), 1);
    assert_eq!(panel.call(&call)["onHold"], Value::Null);
}

#[tokio::test]
async fn an_agent_sees_the_conference_from_their_own_side() {
    let running = Running::start().await;
    let (alex, call, sam, leg) = three(&running).await;
    let seen = sam.conference();
    assert_eq!(seen["id"], alex.conference()["id"]);
    assert_eq!(seen["iAmModerator"], Value::Null);
    assert_eq!(seen["myMemberId"], sam.member("Sam Sommer")["id"]);
    assert_eq!(sam.member("Sam Sommer")["isMe"], true);
    assert_eq!(sam.member("Sam Sommer")["callId"], leg);
    assert_eq!(sam.member("Alex Adler")["moderator"], true);
    assert_eq!(sam.member("Alex Adler")["callId"], call);
    assert_eq!(sam.call(&leg)["source"], "CALL_SOURCE_CONFERENCE");
    sam.agrees_with_the_state().await;
    alex.agrees_with_the_state().await;
}

#[tokio::test]
async fn only_the_moderator_holds_mutes_kicks_and_ends() {
    let running = Running::start().await;
    let (mut alex, _, mut sam, _) = three(&running).await;
    let customer = alex.member(CUSTOMER);
    for command in [
        of_member("kickConferenceMember", &customer),
        switch("holdConferenceMember", &customer),
        switch("muteConferenceMember", &customer),
        json!({"endConference": {}}),
    ] {
        sam.refused(command, "conference_failed").await;
    }
    alex.send(switch("holdConferenceMember", &customer)).await;
    alex.member_has(CUSTOMER, "onHold", json!(true)).await;
    sam.member_has(CUSTOMER, "onHold", json!(true)).await;
    // Muting shows nowhere in the view, but it is so.
    alex.send(switch("muteConferenceMember", &customer)).await;
    alex.settle().await;
    let state = running.state().await;
    let members = list(&state["babelforce"]["conferences"][0], "members");
    let muted: Vec<&Value> = members
        .iter()
        .filter(|member| member["muted"] == true)
        .collect();
    assert_eq!(muted.len(), 1);
    assert_eq!(muted[0]["id"], customer["id"]);

    let me = alex.member("Alex Adler");
    let unknown = json!({"id": "nobody"});
    for command in [
        "kickConferenceMember",
        "holdConferenceMember",
        "muteConferenceMember",
    ] {
        alex.refused(json!({ command: {} }), "member_id_required")
            .await;
        alex.refused(of_member(command, &unknown), "conference_failed")
            .await;
        alex.refused(of_member(command, &me), "conference_failed")
            .await;
    }
}

#[tokio::test]
async fn who_is_kicked_is_removed_and_their_call_ended() {
    let running = Running::start().await;
    let (mut alex, call, mut sam, leg) = three(&running).await;
    let member = alex.member("Sam Sommer");
    alex.send(of_member("kickConferenceMember", &member)).await;
    alex.member_is("Sam Sommer", "removing").await;
    alex.member_is("Sam Sommer", "removed").await;
    assert_eq!(sam.call_is_gone(&leg).await, "COMPLETED");
    sam.no_conference().await;
    assert_eq!(alex.call(&call)["state"], "CALL_LIFECYCLE_BRIDGED");
    alex.refused(
        of_member("kickConferenceMember", &member),
        "conference_failed",
    )
    .await;

    // The one who has not answered yet, too.
    alex.send(json!({"addConferenceMember": {"number": COLLEAGUE}}))
        .await;
    alex.member_is(COLLEAGUE, "pending").await;
    let pending = alex.member(COLLEAGUE);
    alex.send(of_member("kickConferenceMember", &pending)).await;
    alex.member_is(COLLEAGUE, "removed").await;
    let leg = text(&pending["callId"]);
    assert_eq!(running.desk_call(&leg).await["state"], "canceled");
}

#[tokio::test]
async fn ending_a_conference_ends_every_call_in_it() {
    let running = Running::start().await;
    let (mut alex, call, mut sam, leg) = three(&running).await;
    alex.send(json!({"endConference": {}})).await;
    alex.until(|view| view["conferences"][0]["state"] == "finishing")
        .await;
    assert_eq!(alex.call_is_gone(&call).await, "COMPLETED");
    assert_eq!(sam.call_is_gone(&leg).await, "COMPLETED");
    alex.no_conference().await;
    sam.no_conference().await;
    alex.refused(json!({"endConference": {}}), "no_conference")
        .await;
    let calls = running.state().await["babelforce"]["calls"].clone();
    for call in calls.as_array().unwrap() {
        assert_eq!(call["state"], "completed", "{call}");
    }
}

#[tokio::test]
async fn leaving_ends_only_the_agents_own_call() {
    let running = Running::start().await;
    let (mut alex, call, mut sam, leg) = three(&running).await;
    alex.send(json!({"leaveConference": {}})).await;
    assert_eq!(alex.call_is_gone(&call).await, "COMPLETED");
    alex.no_conference().await;
    sam.member_is("Alex Adler", "removed").await;
    assert_eq!(sam.call(&leg)["state"], "CALL_LIFECYCLE_BRIDGED");
    sam.refused(json!({"endConference": {}}), "conference_failed")
        .await;
    // With one of the two left the conference is over.
    let customer = text(&sam.member(CUSTOMER)["id"]);
    running
        .tell(&format!("members/{customer}"), json!({"do": "hang_up"}))
        .await;
    assert_eq!(sam.call_is_gone(&leg).await, "COMPLETED");
    sam.no_conference().await;
}

#[tokio::test]
async fn hanging_up_in_a_conference_is_leaving_it() {
    let running = Running::start().await;
    let (mut alex, call, mut sam, leg) = three(&running).await;
    sam.send(json!({"hangup": {"callId": leg}})).await;
    assert_eq!(sam.call_is_gone(&leg).await, "COMPLETED");
    alex.member_is("Sam Sommer", "removed").await;
    assert_eq!(alex.call(&call)["state"], "CALL_LIFECYCLE_BRIDGED");
    alex.send(json!({"leaveConference": {}})).await;
    alex.call_is_gone(&call).await;
    alex.no_conference().await;
    assert!(list(&running.state().await["babelforce"], "conferences").is_empty());
}

#[tokio::test]
async fn a_customer_who_hangs_up_leaves_the_others_talking() {
    let running = Running::start().await;
    let (mut alex, call, mut sam, leg) = three(&running).await;
    running.act(&call, "customer", "hang_up").await;
    alex.member_is(CUSTOMER, "removed").await;
    sam.member_is(CUSTOMER, "removed").await;
    assert_eq!(alex.call(&call)["state"], "CALL_LIFECYCLE_BRIDGED");
    assert_eq!(sam.call(&leg)["state"], "CALL_LIFECYCLE_BRIDGED");
}

#[tokio::test]
async fn others_are_parked_only_while_an_invitation_lasts() {
    let running = Running::start().await;
    let (mut alex, _, _sam, _) = three(&running).await;
    for (deed, state) in [("busy", "failed"), ("answer", "added")] {
        let wish = json!({"number": COLLEAGUE, "holdOthers": true});
        alex.send(json!({ "addConferenceMember": wish })).await;
        alex.member_has(CUSTOMER, "onHold", json!(true)).await;
        assert_eq!(alex.member("Sam Sommer")["onHold"], true);
        assert_eq!(alex.member("Alex Adler")["onHold"], Value::Null);
        let members = list(&alex.conference(), "members");
        let leg = text(&members.last().unwrap()["callId"]);
        running.act(&leg, "customer", deed).await;
        alex.member_is(COLLEAGUE, state).await;
        alex.member_has(CUSTOMER, "onHold", Value::Null).await;
        assert_eq!(alex.member("Sam Sommer")["onHold"], Value::Null);
    }
}

#[tokio::test]
async fn who_cannot_be_invited_is_not() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let add = |wish: Value| json!({ "addConferenceMember": wish });
    panel
        .refused(add(json!({"number": COLLEAGUE})), "no_call")
        .await;
    panel.in_a_call().await;
    let cases = [
        (json!({}), "target_required"),
        (
            json!({"number": COLLEAGUE, "agentId": SAM.id}),
            "bad_request",
        ),
        (json!({"number": "030"}), "conference_failed"),
        (json!({"agentId": "nobody"}), "conference_failed"),
        (json!({"agentId": ALEX.id}), "conference_failed"),
        (json!({"agentId": KIM.id}), "conference_failed"),
    ];
    for (wish, code) in cases {
        panel.refused(add(wish), code).await;
    }
    // Of a later version than the one that is checked against.
    let later = json!({"number": COLLEAGUE, "displayAs": ALEX.number});
    running.unary("Send", &panel.token, add(later)).await;
    assert_eq!(panel.error().await["code"], "display_as_forbidden");
    assert_eq!(panel.view["conferences"], Value::Null, "nothing was opened");
    panel
        .refused(json!({"leaveConference": {}}), "no_conference")
        .await;
    panel
        .refused(
            json!({"kickConferenceMember": {"memberId": "1"}}),
            "no_conference",
        )
        .await;
}

#[tokio::test]
async fn a_warm_transfer_to_somebody_outside_lets_the_customer_hear_again() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    panel
        .send(json!({"addConferenceMember": {"number": COLLEAGUE}}))
        .await;
    panel.member_is(COLLEAGUE, "pending").await;
    let leg = text(&panel.member(COLLEAGUE)["callId"]);
    running.act(&leg, "customer", "answer").await;
    panel.member_is(COLLEAGUE, "added").await;
    let warm = json!({"transfer": {"callId": call, "to": COLLEAGUE, "warm": true}});
    panel.send(warm).await;
    panel.member_has(CUSTOMER, "onHold", Value::Null).await;
    assert_eq!(panel.call_is_gone(&call).await, "COMPLETED");
    panel.no_conference().await;
    assert_eq!(running.desk_call(&leg).await["state"], "bridged");
}

#[tokio::test]
async fn the_manager_api_tells_who_is_in_a_conference() {
    let running = Running::start().await;
    let (mut alex, call, _sam, _leg) = three(&running).await;
    let customer = alex.member(CUSTOMER);
    alex.send(switch("holdConferenceMember", &customer)).await;
    alex.member_has(CUSTOMER, "onHold", json!(true)).await;
    let (account, token) = (account(&running), Secret::new(running.token().await));
    let conferences = account.conferences().unwrap();
    let list = exchange(&running, conferences.list(1, Some(&token))).await;
    let list = conferences.read_list(1, list).unwrap().items;
    let request = conferences.conference(&list[0].id, Some(&token)).unwrap();
    let conference = conferences
        .read_conference(exchange(&running, request).await)
        .unwrap();
    assert_eq!(conference, list[0]);
    assert_eq!(conference.state, ConferenceState::Open);
    let names: Vec<_> = conference
        .members
        .iter()
        .map(|member| member.agent.as_ref()?.name.as_deref())
        .collect();
    assert_eq!(names, [Some("Alex Adler"), None, Some("Sam Sommer")]);
    let customer = &conference.members[1];
    assert_eq!(
        (customer.held, customer.number.as_deref()),
        (Some(true), Some(CUSTOMER))
    );
    assert!(
        conference
            .members
            .iter()
            .all(|member| member.state == MemberState::In)
    );
    assert_eq!(conference.members[0].moderator, Some(true));

    let theirs = client(&running).await.conferences.list_all().await.unwrap();
    let members: Vec<_> = theirs[0].members.iter().flatten().collect();
    assert_eq!(members.len(), 3);
    assert_eq!(
        (members[1].hold, members[1].agent.is_some()),
        (Some(true), false)
    );
    assert_eq!(members[0].call.id.simple().to_string(), call);
    // The sandbox forgets it when it is over.
    alex.send(json!({"endConference": {}})).await;
    alex.no_conference().await;
    let list = exchange(&running, conferences.list(1, Some(&token))).await;
    assert!(conferences.read_list(1, list).unwrap().items.is_empty());
}
