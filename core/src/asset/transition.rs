//! The state machine as a table: from which states each command starts, and the right it needs.

use super::State;
use super::command::Act;
use crate::access::Action;

impl Act {
    /// The word for the command, as callers know it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Register(_) => "register",
            Self::Receive { .. } => "receive",
            Self::Tag { .. } => "tag",
            Self::Deploy { .. } => "deploy",
            Self::Loan { .. } => "loan",
            Self::Renew { .. } => "renew",
            Self::Reassign { .. } => "reassign",
            Self::Return { .. } => "return",
            Self::Dispatch { .. } => "dispatch",
            Self::Arrive { .. } => "arrive",
            Self::RepairOut { .. } => "repair_out",
            Self::RepairIn { .. } => "repair_in",
            Self::ReportMissing { .. } => "report_missing",
            Self::Found { .. } => "found",
            Self::WriteOff { .. } => "write_off",
            Self::Retire => "retire",
            Self::Reinstate { .. } => "reinstate",
            Self::Surplus { .. } => "to_surplus",
            Self::Dispose { .. } => "dispose",
            Self::Cancel => "cancel",
            Self::Void { .. } => "void",
            Self::Move { .. } => "move",
            Self::Note => "note",
            Self::Acknowledge => "acknowledge",
            Self::Retag { .. } => "retag",
            Self::PlaceHold { .. } => "place_hold",
            Self::ReleaseHold { .. } => "release_hold",
            Self::ChangeFields(_) => "change_fields",
            Self::Correct { .. } => "correct",
        }
    }

    /// The right it needs in the owning unit; none for what only the holder does.
    #[must_use]
    pub const fn action(&self) -> Option<Action> {
        Some(match self {
            Self::Acknowledge => return None,
            Self::Order(_)
            | Self::Register(_)
            | Self::Receive { .. }
            | Self::Tag { .. }
            | Self::Retag { .. }
            | Self::Cancel => Action::Register,
            Self::Deploy { .. }
            | Self::Loan { .. }
            | Self::Renew { .. }
            | Self::Reassign { .. }
            | Self::Return { .. } => Action::Custody,
            Self::Dispatch { .. }
            | Self::Arrive { .. }
            | Self::RepairOut { .. }
            | Self::RepairIn { .. }
            | Self::ReportMissing { .. }
            | Self::Found { .. }
            | Self::Move { .. }
            | Self::Note => Action::Field,
            Self::Retire | Self::Reinstate { .. } | Self::Surplus { .. } => Action::Retire,
            Self::Dispose { .. } | Self::WriteOff { .. } | Self::Void { .. } => Action::Dispose,
            Self::PlaceHold { .. } | Self::ReleaseHold { .. } => Action::Hold,
            Self::ChangeFields(_) | Self::Correct { .. } => Action::Correct,
        })
    }

    /// The states it starts from. Empty for what creates.
    #[must_use]
    pub fn from_states(&self) -> &'static [State] {
        TRANSITIONS
            .iter()
            .find(|(name, _)| *name == self.name())
            .map_or(&[], |(_, from)| from)
    }
}

use State as S;

/// Every state in which something is still there.
const LIVE: &[State] = &[
    S::Ordered,
    S::Received,
    S::InStock,
    S::InUse,
    S::OnLoan,
    S::InTransit,
    S::InRepair,
    S::Missing,
    S::Retired,
    S::Surplus,
];

/// From which states each command starts.
const TRANSITIONS: &[(&str, &[State])] = &[
    ("order", &[]),
    ("register", &[]),
    ("receive", &[S::Ordered]),
    ("tag", &[S::Received]),
    ("deploy", &[S::InStock]),
    ("loan", &[S::InStock]),
    ("renew", &[S::OnLoan]),
    ("reassign", &[S::InUse]),
    ("return", &[S::InUse, S::OnLoan]),
    ("dispatch", &[S::InStock, S::InUse]),
    ("arrive", &[S::InTransit]),
    ("repair_out", &[S::InStock, S::InUse, S::OnLoan]),
    ("repair_in", &[S::InRepair]),
    (
        "report_missing",
        &[
            S::Received,
            S::InStock,
            S::InUse,
            S::OnLoan,
            S::InTransit,
            S::InRepair,
        ],
    ),
    ("found", &[S::Missing]),
    ("write_off", &[S::Missing]),
    ("retire", &[S::Received, S::InStock, S::InRepair]),
    ("reinstate", &[S::Retired]),
    ("to_surplus", &[S::Retired]),
    ("dispose", &[S::Retired, S::Surplus]),
    ("cancel", &[S::Ordered]),
    ("void", &[S::Received, S::InStock]),
    (
        "move",
        &[
            S::Received,
            S::InStock,
            S::InUse,
            S::OnLoan,
            S::InRepair,
            S::Retired,
            S::Surplus,
        ],
    ),
    ("acknowledge", &[S::InUse, S::OnLoan]),
    ("note", State::ALL),
    (
        "retag",
        &[S::InStock, S::InUse, S::OnLoan, S::InTransit, S::InRepair],
    ),
    ("place_hold", LIVE),
    ("release_hold", State::ALL),
    ("change_fields", LIVE),
    ("correct", State::ALL),
];

/// What can be asked of an asset in this state.
#[must_use]
pub fn allowed(state: State) -> Vec<&'static str> {
    TRANSITIONS
        .iter()
        .filter(|(_, from)| from.contains(&state))
        .map(|(name, _)| *name)
        .collect()
}
