//! Dialogs: opened while the trigger lives, filled in, checked, and showing what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use habeo_core::store::StoreResult;
use poem::Response;
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Slack;
use super::block::{Block, Element, INPUT_LETTERS_MAX, TITLE_LETTERS_MAX, Text, View};
use super::card::{self, Carried, ShownForm, form_named, form_view};
use super::command::{BUSY, WORK};
use super::door::{json, taken};
use super::inbound::ViewState;
use super::interaction::{Touch, unavailable};
use super::press::TITLE;
use super::text::{cut, spoken};
use super::who::{TOO_LONG, Who};
use crate::asker::Known;
use crate::background::in_time;
use crate::engine::CANNOT_LOOK;
use crate::manifest::slack::{SHORTCUT_FROM_MESSAGE, SHORTCUT_SCAN};
use crate::reply::{Act, Button, FieldError, FieldKind, Form, FormKind, Part, Reply, Style};

/// How long a call may wait that opens a dialog: the trigger lives for three seconds.
const TRIGGER: Duration = Duration::from_millis(1_500);
/// How long a form may take to be ready before it is shown that it is not.
const READY: Duration = Duration::from_millis(700);
/// Slack waits three seconds for what becomes of a dialog.
const IN_TIME: Duration = Duration::from_secs(2);
/// As many codes of a message are looked up.
const CODES_MAX: usize = 8;
const CODE_LETTERS: std::ops::RangeInclusive<usize> = 3..=64;
const DESCRIPTION_LETTERS_MAX: usize = 300;

const SCAN: &str = "scan";
const CODE: &str = "code";
const NOT_OPENED: &str = "Slack did not open the dialog. Please press again.";
const NOTHING_TYPED: &str = "Type a tag or a serial number.";

/// What becomes of a dialog that was sent.
#[derive(Serialize)]
#[serde(tag = "response_action", rename_all = "snake_case")]
enum Fate {
    /// It shows something else.
    Update { view: View },
    /// It stays, with a word beside each field that has to be corrected.
    Errors { errors: BTreeMap<String, String> },
}

impl Slack {
    /// A button asks for a form.
    pub(super) async fn form_wanted(&self, touch: Touch, value: &str) -> Response {
        let Some((kind, given)) = Carried::read(value) else {
            return taken();
        };
        let ready = self.form_or_way(&touch, kind, given.clone());
        if let Ok(view) = timeout(READY, ready).await {
            return match self.open(&touch, &view).await {
                Some(_) => taken(),
                None => self.tell_beside(&touch, NOT_OPENED).await,
            };
        }
        // A form that is not ready follows a dialog that says so: the trigger does not wait.
        self.show(touch, move |slack, touch| async move {
            slack.form_or_way(&touch, kind, given).await
        })
        .await
    }

    /// A form, or the way to become somebody who gets one.
    async fn form_or_way(
        &self,
        touch: &Touch,
        kind: FormKind,
        given: BTreeMap<String, String>,
    ) -> View {
        match touch.who(self).await {
            Who::Known(known) => or_unread(self.form(touch, &known, kind, given).await),
            Who::Nobody(reply) => card::answer_view(TITLE, &reply),
        }
    }

    /// The button on the page of somebody unknown asks for the way to be linked.
    pub(super) async fn link_wanted(&self, touch: Touch) -> Response {
        self.show(touch, |slack, touch| async move {
            match touch.who(&slack).await {
                Who::Known(_) => {
                    slack.refresh_after(&touch).await;
                    card::answer_view(
                        TITLE,
                        &Reply::sentence("Your Slack account is linked to Habeo."),
                    )
                }
                Who::Nobody(reply) => card::answer_view(TITLE, &reply),
            }
        })
        .await
    }

    /// The global shortcut asks for a code.
    pub(super) async fn scan_wanted(&self, touch: Touch) -> Response {
        if touch.what.callback_id != SHORTCUT_SCAN {
            return taken();
        }
        match self.open(&touch, &scan_view()).await {
            Some(_) => taken(),
            None => unavailable(),
        }
    }

