//! What can be asked of organisations.

use super::event::OrgEvent;
use crate::access::{Access, Surface};
use crate::explain::{Explain, Kind};
use crate::id::{OrgId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Ledger, RecordError, Work};
use crate::store::{Engine, StoreError, execute, fetch_optional};
use crate::text;
use crate::unit;
use crate::unit::{ROOT_CODE, UNASSIGNED_CODE, UnitKind};

/// The most characters of an organisation's name.
pub const NAME_CHARS_MAX: usize = 200;

/// A new organisation with the root of its unit tree and the unit that takes in what has no owner yet.
#[derive(Debug, Clone)]
pub struct CreateOrg {
    /// Its name.
    pub name: String,
    /// 2 to 40 of `a-z`, `0-9` and `-`, beginning with a letter; unique in the installation.
    pub slug: String,
    /// IANA time zone.
    pub timezone: String,
    /// ISO 4217.
    pub currency: String,
    /// Whether everything in it is invented.
    pub sandbox: bool,
    /// How token issuers name it: (issuer, external id).
    pub external: Vec<(String, String)>,
    /// Where it issues tags with a check character.
    pub tag_namespaces: Vec<String>,
    /// The ids of the root and of the unit that takes in, where they were planned elsewhere.
    pub units: Option<(UnitId, UnitId)>,
}

/// A newly created organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Created {
    /// The organisation.
    pub org: OrgId,
    /// The root of its unit tree.
    pub root: UnitId,
    /// The unit that takes in what has no owner yet.
    pub unassigned: UnitId,
}

/// Why an organisation was not created.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The slug has other characters or another length.
    #[error("a slug has 2 to 40 of a-z, 0-9 and -, and begins with a letter")]
    BadSlug,
    /// The slug is in use.
    #[error("the slug {0} is already in use")]
    SlugTaken(String),
    /// The issuer's organisation is linked already.
    #[error("the organization {0} of this issuer is already linked")]
    ExternalTaken(String),
    /// The namespace has other characters or another length.
    #[error("a tag namespace has 2 to 8 of A-Z and 0-9")]
    BadNamespace,
    /// The name is empty, too long or not printable.
    #[error("a name has 1 to {NAME_CHARS_MAX} printable characters")]
    BadName,
    /// The currency is not a code of ISO 4217.
    #[error("a currency is three capital letters, such as USD")]
    BadCurrency,
    /// The time zone is not a name of the IANA database.
    #[error("a time zone is a name of the IANA database, such as America/New_York")]
    BadTimezone,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::BadSlug
            | Self::BadNamespace
            | Self::BadName
            | Self::BadCurrency
            | Self::BadTimezone => Kind::Unacceptable,
            Self::SlugTaken(_) | Self::ExternalTaken(_) => Kind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::BadSlug => "org_slug_invalid",
            Self::SlugTaken(_) => "org_slug_taken",
            Self::ExternalTaken(_) => "org_external_taken",
            Self::BadNamespace => "org_namespace_invalid",
            Self::BadName => "org_name_invalid",
            Self::BadCurrency => "org_currency_invalid",
            Self::BadTimezone => "org_timezone_invalid",
        }
    }
}

impl CreateOrg {
    /// Creates the organisation. Its id is new, so there is no access to it before; the operator's is made here.
    pub async fn carry_out(self, ledger: &Ledger) -> Result<Created, RecordError<Refusal>> {
        let org = OrgId::generate(ledger.clock().now(), ledger.random());
        ledger
            .record(&Access::system(org, Surface::System), self)
            .await
    }

    fn check(&self) -> Result<(), Refusal> {
        if !is_slug(&self.slug) {
            return Err(Refusal::BadSlug);
        }
        if text::line(&self.name, NAME_CHARS_MAX).is_err() {
            return Err(Refusal::BadName);
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Refusal::BadCurrency);
        }
        let zone_ok = (1..=64).contains(&self.timezone.len())
            && self
                .timezone
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
        if !zone_ok {
            return Err(Refusal::BadTimezone);
        }
        let namespaces_ok = self.tag_namespaces.iter().all(|namespace| {
            (2..=8).contains(&namespace.len())
                && namespace
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        });
        if namespaces_ok {
            Ok(())
        } else {
            Err(Refusal::BadNamespace)
        }
    }
}

/// Whether a text can name an organisation in addresses.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let slug = text.as_bytes();
    (2..=40).contains(&slug.len())
        && slug[0].is_ascii_lowercase()
        && slug
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

