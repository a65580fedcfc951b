//! Whom a visitor of the sandbox's console can be: one person of each office, and nobody of a real organization.

use std::pin::Pin;

use habeo_console::{Persona, Personas};
use habeo_core::access::{Access, Role, Surface};
use habeo_core::ledger::Ledger;
use habeo_core::session::Credential;
use habeo_core::{grant, org, person};
use tracing::error;

use super::SLUG;
use crate::issuer::{ISSUER, external_id};

/// The offices that are offered, in the order of the page.
const OFFICES: [(Role, &str, &str); 5] = [
    (
        Role::OrgAdmin,
        "Administrator",
        "Sees and changes everything, and connects Slack and Teams",
    ),
    (
        Role::Technician,
        "Technician",
        "Scans, moves, repairs and hands over in the field",
    ),
    (
        Role::Custodian,
        "Custodian",
        "Answers for the equipment of a unit",
    ),
    (
        Role::UnitAdmin,
        "Property manager",
        "Administers a unit and everything below it",
    ),
    (
        Role::Auditor,
        "Auditor",
        "Reads everything, its evidence included, and changes nothing",
    ),
];

/// The people of the sandbox who can be chosen at the sign-in page.
#[derive(Debug, Clone)]
pub struct Cast {
    ledger: Ledger,
}

impl Cast {
    /// Whoever the ledger's sandbox has.
    #[must_use]
    pub const fn of(ledger: Ledger) -> Self {
        Self { ledger }
    }

    async fn find(&self) -> anyhow::Result<Vec<Persona>> {
        let Some(org) = org::store::by_slug(self.ledger.db(), SLUG).await? else {
            return Ok(Vec::new());
        };
        let access = Access::system(org, Surface::System);
        let mut tx = self.ledger.db().read(&access).await?;
        // Choosing who one is proves nothing, so nobody of an organization with real people can be chosen.
        if !org::store::own(&mut tx, &access).await?.is_sandbox {
            return Ok(Vec::new());
        }
        let mut personas = Vec::new();
        for (role, title, about) in OFFICES {
            let holders = grant::store::holders(&mut tx, &access, role).await?;
            // Somebody with a limit, where there is one: it shows what a limit looks like.
            let holder = holders
                .iter()
                .find(|holder| holder.unit_depth == 1)
                .or(holders.first());
            let Some(holder) = holder else { continue };
            let subject =
                person::store::subject(&mut tx, &access, holder.person_id, ISSUER).await?;
            let Some(subject) = subject else { continue };
            personas.push(Persona {
                key: role.to_string(),
                title: title.to_owned(),
                about: format!("{about} ({}).", holder.unit_name),
                credential: Credential {
                    issuer: ISSUER.to_owned(),
                    subject,
                    organization: external_id(SLUG),
                    admin: false,
                    impersonated: false,
                },
            });
        }
        Ok(personas)
    }
}

impl Personas for Cast {
    fn all(&self) -> Pin<Box<dyn Future<Output = Vec<Persona>> + Send + '_>> {
        Box::pin(async {
            self.find().await.unwrap_or_else(|error| {
                error!(
                    error = format!("{error:#}"),
                    "nobody of the sandbox can be offered"
                );
                Vec::new()
            })
        })
    }
}
