//! What can be proposed: the commands that are given in a chat, each to several assets at once.

use serde::{Deserialize, Serialize};

use super::{ASSETS_MAX, Refusal};
use crate::asset::command::{Act, Command, Observation, Register};
use crate::asset::{AssignmentKind, Condition, LossKind, RepairBy, Target};
use crate::id::{AssetId, LocationId, ObservationId, RequisitionId};
use crate::random::Random;
use crate::time::{Day, Timestamp};

/// The code of an asset that was found by somebody who typed no other.
const UNREAD: &str = "chat";

/// A change that somebody wants to make in a chat.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(
    tag = "act",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Proposal {
    /// Into somebody's custody.
    Deploy {
        /// Which.
        assets: Vec<AssetId>,
        /// To whom or what.
        target: Target,
        /// On what terms.
        kind: AssignmentKind,
        /// Where it is now; unchanged when none.
        location: Option<LocationId>,
    },
    /// Into somebody's custody until a date.
    Loan {
        /// Which.
        assets: Vec<AssetId>,
        /// To whom or what.
        target: Target,
        /// Until when.
        due_at: Timestamp,
    },
    /// A loan for longer.
    Renew {
        /// Which.
        assets: Vec<AssetId>,
        /// Until when now.
        due_at: Timestamp,
    },
    /// Back into stock.
    Return {
        /// Which.
        assets: Vec<AssetId>,
        /// The shape it came back in.
        condition: Condition,
        /// Where it was put.
        location: Option<LocationId>,
    },
    /// Into another's custody.
    Reassign {
        /// Which.
        assets: Vec<AssetId>,
        /// To whom or what.
        target: Target,
        /// On what terms.
        kind: AssignmentKind,
        /// Where it is now; unchanged when none.
        location: Option<LocationId>,
    },
    /// To another place.
    Move {
        /// Which.
        assets: Vec<AssetId>,
        /// Where it is.
        location: LocationId,
    },
    /// Not where it should be.
    ReportMissing {
        /// Which.
        assets: Vec<AssetId>,
        /// How.
        kind: LossKind,
        /// When it was noticed.
        discovered_on: Day,
        /// The police report's number.
        police_no: Option<String>,
    },
    /// There again.
    Found {
        /// Which.
        assets: Vec<AssetId>,
        /// Where.
        location: Option<LocationId>,
        /// To whom it was handed; into stock when none.
        handed_to: Option<Target>,
        /// What was read or typed.
        raw_code: Option<String>,
    },
    /// To a workshop.
    RepairOut {
        /// Which.
        assets: Vec<AssetId>,
        /// Who repairs it.
        by: RepairBy,
        /// The workshop's return number.
        rma_no: Option<String>,
    },
    /// Back from a workshop.
    RepairIn {
        /// Which.
        assets: Vec<AssetId>,
        /// The shape it came back in.
        condition: Condition,
    },
    /// Words about it.
    Note {
        /// Which.
        assets: Vec<AssetId>,
        /// What.
        text: String,
    },
    /// Whoever was given it has it.
    Acknowledge {
        /// Which.
        assets: Vec<AssetId>,
    },
    /// A new one.
    Register {
        /// What is known of it.
        new: Box<Register>,
    },
    /// A yes to what somebody wants to be bought, exactly as it was shown.
    ApproveRequisition {
        /// Which requisition.
        requisition: RequisitionId,
        /// The digest of what was shown.
        digest: String,
    },
    /// A no to it. Why is the remark.
    RejectRequisition {
        /// Which requisition.
        requisition: RequisitionId,
        /// The digest of what was shown.
        digest: String,
    },
}

impl Proposal {
    /// The assets that it is about; none for a new one.
    #[must_use]
    pub fn assets(&self) -> &[AssetId] {
        match self {
            Self::Deploy { assets, .. }
            | Self::Loan { assets, .. }
            | Self::Renew { assets, .. }
            | Self::Return { assets, .. }
            | Self::Reassign { assets, .. }
            | Self::Move { assets, .. }
            | Self::ReportMissing { assets, .. }
            | Self::Found { assets, .. }
            | Self::RepairOut { assets, .. }
            | Self::RepairIn { assets, .. }
            | Self::Note { assets, .. }
            | Self::Acknowledge { assets } => assets,
            Self::Register { .. }
            | Self::ApproveRequisition { .. }
            | Self::RejectRequisition { .. } => &[],
        }
    }

    /// The requisition that it decides on, and the digest of what was shown; none for what is done to assets.
    #[must_use]
    pub fn requisition(&self) -> Option<(RequisitionId, &str)> {
        match self {
            Self::ApproveRequisition {
                requisition,
                digest,
            }
            | Self::RejectRequisition {
                requisition,
                digest,
            } => Some((*requisition, digest)),
            _ => None,
        }
    }

    /// What is to be told to each asset, in order. `made` is the id of a new one.
    pub(super) fn commands(
        &self,
        remark: Option<&str>,
        made: AssetId,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Vec<Command>, Refusal> {
        let assets = match self {
            Self::Register { .. } => &[made][..],
            _ => self.assets(),
        };
        if assets.is_empty() || assets.len() > ASSETS_MAX {
            return Err(Refusal::BadCount);
        }
        let mut seen = std::collections::HashSet::with_capacity(assets.len());
        if !assets.iter().all(|asset| seen.insert(*asset)) {
            return Err(Refusal::Twice);
        }
        let words = match self {
            Self::Note { text, .. } => Some(text.as_str()),
            _ => remark,
        };
        let commands = assets.iter().map(|asset| Command {
            asset: *asset,
            act: self.act(now, random),
            occurred_at: None,
            remark: words.map(ToOwned::to_owned),
        });
        Ok(commands.collect())
    }

    fn act(&self, now: Timestamp, random: &dyn Random) -> Act {
        match self.clone() {
            Self::Deploy {
                target,
                kind,
                location,
                ..
            } => Act::Deploy {
                target,
                kind,
                location,
            },
            Self::Loan { target, due_at, .. } => Act::Loan { target, due_at },
            Self::Renew { due_at, .. } => Act::Renew { due_at },
            Self::Return {
                condition,
                location,
                ..
            } => Act::Return {
                condition,
                location,
            },
            Self::Reassign {
                target,
                kind,
                location,
                ..
            } => Act::Reassign {
                target,
                kind,
                location,
            },
            Self::Move { location, .. } => Act::Move {
                location,
                observation: None,
            },
            Self::ReportMissing {
                kind,
                discovered_on,
                police_no,
                ..
            } => Act::ReportMissing {
                kind,
                discovered_on,
                police_no,
            },
            Self::Found {
                location,
                handed_to,
                raw_code,
                ..
            } => Act::Found {
                observation: Observation {
                    id: ObservationId::generate(now, random),
                    raw_code: raw_code.unwrap_or_else(|| UNREAD.to_owned()),
                    location,
                    occurred_at: now,
                },
                handed_to,
            },
            Self::RepairOut { by, rma_no, .. } => Act::RepairOut { by, rma_no },
            Self::RepairIn { condition, .. } => Act::RepairIn { condition },
            // Requisitions are about no asset, so nothing is told to any.
            Self::Note { .. }
            | Self::ApproveRequisition { .. }
            | Self::RejectRequisition { .. } => Act::Note,
            Self::Acknowledge { .. } => Act::Acknowledge,
            Self::Register { new } => Act::Register(new),
        }
    }
}
