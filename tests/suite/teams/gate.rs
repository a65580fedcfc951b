//! Who may speak for the channel: every rule by itself.

use habeo_core::time::SECOND_MICROS;
use habeo_tests::both_engines;
use habeo_tests::issuer::{changed, stranger, unsigned};
use habeo_tests::teams::{KEY_ID, Talk, User, channel_key, endorsed, header, next_key};
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::World;

/// What became of a token: its status, and whether anything was stored.
async fn status(world: &World, token: Option<&str>) -> u16 {
    let activity = world.talk.activity(&User::PRIYA, json!({"text": "mine"}));
    let answer = world.talk.deliver_with(token, &activity).await;
    assert!(answer.bytes.is_empty(), "{}", answer.text());
    let challenge = answer.header("www-authenticate");
    let expected = (answer.status == StatusCode::UNAUTHORIZED).then_some("Bearer");
    assert_eq!(challenge, expected, "{}", answer.status);
    let stored = world.talk.work().await;
    assert_eq!(stored, usize::from(answer.status == StatusCode::OK));
    drop(world.talk.sim.take_sent());
    answer.status.as_u16()
}

both_engines! {
    /// A good token lets in, and each deviation from it does not.
    async fn claims_are_held_against_every_rule(db: TestDb) {
        let world = World::begin(&db).await;
        let now = world.talk.now();
        let url = world.talk.sim.service_url();
        let cases: Vec<(Value, u16)> = vec![
            (json!({}), 200),
            (json!({"aud": "11111111-2222-3333-4444-555555555555".to_uppercase()}), 200),
            (json!({"serviceurl": url.trim_end_matches('/')}), 200),
            (json!({"serviceurl": url.replace("http://", "HTTP://")}), 200),
            (json!({"exp": now - 299, "nbf": now - 3_600}), 200),
            (json!({"exp": now - 301, "nbf": now - 3_600}), 401),
            (json!({"nbf": now + 299, "exp": now + 3_600}), 200),
            (json!({"nbf": now + 301, "exp": now + 3_600}), 401),
            (json!({"nbf": null}), 401),
            (json!({"exp": null}), 401),
            (json!({"exp": "soon"}), 401),
            (json!({"nbf": now - 60, "exp": now + 4_200}), 401),
            (json!({"exp": i64::MAX}), 401),
            (json!({"iss": "https://api.botframework.com/"}), 401),
            (json!({"iss": "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"}), 401),
            (json!({"iss": null}), 401),
            (json!({"aud": "another-app"}), 401),
            (json!({"aud": ["11111111-2222-3333-4444-555555555555"]}), 401),
            (json!({"aud": null}), 401),
            (json!({"serviceurl": null}), 401),
            (json!({"serviceurl": ""}), 401),
            (json!({"serviceurl": "https://smba.trafficmanager.net/amer/"}), 403),
            (json!({"serviceurl": url.replace("/amer", "/emea")}), 403),
        ];
        for (changes, expected) in cases {
            let token = world.talk.sim.token(now, changes.clone());
            assert_eq!(status(&world, Some(&token)).await, expected, "{changes}");
        }
    }

    /// No token, another scheme, no algorithm, a shared secret, a stranger's key: all the same 401 with nothing in it.
    async fn what_is_not_signed_by_the_channel_is_not_let_in(db: TestDb) {
        let world = World::begin(&db).await;
        let sim = &world.talk.sim;
        let claims = sim.claims(world.talk.now());
        assert_eq!(status(&world, None).await, 401);
        let good = sim.token(world.talk.now(), json!({}));
        let none = format!("{}.", unsigned(&changed(header(KEY_ID), json!({"alg": "none"})), &claims));
        let (signed, signature) = good.rsplit_once('.').expect("three parts");
        let other = unsigned(&header(KEY_ID), &changed(claims.clone(), json!({"nbf": world.talk.now() - 61})));
        let hs256 = format!("{}.{signature}", unsigned(&changed(header(KEY_ID), json!({"alg": "HS256"})), &claims));
        let tokens = [
            String::new(),
            "garbage".to_owned(),
            "a.b.c".to_owned(),
            none,
            hs256,
            signed.to_owned(),
            format!("{other}.{signature}"),
            stranger().sign(&header(KEY_ID), &claims),
            channel_key().sign(&header("unknown"), &claims),
            channel_key().sign(&changed(header(KEY_ID), json!({"kid": null})), &claims),
            channel_key().sign(&changed(header(KEY_ID), json!({"crit": ["x"]})), &claims),
            channel_key().sign(&changed(header(KEY_ID), json!({"jku": "https://evil.example"})), &claims),
            channel_key().sign(&changed(header(KEY_ID), json!({"typ": "at+jwt"})), &claims),
            "x".repeat(9_000),
        ];
        for token in tokens {
            assert_eq!(status(&world, Some(&token)).await, 401, "{token}");
        }
        let activity = world.talk.activity(&User::PRIYA, json!({"text": "mine"}));
        for (name, value) in [("authorization", format!("Basic {good}")), ("authorization", good.clone())] {
            let answer = world.talk.app.post("/api/messages").json(&activity).header(name, &value).send().await;
            assert_eq!(answer.status, 401);
        }
        let call = world.talk.app.post("/api/messages").json(&activity).bearer(&good).bearer(&good);
        assert_eq!(call.send().await.status, 401);
        assert_eq!(status(&world, Some(&good)).await, 200);
    }

    /// A good token is good for what it says: the channel, the address, one tenant, one body.
    async fn a_token_is_good_for_its_own_activity_only(db: TestDb) {
        let world = World::begin(&db).await;
        let sim = &world.talk.sim;
        let elsewhere = "https://evil.example/amer/";
        let cases = [
            (json!({"channelId": "emulator"}), json!({}), 403),
            (json!({"channelId": null}), json!({}), 403),
            (json!({"serviceUrl": null}), json!({}), 403),
            (json!({"serviceUrl": elsewhere}), json!({}), 403),
            (json!({"serviceUrl": elsewhere}), json!({"serviceurl": elsewhere}), 403),
            (json!({"channelData": {"tenant": {"id": "another"}}}), json!({}), 403),
            (json!({"conversation": null}), json!({}), 400),
            (json!({"conversation": {"id": "", "tenantId": "t"}}), json!({}), 400),
            (json!({"id": null}), json!({}), 400),
            (json!({"type": "brandNew", "id": null}), json!({}), 200),
            (json!({"type": "messageReaction"}), json!({}), 200),
            (json!({"type": "invoke", "name": "unknown/thing"}), json!({}), 501),
            (json!({"type": "invoke", "name": "signin/tokenExchange"}), json!({}), 501),
            (json!({"type": "invoke", "name": "composeExtension/query", "value": 7}), json!({}), 400),
        ];
        for (changes, claims, expected) in cases {
            let token = sim.token(world.talk.now(), claims);
            let activity = world.talk.activity(&User::PRIYA, changes.clone());
            let answer = world.talk.deliver_with(Some(&token), &activity).await;
            assert_eq!(answer.status.as_u16(), expected, "{changes}");
            assert!(answer.bytes.is_empty());
        }
        assert_eq!(world.talk.work().await, 0);
        assert!(sim.take_sent().is_empty());
        let token = sim.token(world.talk.now(), json!({}));
        for (body, expected) in [("{", 400), ("[]", 400), ("", 400), ("{\"type\": 7}", 400)] {
            let call = world.talk.app.post("/api/messages").bearer(&token).header("content-type", "application/json");
            assert_eq!(call.body(body).send().await.status.as_u16(), expected, "{body}");
            // Without a token nobody learns whether it could be read.
            let call = world.talk.app.post("/api/messages").header("content-type", "application/json");
            assert_eq!(call.body(body).send().await.status, 401, "{body}");
        }
    }

    /// A key speaks for the channels that it is endorsed for; one without a list speaks for all.
    async fn keys_are_endorsed_for_channels(db: TestDb) {
        let world = World::begin(&db).await;
        let sim = &world.talk.sim;
        sim.publish(&[
            endorsed(channel_key(), "other", &["webchat", "directline"]),
            channel_key().jwk("plain"),
        ]);
        let claims = sim.claims(world.talk.now());
        let with = |kid: &str| channel_key().sign(&header(kid), &claims);
        assert_eq!(status(&world, Some(&with("other"))).await, 403);
        assert_eq!(status(&world, Some(&with("plain"))).await, 200);
    }

    /// A flood of forged key ids is one fetch; a new key is found after five minutes; keys are fresh for an hour, and an outage is outlived for a
    /// day.
    async fn keys_are_fetched_seldom_and_kept_for_a_day(db: TestDb) {
        let world = World::begin(&db).await;
        let (talk, sim) = (&world.talk, &world.talk.sim);
        let good = || sim.token(talk.now(), json!({}));
        assert_eq!(status(&world, Some(&good())).await, 200);
        for i in 0..50 {
            let token = channel_key().sign(&header(&format!("forged-{i}")), &sim.claims(talk.now()));
            let activity = talk.activity(&User::PRIYA, json!({}));
            assert_eq!(talk.deliver_with(Some(&token), &activity).await.status, 401);
        }
        assert_eq!(sim.key_fetches(), 1);
        sim.publish(&[endorsed(next_key(), "next", &["msteams"])]);
        let next = || next_key().sign(&header("next"), &sim.claims(talk.now()));
        assert_eq!(status(&world, Some(&next())).await, 401, "too soon to ask again");
        db.clock.advance_micros(301 * SECOND_MICROS);
        assert_eq!(status(&world, Some(&next())).await, 200);
        assert_eq!(sim.key_fetches(), 2);
        db.clock.advance_micros(3_599 * SECOND_MICROS);
        assert_eq!(status(&world, Some(&next())).await, 200);
        assert_eq!(sim.key_fetches(), 2, "they are fresh");
        db.clock.advance_micros(2 * SECOND_MICROS);
        assert_eq!(status(&world, Some(&next())).await, 200);
        for _ in 0..500 {
            if sim.key_fetches() == 3 {
                break;
            }
            // Nobody waits for a refresh; it is under way.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(sim.key_fetches(), 3, "after an hour they are fetched again");
        sim.keys_down(true);
        db.clock.advance_micros((24 * 3_600 - 60) * SECOND_MICROS);
        assert_eq!(status(&world, Some(&next())).await, 200, "they are used for a day where nobody answers");
        db.clock.advance_micros(120 * SECOND_MICROS);
        assert_eq!(status(&world, Some(&next())).await, 503, "keys of yesterday are no keys");
        sim.keys_down(false);
        db.clock.advance_micros(301 * SECOND_MICROS);
        assert_eq!(status(&world, Some(&next())).await, 200);
    }

    /// Without an app nothing is open: the door is there, and shut.
    async fn no_app_is_no_open_door(db: TestDb) {
        let talk = Talk::with(&db, &[("HABEO_TEAMS_APP_ID", ""), ("HABEO_TEAMS_APP_PASSWORD", "")]).await;
        let activity = talk.activity(&User::PRIYA, json!({"text": "mine"}));
        assert_eq!(talk.deliver(&activity).await.status, 503);
        assert_eq!(talk.deliver_with(None, &activity).await.status, 503);
        assert_eq!(talk.sim.key_fetches(), 0);
    }

    /// A body over the limit is refused before anything else, and GET is no way in.
    async fn bodies_and_methods_are_bounded(db: TestDb) {
        let world = World::begin(&db).await;
        let token = world.talk.sim.token(world.talk.now(), json!({}));
        let activity = world.talk.activity(&User::PRIYA, json!({"text": "mine"})).to_string();
        for (bytes, expected) in [(512 * 1_024, 200), (512 * 1_024 + 1, 413)] {
            // Spaces after it change nothing of what it says.
            let body = format!("{activity}{}", " ".repeat(bytes - activity.len()));
            assert_eq!(body.len(), bytes);
            let call = world.talk.app.post("/api/messages").bearer(&token).header("content-type", "application/json");
            assert_eq!(call.body(body).send().await.status.as_u16(), expected, "{bytes}");
        }
        assert_eq!(world.talk.app.get("/api/messages").bearer(&token).send().await.status, 405);
        let packed = world.talk.app.post("/api/messages").bearer(&token).header("content-encoding", "gzip");
        assert_eq!(packed.body("x").send().await.status, 415);
    }
}
