//! What is known around the reports of a batch: loaded once for all of them, and kept true in memory while one after the other is decided.

use std::collections::{HashMap, HashSet};

use super::identity::{Identity, alike, spellings};
use super::maker::Products;
use super::store::{self, Candidate, Device, HandOverRow, Private, RefRow};
use super::{CaseState, HandOverState, identity};
use crate::access::Access;
use crate::asset::{IdentifierKind, State};
use crate::catalogue;
use crate::id::{AssetId, ConnectionId, DuplicateCaseId, ManufacturerId, PersonId};
use crate::store::{StoreResult, Tx};

/// A management's key and the asset it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ref {
    pub asset: AssetId,
    pub superseded_by: Option<String>,
}

/// Everything that the rules ask of the organisation.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub refs: HashMap<String, Ref>,
    pub assets: HashMap<AssetId, Candidate>,
    by_serial: HashMap<String, Vec<AssetId>>,
    by_identifier: HashMap<(IdentifierKind, String), Vec<AssetId>>,
    pub devices: HashMap<AssetId, Device>,
    pub privates: HashMap<AssetId, Private>,
    pub cases: HashMap<String, (DuplicateCaseId, CaseState)>,
    open_proposals: HashSet<AssetId>,
    declined: HashSet<(AssetId, PersonId, Option<crate::id::AssignmentId>)>,
    pub products: Products,
}

impl Known {
    /// Loads what these devices may be.
    pub async fn load(
        tx: &mut Tx,
        access: &Access,
        connection: ConnectionId,
        identities: &[Identity],
    ) -> StoreResult<Self> {
        let org = access.org();
        let makers = catalogue::store::manufacturers(tx, access).await?;
        let mut known = Self {
            products: Products::new(makers),
            ..Self::default()
        };
        let wanted = Wanted::of(identities);
        for row in store::refs(tx, org, connection, wanted.external_ids).await? {
            known.refs.insert(row.external_id.clone(), Ref::from(row));
        }
        let mut ids: Vec<AssetId> = known.refs.values().map(|one| one.asset).collect();
        ids.extend(store::by_serials(tx, org, wanted.serials).await?);
        for (kind, value, asset) in store::by_identifiers(tx, org, wanted.identifiers).await? {
            known.identify(asset, kind, value);
            ids.push(asset);
        }
        let assets = store::candidates(tx, org, ids).await?;
        let mut ids: Vec<AssetId> = assets.keys().copied().collect();
        ids.sort_unstable();
        for id in &ids {
            if let Some(candidate) = assets.get(id) {
                known.enter(candidate.clone());
            }
        }
        known.devices = store::devices(tx, org, connection, &ids).await?;
        known.privates = store::privates(tx, org, connection, &ids).await?;
        known.cases = store::cases(tx, org, &ids).await?;
        for row in store::hand_overs(tx, org, &ids).await? {
            known.proposed(row);
        }
        Ok(known)
    }

    /// Takes in an asset.
    pub fn enter(&mut self, asset: Candidate) {
        if let Some(serial) = &asset.serial
            && !identity::is_placeholder(serial)
        {
            let all = self.by_serial.entry(serial.folded().to_owned());
            all.or_default().push(asset.id);
        }
        self.assets.insert(asset.id, asset);
    }

    /// Takes in that an asset has an identifier, in its folded form.
    pub fn identify(&mut self, asset: AssetId, kind: IdentifierKind, folded: String) {
        let all = self.by_identifier.entry((kind, folded)).or_default();
        if !all.contains(&asset) {
            all.push(asset);
        }
    }

    /// Takes in a proposal.
    pub fn proposed(&mut self, row: HandOverRow) {
        match row.state {
            HandOverState::Proposed => {
                self.open_proposals.insert(row.asset_id);
            }
            HandOverState::Declined => {
                self.declined
                    .insert((row.asset_id, row.person_id, row.assignment_id));
            }
            HandOverState::Accepted => {}
        }
    }

