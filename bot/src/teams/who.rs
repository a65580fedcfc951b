//! Who asks in Teams: a person behind a chat user, or what to tell somebody behind whom there is none.

use habeo_core::access::Surface;
use habeo_core::chat_link::{ChatUser, Profile};
use habeo_core::install::Platform;

use super::Teams;
use super::activity::Activity;
use super::connector::{Fault, Member};
use super::present::Readers;
use super::tenant::{Spot, Tenant, is_foreign};
use crate::asker::{AskerError, Known, Within};
use crate::reply::Reply;

/// What is said where the tenant itself is unknown. It tells nothing about anybody's data.
pub(super) const NOT_CONNECTED: &str = "This organization is not connected to Habeo.";
/// What is said where it took too long.
pub(super) const TOO_LONG: &str = "This took too long. Please try again in a moment.";
const NOT_LIVE: &str =
    "Habeo is not in working order here: an administrator has to connect it again.";
const NOT_HERE: &str = "Habeo answers members of this organization only, not guests.";
const UNSURE: &str = "Teams did not say who you are. Please try again in a moment.";
const FAILED: &str = "Habeo cannot answer right now. Please try again in a moment.";
/// How the names of guests are marked in a tenant's directory.
const GUEST_MARK: &str = "#EXT#";

/// Who asks.
#[derive(Debug)]
pub(super) enum Who {
    /// A person.
    Known(Box<Known>),
    /// Nobody yet; there they can show who they are.
    Unlinked(String),
    /// Nobody we can answer; this is what they are told.
    Nobody(&'static str),
}

impl Who {
    /// What somebody is told who is no person, and who may read along.
    pub fn told(&self, teams: &Teams) -> Option<(Reply, Readers)> {
        match self {
            Self::Known(_) => None,
            Self::Unlinked(url) => Some((teams.engine().unlinked(url), Readers::Asker)),
            // It is about nobody's data.
            Self::Nobody(text) => Some((Reply::sentence(*text), Readers::All)),
        }
    }
}

impl Teams {
    /// Who did something. Somebody unknown is looked up at the channel, so that guests and others' colleagues get no ticket; and linked at
    /// once where the installation trusts their address.
    pub(super) async fn who(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        activity: &Activity,
        request_id: &str,
    ) -> Who {
        if !tenant.is_live() {
            return Who::Nobody(NOT_LIVE);
        }
        let Some((user, address)) = &spot.user else {
            return Who::Nobody(NOT_HERE);
        };
        if is_foreign(activity.sender(), tenant) {
            return Who::Nobody(NOT_HERE);
        }
        let user = ChatUser {
            install: tenant.install.id,
            user: user.clone(),
        };
        match self.known(tenant, &user, request_id).await {
            Ok(Some(known)) => return Who::Known(Box::new(known)),
            Ok(None) => {}
            Err(error) => return failed(&error),
        }
        match self.connector().member(&spot.address, address).await {
            Ok(member) if is_colleague(&member, &user.user, tenant.key()) => {
                let linked = self.linked_or_invited(tenant, &user, spot, &member, request_id);
                linked.await.unwrap_or_else(|error| failed(&error))
            }
            Ok(_) | Err(Fault::Gone(_)) => Who::Nobody(NOT_HERE),
            Err(fault) => {
                self.note_trouble(tenant, spot, &fault).await;
                Who::Nobody(UNSURE)
            }
        }
    }

    async fn known(
        &self,
        tenant: &Tenant,
        user: &ChatUser,
        request_id: &str,
    ) -> Result<Option<Known>, AskerError> {
        let within = Within {
            surface: Surface::Teams,
            request_id,
        };
        self.askers().known(tenant.org, user, within).await
    }

    async fn linked_or_invited(
        &self,
        tenant: &Tenant,
        user: &ChatUser,
        spot: &Spot,
        member: &Member,
        request_id: &str,
    ) -> Result<Who, AskerError> {
        let name = member.name.as_deref().or(spot.name.as_deref());
        let name = name.unwrap_or_default();
        if let Some(address) = &member.email {
            let (org, install) = (tenant.org, &tenant.install);
            let link =
                self.askers()
                    .link_by_address(org, install, user, name, address, Surface::Teams);
            if link.await?
                && let Some(known) = self.known(tenant, user, request_id).await?
            {
                return Ok(Who::Known(Box::new(known)));
            }
        }
        // Both are the tenant's word: what somebody calls themselves is neither.
        let address = [&member.email, &member.user_principal_name];
        let profile = Profile {
            shown_name: name.to_owned(),
            full_name: None,
            address: address.into_iter().flatten().next().cloned(),
        };
        let ticket =
            self.askers()
                .ticket_url(tenant.org, Platform::Teams, user, profile, Surface::Teams);
        Ok(Who::Unlinked(ticket.await?))
    }
}

/// Whether a member is the very user who asks, and a full member of the tenant: no guest, nobody of a federated tenant, no application.
fn is_colleague(member: &Member, user: &str, tenant: &str) -> bool {
    let same_tenant = |of: &String| of.eq_ignore_ascii_case(tenant);
    let guest = |name: &String| name.to_ascii_uppercase().contains(GUEST_MARK);
    let person = |role: &String| role == "user";
    member
        .directory_id()
        .is_some_and(|id| id.eq_ignore_ascii_case(user))
        && member.tenant_id.as_ref().is_some_and(same_tenant)
        && !member.user_principal_name.as_ref().is_some_and(guest)
        && !member.email.as_ref().is_some_and(guest)
        && member.user_role.as_ref().is_none_or(person)
}

fn failed(error: &AskerError) -> Who {
    tracing::error!(%error, "it could not be found out who asks");
    Who::Nobody(FAILED)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn colleague(changes: &[(&str, Value)]) -> bool {
        let mut member = json!({"id": "29:p", "aadObjectId": "aad-p", "tenantId": "t", "userRole": "user",
            "userPrincipalName": "priya@college.edu", "email": "priya@college.edu"});
        for (name, value) in changes {
            member[*name] = value.clone();
        }
        is_colleague(
            &serde_json::from_value(member).expect("a member"),
            "aad-p",
            "t",
        )
    }

    #[test]
    fn only_full_members_of_the_tenant_are_colleagues() {
        assert!(colleague(&[]));
        assert!(colleague(&[
            ("aadObjectId", Value::Null),
            ("objectId", json!("AAD-P"))
        ]));
        for changes in [
            (
                "userPrincipalName",
                json!("priya_other.edu#EXT#@college.onmicrosoft.com"),
            ),
            (
                "userPrincipalName",
                json!("priya_other.edu#ext#@college.onmicrosoft.com"),
            ),
            ("tenantId", json!("other")),
            ("tenantId", Value::Null),
            ("aadObjectId", json!("aad-other")),
            ("userRole", json!("anonymous")),
        ] {
            assert!(!colleague(std::slice::from_ref(&changes)), "{changes:?}");
        }
    }
}