impl Command for CreateOrg {
    type Answer = Created;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Created, Failure<Refusal>> {
        self.check().map_err(Failure::Refused)?;
        let org = work.access().org();
        let now = work.now();
        if work.tx().engine() == Engine::Postgres {
            // Two founders at one moment would read the same highest ordinal; SQLite has one writer.
            execute!(
                work.tx(),
                "LOCK TABLE org_directory IN SHARE ROW EXCLUSIVE MODE"
            )?;
        }
        let listed = execute!(
            work.tx(),
            "INSERT INTO org_directory (org_id, ordinal, slug, created_at)
             SELECT $1, COALESCE((SELECT MAX(ordinal) FROM org_directory), 0) + 1, $2, $3
             WHERE 1 = 1 ON CONFLICT (slug) DO NOTHING",
            org,
            &self.slug,
            now
        )?;
        if listed == 0 {
            return Err(Failure::Refused(Refusal::SlugTaken(self.slug)));
        }
        for (issuer, external_id) in &self.external {
            let linked: Option<(OrgId,)> = fetch_optional!(
                work.tx(),
                (OrgId,),
                "INSERT INTO issuer_directory (issuer, external_id, org_id) VALUES ($1, $2, $3)
                 ON CONFLICT (issuer, external_id) DO NOTHING RETURNING org_id",
                issuer,
                external_id,
                org
            )?;
            if linked.is_none() {
                return Err(Failure::Refused(Refusal::ExternalTaken(
                    external_id.clone(),
                )));
            }
        }
        work.begin_ledger().await?;
        let event = OrgEvent::Created {
            name: self.name.clone(),
            slug: self.slug.clone(),
            timezone: self.timezone,
            currency: self.currency,
            loan_renewals_max: super::LOAN_RENEWALS_MAX_DEFAULT,
            sandbox: self.sandbox,
            tag_namespaces: self.tag_namespaces,
            log_origin: format!("habeo/{}/{org}/1", self.slug),
        };
        work.record(Fact::now(Stream::Org(org), Event::Org(event), Vec::new()))
            .await?;
        let (root_id, unassigned_id) = self.units.unzip();
        let root = unit::command::create(
            work,
            None,
            UnitKind::Institution,
            ROOT_CODE,
            &self.name,
            root_id,
        )
        .await?;
        let unassigned = unit::command::create(
            work,
            Some(&root),
            UnitKind::Service,
            UNASSIGNED_CODE,
            "Unassigned",
            unassigned_id,
        )
        .await?;
        Ok(Created {
            org,
            root: root.id,
            unassigned: unassigned.id,
        })
    }
}

impl From<Refusal> for Failure<Refusal> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Links an issuer's name for an organisation to it. Nothing of the organisation changes, so this is not a fact of its ledger.
pub async fn link_issuer(
    ledger: &Ledger,
    org: OrgId,
    issuer: &str,
    external_id: &str,
) -> Result<(), RecordError<Refusal>> {
    let link = Link {
        issuer: issuer.to_owned(),
        external_id: external_id.to_owned(),
    };
    ledger
        .record(&Access::system(org, Surface::System), link)
        .await
}

#[derive(Debug)]
struct Link {
    issuer: String,
    external_id: String,
}

impl Command for Link {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let org = work.access().org();
        execute!(
            work.tx(),
            "INSERT INTO issuer_directory (issuer, external_id, org_id) VALUES ($1, $2, $3)
             ON CONFLICT (issuer, external_id) DO NOTHING",
            &self.issuer,
            &self.external_id,
            org
        )?;
        let linked: Option<(OrgId,)> = fetch_optional!(
            work.tx(),
            (OrgId,),
            "SELECT org_id FROM issuer_directory WHERE issuer = $1 AND external_id = $2",
            &self.issuer,
            &self.external_id
        )?;
        match linked {
            Some((linked,)) if linked == org => Ok(()),
            Some(_) => Err(Failure::Refused(Refusal::ExternalTaken(self.external_id))),
            None => Err(Failure::Store(StoreError::Busy)),
        }
    }
}

/// Makes room for a new sandbox: the former one gives up its slug and its issuers' names, and keeps every record.
pub async fn step_aside(ledger: &Ledger, org: OrgId) -> Result<(), RecordError<Refusal>> {
    ledger
        .record(&Access::system(org, Surface::System), StepAside)
        .await
}

#[derive(Debug)]
struct StepAside;

impl Command for StepAside {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let org = work.access().org();
        let listed: Option<(String, i64)> = fetch_optional!(
            work.tx(),
            (String, i64),
            "SELECT slug, ordinal FROM org_directory WHERE org_id = $1",
            org
        )?;
        if let Some((slug, ordinal)) = listed {
            let former = format!("{slug}-{ordinal}");
            execute!(
                work.tx(),
                "UPDATE org_directory SET slug = $2 WHERE org_id = $1",
                org,
                &former
            )?;
            execute!(
                work.tx(),
                "UPDATE issuer_directory SET external_id = external_id || '-' || CAST($2 AS TEXT) WHERE org_id = $1",
                org,
                ordinal
            )?;
        }
        Ok(())
    }
}
