//! Notices on phones, against a stand-in for the push service that refuses what it would refuse.

mod preferences;
mod receipts;
mod sending;
mod told;

use std::sync::Arc;

use habeo_core::id::{AssetId, ParcelId, PersonId, PushDeviceId};
use habeo_core::outbox::{self, Status};
use habeo_core::push_device::Platform;
use habeo_core::push_device::command::Register;
use habeo_core::secret::MasterKey;
use habeo_core::time::SECOND_MICROS;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::expo::FakeExpo;
use habeo_tests::must;

use crate::core::{deploy, give_back};

/// A college with a server that sends by the stand-in.
struct Phones<'a> {
    college: &'a College,
    app: TestApp,
    expo: FakeExpo,
}

impl<'a> Phones<'a> {
    async fn of(college: &'a College) -> Self {
        Self::with(college, &[]).await
    }

    async fn with(college: &'a College, more: &[(&str, &str)]) -> Self {
        let expo = FakeExpo::start().await;
        let own = expo.settings();
        let mut settings: Vec<(&str, &str)> = own
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        settings.extend(more);
        settings.push(("HABEO_RATE_LIMIT_API", "1000000"));
        settings.push(("HABEO_RATE_LIMIT_API_BURST", "1000000"));
        Self {
            app: TestApp::configured(&college.db, &settings).await,
            college,
            expo,
        }
    }

    /// Registers a phone of somebody.
    async fn phone(&self, person: PersonId, name: &str) -> PushDeviceId {
        self.phone_of(person, name, Platform::Ios).await
    }

    async fn phone_of(&self, person: PersonId, name: &str, platform: Platform) -> PushDeviceId {
        phone(self.college, person, name, platform).await
    }

    /// Delivers what is due. How many attempts that were.
    async fn deliver(&self) -> usize {
        must(self.app.app.worker().deliver_due().await)
    }

    /// Asks what became of what was sent, as far as it is time.
    async fn ask(&self) {
        must(self.app.app.worker().keep_up().await);
    }

    fn wait_minutes(&self, minutes: i64) {
        self.college
            .db
            .clock
            .advance_micros(minutes * 60 * SECOND_MICROS);
    }

    /// Hands somebody something new.
    async fn hand(&self, person: PersonId) -> AssetId {
        let asset = self.college.asset("Camera of Ada Example").register().await;
        self.college.act(asset, deploy(person)).await;
        asset
    }

    /// Hands somebody the same thing once more.
    async fn hand_again(&self, asset: AssetId, person: PersonId) {
        self.college.act(asset, give_back()).await;
        self.college.act(asset, deploy(person)).await;
    }

    async fn parcels(&self, status: Status) -> Vec<ParcelId> {
        let access = &self.college.access;
        let mut tx = self.college.db.read(access).await;
        let found = outbox::store::with_status(&mut tx, access, status, None, 1_000).await;
        must(found).into_iter().map(|parcel| parcel.id).collect()
    }

    async fn number(&self, sql: &'static str) -> i64 {
        self.college.db.raw().await.number(sql).await
    }

    /// How many phones receive anything.
    async fn live(&self) -> i64 {
        self.number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_device WHERE removed_at IS NULL")
            .await
    }

    /// How often a fact of this sort was recorded.
    async fn facts(&self, kind: &str) -> usize {
        let mut raw = self.college.db.raw().await;
        let kinds = raw.texts("SELECT type FROM ledger_entry").await;
        kinds.iter().filter(|other| *other == kind).count()
    }
}

/// Registers a phone of somebody.
async fn phone(
    college: &College,
    person: PersonId,
    name: &str,
    platform: Platform,
) -> PushDeviceId {
    let register = Register {
        token: format!("ExponentPushToken[{name}]"),
        platform,
        device_name: None,
        session: None,
        master_key: Arc::new(MasterKey::new(MASTER_KEY)),
    };
    let access = college.access_as(person).await;
    let ledger = &college.db.ledger;
    must(register.carry_out(ledger, &access, None).await)
        .answer
        .id
}

fn token(name: &str) -> String {
    format!("ExponentPushToken[{name}]")
}
