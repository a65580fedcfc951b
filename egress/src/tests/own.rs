//! Habeo does not call itself, on whichever of its addresses.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use super::receiver::{Receiver, Way};
use super::{allowing, egress, org, settings, to};
use crate::error::{EgressError, Refusal};
use crate::own::Own;
use crate::{Egress, Target};

async fn refusal(egress: &Egress, target: &Target) -> EgressError {
    egress
        .get(org(1), target)
        .send()
        .await
        .expect_err("our own address")
}

#[tokio::test]
async fn our_own_address_is_refused_although_it_is_allowed() {
    let ours = Receiver::start(Way::ok()).await;
    let own = Egress::new(
        settings()
            .allow(allowing(&[ours.address]))
            .own(ours.address),
    );
    let target = to(&own, ours.address, "/");
    assert_eq!(
        refusal(&own, &target).await,
        EgressError::Refused(Refusal::Own)
    );
    let saved = own.target_to_save(org(1), target.expose()).await;
    assert_eq!(saved.expect_err("our own address"), Refusal::Own);

    let later = egress(&[ours.address]);
    assert!(later.get(org(1), &target).send().await.is_ok());
    later.listening_on(SocketAddr::new(
        Ipv4Addr::UNSPECIFIED.into(),
        ours.address.port(),
    ));
    assert_eq!(
        refusal(&later, &target).await,
        EgressError::Refused(Refusal::Own)
    );
    assert_eq!(ours.requests().len(), 1);
}

/// The peer is compared when it has answered: here what is allowed changes while the answer is on its way.
#[tokio::test]
async fn an_answer_of_a_peer_that_may_not_be_reached_is_dropped() {
    let way = Way::AnswersLate(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec());
    let receiver = Receiver::start(way).await;
    let egress = egress(&[receiver.address]);
    let target = to(&egress, receiver.address, "/");
    let sending = tokio::spawn(egress.get(org(1), &target).send());
    while receiver.requests().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    egress.listening_on(receiver.address);
    let error = sending
        .await
        .expect("a task")
        .expect_err("a peer that was not checked");
    assert!(
        matches!(error, EgressError::Broken(why) if why.contains("peer")),
        "{error:?}"
    );
    assert!(error.may_have_arrived());
}

#[test]
fn listening_everywhere_is_listening_on_every_address_of_this_machine() {
    let includes = |listening: &str, peer: &str| {
        let address = |text: &str| text.parse().expect("an address");
        Own::new(vec![address(listening)]).includes(address(peer))
    };
    for listening in ["0.0.0.0:8080", "[::]:8080"] {
        for peer in [
            "127.0.0.1:8080",
            "127.9.9.9:8080",
            "[::1]:8080",
            "0.0.0.0:8080",
            "[::ffff:127.0.0.1]:8080",
        ] {
            assert!(includes(listening, peer), "{listening} {peer}");
        }
        for peer in ["127.0.0.1:8081", "8.8.8.8:8080", "[2606:4700::1111]:8080"] {
            assert!(!includes(listening, peer), "{listening} {peer}");
        }
    }
    assert!(includes("192.168.1.2:443", "192.168.1.2:443"));
    assert!(includes("192.168.1.2:443", "[::ffff:192.168.1.2]:443"));
    assert!(!includes("192.168.1.2:443", "192.168.1.3:443"));
}

/// Whatever address this machine has towards others leads back to it.
#[test]
fn addresses_of_interfaces_are_ours() {
    let towards_others = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("8.8.8.8:9")?;
        socket.local_addr()
    });
    // A machine without a route has no such address.
    if let Ok(address) = towards_others {
        let own = Own::new(vec!["0.0.0.0:8080".parse().expect("an address")]);
        assert!(own.includes((address.ip(), 8080).into()), "{address}");
    }
}
