//! Up to which amounts one person approves, unit by unit, and whose place somebody takes: for administrators of the whole organization.

use askama::Template;
use habeo_core::approval::command::{SetLimits, may_set};
use habeo_core::approval::{Limit, Policy, Refusal, store};
use habeo_core::id::UnitId;
use habeo_core::store::Tx;
use habeo_core::unit;
use poem::http::StatusCode;
use poem::web::{Data, Query};
use poem::{Error, IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::{LIMITS, Row};
use crate::Console;
use crate::page::{Frame, Notice, Page, see_other};
use crate::pages::assets::list::Choice;
use crate::pages::procurement::ask;
use crate::pages::procurement::names::Names;
use crate::pages::said::Said;
use crate::pages::{absent, failed, sentence};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "approvals.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    fault: Option<String>,
    policies: Vec<Set>,
    units: Vec<Choice>,
    entered: Entered,
    delegations: Vec<Row>,
    form_token: String,
}

/// What a unit says.
#[derive(Debug)]
struct Set {
    unit: UnitId,
    name: String,
    limits: Vec<String>,
}

/// What was entered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entered {
    unit: String,
    /// `limits`, `two` or `inherit`.
    how: String,
    amounts: String,
}

impl Entered {
    /// What it means: none where the unit above decides.
    fn limits(&self) -> std::result::Result<Option<Vec<Limit>>, String> {
        match self.how.as_str() {
            "inherit" => Ok(None),
            "two" => Ok(Some(Vec::new())),
            "limits" => {
                let lines = self.amounts.lines().enumerate();
                let lines = lines.filter(|(_, line)| !line.trim().is_empty());
                let read = lines.map(|(number, line)| {
                    let fault = |_| {
                        format!(
                            "Line {}: write a currency and an amount, such as USD 5000.",
                            number + 1
                        )
                    };
                    line.parse::<Limit>().map_err(fault)
                });
                let limits: Vec<Limit> = read.collect::<std::result::Result<_, _>>()?;
                if limits.is_empty() {
                    return Err(
                        "Write at least one amount, or choose that two people approve everything."
                            .to_owned(),
                    );
                }
                Ok(Some(limits))
            }
            _ => Err("Choose how it is decided.".to_owned()),
        }
    }

    /// What a unit says now, as it is entered.
    fn of(unit: Option<UnitId>, policies: &[Policy]) -> Self {
        let own = policies.iter().find(|policy| Some(policy.unit) == unit);
        let how = match own {
            None if unit.is_some() => "inherit",
            Some(policy) if policy.limits.is_empty() => "two",
            _ => "limits",
        };
        let limits = own.map(|policy| policy.limits.iter());
        let amounts = limits.into_iter().flatten().map(ToString::to_string);
        Self {
            unit: unit.map(|unit| unit.to_string()).unwrap_or_default(),
            how: how.to_owned(),
            amounts: amounts.collect::<Vec<_>>().join("\n"),
        }
    }
}

/// Of which unit the form is.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    unit: String,
}

/// The page.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(which): Query<Which>,
    Query(said): Query<Said>,
) -> Result<Response> {
    permitted(console, &visitor)?;
    let db = console.parts().ledger.db();
    let mut tx = db.read(visitor.access()).await.map_err(failed)?;
    let unit: Option<UnitId> = which.unit.parse().ok();
    let policies = store::policies(&mut tx, visitor.access()).await;
    let entered = Entered::of(unit, &policies.map_err(failed)?);
    let page = page(console, &visitor, &mut tx, entered, None).await?;
    let page = Show {
        said: said.sentence(),
        ..page
    };
    Ok(Page::of(&page).into_response())
}

/// Sets what a unit says.
#[handler]
pub(crate) async fn set(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    permitted(console, &visitor)?;
    let unit: UnitId = entered.unit.parse().map_err(|_| absent())?;
    let limits = match entered.limits() {
        Ok(limits) => limits,
        Err(fault) => return again(console, &visitor, entered, fault).await,
    };
    match ask(console, &visitor, SetLimits { unit, limits }).await? {
        Ok(()) => Ok(see_other(&format!("{LIMITS}?said=limits"))),
        Err(Refusal::UnknownUnit) => Err(absent()),
        Err(refusal) => {
            let fault = sentence(&refusal.to_string());
            again(console, &visitor, entered, fault).await
        }
    }
}

async fn again(
    console: &Console,
    visitor: &SignedIn,
    entered: Entered,
    fault: String,
) -> Result<Response> {
    let db = console.parts().ledger.db();
    let mut tx = db.read(visitor.access()).await.map_err(failed)?;
    let page = page(console, visitor, &mut tx, entered, Some(fault)).await?;
    let page = Page::of(&page).status(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(page.into_response())
}

fn permitted(console: &Console, visitor: &SignedIn) -> Result<()> {
    if may_set(visitor.access()) {
        return Ok(());
    }
    let frame = Frame::of(console, visitor, "Not permitted");
    let why = sentence(&Refusal::NotPermitted.to_string());
    let notice = Notice::framed(
        frame,
        StatusCode::FORBIDDEN,
        "This page is for administrators",
        why,
    );
    Err(Error::from_response(notice.into_response()))
}

async fn page(
    console: &Console,
    visitor: &SignedIn,
    tx: &mut Tx,
    entered: Entered,
    fault: Option<String>,
) -> Result<Show> {
    let (access, now) = (visitor.access(), console.parts().ledger.clock().now());
    let policies = store::policies(tx, access).await.map_err(failed)?;
    let delegations = store::not_over(tx, access, now).await.map_err(failed)?;
    let units = unit::store::all(tx, access).await.map_err(failed)?;
    let people: Vec<_> = delegations
        .iter()
        .flat_map(|one| [one.from, one.to])
        .collect();
    let names = Names::of(tx, access, &people, &[], &[]).await;
    let names = names.map_err(failed)?;
    let called = |id: UnitId| {
        let unit = units.iter().find(|unit| unit.id == id);
        unit.map(|unit| unit.name.clone()).unwrap_or_default()
    };
    let timezone = visitor.timezone();
    Ok(Show {
        frame: Frame::of(console, visitor, "Approvals"),
        said: None,
        fault,
        policies: policies
            .iter()
            .map(|policy| Set {
                unit: policy.unit,
                name: called(policy.unit),
                limits: policy.limits.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        delegations: delegations
            .iter()
            .map(|one| Row::of(one, &names, timezone, now))
            .collect(),
        units: units
            .iter()
            .map(|unit| Choice {
                value: unit.id.to_string(),
                label: unit.name.clone(),
                chosen: entered.unit == unit.id.to_string(),
            })
            .collect(),
        entered,
        form_token: visitor.who().form_token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_or_refused_by_their_line() {
        let entered = |how: &str, amounts: &str| Entered {
            how: how.to_owned(),
            amounts: amounts.to_owned(),
            ..Entered::default()
        };
        let read = entered("limits", "USD 5000\n\n eur 400.50 ").limits();
        assert_eq!(read.map(|all| all.map(|all| all.len())), Ok(Some(2)));
        assert_eq!(entered("two", "x").limits(), Ok(Some(Vec::new())));
        assert_eq!(entered("inherit", "x").limits(), Ok(None));
        let fault = entered("limits", "USD 1\n5000").limits().err();
        assert!(fault.unwrap_or_default().starts_with("Line 2: "));
        assert!(entered("limits", " \n").limits().is_err());
        assert!(entered("", "USD 1").limits().is_err());
    }
}
