//! Bodies that take their time. Time is the runtime's own here and passes at once.

use std::io;

use futures_util::{StreamExt, stream};
use poem::Body;

use super::*;

fn pieces(count: usize, pause: Duration) -> Body {
    let pieces = stream::iter(0..count).then(move |_| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, io::Error>(vec![b'x'])
    });
    Body::from_bytes_stream(pieces)
}

async fn send(count: usize, pause_seconds: u64) -> TestResponse {
    let app = app();
    let body = pieces(count, Duration::from_secs(pause_seconds));
    app.client.post("/reads").body(body).send().await
}

#[tokio::test(start_paused = true)]
async fn a_body_may_pause_but_not_long() {
    send(3, 9).await.assert_text("3").await;
    problem(send(3, 11).await, 408, "request_timeout").await;
}

#[tokio::test(start_paused = true)]
async fn a_body_has_its_time_in_all() {
    send(7, 4).await.assert_text("7").await;
    problem(send(9, 4).await, 408, "request_timeout").await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_the_clients_fault() {
    let app = app();
    let broken = stream::iter([Ok(vec![b'x']), Err(io::Error::other("gone"))]);
    let body = Body::from_bytes_stream(broken);
    let response = app.client.post("/reads").body(body).send().await;
    problem(response, 400, "invalid_request").await;
}

/// What the connection refused is answered like everything else, and meets no route.
#[tokio::test]
async fn what_was_refused_before_is_answered_here() {
    let app = app();
    let refused = Refused(Problem::new(&catalogue::BUSY));
    let response = app.client.get("/panics").data(refused).send().await;
    let (_, response) = problem(response, 503, "busy").await;
    assert_eq!(response.header("retry-after"), Some("1"));
}

/// More handlers than may work at once are not begun; whoever watches over the server is answered all the same.
#[tokio::test]
async fn what_is_too_much_at_once_is_sent_away_early() {
    let settings = || {
        let catalogue = Arc::new(Catalogue::complete());
        let settings = Settings::new(testing::clock(), Arc::new(SeededRandom::new(1)), catalogue);
        settings.handlers_max(0).watched(["/own"])
    };
    let route = Route::new()
        .at("/own", poem::get(own))
        .at("/reads", poem::post(reads));
    let client = TestClient::new(edge(route, settings()));
    let refused = client.post("/reads").body("x").send().await;
    let (_, refused) = problem(refused, 503, "busy").await;
    assert_eq!(refused.header("retry-after"), Some("1"));
    client.get("/own").send().await.assert_status_is_ok();
}
