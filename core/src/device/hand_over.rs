//! To whom an asset may have to be handed over: from how a management names the user of a device to exactly one person, or nobody. Pure, but for
//! looking people up.

use std::collections::{HashMap, HashSet};

use super::known::Known;
use super::report::{Kind, Report, User};
use super::store::{Candidate, Named};
use crate::access::Access;
use crate::asset::{AssignmentKind, State};
use crate::id::{HandOverId, PersonId, UnitId};
use crate::person::{self, PersonStatus};
use crate::store::{StoreResult, Tx};
use crate::text;
use crate::unit;

/// The most characters of an address or a user name.
const CHARS_MAX: usize = 254;

/// The names by which users have to be looked up.
#[derive(Debug, Default)]
pub(super) struct Users {
    addresses: HashSet<String>,
    user_names: HashSet<String>,
}

impl Users {
    /// Collects them.
    pub fn of<'a>(users: impl Iterator<Item = &'a User>) -> Self {
        let mut all = Self::default();
        for user in users {
            for name in names(user) {
                match name {
                    Name::Address(address) => all.addresses.insert(address),
                    Name::UserName(name) => all.user_names.insert(name),
                };
            }
        }
        all
    }

    fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.user_names.is_empty()
    }
}

/// A way in which a user was named.
enum Name {
    /// By what is, or is written like, an address.
    Address(String),
    /// By the part of it before the at sign.
    UserName(String),
}

/// The ways in which a user was named, strongest first.
fn names(user: &User) -> Vec<Name> {
    let clean = |text: &Option<String>| {
        let text = text.as_deref()?;
        Some(text::line(text, CHARS_MAX).ok()?.to_lowercase())
    };
    let mut all = Vec::new();
    for address in [clean(&user.email), clean(&user.principal_name)] {
        all.extend(address.filter(|text| text.contains('@')).map(Name::Address));
    }
    if let Some(name) = clean(&user.username) {
        // A domain may stand before it, as Windows writes it.
        let name = name.rsplit('\\').next().unwrap_or_default();
        if name.contains('@') {
            all.push(Name::Address(name.to_owned()));
        } else if !name.is_empty() {
            all.push(Name::UserName(name.to_owned()));
        }
    }
    all
}

/// Who may be proposed, and where.
#[derive(Debug, Default)]
pub(super) struct People {
    by_address: HashMap<String, Vec<PersonId>>,
    by_user_name: HashMap<String, Vec<PersonId>>,
    policies: HashMap<UnitId, bool>,
}

impl People {
    /// Looks up who the users are, where anybody is to be proposed at all.
    pub async fn load(
        tx: &mut Tx,
        access: &Access,
        units: HashSet<UnitId>,
        users: Users,
    ) -> StoreResult<Self> {
        let mut people = Self::default();
        if users.is_empty() || units.is_empty() {
            return Ok(people);
        }
        people.policies = unit::store::hand_over_policies(tx, access.org(), units).await?;
        if !people.policies.values().any(|proposes| *proposes) {
            return Ok(people);
        }
        let addresses: Vec<String> = users.addresses.into_iter().collect();
        let found = person::store::by_addresses(tx, access, addresses).await?;
        for (address, id, status) in found {
            if status != PersonStatus::Separated {
                people.by_address.entry(address).or_default().push(id);
            }
        }
        let names: Vec<String> = users.user_names.into_iter().collect();
        for (address, id, status) in person::store::by_user_names(tx, access, &names).await? {
            let Some((name, _)) = address.split_once('@') else {
                continue;
            };
            if status != PersonStatus::Separated {
                let all = people.by_user_name.entry(name.to_owned()).or_default();
                all.push(id);
            }
        }
        Ok(people)
    }

    /// Who a user is, if the strongest name that names anybody names exactly one.
    fn resolve(&self, user: &User) -> Option<PersonId> {
        let found = names(user).into_iter().find_map(|name| match name {
            Name::Address(address) => self.by_address.get(&address),
            Name::UserName(name) => self.by_user_name.get(&name),
        })?;
        match found.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// Whom a report proposes for an asset. What is lent, shared or with a room is with whom it should be, whoever signs in.
    pub fn proposed(&self, report: &Report, asset: &Candidate, known: &Known) -> Option<PersonId> {
        let tells = matches!(report.kind, Kind::Login | Kind::Enrolled | Kind::Inventory);
        let proposes = self.policies.get(&asset.owning_unit_id).copied();
        let free = match asset.state {
            State::InStock => true,
            State::InUse => {
                asset.holder().is_some() && asset.assignment_kind == Some(AssignmentKind::Permanent)
            }
            _ => false,
        };
        if !tells || proposes != Some(true) || !free {
            return None;
        }
        let person = self.resolve(report.user.as_ref()?)?;
        let already = asset.holder() == Some(person);
        (!already && !known.is_settled(asset, person)).then_some(person)
    }
}

impl Named {
    /// In which words a proposal names somebody, as they are kept.
    pub fn new(id: HandOverId, user: &User) -> Self {
        let line = |said: &Option<String>| {
            said.as_deref()
                .and_then(|said| text::line(said, CHARS_MAX).ok())
        };
        Self {
            id,
            user: User {
                email: line(&user.email),
                principal_name: line(&user.principal_name),
                username: line(&user.username),
                display_name: line(&user.display_name),
            },
        }
    }
}
