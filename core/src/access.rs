//! Who may see and do what: the one predicate object that every read, write, cursor and message consults.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, AppInstallId, EventId, OrgId, PersonId, UnitId};

/// A role a person can hold at a unit, and with it in everything below that unit.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Role {
    /// Everything, in the whole tree.
    OrgAdmin,
    /// Everything below the unit, grants included.
    UnitAdmin,
    /// Answers for the unit's assets: custody, counts, disposal requests.
    Custodian,
    /// Scans, moves, repairs and hands over in the field.
    Technician,
    /// Orders and receives.
    Procurement,
    /// Reads everything below the unit, its evidence included, and changes nothing.
    Auditor,
    /// Sees what they hold themselves.
    Requester,
    /// A system that reports in.
    Integration,
}

impl Role {
    /// Every role, from most to least powerful: the order in which one is chosen to be shown.
    pub const ALL: [Self; 8] = [
        Self::OrgAdmin,
        Self::UnitAdmin,
        Self::Custodian,
        Self::Auditor,
        Self::Procurement,
        Self::Technician,
        Self::Integration,
        Self::Requester,
    ];

    /// What a grant of this role permits.
    #[must_use]
    pub const fn actions(self) -> Actions {
        use Action as A;
        match self {
            Self::OrgAdmin => Actions::EVERY,
            Self::UnitAdmin => Actions::of(&[
                A::ReadAssets,
                A::ReadPeople,
                A::ReadHistory,
                A::Register,
                A::Custody,
                A::Field,
                A::Retire,
                A::Dispose,
                A::Hold,
                A::Correct,
                A::Grant,
                A::ManagePeople,
                A::Approve,
            ]),
            Self::Custodian => Actions::of(&[
                A::ReadAssets,
                A::ReadPeople,
                A::ReadHistory,
                A::Register,
                A::Custody,
                A::Field,
                A::Retire,
                A::Correct,
            ]),
            Self::Auditor => Actions::of(&[
                A::ReadAssets,
                A::ReadPeople,
                A::ReadHistory,
                A::ReadLedger,
                A::Hold,
            ]),
            Self::Procurement => Actions::of(&[A::ReadAssets, A::ReadHistory, A::Register]),
            Self::Technician => Actions::of(&[
                A::ReadAssets,
                A::ReadPeople,
                A::ReadHistory,
                A::Custody,
                A::Field,
            ]),
            Self::Integration => {
                Actions::of(&[A::ReadAssets, A::ReadHistory, A::Register, A::Field])
            }
            Self::Requester => Actions::NONE,
        }
    }

    /// The spelling used in SQL, JSON and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrgAdmin => "org_admin",
            Self::UnitAdmin => "unit_admin",
            Self::Custodian => "custodian",
            Self::Technician => "technician",
            Self::Procurement => "procurement",
            Self::Auditor => "auditor",
            Self::Requester => "requester",
            Self::Integration => "integration",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something a role permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Action {
    /// See assets.
    ReadAssets,
    /// See the people of a unit, beyond the names of holders.
    ReadPeople,
    /// See an asset's history.
    ReadHistory,
    /// See ledger entries and proofs.
    ReadLedger,
    /// Order, register, receive and tag.
    Register,
    /// Deploy, lend, take back.
    Custody,
    /// Move, note, dispatch, repair, report missing, find.
    Field,
    /// Retire, reinstate, pass to surplus.
    Retire,
    /// Dispose, write off, void.
    Dispose,
    /// Place and release holds.
    Hold,
    /// Correct and change recorded fields.
    Correct,
    /// Give and end grants.
    Grant,
    /// Register people and change what is known of them.
    ManagePeople,
    /// Units, places, the catalogue, the organisation's settings.
    Configure,
    /// Endpoints and what is delivered to them.
    Endpoints,
    /// Say something for others to hear.
    Emit,
    /// Approve what others want to be bought.
    Approve,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 17] = [
        Self::ReadAssets,
        Self::ReadPeople,
        Self::ReadHistory,
        Self::ReadLedger,
        Self::Register,
        Self::Custody,
        Self::Field,
        Self::Retire,
        Self::Dispose,
        Self::Hold,
        Self::Correct,
        Self::Grant,
        Self::ManagePeople,
        Self::Configure,
        Self::Endpoints,
        Self::Emit,
        Self::Approve,
    ];
}

/// A set of [`Action`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Actions(u32);

impl Actions {
    /// No action.
    pub const NONE: Self = Self(0);
    /// Every action.
    pub const EVERY: Self = Self(u32::MAX);

    pub(crate) const fn of(actions: &[Action]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < actions.len() {
            bits |= 1 << actions[i] as u8;
            i += 1;
        }
        Self(bits)
    }

    /// Whether everything in the other set is in this one.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the action is in the set.
    #[must_use]
    pub const fn contains(self, action: Action) -> bool {
        self.0 & (1 << action as u8) != 0
    }
}

/// How a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// The console.
    Web,
    /// `/api/v1`, by a program.
    Api,
    /// `/api/v1`, by the mobile app.
    Mobile,
    /// The Slack app.
    Slack,
    /// The Teams app.
    Teams,
    /// A signed report of another system.
    Webhook,
    /// A bulk import.
    Import,
    /// The command line or Habeo itself.
    System,
}

