//! What is said when nothing is looked up: help, greetings, doubts; and what somebody sees who has asked nothing yet.

use habeo_core::access::Action;
use habeo_core::asset::search::{self, Filter, Held, Narrow, Sort, SortKey, Span, page_sorted};
use habeo_core::asset::store;
use habeo_core::install::Platform;
use habeo_core::page::Limit;
use habeo_core::person;
use habeo_core::store::StoreResult;

use super::memory::{Meaning, Press};
use super::turn::{Answer, Turn};
use crate::intent::{Doubt, Filter as Asked, Intent, Named, Phrase, Reading, Switch};
use crate::reply::{
    Act, Button, FormKind, Home, Part, Prompt, Reply, Row, Section, Span as TextSpan, Style,
};

/// The rows of each list of a home.
const HOME_ROWS: u8 = 10;
/// How far ahead a home looks.
const DUE_DAYS: i64 = 14;

/// What can be asked, each a complete question.
const EXAMPLES: [(&str, &str); 7] = [
    ("My equipment", "What do I have?"),
    ("Due back soon", "What is due back this week?"),
    ("Count", "How many laptops are in stock?"),
    ("Break down", "Assets by category"),
    ("Warranty", "Which warranties end this month?"),
    ("Missing", "What is missing?"),
    ("Tickets", "Show my tickets"),
];

impl Turn<'_> {
    /// The answer to an intent that looks nothing up.
    pub fn talk(&mut self, intent: &Intent) -> Answer {
        match intent {
            Intent::Help => help(),
            Intent::Greeting => Answer::unanswered(
                "Hello. Ask me where something is, who has it, what is due back, or how many there are.",
            )
            .with(Button::press("What can I ask?", Press::Help.spelled())),
            Intent::Thanks => Answer::unanswered("You are welcome."),
            Intent::Dismiss => Answer::unanswered("All right. Nothing was changed."),
            Intent::Create { what } => create(what),
            Intent::Subscribe { .. } => {
                let url = self.engine.public_url("/admin/integrations");
                Answer::unanswered(
                    "An administrator chooses on the page of integrations which channels receive digests; I cannot switch them on or off from a chat.",
                )
                .with(Button::open("Open the integrations", url))
            }
            Intent::Account(Switch::On) => {
                Answer::unanswered("Your chat account is linked to Habeo already.")
            }
            Intent::Account(Switch::Off) if self.asker.platform == Platform::Slack => {
                Answer::unanswered("Give the command \u{201C}/habeo disconnect\u{201D}, and your Slack account is no longer linked to Habeo.")
            }
            Intent::Account(Switch::Off) => {
                let url = self.engine.public_url("/");
                Answer::unanswered("You can unlink your chat account in Habeo itself.")
                    .with(Button::open("Open Habeo", url))
            }
            _ => Answer::unanswered("There is nothing before this that I could go on with."),
        }
    }

    /// What was understood, why that is not enough, and what could be meant, each as a button.
    pub fn unclear(&mut self, doubt: Doubt, reading: &Reading) -> Answer {
        let mut parts = vec![Part::text(format!("{}.", doubt.in_words()))];
        if let Some(understood) = reading.understood_in_words() {
            parts.push(Part::text(understood));
        }
        if !reading.unknown.is_empty() {
            let unknown: Vec<String> = reading
                .unknown
                .iter()
                .map(|word| format!("\u{201C}{word}\u{201D}"))
                .collect();
            parts.push(Part::Note(format!("I do not know {}.", unknown.join(", "))));
        }
        let mut answer = Answer {
            parts,
            ..Answer::default()
        };
        if reading.alternatives.is_empty() {
            let help = Button::press("What can I ask?", Press::Help.spelled());
            return answer.with(help);
        }
        answer.parts.push(Part::text("Did you mean:"));
        for alternative in &reading.alternatives {
            let label = alternative.in_words();
            let mut meaning = Meaning::of(alternative.clone());
            meaning.bound = self.bound.clone();
            let button = self.offer(label, meaning);
            answer.buttons.push(button);
        }
        answer
    }

    /// My equipment, what I have not acknowledged, what is due back soon, and my tickets.
    pub async fn home(&mut self) -> StoreResult<Home> {
        let access = &self.asker.access;
        let own = person::store::own(&mut self.tx, access).await?;
        let waiting = store::to_acknowledge(&mut self.tx, access, i64::from(HOME_ROWS)).await?;
        let waiting = store::by_ids(&mut self.tx, access, &self.scope, &waiting).await?;
        let mine = Narrow {
            live: true,
            held: Some(Held::By(access.person().into_iter().collect())),
            ..Narrow::default()
        };
        let mine = self.home_list(mine, SortKey::Entry).await?;
        let soon = self.lexicon.calendar.start(self.today.plus_days(DUE_DAYS));
        let due = Narrow {
            live: true,
            due: Some(Span {
                from: None,
                until: Some(soon),
            }),
            ..Narrow::default()
        };
        let due = self.home_list(due, SortKey::Due).await?;
        let tickets = self.own_tickets().await?;
        let waiting = waiting
            .iter()
            .map(|asset| {
                let mut row = self.row(asset);
                "given to you; please acknowledge that you have it".clone_into(&mut row.detail);
                let acknowledge = Self::acknowledge(asset.id).styled(Style::Primary);
                row.buttons.insert(0, acknowledge);
                row
            })
            .collect();
        let section = |title: &str, empty: &str, rows: Vec<Row>| Section {
            title: title.to_owned(),
            empty: empty.to_owned(),
            rows,
        };
        let name = own.map_or_else(String::new, |own| format!(", {}", own.display_name));
        let form = |label: &str, form: FormKind| Button {
            label: label.to_owned(),
            act: Act::Form(form, std::collections::BTreeMap::new()),
            style: Style::Plain,
        };
        Ok(Home {
            title: format!("Hello{name}"),
            sections: vec![
                section("To acknowledge", "Nothing waits for you.", waiting),
                section("Your equipment", "You have nothing in your custody.", mine),
                section("Due back within two weeks", "Nothing is due back.", due),
                section("Your tickets", "No ticket of yours is open.", tickets),
            ],
            buttons: vec![
                form("Report something missing", FormKind::ReportMissing),
                form("Write a note", FormKind::Note),
                Button::press("What can I ask?", Press::Help.spelled()),
            ],
        })
    }

    async fn home_list(&mut self, narrow: Narrow, by: SortKey) -> StoreResult<Vec<Row>> {
        let filter = Filter {
            narrow,
            ..search::Filter::default()
        };
        let sort = Sort {
            by,
            descending: false,
        };
        let limit = Limit::new(HOME_ROWS).unwrap_or_default();
        let access = &self.asker.access;
        let sorted = page_sorted(
            &mut self.tx,
            access,
            &self.scope,
            &filter,
            (sort, None),
            limit,
        )
        .await?;
        Ok(sorted
            .page
            .rows
            .iter()
            .map(|asset| self.row(asset))
            .collect())
    }

    /// What somebody could ask next.
    pub async fn suggestions(&mut self) -> StoreResult<Vec<Prompt>> {
        let prompt = |(title, message): (&str, &str)| Prompt {
            title: title.to_owned(),
            message: message.to_owned(),
        };
        let access = &self.asker.access;
        let waiting = store::to_acknowledge(&mut self.tx, access, 1).await?;
        let waiting = store::by_ids(&mut self.tx, access, &self.scope, &waiting).await?;
        let mut prompts: Vec<Prompt> = waiting
            .iter()
            .filter_map(|asset| asset.tag.clone())
            .map(|tag| Prompt {
                title: "Acknowledge".to_owned(),
                message: format!("I have received {tag}"),
            })
            .collect();
        // Whoever hands nothing out asks about what is theirs.
        let examples = EXAMPLES.iter().copied();
        if access.may(Action::Custody) {
            prompts.extend(examples.take(4).map(prompt));
        } else {
            prompts.extend(examples.take(2).map(prompt));
            prompts.push(prompt(("What can I ask?", "Help")));
        }
        Ok(prompts)
    }
}

