//! The issuer's keys, fetched over the network: how often, for how long, and what a caller meets meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use habeo_tests::app::{Answer, TestApp};
use habeo_tests::both_engines;
use habeo_tests::builders::{College, Member};
use habeo_tests::issuer::{changed, claims, header, issuer, stranger};
use habeo_tests::must;
use poem::http::StatusCode;
use poem::listener::TcpAcceptor;
use poem::{Response, Server, endpoint};
use serde_json::json;
use tokio::net::TcpListener;

const ME: &str = "/api/v1/me";

/// An issuer's key set on loopback, with the tests' key under the id `ins_1`, which can be switched off.
struct Keys {
    fetches: Arc<AtomicUsize>,
    up: Arc<AtomicBool>,
    url: String,
}

impl Keys {
    async fn serve() -> Self {
        let listener = must(TcpListener::bind("127.0.0.1:0").await);
        let url = format!("http://{}/keys", must(listener.local_addr()));
        let (fetches, up) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicBool::new(true)),
        );
        let body = json!({"keys": [issuer().jwk("ins_1")]}).to_string();
        let (count, is_up) = (Arc::clone(&fetches), Arc::clone(&up));
        let answer = endpoint::make_sync(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            if is_up.load(Ordering::SeqCst) {
                Response::builder().body(body.clone())
            } else {
                StatusCode::BAD_GATEWAY.into()
            }
        });
        let acceptor = must(TcpAcceptor::from_tokio(listener));
        tokio::spawn(Server::new_with_acceptor(acceptor).run(answer));
        Self { fetches, up, url }
    }

    fn count(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

/// A request with a token that a stranger signed under some key id.
async fn with_key_id(app: &TestApp, member: &Member, key_id: &str) -> Answer {
    let header = changed(header(), json!({"kid": key_id}));
    let token = stranger().sign(
        &header,
        &claims(&member.credential, app.db.ledger.clock().now()),
    );
    app.get(ME).bearer(&token).send().await
}

both_engines! {
    /// A flood of keys that nobody has costs the issuer one question in thirty seconds, and good tokens nothing.
    async fn unknown_keys_are_asked_for_once_in_thirty_seconds(db: TestDb) {
        let keys = Keys::serve().await;
        let app = TestApp::with_keys_at(&db, &keys.url).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[]).await;
        app.get(ME).by(&member).send().await.ok();
        assert_eq!(keys.count(), 1);
        for round in 0..3 {
            for n in 0..400 {
                let answer = with_key_id(&app, &member, &format!("kid_{round}_{n}")).await;
                // Failed authentications of one address are limited; that they are has no influence on the fetches.
                assert!(matches!(answer.status.as_u16(), 401 | 429), "{}", answer.text());
            }
            app.get(ME).by(&member).send().await.ok();
            assert_eq!(keys.count(), 1 + round, "in round {round}");
            app.wait_seconds(30);
        }
    }

    /// The issuer is down: its keys serve for a day. Then nothing can be said about a token, which is not the caller's fault.
    async fn an_issuer_that_is_down_is_outlived_for_a_day(db: TestDb) {
        let keys = Keys::serve().await;
        let app = TestApp::with_keys_at(&db, &keys.url).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[]).await;
        app.get(ME).by(&member).send().await.ok();
        keys.up.store(false, Ordering::SeqCst);
        for hours in [2, 12, 9] {
            app.wait_seconds(hours * 3_600);
            app.get(ME).by(&member).send().await.ok();
        }
        app.wait_seconds(2 * 3_600);
        let answer = app.get(ME).by(&member).send().await;
        answer.problem(503, "auth_unavailable");
        keys.up.store(true, Ordering::SeqCst);
        app.wait_seconds(30);
        app.get(ME).by(&member).send().await.ok();
    }
}
