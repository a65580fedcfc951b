//! Requests with more than one meaning, with none, and with more than is read.

use super::*;

/// Each is followed by a request that must not be served: a second reader might have seen it as part of the first.
#[test]
fn nothing_can_be_smuggled() {
    on_wire(Limits::default(), async |_, address| {
        for fields in [
            "Host: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
            "Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n",
            "Host: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n",
            "Host: a\r\nContent-Length: 3, 3\r\n",
            "Host: a\r\nTransfer-Encoding: xchunked\r\n",
            "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "Host: a\r\nTransfer-Encoding : chunked\r\n",
            "Host: a\r\nHost: b\r\n",
            "Host: a, b\r\n",
            "",
            "Host: a\nContent-Length: 3\r\n",
            "Host: a\r\nX: y\r\n folded\r\n",
        ] {
            let mut wire = Wire::to(address).await;
            wire.send(format!(
                "POST /healthz HTTP/1.1\r\n{fields}\r\n0\r\n\r\n{ALIVE}"
            ))
            .await;
            let answer = wire.answer().await;
            answer.assert_problem(400, "invalid_request");
            assert!(answer.ends_connection(), "{fields:?}");
            assert!(wire.is_ended().await, "{fields:?}");
        }
    });
}

#[test]
fn what_is_no_request_is_refused() {
    on_wire(Limits::default(), async |_, address| {
        for bytes in [
            "\0\0\0\0\r\n\r\n",
            "hello\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX\0: 1\r\n\r\n",
            "\u{16}\u{3}\u{1}\u{2}\0\r\n\r\n",
        ] {
            let mut wire = Wire::to(address).await;
            wire.send(bytes).await;
            wire.answer().await.assert_problem(400, "invalid_request");
            assert!(wire.is_ended().await);
        }
    });
}

#[test]
fn heads_that_never_end_are_refused_before_they_do() {
    on_wire(Limits::default(), async |_, address| {
        let cases = [
            (format!("GET /{}", "a".repeat(9_000)), 414, "uri_too_long"),
            (
                format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "a".repeat(17_000)),
                431,
                "headers_too_large",
            ),
            (
                format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: 1\r\n".repeat(64)),
                431,
                "headers_too_large",
            ),
        ];
        for (bytes, status, code) in cases {
            let mut wire = Wire::to(address).await;
            wire.send(bytes).await;
            wire.answer().await.assert_problem(status, code);
            assert!(wire.is_ended().await);
        }
        // Sixty-four are not too many.
        let many = "X: 1\r\n".repeat(63);
        let mut wire = Wire::to(address).await;
        let answer = wire
            .ask(&format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{many}\r\n"))
            .await;
        assert_eq!(answer.status, 200);
    });
}

#[test]
fn answers_keep_the_order_of_the_requests() {
    on_wire(Limits::default(), async |_, address| {
        let mut wire = Wire::to(address).await;
        wire.send(format!(
            "{ALIVE}\r\n{ALIVE}GET /nothing HTTP/1.1\r\nHost: a\r\n\r\nbroken\r\n\r\n{ALIVE}"
        ))
        .await;
        assert_eq!(wire.answer().await.status, 200);
        assert_eq!(wire.answer().await.status, 200);
        wire.answer().await.assert_problem(404, "route_unknown");
        wire.answer().await.assert_problem(400, "invalid_request");
        assert!(wire.is_ended().await);
        // A body that is still on its way belongs to its own request and not to the one before.
        let mut wire = Wire::to(address).await;
        wire.send(format!(
            "{ALIVE}POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na"
        ))
        .await;
        assert!(!wire.answer().await.ends_connection());
        wire.send("bc").await;
        wire.answer().await.assert_problem(404, "route_unknown");
    });
}

#[test]
fn methods_outside_the_list_are_not_allowed() {
    on_wire(Limits::default(), async |_, address| {
        for line in [
            "TRACE /healthz",
            "BREW /healthz",
            "CONNECT a:443",
            "get /healthz",
        ] {
            let mut wire = Wire::to(address).await;
            let answer = wire
                .ask(&format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n"))
                .await;
            answer.assert_problem(405, "method_not_allowed");
            assert!(answer.header("allow").is_some(), "{line}");
        }
    });
}

/// A body that nobody reads is not waited for, and cannot become the next request. One that has come already does no harm.
#[test]
fn an_unread_body_ends_the_connection() {
    on_wire(Limits::default(), async |_, address| {
        let mut wire = Wire::to(address).await;
        wire.send(
            "POST /api/v1/push/register HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\nabc",
        )
        .await;
        let answer = wire.answer().await;
        answer.assert_problem(413, "payload_too_large");
        assert!(answer.ends_connection());
        wire.send(ALIVE).await;
        assert!(wire.is_ended().await);
        let mut wire = Wire::to(address).await;
        let answer = wire
            .ask("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
            .await;
        assert_eq!((answer.status, answer.ends_connection()), (404, false));
        assert_eq!(wire.ask(ALIVE).await.status, 200);
    });
}

/// Closing while a client still sends would destroy the answer on its way to them.
#[test]
fn who_sends_too_much_reads_why() {
    on_wire(Limits::default(), async |_, address| {
        let mut wire = Wire::to(address).await;
        let body = "x".repeat(400_000);
        wire.send(format!(
            "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
        wire.answer().await.assert_problem(413, "payload_too_large");
        let mut wire = Wire::to(address).await;
        wire.send(format!("POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())).await;
        wire.answer().await.assert_problem(413, "payload_too_large");
    });
}

#[test]
fn bodies_in_chunks_are_read_and_are_the_last() {
    on_wire(Limits::default(), async |_, address| {
        for (chunks, status) in [
            ("3\r\nabc\r\n0\r\n\r\n", 404),
            ("3;ext=1\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", 404),
            ("zz\r\nabc\r\n0\r\n\r\n", 400),
            ("-3\r\nabc\r\n0\r\n\r\n", 400),
            ("fffffffffffffffff\r\nabc\r\n", 400),
        ] {
            let mut wire = Wire::to(address).await;
            wire.send(format!("POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{ALIVE}")).await;
            let answer = wire.answer().await;
            assert_eq!(answer.status, status, "{chunks:?}");
            assert!(answer.ends_connection(), "{chunks:?}");
            assert!(wire.is_ended().await, "{chunks:?}");
        }
    });
}

#[test]
fn encoded_bodies_are_not_inflated() {
    on_wire(Limits::default(), async |_, address| {
        let mut wire = Wire::to(address).await;
        let answer = wire.ask("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 900\r\n\r\n").await;
        answer.assert_problem(415, "unsupported_media_type");
        assert!(answer.ends_connection());
    });
}
