//! Facts about questions: that they were asked, of what sort they were, how much was answered. Never what they said.

use serde::{Deserialize, Serialize};

/// What happened in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum ConversationEvent {
    /// Something was asked that got no answer from the record: not understood, or several things could be meant.
    #[serde(rename = "bot.asked")]
    Asked {
        /// What sort of question.
        intent: String,
    },
    /// Something was asked and answered.
    #[serde(rename = "bot.answered")]
    Answered {
        /// What sort of question.
        intent: String,
        /// How many rows of the record were shown.
        rows: u32,
    },
}
