//! What was ended is read by everybody who looks, for as long as a token could meet it.

use habeo_core::session::ended::{self, Ended, KEPT_MICROS, Note, Reader};
use habeo_core::time::{Clock as _, SECOND_MICROS};
use habeo_tests::both_engines;
use habeo_tests::must;

fn session(session_id: &str) -> Ended<'_> {
    Ended::Session {
        issuer: "https://issuer.example",
        session_id,
    }
}

both_engines! {
    /// Two nodes that look at different times read the same; nothing is read twice for ever, nothing is missed, and it ends.
    async fn every_reader_reads_what_was_ended(db: TestDb) {
        let now = || db.clock.now();
        let (mut one, mut two) = (Reader::default(), Reader::default());
        assert_eq!(must(one.read(db.db(), now()).await), []);
        let first = must(ended::note(&db.ledger, &[session("a"), session("b")], now()).await);
        let mut read = must(one.read(db.db(), now()).await);
        let by_key = |note: &Note| note.key;
        read.sort_by_key(by_key);
        let mut both = first.clone();
        both.sort_by_key(by_key);
        assert_eq!(read, both);
        // Another node's clock is a minute behind: what it notes is read all the same.
        db.clock.advance_micros(60 * SECOND_MICROS);
        must(ended::note(&db.ledger, &[session("c")], now()).await);
        must(one.read(db.db(), now()).await);
        let late = now().plus_micros(-60 * SECOND_MICROS);
        let late = must(ended::note(&db.ledger, &[session("d")], late).await);
        assert!(must(one.read(db.db(), now()).await).contains(&late[0]));
        assert_eq!(must(two.read(db.db(), now()).await).len(), 4);
        // Ended again: the later instant counts.
        db.clock.advance_micros(600 * SECOND_MICROS);
        let again = must(ended::note(&db.ledger, &[session("a")], now()).await);
        assert!(must(two.read(db.db(), now()).await).contains(&again[0]));
        // What no token can meet is neither read nor kept.
        db.clock.advance_micros(KEPT_MICROS - 60 * SECOND_MICROS);
        assert_eq!(must(Reader::default().read(db.db(), now()).await), again);
        assert_eq!(must(ended::forget(db.db(), now()).await), 3);
        assert_eq!(must(ended::forget(db.db(), now()).await), 0);
    }

    /// Rows of one reading come in pages; many ends in one instant are all read.
    async fn many_ends_of_one_instant_are_all_read(db: TestDb) {
        let names: Vec<String> = (0..10_050).map(|n| format!("sess_{n}")).collect();
        let ends: Vec<Ended<'_>> = names.iter().map(|name| session(name)).collect();
        must(ended::note(&db.ledger, &ends, db.clock.now()).await);
        assert_eq!(must(Reader::default().read(db.db(), db.clock.now()).await).len(), 10_050);
    }
}
