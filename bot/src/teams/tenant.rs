//! From where something came: the tenant's installation, how it fares, and where in the tenant it was.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use habeo_core::access::{Access, Surface};
use habeo_core::chat_conversation::command::{Close, Note};
use habeo_core::chat_conversation::{self, Kind};
use habeo_core::chat_link::ChatUser;
use habeo_core::id::{InstallId, OrgId};
use habeo_core::install::command::{NoteHealth, NoteRecovery};
use habeo_core::install::{self, Install, Platform, Status};
use habeo_core::ledger::RecordError;
use habeo_core::org;
use habeo_core::store::StoreResult;
use habeo_core::time::MINUTE_MICROS;
use sha2::{Digest as _, Sha256};

use super::Teams;
use super::activity::{Activity, Sender};
use super::card::Sealed;
use super::connector::{Address, Fault};
use crate::asker::Known;
use crate::engine::{Asker, Place};

/// How old what is known of a conversation may be before it is noted again.
const SEEN_MICROS: i64 = 60 * MINUTE_MICROS;

/// A tenant whose installation we know.
#[derive(Debug, Clone)]
pub(super) struct Tenant {
    pub org: OrgId,
    pub install: Install,
}

/// Where in a tenant something happened, and how to answer there.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub address: Address,
    pub kind: Kind,
    /// What it is an answer to.
    pub activity: Option<String>,
    /// Who did it: the directory's id and the address within the channel. None where nobody is named.
    pub user: Option<(String, String)>,
    /// As they are shown.
    pub name: Option<String>,
    /// Whether an answer may be for all who read along. Nothing is, until it was found out.
    pub shares: bool,
    /// What the place is called, where it was said.
    pub place_name: Option<String>,
}

impl Tenant {
    /// Whether it answers.
    pub fn is_live(&self) -> bool {
        self.install.status == Status::Live
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.install.workspace.key
    }

    /// Where an activity happened.
    pub fn spot(&self, activity: &Activity) -> Spot {
        let conversation = activity.conversation.clone().unwrap_or_default();
        let kind = match conversation.conversation_type.as_deref() {
            Some("personal") => Kind::Personal,
            Some("channel") => Kind::Channel,
            _ => Kind::Group,
        };
        let sender = activity.sender();
        Spot {
            address: Address {
                org: Some(self.org),
                service_url: activity.service_url.clone().unwrap_or_default(),
                conversation: conversation.id,
            },
            kind,
            activity: activity.id.clone(),
            user: sender.map(|sender| (sender.object_id.to_owned(), sender.account.id.clone())),
            name: activity.from.as_ref().and_then(|from| from.name.clone()),
            shares: false,
            place_name: activity.place_name().filter(|_| kind != Kind::Personal),
        }
    }

    /// Somebody who is known, asking somewhere.
    pub fn asker(&self, known: &Known, spot: &Spot) -> Asker {
        let user = spot.user.as_ref().map_or("-", |(user, _)| user.as_str());
        // Ids of conversations are as long as the channel likes.
        let place = Sha256::digest(spot.address.conversation.as_bytes());
        let place = URL_SAFE_NO_PAD.encode(&place[..16]);
        Asker {
            access: known.access.clone(),
            user: ChatUser {
                install: self.install.id,
                user: user.to_owned(),
            },
            platform: Platform::Teams,
            conversation: format!("teams:{}:{user}:{place}", self.install.id),
            place: if spot.shares {
                Place::Shared
            } else {
                Place::Private
            },
        }
    }
}

impl Spot {
    /// Whether others read along.
    pub fn is_shared(&self) -> bool {
        self.kind != Kind::Personal
    }

    /// Whose a sealed answer given here is.
    pub fn sealed_for<'a>(&'a self, tenant: &Tenant, user: &'a str) -> Sealed<'a> {
        Sealed {
            org: tenant.org,
            conversation: without_thread(&self.address.conversation),
            user,
        }
    }
}

/// A conversation's id without the message whose thread it is.
pub(super) fn without_thread(conversation: &str) -> &str {
    conversation
        .split_once(";messageid=")
        .map_or(conversation, |(id, _)| id)
}

impl Teams {
    /// The tenant from which something came, where an organisation is bound to it. What is over is unknown.
    pub(super) async fn tenant(&self, key: &str) -> StoreResult<Option<Tenant>> {
        let db = self.ledger().db();
        let mut tx = db.read_directory().await?;
        let key = key.to_ascii_lowercase();
        let bound = install::store::by_workspace(&mut tx, Platform::Teams, &key).await?;
        drop(tx);
        match bound {
            Some((org, id)) => self.tenant_of(org, id).await,
            None => Ok(None),
        }
    }

