//! What reports speak of, looked up here: assets by tag, then by serial number, and people by address. All of a batch at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::decide::Resolved;
use super::report::{AssetRef, Field, Party, Report};
use super::{Link, Unlinked};
use crate::access::Access;
use crate::asset::State;
use crate::id::{AssetId, PersonId, UnitId};
use crate::person::{self, PersonStatus};
use crate::store::{Query, StoreResult, Tx};
use crate::text::{Serial, Tag};

/// What a batch of reports speaks of.
#[derive(Debug, Default)]
pub(super) struct Directory {
    tags: HashMap<String, AssetId>,
    serials: HashMap<String, BTreeSet<AssetId>>,
    /// The units of the assets that are there.
    units: HashMap<AssetId, UnitId>,
    people: HashMap<String, Vec<PersonId>>,
}

impl Directory {
    /// Looks everything up that these reports speak of, with four statements.
    pub async fn load(tx: &mut Tx, access: &Access, reports: &[Report]) -> StoreResult<Self> {
        const TAGS: &str = "SELECT tag_norm, asset_id FROM asset_tag WHERE org_id = ";
        const SERIALS: &str =
            "SELECT serial_norm, id FROM asset WHERE serial_norm IS NOT NULL AND org_id = ";
        const UNITS: &str = "SELECT id, owning_unit_id, state FROM asset WHERE org_id = ";
        let (mut tags, mut serials) = (HashSet::new(), HashSet::new());
        let mut addresses = HashSet::new();
        for report in reports {
            for asset in report.assets.value().into_iter().flatten() {
                tags.extend(tag(asset));
                serials.extend(serial(asset));
            }
            let parties = [&report.requester, &report.assignee];
            addresses.extend(parties.into_iter().filter_map(address));
        }
        let mut directory = Self::default();
        let tags: Vec<(String, AssetId)> =
            Query::keyed(tx, TAGS, access.org(), "tag_norm", tags).await?;
        directory.tags.extend(tags);
        let found: Vec<(String, AssetId)> =
            Query::keyed(tx, SERIALS, access.org(), "serial_norm", serials).await?;
        for (serial, asset) in found {
            directory.serials.entry(serial).or_default().insert(asset);
        }
        let mut assets: HashSet<AssetId> = directory.tags.values().copied().collect();
        assets.extend(directory.serials.values().flatten());
        let units: Vec<(AssetId, UnitId, State)> =
            Query::keyed(tx, UNITS, access.org(), "id", assets).await?;
        // A record that was voided never was an asset.
        let there = units
            .into_iter()
            .filter(|(.., state)| *state != State::Void);
        directory.units = there.map(|(asset, unit, _)| (asset, unit)).collect();
        let addresses = addresses.into_iter().collect();
        for (address, person, status) in person::store::by_addresses(tx, access, addresses).await? {
            if status != PersonStatus::Separated {
                directory.people.entry(address).or_default().push(person);
            }
        }
        Ok(directory)
    }

    /// What one report speaks of.
    pub fn resolved(&self, report: &Report) -> Resolved {
        let (links, unlinked) = match report.assets.value() {
            Some(refs) => self.assets(refs),
            None => (Vec::new(), Some(Unlinked::NotNamed)),
        };
        Resolved {
            requester: self.person(&report.requester),
            assignee: self.person(&report.assignee),
            links,
            unlinked,
        }
    }

    fn person(&self, party: &Field<Party>) -> Option<PersonId> {
        match self.people.get(&address(party)?)?.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// Tags are ours; serial numbers are asked only where no tag is known.
    fn assets(&self, refs: &[AssetRef]) -> (Vec<Link>, Option<Unlinked>) {
        let link = |asset: AssetId| {
            self.units.get(&asset).map(|unit| Link {
                asset: Some(asset),
                unit: *unit,
            })
        };
        let by_tag = refs.iter().filter_map(|one| self.tags.get(&tag(one)?));
        let mut links: BTreeSet<Link> = by_tag.filter_map(|asset| link(*asset)).collect();
        let mut several = false;
        if links.is_empty() {
            for found in refs
                .iter()
                .filter_map(|one| self.serials.get(&serial(one)?))
            {
                let there: Vec<Link> = found.iter().filter_map(|asset| link(*asset)).collect();
                several |= there.len() > 1;
                if let [one] = there.as_slice() {
                    links.insert(*one);
                }
            }
        }
        let unlinked = match (links.is_empty(), several) {
            (false, _) => None,
            (true, true) => Some(Unlinked::SeveralFound),
            (true, false) => Some(Unlinked::NoneFound),
        };
        (links.into_iter().collect(), unlinked)
    }
}

/// The tag that a reference may be, as tags are compared.
fn tag(asset: &AssetRef) -> Option<String> {
    match asset {
        AssetRef::Tag(text) | AssetRef::Code(text) => {
            Some(Tag::parse(text).ok()?.folded().to_owned())
        }
        AssetRef::Serial(_) => None,
    }
}

/// The serial number that a reference may be, as serial numbers are compared. What makers leave in the firmware is none.
fn serial(asset: &AssetRef) -> Option<String> {
    let (AssetRef::Serial(text) | AssetRef::Code(text)) = asset else {
        return None;
    };
    let serial = Serial::parse(text).ok()?;
    (!serial.is_placeholder()).then(|| serial.folded().to_owned())
}

/// Somebody's address, as addresses are compared.
fn address(party: &Field<Party>) -> Option<String> {
    let email = party.value()?.email.as_deref()?.trim();
    email.contains('@').then(|| email.to_lowercase())
}