    /// The message shortcut: what the message names is found, else what it describes can be entered.
    pub(super) async fn message_wanted(&self, touch: Touch) -> Response {
        if touch.what.callback_id != SHORTCUT_FROM_MESSAGE {
            return taken();
        }
        self.show(touch, |slack, touch| async move {
            match touch.who(&slack).await {
                Who::Known(known) => or_unread(slack.found_or_new(&touch, &known).await),
                Who::Nobody(reply) => card::answer_view(TITLE, &reply),
            }
        })
        .await
    }

    /// A dialog was sent.
    pub(super) async fn submitted(&self, touch: Touch) -> Response {
        let Some(view) = &touch.what.view else {
            return taken();
        };
        let (view_id, state) = (view.id.clone(), view.state.clone());
        let (sender, receiver) = oneshot::channel();
        let (slack, org) = (self.clone(), touch.workspace.org);
        let work = async move {
            let fate = timeout(WORK, slack.fate(&touch)).await;
            let fate = fate.unwrap_or_else(|_| Some(shows(&Reply::sentence(TOO_LONG))));
            if let Err(Some(late)) = sender.send(fate) {
                slack.update(&touch, &view_id, &late.view()).await;
            }
        };
        if self.common().background().spawn_for(org, work).is_err() {
            return kept_open(&state, BUSY);
        }
        match in_time(IN_TIME, receiver).await {
            Some(Some(fate)) => json(&fate),
            Some(None) => taken(),
            None => json(&Fate::Update { view: working() }),
        }
    }

    async fn fate(&self, touch: &Touch) -> Option<Fate> {
        let view = touch.what.view.as_ref()?;
        let form = form_named(&view.callback_id);
        if form.is_none() && view.callback_id != SCAN {
            return None;
        }
        let known = match touch.who(self).await {
            Who::Known(known) => known,
            Who::Nobody(reply) => return Some(shows(&reply)),
        };
        let asker = touch.workspace.asker(&known, &touch.spot());
        match form {
            Some(kind) => {
                let given = Carried::read(&view.private_metadata).map(|(_, given)| given);
                let values = card::values(given.unwrap_or_default(), &view.state);
                match self.engine().submit(&asker, kind, values).await {
                    Ok(reply) => Some(shows(&reply)),
                    Err(errors) => Some(told(&errors, &view.state)),
                }
            }
            None => match typed(&view.state) {
                Some(code) => Some(shows(&self.engine().ask(&asker, &code).await)),
                None => Some(Fate::Errors {
                    errors: BTreeMap::from([(CODE.to_owned(), NOTHING_TYPED.to_owned())]),
                }),
            },
        }
    }

