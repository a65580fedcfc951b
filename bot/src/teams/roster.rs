//! Who reads along: whether a team or a group is one of the tenant's own members only, and where one of them is reached.

use std::time::Duration;

use moka::future::Cache;

use super::Teams;
use super::connector::{Address, Fault, Member, Roster};
use super::tenant::{Spot, Tenant, without_thread};

/// How long it is remembered that nobody of elsewhere reads along. Whoever is let in later reads what was written before anyway.
const KEPT: Duration = Duration::from_mins(5);
const CONVERSATIONS_MAX: u64 = 10_000;

/// Of which conversations it is known whether they are a tenant's own.
#[derive(Debug)]
pub(super) struct Rosters(Cache<String, bool>);

impl Default for Rosters {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(CONVERSATIONS_MAX)
            .time_to_live(KEPT);
        Self(cache.build())
    }
}

impl Teams {
    /// Whether an answer given here may be for all to see: the college shares answers, and nobody of elsewhere reads along. In doubt it may not.
    pub(super) async fn shares(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        is_shared_channel: bool,
        patience: Duration,
    ) -> bool {
        if !tenant.install.settings.share_in_channels || !spot.is_shared() || is_shared_channel {
            return false;
        }
        let own = self.is_among_ourselves(tenant, &spot.address);
        match tokio::time::timeout(patience, own).await {
            Ok(Ok(own)) => own,
            Ok(Err(fault)) => {
                tracing::info!(org.id = %tenant.org, %fault, "who reads along is not known: the answer is its asker's");
                false
            }
            Err(_) => false,
        }
    }

    /// Whether all members of a conversation are the tenant's own.
    pub(super) async fn is_among_ourselves(
        &self,
        tenant: &Tenant,
        address: &Address,
    ) -> Result<bool, Fault> {
        let conversation = without_thread(&address.conversation);
        let key = format!("{}:{conversation}", tenant.install.id);
        let Rosters(known) = self.rosters();
        if let Some(own) = known.get(&key).await {
            return Ok(own);
        }
        let roster = self.connector().members(address).await?;
        let own = is_own(&roster, tenant.key());
        known.insert(key, own).await;
        Ok(own)
    }

    /// The one colleague with whom a personal conversation is.
    pub(super) async fn partner(
        &self,
        tenant: &Tenant,
        address: &Address,
    ) -> Result<Option<Member>, Fault> {
        let roster = self.connector().members(address).await?;
        let mut members = roster.members.into_iter();
        Ok(match (members.next(), members.next()) {
            (Some(member), None) if member.is_of(tenant.key()) => Some(member),
            _ => None,
        })
    }

    /// A colleague among the members of a conversation, by their id in the tenant's directory.
    pub(super) async fn colleague(
        &self,
        tenant: &Tenant,
        address: &Address,
        user: &str,
    ) -> Result<Option<Member>, Fault> {
        let roster = self.connector().members(address).await?;
        let is_them = |member: &Member| {
            let id = member.directory_id();
            id.is_some_and(|id| id.eq_ignore_ascii_case(user)) && member.is_of(tenant.key())
        };
        Ok(roster.members.into_iter().find(is_them))
    }
}

fn is_own(roster: &Roster, tenant: &str) -> bool {
    let all = roster.members.iter().all(|member| member.is_of(tenant));
    roster.is_whole && !roster.members.is_empty() && all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_stranger_or_a_doubt_is_enough() {
        let member = |tenant: &str, name: &str| -> Member {
            serde_json::from_value(json!({"id": "29:x", "aadObjectId": "x", "tenantId": tenant, "userPrincipalName": name}))
                .expect("a member")
        };
        let of = |members: Vec<Member>, is_whole| is_own(&Roster { members, is_whole }, "t");
        let own = || member("T", "a@college.edu");
        assert!(of(vec![own(), own()], true));
        assert!(!of(vec![own(), own()], false));
        assert!(!of(vec![], true));
        assert!(!of(vec![own(), member("other", "b@other.edu")], true));
        assert!(!of(
            vec![own(), member("t", "b_other.edu#EXT#@college.edu")],
            true
        ));
        assert!(!of(vec![own(), Member::default()], true));
    }
}
