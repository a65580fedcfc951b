//! The way back to Teams: what is sent, changed, created and asked about at the channel's connector.

mod fault;
mod pace;

use std::sync::Arc;
use std::time::Duration;

use habeo_core::id::OrgId;
use habeo_egress::{Answer, Egress, EgressError, Lane, Request, Target};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::app_token::{AppTokens, VENDOR};
use super::settings::Settings;
pub use fault::Fault;
use pace::Paces;

/// What a path may hold as it is. Ids have `:`, `;`, `@` and `=` in them.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// How long one request may take: a few of them fit into the time that a stored message has to be worked off.
const DEADLINE: Duration = Duration::from_secs(7);
/// How often a message is tried where somebody waits for it.
const ATTEMPTS_MAX: u32 = 3;
/// The longest that a refused message waits for its next attempt; a longer wait is left to whoever sends.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// How the names of guests are marked in a tenant's directory.
const GUEST_MARK: &str = "#EXT#";
/// How many members are asked for at a time, and how many pages are read.
const MEMBERS_PAGE: usize = 100;
const PAGES_MAX: usize = 20;

/// A conversation and where it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The organisation in whose name; none where the tenant belongs to nobody.
    pub org: Option<OrgId>,
    /// The channel's address, as the last activity gave it.
    pub service_url: String,
    /// The conversation.
    pub conversation: String,
}

/// A member of a conversation, as the channel knows them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Member {
    /// The address within the channel.
    pub id: String,
    /// The id in the tenant's directory, under its two names.
    pub aad_object_id: Option<String>,
    object_id: Option<String>,
    /// The name that is shown.
    pub name: Option<String>,
    /// The mail address.
    pub email: Option<String>,
    /// The name by which they sign in.
    pub user_principal_name: Option<String>,
    /// The tenant they belong to.
    pub tenant_id: Option<String>,
    /// `user`, or something that is none.
    pub user_role: Option<String>,
}

/// Who takes part in a conversation.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Its members, as far as they were read.
    pub members: Vec<Member>,
    /// Whether there are no more.
    pub is_whole: bool,
}

impl Member {
    /// The id in the tenant's directory.
    #[must_use]
    pub fn directory_id(&self) -> Option<&str> {
        self.aad_object_id.as_deref().or(self.object_id.as_deref())
    }

    /// By what they are known: the directory's id and the address within the channel.
    #[must_use]
    pub fn into_user(self) -> Option<(String, String)> {
        let id = self.directory_id()?.to_owned();
        Some((id, self.id))
    }

    /// Whether they are a full member of a tenant: no guest, nobody of a federated tenant, no application. In doubt they are not.
    #[must_use]
    pub fn is_of(&self, tenant: &str) -> bool {
        let same_tenant = |of: &String| of.eq_ignore_ascii_case(tenant);
        let guest = |name: &String| name.to_ascii_uppercase().contains(GUEST_MARK);
        let person = |role: &String| role == "user";
        self.directory_id().is_some()
            && self.tenant_id.as_ref().is_some_and(same_tenant)
            && !self.user_principal_name.as_ref().is_some_and(guest)
            && !self.email.as_ref().is_some_and(guest)
            && self.user_role.as_ref().is_none_or(person)
    }
}

/// How long to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Somebody waits: a few attempts within seconds.
    Few,
    /// Whoever sends tries again by themselves.
    Once,
}