    async fn found_or_new(&self, touch: &Touch, known: &Known) -> StoreResult<View> {
        let asker = touch.workspace.asker(known, &touch.spot());
        let text = touch
            .what
            .message
            .as_ref()
            .map_or("", |message| message.text.as_str());
        let text = spoken(text, &touch.workspace.install.bot_user);
        let mut rows = Vec::new();
        for code in codes(&text) {
            for row in self.engine().rows(&asker, code, 0, 3).await? {
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
        let description = cut(text.trim(), DESCRIPTION_LETTERS_MAX);
        let given = BTreeMap::from([("description".to_owned(), description)]);
        if rows.is_empty() {
            return self.form(touch, known, FormKind::Register, given).await;
        }
        let new = Button {
            label: "Enter a new asset".to_owned(),
            act: Act::Form(FormKind::Register, given),
            style: Style::Plain,
        };
        let found = Reply::new(vec![Part::Rows(rows)], vec![new]);
        Ok(card::answer_view("Found", &found))
    }

    /// A form as a dialog, with the words for what is filled in.
    async fn form(
        &self,
        touch: &Touch,
        known: &Known,
        kind: FormKind,
        given: BTreeMap<String, String>,
    ) -> StoreResult<View> {
        let asker = touch.workspace.asker(known, &touch.spot());
        let form = self.engine().form(&asker, kind, given.clone()).await?;
        let mut called = BTreeMap::new();
        for field in &form.fields {
            if let (FieldKind::Lookup(of), Some(value)) = (&field.kind, &field.value) {
                let choices = self.engine().choices(&asker, *of, value).await?;
                let found = choices.into_iter().find(|choice| &choice.value == value);
                called.extend(found.map(|choice| (field.name, choice.label)));
            }
        }
        Ok(dialog(&form, &given, &called))
    }

    /// Opens a dialog that says that we are at work, while its trigger lives; what is to be shown follows.
    pub(super) async fn show<F>(
        &self,
        touch: Touch,
        what: impl FnOnce(Self, std::sync::Arc<Touch>) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = View> + Send,
    {
        let Some(view_id) = self.open(&touch, &working()).await else {
            return match touch.what.view {
                // Another dialog would fare no better.
                Some(_) => unavailable(),
                None => self.tell_beside(&touch, NOT_OPENED).await,
            };
        };
        let (slack, touch) = (self.clone(), std::sync::Arc::new(touch));
        let (asked, asked_in) = (touch.clone(), view_id.clone());
        let work = async move {
            let view = timeout(WORK, what(slack.clone(), asked.clone())).await;
            let view =
                view.unwrap_or_else(|_| card::answer_view(TITLE, &Reply::sentence(TOO_LONG)));
            slack.update(&asked, &asked_in, &view).await;
        };
        let background = self.common().background();
        if background.spawn_for(touch.workspace.org, work).is_err() {
            let busy = card::answer_view(TITLE, &Reply::sentence(BUSY));
            self.update(&touch, &view_id, &busy).await;
        }
        taken()
    }

    /// Opens a dialog while its trigger lives, above the one in which it was asked for if there is one.
    pub(super) async fn open(&self, touch: &Touch, view: &View) -> Option<String> {
        let trigger = touch.what.trigger_id.as_deref()?;
        let caller = touch.workspace.caller(self, TRIGGER).within(TRIGGER);
        let inside = touch
            .what
            .view
            .as_ref()
            .is_some_and(|view| view.kind == "modal");
        let opening = async {
            if inside {
                self.web().push_view(&caller, trigger, view).await
            } else {
                self.web().open_view(&caller, trigger, view).await
            }
        };
        match timeout(TRIGGER, opening).await {
            Ok(Ok(id)) => Some(id),
            Err(_) => {
                tracing::warn!(install.id = %touch.workspace.install.id, "a dialog was not opened in time");
                None
            }
            Ok(Err(error)) => {
                self.note_trouble(&touch.workspace, &error).await;
                None
            }
        }
    }

    /// Shows something else in an open dialog.
    pub(super) async fn update(&self, touch: &Touch, view_id: &str, view: &View) {
        let caller = touch.workspace.caller(self, super::event::PATIENCE);
        if let Err(error) = self.web().update_view(&caller, view_id, view).await {
            self.note_trouble(&touch.workspace, &error).await;
        }
    }
}

impl Fate {
    /// What is shown of it in a dialog that has been told to wait: its fields are gone, and the words beside them are not.
    fn view(self) -> View {
        match self {
            Self::Update { view } => view,
            Self::Errors { errors } => {
                let errors: Vec<String> = errors.into_values().collect();
                card::answer_view(TITLE, &Reply::sentence(errors.join(" ")))
            }
        }
    }
}

/// A dialog that stays as it is, with a word about why.
pub(super) fn kept_open(state: &ViewState, text: &str) -> Response {
    let error = FieldError {
        field: "",
        message: text.to_owned(),
    };
    json(&told(&[error], state))
}

/// What was looked up, or that it could not be.
fn or_unread(view: StoreResult<View>) -> View {
    view.unwrap_or_else(|error| {
        tracing::error!(%error, "a dialog could not be filled");
        card::answer_view(TITLE, &Reply::sentence(CANNOT_LOOK))
    })
}

fn dialog(
    form: &Form,
    given: &BTreeMap<String, String>,
    called: &BTreeMap<&'static str, String>,
) -> View {
    form_view(&ShownForm {
        form,
        given,
        called,
    })
}

fn shows(reply: &Reply) -> Fate {
    Fate::Update {
        view: card::answer_view(TITLE, reply),
    }
}

/// A word beside each field. One about a field that the dialog does not show stands beside the first that it does.
fn told(errors: &[FieldError], state: &ViewState) -> Fate {
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for error in errors {
        let shown = state.values.contains_key(error.field);
        let field = if shown {
            Some(error.field)
        } else {
            state.values.keys().next().map(String::as_str)
        };
        if let Some(field) = field {
            told.entry(field.to_owned())
                .or_insert_with(|| super::text::shown(&error.message));
        }
    }
    if told.is_empty() {
        let sentences: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        return shows(&Reply::sentence(sentences.join(" ")));
    }
    Fate::Errors { errors: told }
}

fn typed(state: &ViewState) -> Option<String> {
    let elements = state.values.get(CODE)?;
    let text = elements.values().find_map(super::inbound::Picked::text)?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn scan_view() -> View {
    View::Modal {
        callback_id: SCAN.to_owned(),
        private_metadata: String::new(),
        title: Text::plain("Find an asset", TITLE_LETTERS_MAX),
        submit: Some(Text::plain("Find", TITLE_LETTERS_MAX)),
        close: Text::plain(card::CLOSE, TITLE_LETTERS_MAX),
        blocks: vec![Block::Input {
            block_id: CODE.to_owned(),
            label: Text::plain("Tag or serial number", 75),
            element: Element::PlainTextInput {
                action_id: "entered".to_owned(),
                initial_value: None,
                multiline: false,
                max_length: INPUT_LETTERS_MAX.min(512),
            },
            optional: false,
            hint: None,
        }],
    }
}

fn working() -> View {
    card::answer_view(TITLE, &Reply::sentence("One moment…"))
}

/// What in a message may be a tag or a serial number: words with a digit, as they are printed on labels.
fn codes(text: &str) -> Vec<&str> {
    let mut codes: Vec<&str> = Vec::new();
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
    for word in words {
        let word = word.trim_matches('-');
        let fits =
            CODE_LETTERS.contains(&word.len()) && word.bytes().any(|byte| byte.is_ascii_digit());
        if fits && !codes.contains(&word) {
            codes.push(word);
        }
    }
    codes.truncate(CODES_MAX);
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words_with_digits() {
        let text = "The laptop WMK-004217-S (serial 5CG1234XYZ) in room 3 – see WMK-004217-S, please. 24/7";
        assert_eq!(codes(text), ["WMK-004217-S", "5CG1234XYZ"]);
        let many: Vec<String> = (100..200).map(|n| format!("A{n}")).collect();
        assert_eq!(codes(&many.join(" ")).len(), CODES_MAX);
        assert!(codes("nothing here").is_empty());
    }

    #[test]
    fn a_word_about_a_field_that_is_not_shown_is_told_all_the_same() {
        let state = serde_json::from_value(
            serde_json::json!({"values": {"asset": {"entered": {"value": "a"}}}}),
        );
        let state: ViewState = state.expect("a state");
        let errors = [
            FieldError {
                field: "hidden",
                message: "Choose a unit.".to_owned(),
            },
            FieldError {
                field: "asset",
                message: "Choose an asset.".to_owned(),
            },
        ];
        let Fate::Errors { errors: told } = told(&errors, &state) else {
            panic!("there are fields to tell it beside");
        };
        assert_eq!(
            told,
            BTreeMap::from([("asset".to_owned(), "Choose a unit.".to_owned())])
        );
        assert!(matches!(
            super::told(&errors, &ViewState::default()),
            Fate::Update { .. }
        ));
    }
}
