//! The door: what is answered without proof, then the proof, then what the letter is made of. Always in this order.

use habeo_core::connection::{Proof, Provider};
use secrecy::{ExposeSecret as _, SecretString};

use crate::letter::{Item, Letter, Opened, Unreadable};
use crate::verify::{item_proves, proves};
use crate::{itsm, mdm};

/// Why a letter is turned away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// It does not prove that it is from whom it says. Which of the reasons it was is not told.
    #[error("the letter does not prove itself")]
    Unproven,
    /// It is proven, and cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// A letter that came through the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// What came of it.
    pub opened: Opened,
    /// How many of its items did not prove themselves, and are not among them: a shared letter of Microsoft Graph may bring those of others.
    pub unproven: usize,
}

/// Lets a letter in by the way in which its connection proves itself, or turns it away.
pub fn admit(
    provider: Provider,
    secrets: &[SecretString],
    letter: &Letter<'_>,
) -> Result<Admitted, Turned> {
    if provider == Provider::Intune
        && let Some(handshake) = mdm::intune::handshake(letter)
    {
        return Ok(Admitted {
            opened: Opened::Handshake(handshake),
            unproven: 0,
        });
    }
    if letter.settings.proof == Proof::ClientState {
        return by_item(provider, secrets, letter);
    }
    if !proves(&letter.settings.proof, secrets, letter) {
        return Err(Turned::Unproven);
    }
    Ok(Admitted {
        opened: open(provider, letter)?,
        unproven: 0,
    })
}

/// Opens a letter of any vendor, proven or not.
pub fn open(provider: Provider, letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    match provider {
        Provider::Jamf | Provider::Intune | Provider::Kandji => mdm::open(provider, letter),
        Provider::ServiceNow | Provider::Freshservice | Provider::Jira => {
            itsm::open(provider, letter)
        }
    }
}

/// The item without the secret by which it proved itself: what is kept is shown to administrators later, and a secret never is.
fn without(secrets: &[SecretString], mut item: Item) -> Item {
    for secret in secrets {
        let secret = secret.expose_secret().as_bytes();
        while let Some(at) = item
            .body
            .windows(secret.len().max(1))
            .position(|part| part == secret)
        {
            item.body.drain(at..at + secret.len());
        }
    }
    item
}

/// What cannot be read proves nothing here, and every item is asked, so that the answer tells nobody how far they came.
fn by_item(
    provider: Provider,
    secrets: &[SecretString],
    letter: &Letter<'_>,
) -> Result<Admitted, Turned> {
    let Ok(Opened::Items(items)) = open(provider, letter) else {
        return Err(Turned::Unproven);
    };
    let all = items.len();
    let proven: Vec<_> = items
        .into_iter()
        .filter(|item| item_proves(secrets, item))
        .map(|item| without(secrets, item))
        .collect();
    if proven.is_empty() {
        return Err(Turned::Unproven);
    }
    Ok(Admitted {
        unproven: all - proven.len(),
        opened: Opened::Items(proven),
    })
}