/// The answer to somebody whose chat account belongs to no person yet.
pub(super) fn unlinked(link_url: &str) -> Reply {
    let parts = vec![Part::Text(vec![
        TextSpan::Plain("I do not know yet who you are. ".to_owned()),
        TextSpan::Link {
            label: "Link your account".to_owned(),
            url: link_url.to_owned(),
        },
        TextSpan::Plain(
            " once, and then ask me again. The link is good for ten minutes.".to_owned(),
        ),
    ])];
    let link = Button::open("Link your account", link_url.to_owned());
    Reply::new(parts, vec![link.styled(Style::Primary)])
}

fn help() -> Answer {
    let rows = EXAMPLES.iter().map(|(title, message)| Row {
        title: (*title).to_owned(),
        detail: format!("\u{201C}{message}\u{201D}"),
        ..Row::default()
    });
    let parts = vec![
        Part::text("Ask me in your own words about the assets you can see. For example:"),
        Part::Rows(rows.collect()),
        Part::text(
            "I can also prepare changes: hand out, lend, take back, hand on, move, report missing or found, send to repair and take back from it, write a note, and acknowledge what you were given. I show you exactly what would change, and nothing happens before you confirm it.",
        ),
    ];
    Answer {
        parts,
        ..Answer::default()
    }
}

/// A form for a new asset, with what was said of it.
fn create(what: &Asked) -> Answer {
    let mut given = std::collections::BTreeMap::new();
    let mut put = |name: &str, id: Option<String>| {
        given.extend(id.map(|id| (name.to_owned(), id)));
    };
    put("category", first(&what.categories));
    put("model", first(&what.models));
    put("unit", first(&what.units));
    put("place", first(&what.places));
    let words: Vec<&str> = what.words.iter().map(Phrase::as_str).collect();
    put("description", (!words.is_empty()).then(|| words.join(" ")));
    let button = Button {
        label: "Enter a new asset".to_owned(),
        act: Act::Form(FormKind::Register, given),
        style: Style::Primary,
    };
    Answer::unanswered("Tell me about the new asset. Nothing is entered before you confirm it.")
        .with(button)
}

/// The one thing that the first name means.
fn first<Id: Copy + std::fmt::Display>(named: &[Named<Id>]) -> Option<String> {
    named.first()?.only().map(|id| id.to_string())
}
