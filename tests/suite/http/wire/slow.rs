//! Clients who take their time.

use super::*;

const SHORT: Duration = Duration::from_millis(300);

fn hasty() -> Limits {
    Limits {
        first_head_timeout: SHORT,
        head_timeout: SHORT,
        idle_timeout: SHORT,
        write_timeout: SHORT,
        ..Limits::default()
    }
}

#[test]
fn who_sends_nothing_is_told_nothing() {
    on_wire(hasty(), async |_, address| {
        assert!(Wire::to(address).await.is_ended().await);
        // Neither is who has been answered and asks no more.
        let mut wire = Wire::to(address).await;
        assert_eq!(wire.ask(ALIVE).await.status, 200);
        assert!(wire.is_ended().await);
    });
}

#[test]
fn half_a_head_is_told_that_it_is_late() {
    on_wire(hasty(), async |_, address| {
        let mut wire = Wire::to(address).await;
        wire.send("GET / HTTP/1.1\r\nHo").await;
        wire.answer().await.assert_problem(408, "request_timeout");
        assert!(wire.is_ended().await);
        let mut wire = Wire::to(address).await;
        assert_eq!(wire.ask(ALIVE).await.status, 200);
        wire.send("GET / HTTP/1.1\r\nHost: a\r\n").await;
        wire.answer().await.assert_problem(408, "request_timeout");
        assert!(wire.is_ended().await);
    });
}

/// A byte now and then buys no time.
#[test]
fn a_trickle_is_as_late_as_silence() {
    on_wire(hasty(), async |_, address| {
        let mut wire = Wire::to(address).await;
        let trickle = async {
            loop {
                if wire.socket.write_all(b"a").await.is_err() {
                    return;
                }
                tokio::time::sleep(SHORT / 6).await;
            }
        };
        must(timeout(PATIENCE, trickle).await);
    });
}

/// The time between two requests begins anew with each answer.
#[test]
fn a_kept_connection_lives_as_long_as_it_is_used() {
    on_wire(hasty(), async |_, address| {
        let mut wire = Wire::to(address).await;
        for _ in 0..8 {
            assert_eq!(wire.ask(ALIVE).await.status, 200);
            tokio::time::sleep(SHORT / 6).await;
        }
    });
}

#[test]
fn a_head_in_pieces_is_whole() {
    on_wire(Limits::default(), async |_, address| {
        let mut wire = Wire::to(address).await;
        for byte in ALIVE.as_bytes() {
            wire.send([*byte]).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(wire.answer().await.status, 200);
    });
}

#[test]
fn many_slow_ones_keep_nobody_waiting() {
    on_wire(Limits::default(), async |_, address| {
        let mut slow = Vec::new();
        for _ in 0..200 {
            let mut wire = Wire::to(address).await;
            wire.send("GET /healthz HTTP/1.1\r\nHost:").await;
            slow.push(wire);
        }
        let mut wire = Wire::to(address).await;
        for _ in 0..50 {
            assert_eq!(wire.ask(ALIVE).await.status, 200);
        }
        for mut wire in slow {
            assert_eq!(wire.ask(" a\r\n\r\n").await.status, 200);
        }
    });
}
