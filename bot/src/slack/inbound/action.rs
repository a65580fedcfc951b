//! What was pressed or picked: one shape for the elements of all kinds.

use serde::Deserialize;

use super::or_default;

/// One element that was used.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Action {
    /// Which one.
    #[serde(default)]
    pub action_id: String,
    /// In which block.
    #[serde(default, deserialize_with = "or_default")]
    pub block_id: String,
    /// What it carried or holds.
    #[serde(flatten)]
    pub picked: Picked,
}

/// What an element holds, by its kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Picked {
    /// A button's own value, or what was typed.
    pub value: Option<String>,
    /// What was chosen.
    pub selected_option: Option<Chosen>,
    /// Everything that was chosen.
    #[serde(deserialize_with = "or_default")]
    pub selected_options: Vec<Chosen>,
    /// The day, as ISO 8601 writes it.
    pub selected_date: Option<String>,
    /// The user.
    pub selected_user: Option<String>,
}

/// One option.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Chosen {
    /// Its value.
    #[serde(default)]
    pub value: String,
}

impl Picked {
    /// The value as text, whatever the kind of the element; none where it is empty.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let several: Vec<&str> = self
            .selected_options
            .iter()
            .map(|chosen| chosen.value.as_str())
            .collect();
        let text = self
            .value
            .clone()
            .or_else(|| {
                self.selected_option
                    .as_ref()
                    .map(|chosen| chosen.value.clone())
            })
            .or_else(|| self.selected_date.clone())
            .or_else(|| self.selected_user.clone())
            .unwrap_or_else(|| several.join(","));
        (!text.is_empty()).then_some(text)
    }
}
