//! Who asks, and where.

use habeo_core::access::Access;
use habeo_core::chat::Platform;
use habeo_core::chat_link::ChatUser;

/// Somebody who asks something in a chat.
#[derive(Debug, Clone)]
pub struct Asker {
    /// What the linked person may see and do, within the surface and the request.
    pub access: Access,
    /// Who they are to the chat service; confirmations are bound to it.
    pub user: ChatUser,
    /// On which service.
    pub platform: Platform,
    /// The conversation: install, channel, thread and chat user in one text of at most [`CONVERSATION_CHARS_MAX`] characters.
    pub conversation: String,
    /// Who reads along.
    pub place: Place,
}

/// The most characters by which a conversation is known.
pub const CONVERSATION_CHARS_MAX: usize = habeo_core::conversation::KEY_CHARS_MAX;

/// Who reads along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Only the asker.
    Private,
    /// Others too.
    Shared,
}
