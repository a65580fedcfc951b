//! What suppliers send by themselves: proven first, always answered by HTTP 200, taken once.

use habeo_core::access::{Access, Surface};
use habeo_core::id::SupplierDocumentId;
use habeo_core::ledger::rebuild;
use habeo_core::order::decide::Code;
use habeo_core::order::document::Take;
use habeo_core::order::report::Kind;
use habeo_core::order::store as orders;
use habeo_core::page::Limit;
use habeo_core::secret::Place;
use habeo_core::supplier::command::{Pause, Resume, RotateTheirs};
use habeo_core::time::{DAY_MICROS, HOUR_MICROS};
use habeo_punchout::documents::settle_all;
use habeo_tests::app::Answer;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};
use secrecy::SecretString;

use super::{Market, master_key, settings, supplier};

/// A request with this body, by this sender.
fn request(payload_id: &str, secret: &str, within: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd"><cXML payloadID="{payload_id}" timestamp="TIMESTAMP"><Header><From><Credential domain="DUNS"><Identity>080000017</Identity></Credential></From><To><Credential domain="NetworkID"><Identity>WESTMARK</Identity></Credential></To><Sender><Credential domain="DUNS"><Identity>080000017</Identity><SharedSecret>{secret}</SharedSecret></Credential><UserAgent>shop</UserAgent></Sender></Header><Request>{within}</Request></cXML>"#
    )
}

const SECRET: &str = "larkmoor-to-buyer";
const PROFILE: &str = "<ProfileRequest/>";
const CONFIRMATION: &str = r#"<ConfirmationRequest><ConfirmationHeader type="accept" noticeDate="TIMESTAMP"/><OrderReference orderID="PO-000999"><DocumentReference payloadID="x@y"/></OrderReference></ConfirmationRequest>"#;

async fn send(market: &Market, text: &str) -> Answer {
    let address = format!("/api/punchout/documents/{}", market.supplier);
    let text = text.replace("TIMESTAMP", &stamp(market, 0));
    market
        .app
        .post(&address)
        .header("content-type", "text/xml")
        .body(text)
        .send()
        .await
}

fn stamp(market: &Market, micros: i64) -> String {
    let at = market
        .college
        .db
        .clock_now()
        .plus_micros(micros)
        .to_string();
    format!("{}+00:00", at.split(['.', 'Z']).next().unwrap_or_default())
}

/// The status of cXML that an answer has, which is always one of HTTP 200.
#[track_caller]
fn status(answer: &Answer) -> u16 {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let code = text.split("code=\"").nth(1).and_then(|rest| rest.get(..3));
    must(code.and_then(|code| code.parse().ok()).ok_or(text))
}