    /// Whether somebody is not to be proposed for an asset: somebody is already, or they were declined while it was with whom it is with.
    pub fn is_settled(&self, asset: &Candidate, person: PersonId) -> bool {
        self.open_proposals.contains(&asset.id)
            || self
                .declined
                .contains(&(asset.id, person, asset.assignment_id))
    }

    /// The record that goes on for an asset that was merged; itself otherwise.
    pub fn survivor(&self, id: AssetId) -> Option<&Candidate> {
        const STEPS_MAX: usize = 16;
        let mut asset = self.assets.get(&id)?;
        for _ in 0..STEPS_MAX {
            let Some(next) = asset.merged_into_id else {
                return Some(asset);
            };
            asset = self.assets.get(&next)?;
        }
        None
    }

    /// What of these is not a record made in error, each once, as the record that goes on.
    fn standing<'a>(&'a self, ids: impl IntoIterator<Item = &'a AssetId>) -> Vec<&'a Candidate> {
        let mut all: Vec<&Candidate> = Vec::new();
        for id in ids {
            if let Some(asset) = self.survivor(*id)
                && asset.state != State::Void
                && !all.iter().any(|other| other.id == asset.id)
            {
                all.push(asset);
            }
        }
        all
    }

    /// The assets with a serial number that may be of this maker: a maker that one side does not know speaks against nothing.
    pub fn with_serial(&self, identity: &Identity) -> Vec<&Candidate> {
        let Some(serial) = &identity.serial else {
            return Vec::new();
        };
        let maker = self.maker(identity);
        let all = self.by_serial.get(serial.folded()).into_iter().flatten();
        let mut found = self.standing(all);
        found.retain(|asset| {
            maker.is_none() || asset.manufacturer_id.is_none() || asset.manufacturer_id == maker
        });
        found
    }

    /// The maker that a report names, if the organisation knows exactly one of that name.
    pub fn maker(&self, identity: &Identity) -> Option<ManufacturerId> {
        let name = identity.manufacturer.as_deref()?;
        self.products.maker(name)
    }

    /// The assets with an identifier, in any of its spellings.
    pub fn with_identifier(&self, kind: IdentifierKind, value: &str) -> Vec<&Candidate> {
        let mut ids: Vec<&AssetId> = Vec::new();
        for kind in alike(kind) {
            for folded in spellings(*kind, value) {
                ids.extend(
                    self.by_identifier
                        .get(&(*kind, folded))
                        .into_iter()
                        .flatten(),
                );
            }
        }
        self.standing(ids)
    }

    /// Whether any asset, or this one in the case of network addresses, has an identifier already.
    pub fn is_recorded(&self, asset: AssetId, kind: IdentifierKind, value: &str) -> bool {
        let folded = crate::text::fold_code(value);
        let has = self.by_identifier.get(&(kind, folded));
        has.is_some_and(|all| kind != IdentifierKind::MacWired || all.contains(&asset))
    }
}

impl From<RefRow> for Ref {
    fn from(row: RefRow) -> Self {
        Self {
            asset: row.asset_id,
            superseded_by: row.superseded_by,
        }
    }
}

/// What is to be looked up, each once.
struct Wanted {
    external_ids: Vec<String>,
    serials: Vec<String>,
    identifiers: Vec<String>,
}

impl Wanted {
    fn of(identities: &[Identity]) -> Self {
        let mut wanted = Self {
            external_ids: Vec::new(),
            serials: Vec::new(),
            identifiers: Vec::new(),
        };
        for identity in identities {
            wanted.external_ids.extend(identity.external_id.clone());
            let serial = identity.serial.as_ref();
            wanted
                .serials
                .extend(serial.map(|serial| serial.folded().to_owned()));
            for (kind, value) in &identity.identifiers {
                wanted.identifiers.extend(spellings(*kind, value));
            }
        }
        for all in [
            &mut wanted.external_ids,
            &mut wanted.serials,
            &mut wanted.identifiers,
        ] {
            all.sort_unstable();
            all.dedup();
        }
        wanted
    }
}
