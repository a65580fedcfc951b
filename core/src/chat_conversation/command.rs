//! What can be noted of conversations. None of it is a fact: it says where to send, and the service can change it at any time.

use super::{ID_BYTES_MAX, Kind, NAME_CHARS_MAX, Reference, Refusal, store};
use crate::id::InstallId;
use crate::ledger::{Command, Failure, Work};
use crate::text;

/// Notes that something came from a conversation: it is open, and reached there.
#[derive(Debug, Clone)]
pub struct Note {
    /// The installation.
    pub install: InstallId,
    /// The conversation.
    pub conversation: String,
    /// Who takes part.
    pub kind: Kind,
    /// In a personal one, the chat user's key.
    pub user: Option<String>,
    /// In a personal one, the user's address within the service.
    pub address: Option<String>,
    /// Where the service is reached for it.
    pub service_url: String,
    /// What it is called, where what came in says it. One that is known already stays where it does not.
    pub name: Option<String>,
}

/// Notes that nothing can be sent to a conversation any more. What comes from there opens it again.
#[derive(Debug, Clone)]
pub struct Close {
    /// The installation.
    pub install: InstallId,
    /// The conversation.
    pub conversation: String,
    /// Whether the app was taken out of it. If it comes back, it introduces itself again.
    pub removed: bool,
}

/// Asks whether the app is to introduce itself in a conversation: true once, and again after it was taken out.
#[derive(Debug, Clone)]
pub struct Welcome {
    /// The installation.
    pub install: InstallId,
    /// The conversation.
    pub conversation: String,
}

fn fits(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// A name as it can be shown; what cannot be is left out, and no conversation is refused for it.
fn shown(name: &str) -> Option<String> {
    let printable: String = name
        .chars()
        .filter(|c| text::is_printable(*c))
        .take(NAME_CHARS_MAX)
        .collect();
    text::line(&printable, NAME_CHARS_MAX).ok()
}

impl Command for Note {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let texts = [
            Some(&self.conversation),
            Some(&self.service_url),
            self.user.as_ref(),
            self.address.as_ref(),
        ];
        if !texts.into_iter().flatten().all(|text| fits(text)) {
            return Err(Failure::Refused(Refusal::BadId));
        }
        let (access, now) = (work.access().clone(), work.now());
        let reference = Reference {
            install: self.install,
            conversation: self.conversation,
            kind: self.kind,
            user: self.user,
            address: self.address,
            service_url: self.service_url,
            name: self.name.as_deref().and_then(shown),
            seen_at: now,
            disabled_at: None,
        };
        Ok(store::note(work.tx(), &access, &reference).await?)
    }
}

impl Command for Close {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let (access, now) = (work.access().clone(), work.now());
        store::close(work.tx(), &access, self.install, &self.conversation, now).await?;
        if self.removed {
            store::forget_welcome(work.tx(), &access, self.install, &self.conversation).await?;
        }
        Ok(())
    }
}

impl Command for Welcome {
    type Answer = bool;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<bool, Failure<Refusal>> {
        let (access, now) = (work.access().clone(), work.now());
        Ok(store::welcome(work.tx(), &access, self.install, &self.conversation, now).await?)
    }
}
