//! Forms, look-ups while typing, the home, and links.

use std::collections::BTreeMap;

use habeo_bot::reply::{ChoiceOf, FieldKind, FormKind};
use habeo_core::asset::State;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{Room, pressed, says};

fn values<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

both_engines! {
    /// What is missing or wrong is named by field; what is right ends in a confirmation.
    async fn a_form_names_what_is_wrong_and_ends_in_a_confirmation(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, tag) = room.laptop().await;
        let form = must(room.engine.form(&rae.asker, FormKind::Loan, values([("asset", id.to_string())])).await);
        assert_eq!(form.fields[0].value.as_deref(), Some(id.to_string().as_str()));
        assert!(matches!(form.fields[1].kind, FieldKind::Lookup(ChoiceOf::Person)));
        let wrong = room.engine.submit(&rae.asker, FormKind::Loan, values([("asset", id.to_string()), ("until", "soon".to_owned())])).await;
        let fields: Vec<&str> = wrong.expect_err("a person and a day are missing").iter().map(|error| error.field).collect();
        assert_eq!(fields, ["person", "until"]);
        let right = values([("asset", id.to_string()), ("person", college.people.ada.to_string()), ("until", "2030-01-15".to_owned())]);
        let reply = room.engine.submit(&rae.asker, FormKind::Loan, right).await.expect("a proposal");
        says(&reply, &format!("{tag}: due back: none → "));
        room.press(&rae, &pressed(&reply, "Confirm")).await;
        assert_eq!(college.state(id).await, State::OnLoan);
    }

    /// Every form can be opened, and handed in empty it says what is missing.
    async fn every_form_opens_and_says_what_is_missing(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        for kind in FormKind::ALL {
            let form = must(room.engine.form(&rae.asker, *kind, BTreeMap::new()).await);
            assert!(!form.title.is_empty() && !form.fields.is_empty());
            let errors = room.engine.submit(&rae.asker, *kind, BTreeMap::new()).await.expect_err("nothing was entered");
            assert!(errors.iter().all(|error| form.fields.iter().any(|field| field.name == error.field)), "{kind:?}");
        }
    }

    /// An id that was not offered tells nobody's name.
    async fn a_person_who_was_not_offered_is_not_named(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, _) = room.laptop().await;
        for kind in [FormKind::Deploy, FormKind::Loan] {
            let entered = |person: habeo_core::id::PersonId| {
                values([("asset", id.to_string()), ("person", person.to_string()), ("until", "2030-01-15".to_owned())])
            };
            let wrong = room.engine.submit(&rae.asker, kind, entered(college.people.ben)).await.expect_err("Ben is of another unit");
            assert_eq!(wrong[0].field, "person");
            assert!(room.engine.submit(&rae.asker, kind, entered(college.people.ada)).await.is_ok());
            assert!(room.engine.submit(&rae.asker, kind, entered(rae.person)).await.is_ok(), "oneself is known");
        }
    }

    /// A new asset is entered by a form, after a confirmation.
    async fn a_new_asset_is_entered(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let entered = values([
            ("description", "Cloud chamber".to_owned()),
            ("category", college.catalogue.projectors.to_string()),
            ("unit", college.units.physics.to_string()),
            ("tag", "WMK-CLOUD-1".to_owned()),
            ("acquisition", "gift".to_owned()),
            ("acquired", "2026-02-20".to_owned()),
            ("provenance", "Left by the observatory".to_owned()),
            ("remark", "Fragile".to_owned()),
        ]);
        let reply = room.engine.submit(&rae.asker, FormKind::Register, entered).await.expect("a proposal");
        for shown in ["Cloud chamber", "Acquired by: none → gift", "Bought on: none → ", "Where it came from: none → Left by the observatory", "Note: none → Fragile"] {
            says(&reply, shown);
        }
        says(&room.press(&rae, &pressed(&reply, "Confirm")).await, "Done.");
        says(&room.ask(&rae, "WMK-CLOUD-1").await, "Cloud chamber");
    }

    /// Look-ups find what the asker sees; the home shows what concerns them; a link shows neither person nor cost.
    async fn looking_up_is_within_sight(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, tag) = room.laptop().await;
        room.hand(id, rae.person).await;
        let hidden = college.asset("Field laptop").unit(college.units.music).register().await;
        let found = must(room.engine.choices(&rae.asker, ChoiceOf::Asset, "field").await);
        assert_eq!(found.len(), 1);
        assert_ne!(found[0].value, hidden.to_string());
        let people = must(room.engine.choices(&rae.asker, ChoiceOf::Person, "ada").await);
        assert_eq!(people.len(), 1);
        assert!(must(room.engine.choices(&rae.asker, ChoiceOf::Person, "ben").await).is_empty());
        let units = must(room.engine.choices(&rae.asker, ChoiceOf::Unit, "").await);
        assert_eq!(units.len(), 1);
        assert_eq!(must(room.engine.rows(&rae.asker, "laptop", 0, 5).await).len(), 1);
        let home = must(room.engine.home(&rae.asker).await);
        assert_eq!(home.sections.iter().map(|section| section.rows.len()).collect::<Vec<_>>(), [1, 1, 0, 0]);
        let first = &home.sections[0].rows[0].buttons[0];
        assert_eq!(first.label, "Acknowledge");
        let link = format!("https://habeo.example.edu/assets/{id}");
        assert_eq!(must(room.engine.unfurl(&rae.asker, &link).await), None, "answers are for their askers alone");
        room.share().await;
        let row = must(must(room.engine.unfurl(&rae.asker, &link).await).ok_or("a row"));
        assert!(row.title.starts_with(&tag));
        assert_eq!(row.detail, "", "neither how it is nor who has it");
        assert_eq!(must(room.engine.unfurl(&rae.asker, &format!("https://elsewhere.example/assets/{id}")).await), None);
    }
}
