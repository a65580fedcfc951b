//! Facts about what people want to be told.

use serde::{Deserialize, Serialize};

use super::Preference;

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum NoticeEvent {
    /// From now on they are told of a sort of notice by this.
    #[serde(rename = "notice.preferred")]
    Preferred(Preference),
}
