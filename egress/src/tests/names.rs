//! From names to addresses: one look-up per attempt, all or nothing, and no second opinion.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::dns::Resolve as _;

use super::receiver::{Receiver, Way};
use super::{Names, org, settings};
use crate::error::{EgressError, Refusal};
use crate::resolve::{CHECKED, Checked, OnlyChecked};
use crate::{Egress, Settings};

/// Of the part of IPv6 that is for the public Internet and is not given to anybody: it passes the rules and leads nowhere.
const NOWHERE: &str = "2000::1";

/// A client that may reach `hooks.campus.internal` at this port.
fn campus(port: u16) -> Settings {
    let entry = format!("hooks.campus.internal:{port}");
    settings().allow(entry.parse().expect("an entry"))
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_its_address_is_used() {
    let receiver = Receiver::start(Way::ok()).await;
    let port = receiver.address.port();
    let names = Names::of("hooks.campus.internal", &[&["127.0.0.1"]]);
    let egress = Egress::new(campus(port).resolver(names.clone()));
    let target = egress
        .target(&format!("http://hooks.campus.internal:{port}/x"))
        .expect("a target");
    let answer = egress
        .post(org(1), &target)
        .json(&1)
        .send()
        .await
        .expect("an answer");
    assert!(answer.is_success());
    assert_eq!(names.asked(), ["hooks.campus.internal"]);
    assert!(
        receiver
            .request()
            .contains(&format!("host: hooks.campus.internal:{port}\r\n"))
    );
}

/// Connections that one attempt began and another uses, and those that wait, do not lose what was checked.
#[tokio::test]
async fn many_attempts_at_once_find_their_addresses() {
    let receiver = Receiver::start(Way::ok()).await;
    let port = receiver.address.port();
    let names = Names::of("hooks.campus.internal", &[&["127.0.0.1"]]);
    let egress = Egress::new(campus(port).resolver(names.clone()));
    let target = egress
        .target(&format!("http://hooks.campus.internal:{port}/"))
        .expect("a target");
    for _ in 0..4 {
        let sent = join_all((0..50).map(|_| egress.get(org(1), &target).send())).await;
        assert!(
            sent.into_iter()
                .all(|answer| answer.is_ok_and(|answer| answer.is_success()))
        );
    }
    assert_eq!((names.asked().len(), receiver.requests().len()), (200, 200));
    assert!(receiver.connections() < 200);
}

/// First a public address, then loopback: the second answer is never asked for.
#[tokio::test]
async fn a_name_that_changes_its_mind_never_reaches_loopback() {
    let receiver = Receiver::start(Way::ok()).await;
    let port = receiver.address.port();
    let names = Names::of("rebind.example.edu", &[&[NOWHERE], &["127.0.0.1"]]);
    let egress = Egress::new(settings().resolver(names.clone()));
    let target = egress
        .target(&format!("https://rebind.example.edu:{port}/"))
        .expect("a target");
    let first = egress
        .get(org(1), &target)
        .deadline(Duration::from_millis(500))
        .send()
        .await;
    let first = first.expect_err("nobody there");
    assert!(
        matches!(
            first,
            EgressError::ConnectFailed(_) | EgressError::TimedOut(_)
        ),
        "{first:?}"
    );
    assert_eq!(names.asked().len(), 1);
    let second = egress
        .get(org(1), &target)
        .send()
        .await
        .expect_err("loopback");
    assert_eq!(second, EgressError::Refused(Refusal::Resolved("loopback")));
    assert_eq!(names.asked().len(), 2);
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn one_refused_address_refuses_all() {
    for addresses in [
        &["10.0.0.1"][..],
        &[NOWHERE, "127.0.0.1"],
        &["127.0.0.1", NOWHERE],
        &[NOWHERE, "8.8.8.8", "::ffff:8.8.8.8"],
        &[NOWHERE, "fe80::1"],
        &["169.254.169.254", "8.8.8.8"],
    ] {
        let names = Names::of("hooks.example.edu", &[addresses]);
        let egress = Egress::new(settings().resolver(names));
        let target = egress
            .target("https://hooks.example.edu/")
            .expect("a target");
        let error = egress
            .get(org(1), &target)
            .send()
            .await
            .expect_err("refused");
        assert!(
            matches!(error, EgressError::Refused(Refusal::Resolved(_))),
            "{addresses:?}: {error:?}"
        );
        assert!(!error.is_worth_repeating() && !error.may_have_arrived());
        let saved = egress
            .target_to_save(org(1), "https://hooks.example.edu/")
            .await;
        assert!(matches!(saved, Err(Refusal::Resolved(_))), "{addresses:?}");
    }
}

#[tokio::test]
async fn names_without_addresses_are_not_found() {
    let many: Vec<String> = (0..65).map(|i| format!("8.8.8.{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for addresses in [&[][..], &many] {
        let names = Names::of("hooks.example.edu", &[addresses]);
        let egress = Egress::new(settings().resolver(names));
        for url in ["https://hooks.example.edu/", "https://unknown.example.edu/"] {
            let target = egress.target(url).expect("a target");
            let error = egress
                .get(org(1), &target)
                .send()
                .await
                .expect_err("no name");
            assert_eq!(error, EgressError::NameNotFound);
            assert!(error.is_worth_repeating());
        }
    }
}

#[tokio::test]
async fn an_address_is_saved_although_its_name_is_not_known_yet() {
    let names = Names::of("hooks.example.edu", &[&["8.8.8.8"]]);
    let egress = Egress::new(settings().resolver(names));
    for url in [
        "https://hooks.example.edu/x",
        "https://unknown.example.edu/x",
        "https://8.8.8.8/",
    ] {
        let saved = egress
            .target_to_save(org(1), url)
            .await
            .expect("a good address");
        assert_eq!(saved.expose(), url);
    }
    let saved = egress.target_to_save(org(1), "https://10.0.0.1/").await;
    assert!(matches!(saved, Err(Refusal::Address { .. })));
}

/// A connection that waits does not spare the look-up: what the name means now is what counts.
#[tokio::test]
async fn a_name_is_checked_again_before_a_connection_is_used_again() {
    let receiver = Receiver::start(Way::ok()).await;
    let port = receiver.address.port();
    let names = Names::of(
        "hooks.campus.internal",
        &[&["127.0.0.1"], &["127.0.0.1"], &["127.0.0.9"]],
    );
    let egress = Egress::new(
        campus(port)
            .resolver(names)
            .own(([127, 0, 0, 9], port).into()),
    );
    let target = egress
        .target(&format!("http://hooks.campus.internal:{port}/"))
        .expect("a target");
    for _ in 0..2 {
        egress.get(org(1), &target).send().await.expect("an answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(receiver.connections(), 1);
    let error = egress
        .get(org(1), &target)
        .send()
        .await
        .expect_err("our own");
    assert_eq!(error, EgressError::Refused(Refusal::Own));
    assert_eq!(receiver.requests().len(), 2);
}

/// The resolver inside the HTTP client knows one attempt's addresses and nothing else: what asks it otherwise gets none.
#[tokio::test]
async fn the_client_itself_cannot_look_anything_up() {
    let name = |text: &str| text.parse::<reqwest::dns::Name>().expect("a name");
    assert!(OnlyChecked.resolve(name("localhost")).await.is_err());
    let address = ([8, 8, 8, 8], 443).into();
    let checked = Checked {
        host: "hooks.example.edu".to_owned(),
        addresses: vec![address],
    };
    CHECKED
        .scope(checked, async {
            assert!(OnlyChecked.resolve(name("localhost")).await.is_err());
            let found = OnlyChecked.resolve(name("hooks.example.edu")).await;
            assert_eq!(found.expect("checked").collect::<Vec<_>>(), [address]);
            let elsewhere = tokio::spawn(OnlyChecked.resolve(name("localhost"))).await;
            assert!(elsewhere.expect("a task").is_err());
        })
        .await;
}

/// The system's resolver, with a name that needs no network.
#[tokio::test]
async fn the_system_knows_localhost_as_loopback() {
    use crate::resolve::{Resolve as _, SystemResolver};
    let found = SystemResolver
        .resolve("localhost")
        .await
        .expect("a name of every machine");
    assert!(!found.is_empty() && found.iter().all(std::net::IpAddr::is_loopback));
}
