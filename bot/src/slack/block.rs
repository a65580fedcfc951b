//! The part of Block Kit that Habeo speaks, with its limits.

use serde::Serialize;

/// Blocks in a message.
pub const MESSAGE_BLOCKS_MAX: usize = 50;
/// Blocks in a dialog or page.
pub const VIEW_BLOCKS_MAX: usize = 100;
/// Characters of a section's text.
pub const SECTION_LETTERS_MAX: usize = 3_000;
/// Fields of a section.
pub const FIELDS_MAX: usize = 10;
/// Characters of a field.
pub const FIELD_LETTERS_MAX: usize = 2_000;
/// Characters of a heading.
pub const HEADER_LETTERS_MAX: usize = 150;
/// Characters on a button, on an option, in a placeholder of a select.
pub const LABEL_LETTERS_MAX: usize = 75;
/// Characters that a button carries.
pub const VALUE_LETTERS_MAX: usize = 2_000;
/// Characters of an address.
pub const URL_LETTERS_MAX: usize = 3_000;
/// Options of a select.
pub const OPTIONS_MAX: usize = 100;
/// Characters of an option's value.
pub const OPTION_VALUE_LETTERS_MAX: usize = 75;
/// Buttons in a row: as many as are seen without unfolding.
pub const BUTTONS_MAX: usize = 5;
/// Characters of a dialog's title and of its buttons.
pub const TITLE_LETTERS_MAX: usize = 24;
/// Characters of an input's label and of its hint.
pub const INPUT_LABEL_LETTERS_MAX: usize = 2_000;
/// Characters that can be typed.
pub const INPUT_LETTERS_MAX: usize = 3_000;
/// Characters of the text of a message beside its blocks.
pub const MESSAGE_LETTERS_MAX: usize = 4_000;
/// Characters that a dialog carries for us.
pub const METADATA_LETTERS_MAX: usize = 3_000;

/// A text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Text {
    /// As it stands.
    PlainText {
        /// The text.
        text: String,
        /// Whether `:names:` of emoji are drawn.
        emoji: bool,
    },
    /// In Slack's own markup.
    Mrkdwn {
        /// The text, escaped.
        text: String,
        /// Whether addresses and names of channels stay as they are.
        verbatim: bool,
    },
}

impl Text {
    /// A text as it stands. An empty one, which Slack refuses, becomes a dash.
    #[must_use]
    pub fn plain(text: &str, letters_max: usize) -> Self {
        Self::PlainText {
            text: super::text::cut(&or_dash(&super::text::shown(text)), letters_max),
            emoji: false,
        }
    }

    /// A text in Slack's markup, escaped and cut already.
    #[must_use]
    pub fn marked(text: &str) -> Self {
        Self::Mrkdwn {
            text: or_dash(text),
            verbatim: true,
        }
    }
}

fn or_dash(text: &str) -> String {
    if text.trim().is_empty() {
        "–".to_owned()
    } else {
        text.to_owned()
    }
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// A heading.
    Header {
        /// What it says.
        text: Text,
    },
    /// Text, fields, and something beside.
    Section {
        /// The text.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Text>,
        /// The fields, in two columns.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        fields: Vec<Text>,
        /// What stands beside.
        #[serde(skip_serializing_if = "Option::is_none")]
        accessory: Option<Element>,
    },
    /// Small print.
    Context {
        /// What it says.
        elements: Vec<Text>,
    },
    /// Buttons.
    Actions {
        /// The buttons.
        elements: Vec<Element>,
    },
    /// A line.
    Divider,
    /// Something to fill in.
    Input {
        /// Under which name the answer comes back and faults are told.
        block_id: String,
        /// What is asked for.
        label: Text,
        /// Where it is entered.
        element: Element,
        /// Whether it may stay empty.
        optional: bool,
        /// Advice below.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<Text>,
    },
}

impl Block {
    /// A section of text only.
    #[must_use]
    pub fn section(marked: &str) -> Self {
        Self::Section {
            text: Some(Text::marked(marked)),
            fields: Vec::new(),
            accessory: None,
        }
    }

    /// Small print of one text.
    #[must_use]
    pub fn context(marked: &str) -> Self {
        Self::Context {
            elements: vec![Text::marked(marked)],
        }
    }
}

/// Something to press, pick or type into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Element {
    /// A button.
    Button {
        /// Which one.
        action_id: String,
        /// What it says.
        text: Text,
        /// What it carries.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// Where it leads.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// `primary`, `danger`, or none.
        #[serde(skip_serializing_if = "Option::is_none")]
        style: Option<&'static str>,
    },
    /// A field to type into.
    PlainTextInput {
        /// Which one.
        action_id: String,
        /// What stands in it.
        #[serde(skip_serializing_if = "Option::is_none")]
        initial_value: Option<String>,
        /// Whether it has several lines.
        multiline: bool,
        /// How much it takes.
        max_length: usize,
    },
    /// A day.
    Datepicker {
        /// Which one.
        action_id: String,
        /// Which day it shows.
        #[serde(skip_serializing_if = "Option::is_none")]
        initial_date: Option<String>,
    },
    /// One of a few.
    StaticSelect {
        /// Which one.
        action_id: String,
        /// The few.
        options: Vec<Choice>,
        /// The one that is chosen.
        #[serde(skip_serializing_if = "Option::is_none")]
        initial_option: Option<Choice>,
    },
    /// One of many, looked up while typing.
    ExternalSelect {
        /// Which one: it comes back when options are loaded.
        action_id: String,
        /// After how many characters they are.
        min_query_length: u8,
        /// The one that is chosen.
        #[serde(skip_serializing_if = "Option::is_none")]
        initial_option: Option<Choice>,
    },
}

/// An option of a select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What it says.
    pub text: Text,
    /// What it stands for.
    pub value: String,
}

impl Choice {
    /// An option; none where its value is too long to come back whole.
    #[must_use]
    pub fn new(label: &str, value: &str) -> Option<Self> {
        let fits = (1..=OPTION_VALUE_LETTERS_MAX).contains(&value.chars().count());
        fits.then(|| Self {
            text: Text::plain(label, LABEL_LETTERS_MAX),
            value: value.to_owned(),
        })
    }
}

/// A dialog or page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum View {
    /// A dialog.
    Modal {
        /// What it is for.
        callback_id: String,
        /// What it carries for us: visible to whoever looks, so ids only.
        private_metadata: String,
        /// Its title.
        title: Text,
        /// The button that sends it.
        #[serde(skip_serializing_if = "Option::is_none")]
        submit: Option<Text>,
        /// The button that leaves it.
        close: Text,
        /// What it shows.
        blocks: Vec<Block>,
    },
    /// Somebody's own page.
    Home {
        /// What it shows.
        blocks: Vec<Block>,
    },
}

/// A message, or an answer in place of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The whole in plain words, escaped: for notifications and for whoever does not see blocks.
    pub text: String,
    /// How it looks.
    pub blocks: Vec<Block>,
}
