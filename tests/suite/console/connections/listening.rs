//! Waiting for the next letter, on a page that looks again by itself.

use habeo_core::connection::Provider;
use habeo_core::inbox::{Outcome, Verdict};
use habeo_core::time::SECOND_MICROS;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;

use super::{admin, connect, inbox, led_to, letter, page, path, refuse};

const REFRESH: &str = "http-equiv=\"refresh\"";

async fn begin(tab: &mut Tab<'_>, path: &str) -> String {
    let answer = tab.get(&format!("{path}/listen")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let to = answer.header("location").unwrap_or_default().to_owned();
    assert!(to.starts_with(&format!("{path}/listen?since=")), "{to}");
    to
}

both_engines! {
    /// The page waits, shows the first letter that comes, and looks on until that is worked off.
    async fn the_first_letter_is_shown_and_what_came_of_it(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, _) = connect(&college, Provider::Jamf, "Jamf").await;
        letter(&college, id, "before", b"{}").await;
        refuse(&college, id, "before as well").await;
        must(inbox(&db).claim("mdm", 1).await);
        db.clock.advance_micros(SECOND_MICROS);
        let mut tab = Tab::of(&app, &member).await;
        let listening = begin(&mut tab, &path(id)).await;
        let waiting = page(&mut tab, &listening).await;
        assert!(waiting.contains("Waiting for a letter") && waiting.contains(REFRESH) && waiting.contains("another 60 seconds"), "{waiting}");
        db.clock.advance_micros(10 * SECOND_MICROS);
        assert!(page(&mut tab, &listening).await.contains("another 50 seconds"));
        letter(&college, id, "now", b"{}").await;
        db.clock.advance_micros(SECOND_MICROS);
        refuse(&college, id, "later").await;
        let came = page(&mut tab, &listening).await;
        assert!(came.contains("A letter came") && came.contains("ComputerAdded") && came.contains("Waiting") && came.contains(REFRESH), "{came}");
        let claimed = must(inbox(&db).claim("mdm", 5).await);
        for one in claimed {
            let why = Some("two assets have this serial number".to_owned());
            must(inbox(&db).settle(&one, Verdict::Noted { outcome: Outcome::Held, why }).await);
        }
        let done = page(&mut tab, &listening).await;
        assert!(done.contains("Waits for a decision") && done.contains("two assets have this serial number") && !done.contains(REFRESH), "{done}");
    }

    /// What is refused at the door is shown with its reason and with what was expected.
    async fn a_refusal_is_shown_with_its_reason(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, secret) = connect(&college, Provider::Jira, "Jira").await;
        let mut tab = Tab::of(&app, &member).await;
        let listening = begin(&mut tab, &path(id)).await;
        db.clock.advance_micros(1);
        refuse(&college, id, "the header X-Hub-Signature is missing").await;
        let shown = page(&mut tab, &listening).await;
        assert!(shown.contains("A letter was refused") && shown.contains("the header X-Hub-Signature is missing") && shown.contains("HMAC-SHA-256"), "{shown}");
        assert!(!shown.contains(REFRESH) && !shown.contains(&secret), "{shown}");
    }

    /// A letter that had come before is told of as such: whoever sends the same again would wait in vain.
    async fn a_repeated_letter_is_told_of(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, _) = connect(&college, Provider::Jamf, "Jamf").await;
        letter(&college, id, "same", b"{}").await;
        letter(&college, id, "same", b"{}").await;
        db.clock.advance_micros(SECOND_MICROS);
        let mut tab = Tab::of(&app, &member).await;
        let listening = begin(&mut tab, &path(id)).await;
        assert!(page(&mut tab, &listening).await.contains("Waiting for a letter"));
        letter(&college, id, "same", b"{}").await;
        let shown = page(&mut tab, &listening).await;
        assert!(shown.contains("A letter that had come before") && !shown.contains(REFRESH), "{shown}");
    }

    /// After a minute it says what to look at; addresses that were made up listen from now on, and a paused connection listens to nothing.
    async fn nobody_waits_for_ever(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, _) = connect(&college, Provider::Jamf, "Jamf").await;
        let mut tab = Tab::of(&app, &member).await;
        let listening = begin(&mut tab, &path(id)).await;
        db.clock.advance_micros(60 * SECOND_MICROS);
        let nothing = page(&mut tab, &listening).await;
        assert!(nothing.contains("Nothing came") && nothing.contains("/api/webhooks/mdm-login?provider=jamf") && !nothing.contains(REFRESH), "{nothing}");
        for made_up in ["since=0", "since=-9223372036854775808", "since=9223372036854775807&repeats=9223372036854775807"] {
            let answer = tab.get(&format!("{}/listen?{made_up}", path(id))).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{made_up}");
        }
        assert_eq!(tab.get(&format!("{}/listen?since=x", path(id))).await.status, StatusCode::BAD_REQUEST);
        page(&mut tab, &path(id)).await;
        led_to(&tab.post(&format!("{}/pause", path(id)), &[]).await, &format!("{}?said=connection_paused", path(id)));
        let listening = begin(&mut tab, &path(id)).await;
        let paused = page(&mut tab, &listening).await;
        assert!(paused.contains("Nothing is taken in") && !paused.contains(REFRESH), "{paused}");
    }
}
