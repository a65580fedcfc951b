//! Approving in another's place: whom the visitor asked to, and who asked the visitor.

use askama::Template;
use habeo_core::access::{Access, Action};
use habeo_core::approval::command::{Delegate, EndDelegation};
use habeo_core::approval::{Refusal, store};
use habeo_core::id::{DelegationId, PersonId};
use habeo_core::page::Limit;
use habeo_core::person::{self, PersonStatus};
use habeo_core::store::Tx;
use habeo_core::time::{Day, Timestamp};
use habeo_core::unit::scope;
use habeo_core::{idempotency, zone};
use poem::http::StatusCode;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::{DELEGATIONS, LIMITS, Row};
use crate::Console;
use crate::once;
use crate::page::{Frame, Page, see_other};
use crate::pages::assets::list::Choice;
use crate::pages::procurement::names::Names;
use crate::pages::procurement::{ask, refused};
use crate::pages::said::Said;
use crate::pages::{Nothing, absent, failed, sentence};
use crate::visitor::{SignedIn, Submitted};

/// How many people are offered where a name is that of several.
const OFFERED: u8 = 20;

#[derive(Debug, Template)]
#[template(path = "delegations.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    fault: Option<String>,
    given: Vec<Row>,
    /// In whose place the visitor approves now.
    holders: Vec<String>,
    /// Whether the visitor approves anything.
    approves: bool,
    /// Those whom a name may mean.
    people: Vec<Choice>,
    entered: Entered,
    once: String,
    form_token: String,
}

/// What was entered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entered {
    who: String,
    /// One of those whom the name may have meant.
    person: String,
    since: String,
    until: String,
    once: String,
}

/// Why a form is shown again.
struct Fault {
    text: String,
    people: Vec<Choice>,
}

impl Fault {
    fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            people: Vec::new(),
        }
    }
}

impl Entered {
    /// From today for a week.
    fn usual(timezone: &str, now: Timestamp) -> Self {
        let today = zone::local(timezone, now).day;
        Self {
            since: today.to_string(),
            until: today.plus_days(7).to_string(),
            ..Self::default()
        }
    }

    /// From the beginning of the first day to the end of the last; not from before now.
    fn span(
        &self,
        timezone: &str,
        now: Timestamp,
    ) -> std::result::Result<(Timestamp, Timestamp), Fault> {
        let day = |text: &str| text.trim().parse::<Day>().ok();
        let (Some(since), Some(until)) = (day(&self.since), day(&self.until)) else {
            return Err(Fault::of("Write both days like 2026-01-31."));
        };
        let begin = zone::start(timezone, since).max(now);
        Ok((begin, zone::start(timezone, until.plus_days(1))))
    }
}

/// The page.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(said): Query<Said>,
) -> Result<Response> {
    let now = console.parts().ledger.clock().now();
    let entered = Entered::usual(visitor.timezone(), now);
    let page = page(console, &visitor, entered, None).await?;
    let page = Show {
        said: said.sentence(),
        ..page
    };
    Ok(Page::of(&page).into_response())
}

/// Lets somebody approve in the visitor's place.
#[handler]
pub(crate) async fn give(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let now = console.parts().ledger.clock().now();
    let (starts_at, ends_at) = match entered.span(visitor.timezone(), now) {
        Ok(span) => span,
        Err(fault) => return again(console, &visitor, entered, fault).await,
    };
    let to = match meant(console, visitor.access(), &entered).await? {
        Ok(to) => to,
        Err(fault) => return again(console, &visitor, entered, fault).await,
    };
    let command = Delegate {
        to,
        starts_at,
        ends_at,
    };
    // What was entered, and not the instants that follow from it: they move with the clock.
    let form = once::Sent {
        name: &entered.once,
        route: "console.delegate",
        input: format!("{to} {} {}", entered.since.trim(), entered.until.trim()),
    };
    match once::ask(console, &visitor, form, command).await? {
        Ok(_) => Ok(see_other(&format!("{DELEGATIONS}?said=delegated"))),
        Err(idempotency::Refusal::Command(refusal))
            if matches!(refusal, Refusal::NotAPerson | Refusal::NothingToDelegate) =>
        {
            Err(refused(console, &visitor, &refusal, ("Back", DELEGATIONS)))
        }
        Err(refusal) => {
            let fault = Fault::of(sentence(&once::why(&refusal)));
            again(console, &visitor, entered, fault).await
        }
    }
}

