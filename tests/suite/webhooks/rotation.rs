//! Two secrets: no delivery is lost, whichever of them the receiver knows.

use habeo_core::endpoint::command::{EndRotation, RotateSecret};
use habeo_core::endpoint::{Refusal, WINDOW_MICROS_MAX};
use habeo_core::id::EndpointId;
use habeo_core::ledger::RecordError;
use habeo_core::time::DAY_MICROS;
use habeo_tests::{both_engines, must};
use secrecy::ExposeSecret as _;

use super::{Stage, events, master_key};

async fn rotate(
    stage: &Stage,
    endpoint: EndpointId,
    window_micros: i64,
) -> Result<String, RecordError<Refusal>> {
    let command = RotateSecret {
        endpoint,
        window_micros,
        master_key: master_key(),
    };
    let rotated = stage
        .app
        .db
        .ledger
        .record(&stage.college.access, command)
        .await;
    rotated.map(|secret| secret.expose_secret().to_owned())
}

/// Something happens; how many times it was sent until it was accepted.
async fn sent(stage: &Stage) -> usize {
    stage.sink.clear();
    stage.college.asset("Camera").register().await;
    stage.deliver().await;
    assert_eq!(
        stage.sink.accepted().len(),
        1,
        "nothing was accepted at once"
    );
    stage.sink.received().len()
}

both_engines! {
    /// The receiver changes over in the middle of the window: one delivery is sent twice, at once, and none waits.
    async fn a_receiver_changes_over(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, old) = stage.endpoint(events(&["asset.registered"])).await;
        stage.sink.know(&[&old]);
        assert_eq!(sent(&stage).await, 1);
        let new = must(rotate(&stage, endpoint, 7 * DAY_MICROS).await);
        assert_ne!(new, old);
        // It knows the old one only, which is what the documented header holds at first.
        assert_eq!(sent(&stage).await, 1);
        let one = &stage.sink.received()[0];
        assert!(one.headers.contains_key("x-habeo-signature-alt"));
        assert_eq!(one.header("webhook-signature").split(' ').count(), 2);
        // It changes over: refused once, asked once more at once, and from then on it is known.
        stage.sink.know(&[&new]);
        assert_eq!(sent(&stage).await, 2);
        let attempts: Vec<String> = stage.sink.received().iter().map(|one| one.header("x-habeo-delivery-attempt").to_owned()).collect();
        assert_eq!(attempts, ["1", "2"]);
        assert_eq!(sent(&stage).await, 1);
        // And back, because somebody rolled back.
        stage.sink.know(&[&old]);
        assert_eq!(sent(&stage).await, 2);
        // A receiver that knows both never notices.
        stage.sink.know(&[&old, &new]);
        assert_eq!(sent(&stage).await, 1);
        // After the window the new one alone signs.
        stage.app.wait_seconds(7 * 86_400 + 1);
        stage.sink.know(&[&new]);
        assert_eq!(sent(&stage).await, 1);
        assert!(!stage.sink.received()[0].headers.contains_key("x-habeo-signature-alt"));
        stage.is_whole().await;
    }

    /// Exactly two: a second rotation within the window is refused; the window can be ended, and can be none at all.
    async fn there_are_never_three(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        must(rotate(&stage, endpoint, DAY_MICROS).await);
        let refused = rotate(&stage, endpoint, DAY_MICROS).await;
        assert!(matches!(refused, Err(RecordError::Refused(Refusal::Rotating))), "{refused:?}");
        for window in [-1, WINDOW_MICROS_MAX + 1] {
            stage.app.wait_seconds(86_401);
            let refused = rotate(&stage, endpoint, window).await;
            assert!(matches!(refused, Err(RecordError::Refused(Refusal::BadWindow))), "{refused:?}");
        }
        must(rotate(&stage, endpoint, DAY_MICROS).await);
        must(db.ledger.record(&stage.college.access, EndRotation { endpoint }).await);
        let new = must(rotate(&stage, endpoint, 0).await);
        stage.sink.know(&[&new]);
        assert_eq!(sent(&stage).await, 1);
        assert!(!stage.sink.received()[0].headers.contains_key("x-habeo-signature-alt"));
    }
}
