//! How a server that was asked to stop takes leave of its clients.

use habeo_server::stop::Phase;

use super::*;

const READY: &str = "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n";

/// First it is only not ready: everything is still served, and each answer announces the end of its connection.
#[test]
fn leaving_is_announced() {
    on_wire(Limits::default(), async |app, address| {
        let mut kept = Wire::to(address).await;
        let answer = kept.ask(READY).await;
        assert_eq!((answer.status, answer.ends_connection()), (200, false));
        app.app.stop.advance(Phase::Leaving);
        let answer = kept.ask(READY).await;
        assert_eq!((answer.status, answer.ends_connection()), (503, true));
        let body: Value = must(serde_json::from_slice(&answer.body));
        assert_eq!(
            body,
            serde_json::json!({"status": "unready", "failing": ["stopping"]})
        );
        assert!(kept.is_ended().await);
        // Liveness is another matter, and whoever comes is served.
        let answer = Wire::to(address).await.ask(ALIVE).await;
        assert_eq!((answer.status, answer.ends_connection()), (200, true));
    });
}

/// Then nobody comes in, who is silent is let go at once, and who has begun to ask is answered.
#[test]
fn closing_finishes_what_was_begun() {
    on_wire(Limits::default(), async |app, address| {
        let (mut silent, mut fresh, mut begun) = (
            Wire::to(address).await,
            Wire::to(address).await,
            Wire::to(address).await,
        );
        assert_eq!(silent.ask(ALIVE).await.status, 200);
        assert_eq!(begun.ask(ALIVE).await.status, 200);
        fresh.send("").await;
        begun.send("GET /healthz HTTP/1.1\r\nHo").await;
        // What has not been read when the server closes was never asked; here it is to have been.
        tokio::time::sleep(Duration::from_millis(200)).await;
        app.app.stop.advance(Phase::Closing);
        assert!(silent.is_ended().await);
        assert!(fresh.is_ended().await);
        let answer = begun.ask("st: a\r\n\r\n").await;
        assert_eq!((answer.status, answer.ends_connection()), (200, true));
        assert!(begun.is_ended().await);
        assert!(TcpStream::connect(address).await.is_err());
    });
}

/// Whatever is left in the end is cut off.
#[test]
fn the_end_is_the_end() {
    on_wire(Limits::default(), async |app, address| {
        let mut begun = Wire::to(address).await;
        assert_eq!(begun.ask(ALIVE).await.status, 200);
        begun.send("GET /healthz HTTP/1.1\r\n").await;
        app.app.stop.advance(Phase::Ended);
        assert!(begun.is_ended().await);
    });
}
