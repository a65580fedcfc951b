//! What came in, as the pages of a connection show it.

use habeo_core::connection::Provider;
use habeo_core::inbox::{Outcome, Progress, Verdict};
use habeo_core::time::SECOND_MICROS;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;

use super::{UNKNOWN, admin, connect, inbox, led_to, letter, page, path, refuse};

async fn settle(college: &College, outcome: Outcome, why: Option<&str>) {
    let inbox = inbox(&college.db);
    for one in must(inbox.claim("mdm", 10).await) {
        let why = why.map(ToOwned::to_owned);
        must(inbox.settle(&one, Verdict::Noted { outcome, why }).await);
    }
}

both_engines! {
    /// What was taken in and what was refused stand in one list, the latest first, with what came of it and how often.
    async fn deliveries_and_refusals_are_one_list(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, _) = connect(&college, Provider::Jamf, "Jamf").await;
        let (other, _) = connect(&college, Provider::Jamf, "Other").await;
        letter(&college, other, "elsewhere", b"{}").await;
        settle(&college, Outcome::Held, Some("of the other connection")).await;
        letter(&college, id, "one", b"{}").await;
        settle(&college, Outcome::Stale, Some("older than <what> is known")).await;
        db.clock.advance_micros(SECOND_MICROS);
        refuse(&college, id, "the signature is another one").await;
        db.clock.advance_micros(SECOND_MICROS);
        letter(&college, id, "two", b"{}").await;
        letter(&college, id, "two", b"{}").await;
        let mut tab = Tab::of(&app, &member).await;
        let shown = page(&mut tab, &path(id)).await;
        let shown = shown.split_once("<table>").map(|(_, table)| table).unwrap_or_default();
        let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("no {text}: {shown}"));
        assert!(at("Not taken in: 321 bytes, answered 401") < at("Older than what is known"), "{shown}");
        assert!(at("2 times") < at("3 times"), "{shown}");
        assert!(at(">Waiting<") < at("the signature is another one"), "{shown}");
        assert!(!shown.contains("<what>") && !shown.contains("of the other connection"), "{shown}");
        assert!(at("2026-03-02 09:00:02 UTC") < at("2026-03-02 09:00:01 UTC"));
    }

    /// A delivery shows what it said, escaped and indented, and gives its exact bytes; in no other connection's name.
    async fn a_delivery_is_shown_and_downloaded(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, _) = connect(&college, Provider::Jamf, "Jamf").await;
        let (other, _) = connect(&college, Provider::Jamf, "Other").await;
        let body = "{\"event\":{\"name\":\"<script>alert(1)</script>\",\"n\":1.50}}\r\n".as_bytes();
        letter(&college, id, "json", body).await;
        let json = delivery(&college, id).await;
        let mut tab = Tab::of(&app, &member).await;
        let shown = page(&mut tab, &json).await;
        assert!(shown.contains("  &#34;event&#34;: {\n    &#34;name&#34;") || shown.contains("  &quot;event&quot;: {\n    &quot;name&quot;"), "{shown}");
        assert!(shown.contains("1.50") && !shown.contains("<script>alert"), "{shown}");
        let file = tab.get(&format!("{json}/body")).await;
        assert_eq!((file.status, file.bytes.as_slice()), (StatusCode::OK, body));
        assert_eq!(file.header("content-type"), Some("application/octet-stream"));
        assert!(file.header("content-disposition").is_some_and(|value| value.starts_with("attachment;") && value.ends_with(".json\"")));
        assert_eq!((file.header("x-content-type-options"), file.header("cache-control")), (Some("nosniff"), Some("no-store")));
        let elsewhere = json.replace(&id.to_string(), &other.to_string());
        for path in [elsewhere.clone(), format!("{elsewhere}/body"), format!("{}/deliveries/{UNKNOWN}", path(id)), format!("{}/deliveries/x", path(id))] {
            assert_eq!(tab.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        tab.get(&json).await;
        assert_eq!(tab.post(&format!("{elsewhere}/replay"), &[]).await.status, StatusCode::NOT_FOUND);
        db.clock.advance_micros(1);
        let large = vec![b'y'; 70_000];
        letter(&college, id, "large", &large).await;
        let path = delivery(&college, id).await;
        let shown = page(&mut tab, &path).await;
        assert!(shown.contains("The first 64 KiB") && shown.matches('y').count() < 66_500, "{}", shown.len());
        assert_eq!(tab.get(&format!("{path}/body")).await.bytes, large);
    }

    /// A delivery is worked off again when it has been, and not while it waits, nor when what it said is gone.
    async fn a_delivery_is_worked_off_again_from_its_page(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, _) = connect(&college, Provider::Jamf, "Jamf").await;
        letter(&college, id, "one", b"<a/>").await;
        let path = delivery(&college, id).await;
        let replay = format!("{path}/replay");
        let mut tab = Tab::of(&app, &member).await;
        assert!(!page(&mut tab, &path).await.contains("Work it off again"));
        let early = tab.post(&replay, &[]).await;
        assert_eq!(early.status, StatusCode::CONFLICT);
        assert!(early.text().contains("has not been worked off yet"), "{}", early.text());
        settle(&college, Outcome::Unlinked, Some("no asset has this serial number")).await;
        let shown = page(&mut tab, &path).await;
        assert!(shown.contains("Work it off again") && shown.contains("Recorded, no asset found") && shown.contains("&#60;a/&#62;") || shown.contains("&lt;a/&gt;"), "{shown}");
        led_to(&tab.post(&replay, &[]).await, &format!("{path}?said=replayed"));
        let waiting = must(inbox(&db).deliveries(&college.access, id, 1).await);
        assert_eq!((waiting[0].progress, waiting[0].outcome), (Progress::Waiting, None));
        settle(&college, Outcome::Applied, None).await;
        assert!(page(&mut tab, &path).await.contains("Recorded"));
        must(db.raw().await.execute("UPDATE inbox SET body_sealed = NULL").await);
        let shown = page(&mut tab, &path).await;
        assert!(shown.contains("It is no longer kept") && !shown.contains("Work it off again"), "{shown}");
        assert_eq!(tab.get(&format!("{path}/body")).await.status, StatusCode::NOT_FOUND);
        let gone = tab.post(&replay, &[]).await;
        assert_eq!(gone.status, StatusCode::CONFLICT);
        assert!(gone.text().contains("no longer kept"), "{}", gone.text());
    }
}

/// The page of a connection's latest delivery.
async fn delivery(college: &College, connection: habeo_core::id::ConnectionId) -> String {
    let latest = must(
        inbox(&college.db)
            .deliveries(&college.access, connection, 1)
            .await,
    );
    format!("{}/deliveries/{}", path(connection), latest[0].id)
}