/// Ends a delegation.
#[handler]
pub(crate) async fn end(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let delegation: DelegationId = id.parse().map_err(|_| absent())?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let own = store::given(&mut tx, access).await.map_err(failed)?;
    drop(tx);
    let is_own = own.iter().any(|one| one.id == delegation);
    let back = if is_own { DELEGATIONS } else { LIMITS };
    match ask(console, &visitor, EndDelegation { delegation }).await? {
        Ok(()) => Ok(see_other(&format!("{back}?said=delegation_ended"))),
        Err(refusal) => Err(refused(console, &visitor, &refusal, ("Back", back))),
    }
}

/// Whom the visitor means: one that was chosen, an address, or a name that only one of those has whom the visitor sees.
async fn meant(
    console: &Console,
    access: &Access,
    entered: &Entered,
) -> Result<std::result::Result<PersonId, Fault>> {
    let who = entered.who.trim();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    if who.contains('@') {
        let address = vec![who.to_lowercase()];
        let found = person::store::by_addresses(&mut tx, access, address).await;
        let found = found.map_err(failed)?;
        let there = found
            .iter()
            .find(|(_, _, status)| *status != PersonStatus::Separated);
        let unknown = || Fault::of("Nobody of your organization has this address.");
        return Ok(there.map(|(_, id, _)| *id).ok_or_else(unknown));
    }
    let people = named(&mut tx, access, who).await?;
    if let Some((id, _)) = people
        .iter()
        .find(|(id, _)| id.to_string() == entered.person)
    {
        return Ok(Ok(*id));
    }
    Ok(match people.as_slice() {
        [(id, _)] => Ok(*id),
        [] => Err(Fault::of(
            "Nobody whom you see has this name. Write their mail address.",
        )),
        several => Err(Fault {
            text: "Several people have this name: choose one, or write their mail address."
                .to_owned(),
            people: several
                .iter()
                .map(|(id, label)| Choice {
                    value: id.to_string(),
                    label: label.clone(),
                    chosen: false,
                })
                .collect(),
        }),
    })
}

/// Those of this name whom the visitor sees, with what tells them apart.
async fn named(tx: &mut Tx, access: &Access, name: &str) -> Result<Vec<(PersonId, String)>> {
    if name.is_empty() {
        return Ok(Vec::new());
    }
    let scope = scope::resolve(tx, access, Action::ReadPeople).await;
    let scope = scope.map_err(failed)?;
    let filter = person::store::Filter {
        q: Some(name.to_owned()),
        ..person::store::Filter::default()
    };
    let limit = Limit::new(OFFERED).unwrap_or_default();
    let found = person::store::page(tx, access, &scope, &filter, -1, limit).await;
    let found = found.map_err(failed)?.rows.into_iter();
    let there = found.filter(|one| one.status != PersonStatus::Separated);
    let labelled = there.map(|one| {
        let address = one.email.map(|address| format!(", {address}"));
        let address = address.unwrap_or_default();
        let label = format!("{}, {}{address}", one.display_name, one.home_unit_name);
        (one.id, label)
    });
    Ok(labelled.collect())
}

async fn again(
    console: &Console,
    visitor: &SignedIn,
    entered: Entered,
    fault: Fault,
) -> Result<Response> {
    let page = page(console, visitor, entered, Some(fault)).await?;
    let page = Page::of(&page).status(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(page.into_response())
}

async fn page(
    console: &Console,
    visitor: &SignedIn,
    entered: Entered,
    fault: Option<Fault>,
) -> Result<Show> {
    let (access, now) = (visitor.access(), console.parts().ledger.clock().now());
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let given = store::given(&mut tx, access).await.map_err(failed)?;
    let holders = store::in_whose_place(&mut tx, access, visitor.person(), now).await;
    let holders = holders.map_err(failed)?;
    let people: Vec<PersonId> = given
        .iter()
        .map(|one| one.to)
        .chain(holders.iter().copied())
        .collect();
    // Whoever lends their approval, and to whom, are known to each other by it.
    let names = Names::of_known(&mut tx, access, &people).await;
    let names = names.map_err(failed)?;
    let (text, people) = fault.map(|fault| (fault.text, fault.people)).unzip();
    Ok(Show {
        frame: Frame::of(console, visitor, "Approving in your place"),
        said: None,
        fault: text,
        given: given
            .iter()
            .map(|one| Row::of(one, &names, visitor.timezone(), now))
            .collect(),
        holders: holders.into_iter().map(|one| names.person(one)).collect(),
        approves: access.may(Action::Approve),
        people: people.unwrap_or_default(),
        entered,
        once: once::name(console),
        form_token: visitor.who().form_token,
    })
}
