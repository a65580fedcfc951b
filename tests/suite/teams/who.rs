//! Who is answered: members who are linked to a person, and nobody else.

use habeo_core::chat_link::ChatUser;
use habeo_core::install::Settings;
use habeo_core::person::command::{ChangeStatus, RegisterPerson};
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_tests::builders::person;
use habeo_tests::issuer::changed;
use habeo_tests::teams::{Failure, TENANT, Talk, User, lines, member};
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::World;

fn ravi(world: &World) -> ChatUser {
    ChatUser {
        install: world.install,
        user: User::RAVI.object_id.to_owned(),
    }
}

both_engines! {
    /// Guests, members of federated tenants, applications and people whom the channel does not know get no ticket.
    async fn guests_and_strangers_are_refused(db: TestDb) {
        let world = World::begin(&db).await;
        let refusal = "Habeo answers members of this organization only, not guests.";
        let good = member(&User::RAVI);
        for changes in [
            json!({"userPrincipalName": "ravi_other.edu#EXT#@westmark.onmicrosoft.com"}),
            json!({"tenantId": "another-tenant"}),
            json!({"tenantId": null}),
            json!({"aadObjectId": "somebody-else", "objectId": "somebody-else"}),
            json!({"userRole": "anonymous"}),
        ] {
            world.talk.sim.member(User::RAVI.address, &changed(good.clone(), changes.clone()));
            assert_eq!(world.talk.says(&User::RAVI, "mine").await, refusal, "{changes}");
        }
        world.talk.sim.member(User::RAVI.address, &good);
        for from in [
            json!({"id": User::RAVI.address, "name": "Ravi"}),
            json!({"id": User::RAVI.address, "aadObjectId": User::RAVI.object_id, "tenantId": "another-tenant"}),
            json!({"id": User::RAVI.address, "aadObjectId": User::RAVI.object_id, "role": "bot"}),
            json!({"id": "29:nobody-knows", "aadObjectId": "nobody-knows"}),
        ] {
            let sent = world.talk.happens(&world.talk.activity(&User::RAVI, json!({"text": "mine", "from": from}))).await;
            assert_eq!(sent[0].shown(), refusal, "{from}");
        }
        // The same names and the same text, and the id of somebody who is linked, but from another tenant.
        let from = json!({"id": User::PRIYA.address, "aadObjectId": User::PRIYA.object_id, "tenantId": "another-tenant"});
        let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, json!({"text": "mine", "from": from}))).await;
        assert_eq!(sent[0].shown(), refusal);
    }

    /// If the channel does not say who somebody is, they get no ticket either.
    async fn doubt_is_no_ticket(db: TestDb) {
        let world = World::begin(&db).await;
        world.talk.sim.fails([Failure::of(503, "ServiceUnavailable")]);
        let told = world.talk.says(&User::RAVI, "mine").await;
        assert_eq!(told, "Teams did not say who you are. Please try again in a moment.");
    }

    /// An address links by itself only where the college trusts its domain, and then to the one person who has it.
    async fn an_address_links_where_its_domain_is_trusted(db: TestDb) {
        let world = World::begin(&db).await;
        let college = &world.college;
        let address = "olga@westmark.edu".to_owned();
        let new = RegisterPerson {
            email: Some(address.clone()),
            ..person("Olga Verne", college.units.history, Affiliation::Staff, PersonStatus::Active)
        };
        let olga = must(db.ledger.record(&college.access, new).await);
        world.talk.sim.member(User::RAVI.address, &changed(member(&User::RAVI), json!({"email": address})));
        world.talk.says(&User::RAVI, "mine").await;
        assert!(college.person_of(&ravi(&world)).await.is_none(), "no domain is trusted yet");
        let domain = address.split('@').nth(1).expect("a domain").to_owned();
        world.configure(Settings { trusted_email_domains: vec![domain], ..Settings::default() }).await;
        world.talk.says(&User::RAVI, "mine").await;
        let linked = college.person_of(&ravi(&world)).await.map(|(_, person)| person);
        assert_eq!(linked, Some(olga));
    }

    /// Searching while unlinked offers the way to link, by a ticket that works once; in a team nobody else can read it.
    async fn somebody_unlinked_is_shown_the_way(db: TestDb) {
        let world = World::begin(&db).await;
        let query = json!({"commandId": "searchAssets", "parameters": [{"name": "q", "value": "macb"}], "queryOptions": {"skip": 0, "count": 25}});
        let answer = world.talk.invokes(&User::RAVI, "composeExtension/query", query).await;
        assert_eq!(answer["composeExtension"]["type"], "auth");
        let url = answer.pointer("/composeExtension/suggestedActions/actions/0/value").and_then(|url| url.as_str()).unwrap_or_default();
        assert!(url.starts_with("https://habeo.example.edu/link/teams?t="), "{url}");
        let sent = world.talk.happens(&world.talk.activity(&User::RAVI, Talk::in_channel("mine"))).await;
        let body = sent[0].body.to_string();
        assert!(!body.contains("/link/teams"), "{body}");
        assert!(sent[0].shown().contains("can see this answer"));
    }

    /// Whoever left, or whose link ended, is nobody from then on.
    async fn what_ended_has_ended(db: TestDb) {
        let world = World::begin(&db).await;
        world.link(&User::RAVI, world.college.people.ben).await;
        let known = world.talk.invokes(&User::RAVI, "application/search", json!({"dataset": "asset", "queryText": "x"})).await;
        assert_eq!(known["statusCode"], 200);
        let leave = ChangeStatus {
            person: world.college.people.ben,
            status: PersonStatus::Separated,
            separated_on: None,
        };
        must(db.ledger.record(&world.college.access, leave).await);
        let query = json!({"commandId": "searchAssets", "parameters": []});
        let answer = world.talk.invokes(&User::RAVI, "composeExtension/query", query).await;
        assert_eq!(answer["composeExtension"]["type"], "auth", "{}", lines(&answer));
    }

    /// The same directory id in another college's tenant is somebody else.
    async fn tenants_are_apart(db: TestDb) {
        let world = World::begin(&db).await;
        let other = habeo_tests::builders::College::found_as(&db, "eastmark").await;
        let tenant = "9c1f0d1e-0000-4000-8000-00000000dddd";
        super::connect(&other, tenant).await;
        let there = json!({"type": "invoke", "name": "composeExtension/query", "value": {"commandId": "searchAssets", "parameters": []},
            "conversation": {"id": "a:there", "conversationType": "personal", "tenantId": tenant}, "channelData": {"tenant": {"id": tenant}}});
        let answer = world.talk.invokes_as(&world.talk.activity(&User::PRIYA, there)).await;
        // She is a member of our tenant, not of theirs: the channel says so, and so she gets no ticket.
        assert_eq!(lines(&answer), "(Habeo answers members of this organization only, not guests.)");
        assert_ne!(tenant, TENANT);
    }
}