/// Speaks to the connector.
#[derive(Debug)]
pub struct Connector {
    settings: Arc<Settings>,
    egress: Egress,
    tokens: Arc<AppTokens>,
    paces: Paces,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Resource {
    id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Members {
    members: Vec<Member>,
    continuation_token: Option<String>,
}

impl Connector {
    /// A connector with these tokens.
    #[must_use]
    pub fn new(settings: Arc<Settings>, egress: Egress, tokens: Arc<AppTokens>) -> Self {
        Self {
            settings,
            egress,
            tokens,
            paces: Paces::default(),
        }
    }

    /// Whether anything can be said at all: there is a token, or one is given out now.
    pub async fn ready(&self) -> Result<(), Fault> {
        self.tokens.token().await.map(drop).map_err(Fault::from)
    }

    /// Sends a message into a conversation, in answer to another one if there is one. Gives its id.
    pub async fn send(
        &self,
        to: &Address,
        reply_to: Option<&str>,
        mut message: Value,
        patience: Patience,
    ) -> Result<String, Fault> {
        message["from"] = json!({"id": self.own_id()});
        message["conversation"] = json!({"id": to.conversation});
        let mut path = format!("v3/conversations/{}/activities", part(&to.conversation));
        if let Some(id) = reply_to {
            message["replyToId"] = json!(id);
            path = format!("{path}/{}", part(id));
        }
        self.paces.turn(&to.conversation).await;
        let target = self.target(to, &path)?;
        let request = || self.egress.post(lane(to), &target).json(&message);
        let answer = self.call(request, patience).await?;
        Ok(answer
            .json::<Resource>()
            .ok()
            .and_then(|sent| sent.id)
            .unwrap_or_default())
    }

    /// Puts another message in the place of one that was sent.
    pub async fn update(
        &self,
        to: &Address,
        id: &str,
        mut message: Value,
        patience: Patience,
    ) -> Result<(), Fault> {
        message["id"] = json!(id);
        message["from"] = json!({"id": self.own_id()});
        message["conversation"] = json!({"id": to.conversation});
        let path = format!(
            "v3/conversations/{}/activities/{}",
            part(&to.conversation),
            part(id)
        );
        self.paces.turn(&to.conversation).await;
        let target = self.target(to, &path)?;
        let request = || self.egress.put(lane(to), &target).json(&message);
        self.call(request, patience).await.map(|_| ())
    }

    /// Takes a message back.
    pub async fn delete(&self, to: &Address, id: &str) -> Result<(), Fault> {
        let path = format!(
            "v3/conversations/{}/activities/{}",
            part(&to.conversation),
            part(id)
        );
        let target = self.target(to, &path)?;
        let request = || self.egress.delete(lane(to), &target);
        self.call(request, Patience::Once).await.map(|_| ())
    }

    /// Begins, or finds, the conversation with one user, who has the app. `at` says where the channel is; its conversation does not matter.
    pub async fn personal(&self, at: &Address, tenant: &str, user: &str) -> Result<String, Fault> {
        let body = json!({
            "isGroup": false, "bot": {"id": self.own_id()}, "members": [{"id": user}],
            "tenantId": tenant, "channelData": {"tenant": {"id": tenant}},
        });
        let target = self.target(at, "v3/conversations")?;
        let request = || self.egress.post(lane(at), &target).json(&body);
        let answer = self.call(request, Patience::Once).await?;
        let made: Resource = answer.json()?;
        let nameless = || Fault::Unsure("the conversation has no id".to_owned());
        made.id.ok_or_else(nameless)
    }

    /// One member of a conversation.
    pub async fn member(&self, of: &Address, user: &str) -> Result<Member, Fault> {
        let path = format!(
            "v3/conversations/{}/members/{}",
            part(without_thread(&of.conversation)),
            part(user)
        );
        let target = self.target(of, &path)?;
        let answer = self
            .call(|| self.egress.get(lane(of), &target), Patience::Once)
            .await?;
        Ok(answer.json()?)
    }

    /// The members of a conversation, page by page up to a bound.
    pub async fn members(&self, of: &Address) -> Result<Roster, Fault> {
        let path = format!(
            "v3/conversations/{}/pagedmembers",
            part(without_thread(&of.conversation))
        );
        let base = self.target(of, &path)?;
        let (size, mut after) = (MEMBERS_PAGE.to_string(), None::<String>);
        let mut roster = Roster::default();
        for _ in 0..PAGES_MAX {
            let mut query = vec![("pageSize", size.as_str())];
            query.extend(after.as_deref().map(|token| ("continuationToken", token)));
            let target = base.with_query(query).map_err(EgressError::from)?;
            let answer = self
                .call(|| self.egress.get(lane(of), &target), Patience::Once)
                .await?;
            let page: Members = answer.json()?;
            roster.members.extend(page.members);
            after = page.continuation_token.filter(|token| !token.is_empty());
            if after.is_none() {
                roster.is_whole = true;
                break;
            }
        }
        Ok(roster)
    }

    fn own_id(&self) -> String {
        format!("28:{}", self.settings.app_id)
    }

    /// An address of the connector. The host is compared with the list once more: what is stored was allowed when it was stored.
    fn target(&self, of: &Address, path: &str) -> Result<Target, Fault> {
        let base = self.settings.service_url(&of.service_url);
        let base = base.ok_or(Fault::NotAllowed)?;
        let target = self
            .egress
            .target(base.as_str())
            .map_err(EgressError::from)?;
        Ok(target.at(path).map_err(EgressError::from)?)
    }

    /// Makes a request until it succeeds or is not worth repeating. A token that is refused is replaced once. What may have arrived is not
    /// repeated: a message that is lost is missed and asked for again, one that is said twice is never taken back.
    async fn call(
        &self,
        request: impl Fn() -> Request,
        patience: Patience,
    ) -> Result<Answer, Fault> {
        let mut replaced = false;
        let mut attempt = 1;
        loop {
            let token = self.tokens.token().await?;
            let answered = request().bearer(&token).deadline(DEADLINE).send().await;
            let fault = match answered {
                Ok(answer) if answer.is_success() => return Ok(answer),
                Ok(answer) => Fault::of(&answer),
                Err(error) => Fault::from(error),
            };
            if matches!(fault, Fault::Unauthorized) && !replaced {
                replaced = true;
                self.tokens.forget(&token).await;
                continue;
            }
            let wait = fault.wait(attempt).filter(|wait| *wait <= WAIT_MAX);
            match wait {
                Some(wait) if patience == Patience::Few && attempt < ATTEMPTS_MAX => {
                    attempt += 1;
                    tokio::time::sleep(wait).await;
                }
                _ => return Err(fault),
            }
        }
    }
}

fn lane(of: &Address) -> Lane {
    of.org.map_or(VENDOR, Lane::Organization)
}

fn part(id: &str) -> String {
    utf8_percent_encode(id, PLAIN).to_string()
}

fn without_thread(conversation: &str) -> &str {
    conversation
        .split_once(";messageid=")
        .map_or(conversation, |(id, _)| id)
}