/// On whose behalf an act happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Somebody who signed in.
    Person(PersonId),
    /// The operator at the command line, or Habeo itself.
    System,
    /// A program with a key of the organisation.
    Key(ApiKeyId),
    /// An app that the organisation installed.
    Install(AppInstallId),
}

impl Principal {
    /// The person, if it is one.
    #[must_use]
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(id) => Some(id),
            Self::System | Self::Key(_) | Self::Install(_) => None,
        }
    }
}

/// Who acts, as the ledger records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// On whose behalf.
    pub principal: Principal,
    /// The strongest role they hold.
    pub role: Role,
    /// How the request came in.
    pub surface: Surface,
    /// The request's id, where there was a request.
    pub request_id: Option<String>,
    /// The entry from which this follows, such as that of a confirmation.
    pub cause: Option<EventId>,
}

/// One live grant, reduced to what a decision needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// Where it holds, with everything below.
    pub root: UnitId,
    /// What it permits there.
    pub actions: Actions,
}

/// How far an action reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every unit of the organisation.
    Whole,
    /// These units and everything below them; none of them lies below another. Empty means none.
    Below(Vec<UnitId>),
}

/// Proof that a caller was authenticated, and the extent of what they may see and do.
///
/// It is built by [`crate::session`] from verified credentials and by [`Access::system`] for work that Habeo does itself. Every
/// store function takes it; there is no default and no global.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    org: OrgId,
    actor: Actor,
    extent: Extent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Extent {
    Everything,
    /// The whole organisation, for some actions.
    Program(Actions),
    Rights(Vec<Right>),
}

impl Access {
    /// The access of Habeo itself and of the operator at the command line.
    #[must_use]
    pub fn system(org: OrgId, surface: Surface) -> Self {
        let actor = Actor {
            principal: Principal::System,
            role: Role::OrgAdmin,
            surface,
            request_id: None,
            cause: None,
        };
        Self {
            org,
            actor,
            extent: Extent::Everything,
        }
    }

    /// The access of a program with a key: the whole organisation, for these actions only.
    pub(crate) fn of_key(org: OrgId, key: ApiKeyId, actions: Actions) -> Self {
        Self::of_program(org, Principal::Key(key), Extent::Program(actions))
    }

    /// The access of an installed app: one unit and what is below it, for these actions only.
    pub(crate) fn of_install(
        org: OrgId,
        install: AppInstallId,
        root: UnitId,
        actions: Actions,
    ) -> Self {
        let extent = Extent::Rights(vec![Right { root, actions }]);
        Self::of_program(org, Principal::Install(install), extent)
    }

    fn of_program(org: OrgId, principal: Principal, extent: Extent) -> Self {
        let actor = Actor {
            principal,
            role: Role::Integration,
            surface: Surface::Api,
            request_id: None,
            cause: None,
        };
        Self { org, actor, extent }
    }

    /// The access of a person. `rights` must come from that person's live grants; no right means nothing but what they hold.
    pub(crate) fn of_person(org: OrgId, actor: Actor, rights: Vec<Right>) -> Self {
        let everything = actor.role == Role::OrgAdmin;
        let extent = if everything {
            Extent::Everything
        } else {
            Extent::Rights(rights)
        };
        Self { org, actor, extent }
    }

    /// The organisation; nothing outside it exists for this caller.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The person who acts, if it is one.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        self.actor.principal.person()
    }

    /// The same access within another request, for the record of what that request does.
    #[must_use]
    pub fn within(mut self, surface: Surface, request_id: String) -> Self {
        self.actor.surface = surface;
        self.actor.request_id = Some(request_id);
        self
    }

    /// The same access for what follows from an entry, such as that of a confirmation.
    #[must_use]
    pub(crate) const fn because(mut self, cause: EventId) -> Self {
        self.actor.cause = Some(cause);
        self
    }

    /// The same access by another way in.
    #[must_use]
    pub const fn on(mut self, surface: Surface) -> Self {
        self.actor.surface = surface;
        self
    }

    /// How far an action reaches. Grants below another grant of the same action add nothing and are expected to have been left out
    /// by [`crate::session`]; a duplicate is harmless.
    #[must_use]
    pub fn reach(&self, action: Action) -> Reach {
        match &self.extent {
            Extent::Everything => Reach::Whole,
            Extent::Program(actions) if actions.contains(action) => Reach::Whole,
            Extent::Program(_) => Reach::Below(Vec::new()),
            Extent::Rights(rights) => {
                let mut roots: Vec<UnitId> = rights
                    .iter()
                    .filter(|right| right.actions.contains(action))
                    .map(|right| right.root)
                    .collect();
                roots.sort_unstable();
                roots.dedup();
                Reach::Below(roots)
            }
        }
    }

    /// Whether the action is permitted anywhere at all.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.reach(action) != Reach::Below(Vec::new())
    }

    /// A digest input that changes whenever the visible extent changes; cursors are bound to it.
    #[must_use]
    pub fn scope_text(&self, action: Action) -> String {
        let own = self.person().map(|id| id.to_string()).unwrap_or_default();
        match self.reach(action) {
            Reach::Whole => format!("*/{own}"),
            Reach::Below(roots) => {
                let roots: Vec<String> = roots.iter().map(ToString::to_string).collect();
                format!("{}/{own}", roots.join(","))
            }
        }
    }
}
