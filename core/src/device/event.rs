//! Facts about devices, and about which asset each of them is. Names of people and of devices are never in them.

use serde::{Deserialize, Serialize};

use super::report::{Kind, Ownership};
use super::{CaseKind, MatchedBy, Status};
use crate::asset::event::Identifier;
use crate::connection::Provider;
use crate::id::{AssetId, AssignmentId, ConnectionId, HandOverId, PersonId};

/// What a management knows of a device that is worth keeping.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Its system.
    pub platform: Option<String>,
    /// The version of its system.
    pub os_version: Option<String>,
    /// To whom it belongs.
    pub ownership: Option<Ownership>,
    /// Whether it follows its rules, in the management's word.
    pub compliance: Option<String>,
}

/// An asset that a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Which.
    pub asset: AssetId,
    /// By what the device was taken for it.
    pub matched_by: MatchedBy,
}

/// What somebody has to decide about, as it was when it was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Which management reported.
    pub connection: ConnectionId,
    /// Whose product it is.
    pub provider: Provider,
    /// Its key for the device.
    pub external_id: Option<String>,
    /// The serial number it reported.
    pub serial: Option<String>,
    /// The maker it reported.
    pub manufacturer: Option<String>,
    /// The model it reported.
    pub model: Option<String>,
}

/// What happened to a device, or became known of which asset it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum DeviceEvent {
    /// A management's key stands for this asset from now on.
    #[serde(rename = "identity.ref_linked")]
    RefLinked {
        /// Which management.
        connection: ConnectionId,
        /// Its key.
        external_id: String,
        /// By what the asset was found; none where it was entered because of the report.
        matched_by: Option<MatchedBy>,
        /// Identifiers of the device that the asset did not have yet.
        identifiers: Vec<Identifier>,
    },
    /// A key is an earlier one of this asset.
    #[serde(rename = "identity.ref_superseded")]
    RefSuperseded {
        /// Which management.
        connection: ConnectionId,
        /// The earlier key.
        external_id: String,
        /// The later one.
        by: String,
    },
    /// A device came under the same management anew.
    #[serde(rename = "identity.re_enrolled")]
    ReEnrolled {
        /// Which management.
        connection: ConnectionId,
        /// Its key until then.
        from: String,
        /// Its key from then on.
        to: String,
    },
    /// It came under management, or is about to.
    #[serde(rename = "mdm.enrolled")]
    Enrolled {
        /// Which management.
        connection: ConnectionId,
        /// Whose product it is.
        provider: Provider,
        /// Its key.
        external_id: Option<String>,
        /// `enrolled`, or `pre_enrolled` where it is not set up yet.
        status: Status,
        /// What is known of it.
        about: About,
    },
    /// It was heard of: at most once a day where nothing of it changed.
    #[serde(rename = "mdm.checked_in")]
    CheckedIn {
        /// Which management.
        connection: ConnectionId,
        /// Whose product it is.
        provider: Provider,
        /// What was reported.
        how: Kind,
        /// Its key.
        external_id: Option<String>,
        /// Whether it is under management.
        status: Status,
        /// What is known of it.
        about: About,
    },
    /// It left management.
    #[serde(rename = "mdm.unenrolled")]
    Unenrolled {
        /// Which management.
        connection: ConnectionId,
        /// Whose product it is.
        provider: Provider,
    },
    /// Somebody who uses it may be whom it should be with.
    #[serde(rename = "mdm.proposed")]
    Proposed {
        /// The proposal.
        hand_over: HandOverId,
        /// Which management reported.
        connection: ConnectionId,
        /// Whose product it is.
        provider: Provider,
        /// Who.
        person: PersonId,
        /// In whose custody it was then.
        assignment: Option<AssignmentId>,
    },
    /// A proposal was accepted; the custody is a fact of its own.
    #[serde(rename = "mdm.accepted")]
    Accepted {
        /// The proposal.
        hand_over: HandOverId,
    },
    /// A proposal was declined.
    #[serde(rename = "mdm.declined")]
    Declined {
        /// The proposal.
        hand_over: HandOverId,
    },
    /// A rule cannot decide which asset a device is.
    #[serde(rename = "identity.case_opened")]
    CaseOpened {
        /// Why.
        kind: CaseKind,
        /// What is known again when the same is reported again.
        fingerprint: String,
        /// The assets.
        members: Vec<Member>,
        /// What was reported.
        evidence: Evidence,
    },
    /// The assets of a case are one.
    #[serde(rename = "identity.merged")]
    Merged {
        /// The record that goes on.
        survivor: AssetId,
        /// The records that lead to it from now on.
        merged: Vec<AssetId>,
    },
    /// They are not, after all.
    #[serde(rename = "identity.unmerged")]
    Unmerged {
        /// The record that went on.
        survivor: AssetId,
        /// The records that stand for themselves again.
        merged: Vec<AssetId>,
    },
    /// The assets of a case are different things.
    #[serde(rename = "identity.kept_apart")]
    KeptApart {},
    /// Nothing follows from a case.
    #[serde(rename = "identity.ignored")]
    Ignored {},
    /// A case that was decided is to be decided anew.
    #[serde(rename = "identity.reopened")]
    Reopened {},
}
