//! Which asset a device is: the management's own key, maker and serial number, the numbers of its radio, the ids of device and board, and the
//! address of its wire, in this order. Pure. What disagrees is said to, and decides nothing.

use sha2::{Digest as _, Sha256};

use super::event::Member;
use super::identity::Identity;
use super::known::Known;
use super::store::Candidate;
use super::{CaseKind, MatchedBy, identity};
use crate::asset::State;
use crate::id::{AssetId, ConnectionId};
use crate::ledger::tree;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Match {
    /// One asset.
    One(Member),
    /// None that is known.
    None,
    /// Assets that speak against one another; and which of them it is once somebody has said that they are to stay apart.
    Conflict(Conflict),
}

/// Assets that speak against one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    pub kind: CaseKind,
    pub members: Vec<Member>,
    pub otherwise: Option<Member>,
}

/// Finds the asset of a device.
pub(super) fn find(identity: &Identity, known: &Known) -> Match {
    let linked = identity
        .external_id
        .as_ref()
        .and_then(|id| known.refs.get(id))
        .and_then(|one| known.survivor(one.asset))
        .filter(|asset| asset.state != State::Void);
    let numbered = known.with_serial(identity);
    match linked {
        Some(asset) => linked_to(asset, &numbered, identity),
        None => match numbered.as_slice() {
            [] => by_identifier(identity, known),
            [one] => Match::One(member(one.id, MatchedBy::Serial)),
            several => conflict(
                CaseKind::TwoAssetsOneSerial,
                several
                    .iter()
                    .map(|asset| member(asset.id, MatchedBy::Serial)),
                None,
            ),
        },
    }
}

/// The key is linked: what has the serial number must be the same asset, or nothing.
fn linked_to(asset: &Candidate, numbered: &[&Candidate], identity: &Identity) -> Match {
    let linked = member(asset.id, MatchedBy::ExternalRef);
    if numbered.iter().any(|other| other.id == asset.id) {
        return Match::One(linked);
    }
    if numbered.is_empty() {
        return if has_other_serial(asset, identity) {
            conflict(CaseKind::ConflictingKeys, [linked], Some(linked))
        } else {
            Match::One(linked)
        };
    }
    let others = numbered
        .iter()
        .map(|other| member(other.id, MatchedBy::Serial));
    conflict(
        CaseKind::OneRefTwoAssets,
        std::iter::once(linked).chain(others),
        Some(linked),
    )
}

/// Neither key nor serial number is known.
fn by_identifier(identity: &Identity, known: &Known) -> Match {
    for (kind, value) in &identity.identifiers {
        let Some(by) = MatchedBy::identifier(*kind) else {
            continue;
        };
        let mut found = known.with_identifier(*kind, value);
        if by == MatchedBy::MacWired {
            // Adapters and docks move from machine to machine: what has another serial number is another machine, and several are none.
            found.retain(|asset| !has_other_serial(asset, identity));
            if found.len() > 1 {
                continue;
            }
        }
        match found.as_slice() {
            [] => {}
            [one] if has_other_serial(one, identity) => {
                return conflict(CaseKind::ConflictingKeys, [member(one.id, by)], None);
            }
            [one] => return Match::One(member(one.id, by)),
            several => {
                let members = several.iter().map(|asset| member(asset.id, by));
                return conflict(CaseKind::ConflictingKeys, members, None);
            }
        }
    }
    Match::None
}

/// Whether an asset is recorded with a serial number, and the device reports another.
fn has_other_serial(asset: &Candidate, identity: &Identity) -> bool {
    match (&asset.serial, &identity.serial) {
        (Some(recorded), Some(reported)) => {
            !identity::is_placeholder(recorded) && recorded.folded() != reported.folded()
        }
        _ => false,
    }
}

fn conflict(
    kind: CaseKind,
    members: impl IntoIterator<Item = Member>,
    otherwise: Option<Member>,
) -> Match {
    Match::Conflict(Conflict {
        kind,
        members: members.into_iter().collect(),
        otherwise,
    })
}

const fn member(asset: AssetId, matched_by: MatchedBy) -> Member {
    Member { asset, matched_by }
}

/// By what a conflict is known when it is reported again, so that somebody decides it once.
pub(super) fn fingerprint(
    connection: ConnectionId,
    identity: &Identity,
    kind: CaseKind,
    members: &[Member],
    since: Option<i64>,
) -> String {
    let mut assets: Vec<AssetId> = members.iter().map(|member| member.asset).collect();
    assets.sort_unstable();
    let mut text = kind.to_string();
    let mut add = |part: &str| {
        text.push('\n');
        text.push_str(part);
    };
    for asset in assets {
        add(&asset.to_string());
    }
    if kind != CaseKind::ReEnrolled {
        let serial = identity.serial.as_ref();
        add(serial.map_or("", |serial| serial.folded()));
    }
    if matches!(kind, CaseKind::OneRefTwoAssets | CaseKind::ConflictingKeys) {
        add(&connection.to_string());
        add(identity.external_id.as_deref().unwrap_or_default());
    }
    if let Some(since) = since {
        add(&since.to_string());
    }
    tree::hex(&Sha256::digest(text.as_bytes()))
}
