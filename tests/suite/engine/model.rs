//! What the grammar does not understand, asked of an outside model, and how little that model is believed.

use std::sync::Arc;
use std::time::Duration;

use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::model::{Answers, Model};
use poem::http::StatusCode;
use serde_json::json;

use super::{Room, says};

/// Something that no grammar reads.
const ODD: &str = "pray enumerate whatsoever luminous oddments physics still hoards";

both_engines! {
    /// A model's words are read as names of the record, its answer is one of the asker's own rights, and says what it was taken for.
    async fn a_model_reads_what_the_grammar_does_not(db: TestDb) {
        let college = College::found(&db).await;
        let mut room = Room::of(&college).await;
        let rae = room.custodian().await;
        room.laptop().await;
        let hidden = college.asset("Grand piano").unit(college.units.music).register().await;
        let hidden = room.tag(hidden).await;
        let plain = room.ask(&rae, ODD).await;
        let model = Model::start().await;
        room.engine = room.engine.translated_by(Arc::new(model.client()));
        model.answers(Answers::With(json!({"find": {"filter": {"words": ["phys"], "states": ["in_stock"]}}}).to_string()));
        let reply = room.ask(&rae, ODD).await;
        assert_ne!(reply.text, plain.text);
        says(&reply, "Field laptop");
        says(&reply, "I took this to mean:");
        says(&reply, "PHYS");
        model.answers(Answers::With(json!({"about": {"asset": {"code": hidden}, "aspect": "whole"}}).to_string()));
        let of_others = room.ask(&rae, ODD).await;
        assert!(!of_others.text.contains("piano"), "{}", of_others.text);
        let asked = model.take_asked();
        assert_eq!(asked.len(), 2);
        for body in asked {
            let told = body.to_string();
            assert!(told.contains(ODD));
            for secret in ["Field laptop", "Ada Example", "Rae Example", "PHYS", "westmark", hidden.as_str()] {
                assert!(!told.contains(secret), "{secret} in {told}");
            }
        }
        room.ask(&rae, "how many laptops are in stock?").await;
        assert!(model.take_asked().is_empty(), "what the grammar reads is asked of nobody");
    }

    /// Whatever the model does, the grammar's own answer stands.
    async fn a_model_that_fails_changes_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let mut room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, tag) = room.laptop().await;
        let plain = room.ask(&rae, ODD).await;
        let model = Model::start().await;
        room.engine = room.engine.translated_by(Arc::new(model.client()));
        let moved = json!({"write": {"assets": [{"code": tag}], "act": {"move": {"to": {"name": "Vault", "ids": [id]}}}}});
        for answers in [
            Answers::Status(StatusCode::INTERNAL_SERVER_ERROR),
            Answers::Status(StatusCode::TOO_MANY_REQUESTS),
            Answers::With("Certainly! Here it is.".to_owned()),
            Answers::With(moved.to_string()),
            Answers::With(json!({"account": "off"}).to_string()),
            Answers::With("x".repeat(1 << 20)),
            Answers::Late(Duration::from_secs(30)),
        ] {
            let shown = format!("{answers:?}").chars().take(60).collect::<String>();
            model.answers(answers);
            assert_eq!(room.ask(&rae, ODD).await.text, plain.text, "{shown}");
        }
    }

    /// A change that a model reads is a proposal like any other: nothing happens before it is confirmed.
    async fn a_model_changes_nothing_by_itself(db: TestDb) {
        let college = College::found(&db).await;
        let mut room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, tag) = room.laptop().await;
        let before = college.detail(id).await;
        let model = Model::start().await;
        room.engine = room.engine.translated_by(Arc::new(model.client()));
        model.answers(Answers::With(json!({"write": {"assets": [{"code": tag}], "act": {"report_missing": {"kind": "lost"}}}}).to_string()));
        let reply = room.ask(&rae, ODD).await;
        super::pressed(&reply, "Confirm");
        assert_eq!(college.detail(id).await.state, before.state);
    }
}
