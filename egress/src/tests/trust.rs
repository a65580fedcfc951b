//! TLS: trusted only under the right name and authority, and everything else told apart from a failed connection.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Names, egress, org, settings};
use crate::Egress;
use crate::error::EgressError;
use crate::tls::Tls;

/// A receiver with the throwaway certificate of `hooks.campus.internal`. It notes which handshakes resumed a session.
async fn encrypted_receiver() -> (SocketAddr, Arc<Mutex<Vec<bool>>>) {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/receiver.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/receiver.key"));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.expect("PEM")], key.expect("PEM"))
        .expect("a pair");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let resumed = Arc::new(Mutex::new(Vec::new()));
    let noted = resumed.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let kind = stream.get_ref().1.handshake_kind();
            let was_resumed = kind == Some(rustls::HandshakeKind::Resumed);
            noted.lock().expect("a lock").push(was_resumed);
            let mut head = [0; 4_096];
            let _read = stream.read(&mut head).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            let _written = stream.write_all(answer).await;
            let _closed = stream.shutdown().await;
        }
    });
    (address, resumed)
}

/// A client that trusts the throwaway authority, and finds both names at loopback.
fn trusting(port: u16, name: &str) -> Egress {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(include_bytes!("tls/authority.pem"));
    roots.add(authority.expect("PEM")).expect("an authority");
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let verifier = verifier.build().expect("a verifier");
    let settings = settings()
        .allow(format!("{name}:{port}").parse().expect("an entry"))
        .resolver(Names::of(name, &[&["127.0.0.1"]]));
    Egress::trusting(settings, Tls::verified_by(verifier, provider))
}

#[tokio::test]
async fn a_trusted_certificate_under_its_name_is_accepted() {
    let (address, _) = encrypted_receiver().await;
    let egress = trusting(address.port(), "hooks.campus.internal");
    let url = format!("https://hooks.campus.internal:{}/", address.port());
    let target = egress.target(&url).expect("a target");
    let answer = egress
        .post(org(1), &target)
        .json(&1)
        .send()
        .await
        .expect("an answer");
    assert_eq!(&answer.body[..], b"ok");
}

#[tokio::test]
async fn another_name_is_not() {
    let (address, handshakes) = encrypted_receiver().await;
    let egress = trusting(address.port(), "other.campus.internal");
    let url = format!("https://other.campus.internal:{}/", address.port());
    let target = egress.target(&url).expect("a target");
    let error = egress
        .post(org(1), &target)
        .json(&1)
        .send()
        .await
        .expect_err("no trust");
    assert!(matches!(error, EgressError::Tls(_)), "{error:?}");
    assert!(handshakes.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn a_certificate_that_the_system_does_not_know_is_refused_as_tls() {
    let (address, handshakes) = encrypted_receiver().await;
    let name = "hooks.campus.internal";
    let settings = settings()
        .allow(
            format!("{name}:{}", address.port())
                .parse()
                .expect("an entry"),
        )
        .resolver(Names::of(name, &[&["127.0.0.1"]]));
    let egress = Egress::new(settings);
    let target = egress
        .target(&format!("https://{name}:{}/", address.port()))
        .expect("a target");
    let error = egress
        .post(org(1), &target)
        .json(&1)
        .send()
        .await
        .expect_err("no trust");
    let EgressError::Tls(reason) = &error else {
        panic!("{error:?}");
    };
    assert!(reason.contains("UnknownIssuer"), "{reason}");
    assert!(!error.may_have_arrived());
    assert!(handshakes.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn a_receiver_without_tls_is_refused_as_tls() {
    for greeting in [
        &b"220 mail.example.edu ESMTP\r\n"[..],
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"",
    ] {
        let plain = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = plain.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = plain.accept().await {
                let mut theirs = [0; 4_096];
                let _read = stream.read(&mut theirs).await;
                let _written = stream.write_all(greeting).await;
            }
        });
        let egress = egress(&[address]);
        let target = egress
            .target(&format!("https://{address}/"))
            .expect("a target");
        let error = egress
            .get(org(1), &target)
            .send()
            .await
            .expect_err("no TLS");
        assert!(matches!(error, EgressError::Tls(_)), "{error:?}");
    }
}

/// A resumed session tells a receiver that two callers are one; so each lane has its own.
#[tokio::test]
async fn sessions_are_resumed_within_a_lane_only() {
    let (address, resumed) = encrypted_receiver().await;
    let egress = trusting(address.port(), "hooks.campus.internal");
    let url = format!("https://hooks.campus.internal:{}/", address.port());
    let target = egress.target(&url).expect("a target");
    for lane in [org(1), org(1), org(2), org(2)] {
        egress.get(lane, &target).send().await.expect("an answer");
    }
    assert_eq!(*resumed.lock().expect("a lock"), [false, true, false, true]);
}
