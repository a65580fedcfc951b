//! The program with an outside model for what the grammar does not understand.

use habeo_core::access::Role;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::model::{Answers, Model};
use habeo_tests::must;
use habeo_tests::slack::Chat;
use serde_json::json;

both_engines! {
    /// It is asked what is not understood, and only where it is configured.
    async fn a_configured_model_is_asked(db: TestDb) {
        let college = College::found(&db).await;
        let model = Model::start().await;
        model.answers(Answers::With(json!({"find": {"filter": {"words": ["phys"]}}}).to_string()));
        let odd = "/habeo pray enumerate whatsoever luminous oddments physics still hoards";
        let asset = college.asset("Field camera").register().await;
        let tag = must(college.detail(asset).await.tag.ok_or("it has a tag"));
        let physics = college.units.physics;
        let member = college.member("Priya Custodian", physics, &[(Role::Custodian, physics)]).await;
        for (settings, asks) in [(&model.settings()[..], true), (&[], false)] {
            let chat = Chat::configured(&college, settings).await;
            if asks {
                must(chat.install().await);
                chat.linked("U0PRIYA", member.person).await;
            }
            let said = chat.says("U0PRIYA", odd).await;
            assert_eq!(said.contains(&tag), asks, "{said}");
            assert_eq!(model.take_asked().len(), usize::from(asks));
        }
    }
}
