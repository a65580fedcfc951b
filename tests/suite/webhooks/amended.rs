//! Changing some of what was chosen: the rest stays, whoever changes it meanwhile, and a change is done as a whole or not at all.

use habeo_core::api_key::Scope::ControlWebhooks;
use habeo_core::endpoint::command::AmendEndpoint;
use habeo_core::endpoint::{Amendment, Endpoint, Settings, Status, store};
use habeo_core::id::EndpointId;
use habeo_tests::{both_engines, must};
use poem::http::{Method, StatusCode};
use serde_json::json;

use super::control::ulid;
use super::{Stage, events};

async fn known(stage: &Stage, endpoint: EndpointId) -> Endpoint {
    let access = &stage.college.access;
    let mut tx = must(stage.app.db.ledger.db().read(access).await);
    must(store::by_id(&mut tx, access, endpoint).await).expect("it is there")
}

const fn amend(endpoint: EndpointId, settings: Amendment) -> AmendEndpoint {
    AmendEndpoint {
        endpoint,
        url: None,
        description: None,
        settings,
        is_active: None,
    }
}

both_engines! {
    /// Two who change different things at the same time both have their way.
    async fn what_is_not_named_stays(db: TestDb) {
        let stage = Stage::set(&db).await;
        let access = &stage.college.access;
        let before = Settings { per_second: Some(7), ..events(&["record.created"]) };
        let (endpoint, _) = stage.endpoint(before.clone()).await;
        let ordered = Amendment { ordered: Some(true), ..Amendment::default() };
        let faster = Amendment { per_second: Some(None), at_once: Some(Some(3)), ..Amendment::default() };
        let (one, other) = tokio::join!(
            db.ledger.record(access, amend(endpoint, ordered)),
            db.ledger.record(access, amend(endpoint, faster)),
        );
        must(one);
        must(other);
        let after = Settings { ordered: true, per_second: None, at_once: Some(3), ..before };
        assert_eq!(known(&stage, endpoint).await.settings, after);
        stage.is_whole().await;
    }

    /// What is refused in part is refused as a whole.
    async fn a_change_is_done_as_a_whole(db: TestDb) {
        let stage = Stage::set(&db).await;
        let key = stage.key(&[ControlWebhooks]).await;
        let (endpoint, _) = stage.endpoint(events(&["record.created"])).await;
        let path = format!("/v1/webhooks/{}", ulid(endpoint.uuid()));
        let bad = json!({"is_active": false, "thin": true, "units": [uuid::Uuid::nil().to_string()]});
        let answer = stage.call(Method::PATCH, &path, &key).json(&bad).send().await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
        let after = known(&stage, endpoint).await;
        assert_eq!((after.status, after.settings.thin), (Status::Active, false));
        let good = json!({"is_active": false, "thin": true});
        let answer = stage.call(Method::PATCH, &path, &key).json(&good).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let after = known(&stage, endpoint).await;
        assert_eq!((after.status, after.settings.thin), (Status::Paused, true));
    }
}