    /// An installation by its id.
    pub(super) async fn tenant_of(&self, org: OrgId, id: InstallId) -> StoreResult<Option<Tenant>> {
        let system = Access::system(org, Surface::Teams);
        let mut tx = self.ledger().db().read(&system).await?;
        // The app of an organisation that was closed answers nobody.
        if org::store::is_closed(&mut tx, org).await? {
            return Ok(None);
        }
        let install = install::store::by_id(&mut tx, &system, id).await?;
        let ours = |install: &Install| {
            install.workspace.platform == Platform::Teams
                && matches!(install.status, Status::Live | Status::NeedsReinstall)
                && install.app_id.eq_ignore_ascii_case(&self.settings().app_id)
        };
        Ok(install.filter(ours).map(|install| Tenant { org, install }))
    }

    /// Notes where a conversation is reached, unless that is known already.
    pub(super) async fn note_conversation(&self, tenant: &Tenant, spot: &Spot) -> StoreResult<()> {
        let system = Access::system(tenant.org, Surface::Teams);
        let ledger = self.ledger();
        let conversation = without_thread(&spot.address.conversation);
        let mut tx = ledger.db().read(&system).await?;
        let known = chat_conversation::store::by_conversation(
            &mut tx,
            &system,
            tenant.install.id,
            conversation,
        );
        let known = known.await?;
        drop(tx);
        let now = ledger.clock().now();
        let with = |known: &chat_conversation::Reference| {
            let known = known.clone();
            known.user.zip(known.address)
        };
        // A conversation of one's own stays one's own: whoever is known there is not forgotten because nobody is named this time.
        let personal = spot.user.clone().or_else(|| known.as_ref().and_then(with));
        let personal = personal.filter(|_| spot.kind == Kind::Personal);
        let fresh = |known: &chat_conversation::Reference| {
            known.disabled_at.is_none()
                && known.service_url == spot.address.service_url
                && (spot.place_name.is_none() || known.name.is_some())
                && known.address.as_ref() == personal.as_ref().map(|(_, address)| address)
                && now < known.seen_at.plus_micros(SEEN_MICROS)
        };
        if known.as_ref().is_some_and(fresh) {
            return Ok(());
        }
        let (user, address) = personal.unzip();
        let note = Note {
            install: tenant.install.id,
            conversation: conversation.to_owned(),
            kind: spot.kind,
            user,
            address,
            service_url: spot.address.service_url.clone(),
            name: spot.place_name.clone(),
        };
        match ledger.record(&system, note).await {
            Ok(()) => Ok(()),
            Err(RecordError::Refused(refusal)) => {
                tracing::warn!(%refusal, "a conversation was not noted");
                Ok(())
            }
            Err(RecordError::Store(error)) => Err(error),
        }
    }

    /// Notes that nothing can be sent to a conversation any more.
    pub(super) async fn close_conversation(&self, tenant: &Tenant, spot: &Spot, removed: bool) {
        let close = Close {
            install: tenant.install.id,
            conversation: without_thread(&spot.address.conversation).to_owned(),
            removed,
        };
        let system = Access::system(tenant.org, Surface::Teams);
        if let Err(error) = self.ledger().record(&system, close).await {
            tracing::warn!(%error, "that a conversation is closed could not be noted");
        }
    }

    /// Notes that something came in from a tenant: once a minute is enough.
    pub(super) async fn note_heard(&self, tenant: &Tenant) {
        let now = self.ledger().clock().now();
        if self.0.heard.is_news(tenant.install.id, now) {
            self.note(tenant, None).await;
        }
    }

    /// Notes what went wrong in a tenant, and closes the conversation if it is closed to us.
    pub(super) async fn note_trouble(&self, tenant: &Tenant, spot: &Spot, fault: &Fault) {
        tracing::warn!(org.id = %tenant.org, install.id = %tenant.install.id, error = %fault, "Teams was not told something");
        if fault.ends_conversation() {
            self.close_conversation(tenant, spot, false).await;
        } else {
            self.note(tenant, Some(fault.to_string())).await;
        }
    }

    /// Notes that something went right where something had gone wrong before.
    pub(super) async fn note_recovery(&self, tenant: &Tenant) {
        let Some(error_at) = tenant.install.health.last_error_at else {
            return;
        };
        let install = tenant.install.id;
        let note = NoteRecovery { install, error_at };
        let system = Access::system(tenant.org, Surface::Teams);
        if let Err(error) = self.ledger().record(&system, note).await {
            tracing::warn!(install.id = %install, %error, "how an installation fares could not be noted");
        }
    }

    /// Notes how a tenant fares.
    pub(super) async fn note(&self, tenant: &Tenant, error: Option<String>) {
        let install = tenant.install.id;
        let system = Access::system(tenant.org, Surface::Teams);
        let note = NoteHealth { install, error };
        if let Err(error) = self.ledger().record(&system, note).await {
            tracing::warn!(install.id = %install, %error, "how an installation fares could not be noted");
        }
    }
}

/// Whether the activity itself shows its sender to be of another tenant, or to be nobody.
pub(super) fn is_foreign(sender: Option<Sender<'_>>, tenant: &Tenant) -> bool {
    sender.is_none_or(|sender| sender.is_foreign(tenant.key()))
}