both_engines! {
    /// A profile is answered with what is taken, and where.
    async fn a_profile_says_what_is_taken(db: TestDb) {
        let market = Market::open(&db).await;
        let answer = send(&market, &request("1@x", SECRET, PROFILE)).await;
        assert_eq!(status(&answer), 200);
        for name in ["ConfirmationRequest", "ShipNoticeRequest", "InvoiceDetailRequest", "StatusUpdateRequest"] {
            assert!(answer.text().contains(name), "{name}");
        }
        assert!(answer.text().contains(&market.supplier.to_string()));
    }

    /// A wrong secret, none, another name, an unknown address, another organization's, a paused supplier: one answer, byte for byte but for its name.
    async fn whatever_proves_nothing_is_answered_alike(db: TestDb) {
        let market = Market::open(&db).await;
        let shape = |answer: &Answer| {
            let text = answer.text();
            let from = text.find("<Response").unwrap_or_default();
            text[from..].to_owned()
        };
        let wrong = send(&market, &request("1@x", "larkmoor-to-buyes", PROFILE)).await;
        assert_eq!(status(&wrong), 401);
        let alike = shape(&wrong);
        let good = request("1@x", SECRET, PROFILE);
        let nameless = good.replace("<SharedSecret>larkmoor-to-buyer</SharedSecret>", "");
        let other = good.replace("080000017", "080000018");
        let headless = r#"<cXML payloadID="1@x" timestamp="2026-01-01T00:00:00+00:00"><Request><ProfileRequest/></Request></cXML>"#;
        for text in [nameless.as_str(), other.as_str(), headless] {
            assert_eq!(shape(&send(&market, text).await), alike, "{text}");
        }
        let elsewhere = |address: String| market.app.post(&address).header("content-type", "text/xml").body(good.clone());
        for id in ["0198f3a0-0000-7000-8000-000000000000", "no-id"] {
            let answer = elsewhere(format!("/api/punchout/documents/{id}")).send().await;
            assert_eq!(shape(&answer), alike, "{id}");
        }
        let others = College::found_as(&db, "eastmark").await;
        let theirs = supplier(&others, "Larkmoor", settings(&market.shop)).await;
        let rotate = RotateTheirs { supplier: theirs, secret: Some(SecretString::from("another-secret-of-theirs")), window_micros: 0, master_key: master_key() };
        must(db.ledger.record(&others.access, rotate).await);
        let answer = elsewhere(format!("/api/punchout/documents/{theirs}")).send().await;
        assert_eq!(shape(&answer), alike);
        must(db.ledger.record(&market.college.access, Pause { supplier: market.supplier }).await);
        assert_eq!(shape(&send(&market, &good).await), alike);
        must(db.ledger.record(&market.college.access, Resume { supplier: market.supplier }).await);
        assert_eq!(status(&send(&market, &good).await), 200);
    }

    /// Two secrets while one takes the other's place, and the present one only afterwards.
    async fn two_secrets_are_good_in_the_window(db: TestDb) {
        let market = Market::open(&db).await;
        let next = "larkmoor-to-buyer-2";
        let rotate = RotateTheirs { supplier: market.supplier, secret: Some(SecretString::from(next)), window_micros: DAY_MICROS, master_key: master_key() };
        must(db.ledger.record(&market.college.access, rotate).await);
        for secret in [SECRET, next] {
            assert_eq!(status(&send(&market, &request("1@x", secret, PROFILE)).await), 200);
        }
        db.clock.advance_micros(DAY_MICROS);
        assert_eq!(status(&send(&market, &request("1@x", SECRET, PROFILE)).await), 401);
        assert_eq!(status(&send(&market, &request("1@x", next, PROFILE)).await), 200);
    }

    /// What is proven and cannot be done has its own status each: unknown order, unreadable, too old, a test, another document of one name.
    async fn each_fault_has_its_status(db: TestDb) {
        let market = Market::open(&db).await;
        let unknown = request("2@x", SECRET, CONFIRMATION);
        let answer = send(&market, &unknown).await;
        assert_eq!(status(&answer), 412);
        assert!(answer.text().contains("unknown_order") && answer.text().contains("PO-000999"), "{}", answer.text());
        // The same again is the same; another under its name is not.
        assert_eq!(status(&send(&market, &unknown).await), 412);
        let other = unknown.replace("PO-000999", "PO-000998");
        let answer = send(&market, &other).await;
        assert_eq!(status(&answer), 409);
        assert!(answer.text().contains("duplicate_document"));
        assert_eq!(market.entries("%document%taken").await, 1);
        let old = request("3@x", SECRET, CONFIRMATION).replacen("TIMESTAMP", &stamp(&market, -31 * DAY_MICROS), 1);
        let answer = send(&market, &old).await;
        assert_eq!(status(&answer), 400);
        assert!(answer.text().contains("too_old"), "{}", answer.text());
        let new = request("4@x", SECRET, CONFIRMATION).replacen("TIMESTAMP", &stamp(&market, -29 * DAY_MICROS), 1);
        assert_eq!(status(&send(&market, &new).await), 412);
        let test = request("5@x", SECRET, CONFIRMATION).replace("<Request>", "<Request deploymentMode=\"test\">");
        let answer = send(&market, &test).await;
        assert_eq!(status(&answer), 400);
        assert!(answer.text().contains("deployment_mode_mismatch"));
        let broken = request("6@x", SECRET, "<ConfirmationRequest>");
        assert_eq!(status(&send(&market, &broken).await), 406);
        let wrong = request("7@x", SECRET, "<PunchOutSetupRequest operation=\"create\"/>");
        let answer = send(&market, &wrong).await;
        assert_eq!(status(&answer), 400);
        assert!(answer.text().contains("wrong_document_type"));
        let gap = request("8@x", SECRET, "<ShipNoticeRequest><ShipNoticeHeader shipmentID=\"1\" noticeDate=\"TIMESTAMP\"/></ShipNoticeRequest>");
        assert!([400, 412].contains(&status(&send(&market, &gap).await)));
    }

    /// Whatever a proven supplier sends is kept with what is odd about it, also where it is refused; what was not taken may be sent again, mended.
    async fn what_is_proven_is_kept_whatever_becomes_of_it(db: TestDb) {
        let market = Market::open(&db).await;
        let access = &market.college.access;
        let old = request("1@x", SECRET, CONFIRMATION).replacen("TIMESTAMP", &stamp(&market, -31 * DAY_MICROS), 1);
        assert_eq!(status(&send(&market, &old).await), 400);
        let broken = request("2@x", SECRET, "<ConfirmationRequest>");
        assert_eq!(status(&send(&market, &broken).await), 406);
        assert_eq!(status(&send(&market, &broken).await), 406);
        let other = request("3@x", SECRET, "<QuoteRequest/>");
        assert_eq!(status(&send(&market, &other).await), 400);
        let odd = request("4@x", SECRET, &CONFIRMATION.replace("<OrderReference", "<Unheard/><OrderReference").replace("TIMESTAMP", "yesterday"))
            .replace("<Identity>WESTMARK<", "<Identity>EASTMARK<");
        assert_eq!(status(&send(&market, &odd).await), 412);
        let stranger = request("5@x", "no secret of theirs", CONFIRMATION);
        assert_eq!(status(&send(&market, &stranger).await), 401);
        let mut tx = db.read(access).await;
        let page = must(orders::documents_of(&mut tx, access, market.supplier, None, Limit::default()).await);
        let mut kept = Vec::new();
        for row in &page.rows {
            let one = must(orders::kept(&mut tx, access, row.id, &master_key()).await);
            kept.push(must(one.ok_or("nothing is kept")));
        }
        drop(tx);
        kept.reverse();
        let names: Vec<&str> = kept.iter().map(|it| it.row.payload_id.as_str()).collect();
        assert_eq!(names, ["1@x", "2@x", "3@x", "4@x"]);
        let first: Vec<&str> = kept.iter().map(|it| it.warnings[0].code.as_str()).collect();
        assert_eq!(first[..3], ["supplier_document_too_old", "not_well_formed", "wrong_document_type"]);
        for one in &kept {
            let text = String::from_utf8_lossy(&one.body);
            assert!(text.contains("<SharedSecret>[redacted]<") && !text.contains(SECRET), "{text}");
            assert_eq!(one.row.state, orders::DocumentState::Refused);
            assert_eq!(one.row.kind == Kind::NotTaken, one.row.payload_id != "4@x");
        }
        let codes: Vec<&str> = kept[3].warnings.iter().map(|it| it.code.as_str()).collect();
        for code in ["nonstandard_timestamp", "unknown_elements", "recipient_mismatch"] {
            assert!(codes.contains(&code), "{code}: {codes:?}");
        }
        // Mended, it is the same document, and it is taken.
        let mended = request("2@x", SECRET, CONFIRMATION);
        assert_eq!(status(&send(&market, &mended).await), 412);
        assert_eq!(status(&send(&market, &broken).await), 406);
        let mut tx = db.read(access).await;
        let page = must(orders::documents_of(&mut tx, access, market.supplier, None, Limit::default()).await);
        assert_eq!(page.rows.len(), 4);
        assert_eq!((page.rows[0].payload_id.as_str(), page.rows[0].kind), ("2@x", Kind::Confirmation));
        drop(tx);
        let bodies = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM supplier_document_body").await;
        assert_eq!(bodies, 4);
        let spare = db.spare().await;
        assert_eq!(must(rebuild::check(&spare, access).await), []);
        spare.close().await;
    }

    /// A sender of several names proves itself by the secret beside any of them.
    async fn the_secret_may_stand_beside_another_name(db: TestDb) {
        let market = Market::open(&db).await;
        let secret = format!("<SharedSecret>{SECRET}</SharedSecret></Credential>");
        let two = format!("</Credential><Credential domain=\"NetworkID\"><Identity>AN01</Identity>{secret}");
        let good = request("1@x", SECRET, PROFILE).replace(&secret, &two);
        assert_eq!(status(&send(&market, &good).await), 200);
        let others = good.replace("080000017", "080000018");
        assert_eq!(status(&send(&market, &others).await), 401);
    }

    /// What cannot be worked off is refused after all, and what has to wait keeps nothing else waiting.
    async fn documents_that_cannot_be_read_do_not_stand_in_the_way(db: TestDb) {
        let market = Market::open(&db).await;
        let system = Access::system(market.college.org, Surface::System);
        let good = request("x", "[redacted]", CONFIRMATION).replace("TIMESTAMP", &stamp(&market, 0));
        for (name, text, opens) in [("1@x", "x", false), ("2@x", "no document", true), ("3@x", good.as_str(), true)] {
            let id = SupplierDocumentId::generate(db.clock_now(), db.ledger.random());
            let row = id.uuid();
            let place = Place { column: orders::BODY, org: Some(market.college.org), row: row.as_bytes() };
            let sealed = master_key().seal(place, text.as_bytes(), db.ledger.random());
            let take = Take {
                id,
                supplier: market.supplier,
                kind: Kind::Confirmation,
                payload_id: name.to_owned(),
                dated: None,
                mode: None,
                digest: name.to_owned(),
                body_sealed: if opens { sealed } else { vec![1, 2, 3] },
                bytes: 1,
                warnings: Vec::new(),
            };
            must(db.ledger.record(&system, take).await);
        }
        let one = must(Limit::new(1).ok_or("no limit"));
        assert_eq!(must(settle_all(&market.app.app.punchout, &system, one).await), 2);
        let mut tx = db.read(&system).await;
        let page = must(orders::documents_of(&mut tx, &system, market.supplier, None, Limit::default()).await);
        let states: Vec<_> = page.rows.iter().map(|it| (it.payload_id.as_str(), it.state, it.findings.first().map(|it| it.code))).collect();
        assert_eq!(states, [
            ("3@x", orders::DocumentState::Refused, Some(Code::UnknownOrder)),
            ("2@x", orders::DocumentState::Refused, Some(Code::NotDone)),
            ("1@x", orders::DocumentState::Taken, None),
        ]);
    }

    /// A secret in a document is kept nowhere.
    async fn the_secret_is_kept_nowhere(db: TestDb) {
        let market = Market::open(&db).await;
        send(&market, &request("2@x", SECRET, CONFIRMATION)).await;
        let entries = db.raw().await.texts("SELECT bytes FROM ledger_entry").await.concat();
        assert!(!entries.contains(SECRET));
        db.clock.advance_micros(HOUR_MICROS);
        // What is known again is what it says, whatever the secret was at the time.
        let next = "larkmoor-to-buyer-2";
        let rotate = RotateTheirs { supplier: market.supplier, secret: Some(SecretString::from(next)), window_micros: 0, master_key: master_key() };
        must(db.ledger.record(&market.college.access, rotate).await);
        assert_eq!(market.entries("%document%taken").await, 1);
    }

    /// Bounds, and whoever knocks too often without a key.
    async fn bounds_hold(db: TestDb) {
        let market = Market::open(&db).await;
        // Too large for a document, for the door, and for the edge.
        for bytes in [5 * 1024 * 1024, 8 * 1024 * 1024 + 1, 10 * 1024 * 1024] {
            let large = request("9@x", SECRET, &"x".repeat(bytes));
            assert_eq!(status(&send(&market, &large).await), 499, "{bytes}");
        }
        let address = format!("/api/punchout/documents/{}", market.supplier);
        let packed = market.app.post(&address).header("content-type", "text/xml").header("content-encoding", "gzip").body("x").send().await;
        assert_eq!(status(&packed), 406);
        assert!(packed.text().contains("<Status"), "{}", packed.text());
        assert_eq!(status(&send(&market, "").await), 406);
        let bad = request("1@x", "wrong", PROFILE);
        let mut answers = Vec::new();
        for _ in 0..32 {
            answers.push(send(&market, &bad).await);
        }
        assert!(answers.iter().all(|answer| status(answer) == 401));
        assert!(answers[31].text().contains("too many"), "{}", answers[31].text());
        // Whoever has one is not kept out by them.
        assert_eq!(status(&send(&market, &request("1@x", SECRET, PROFILE)).await), 200);
    }
}
