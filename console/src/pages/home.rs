//! The start page: what there is to do, and your chat accounts.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::chat_link::{self, Linked};
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope;
use habeo_core::{device, install, seat};
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::said::Said;
use super::{billing, failed};
use crate::Console;
use crate::page::{Frame, Page};
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    said: Option<&'static str>,
    /// What an administrator has to know of the licence.
    notice: Option<String>,
    jobs: Vec<Job>,
    links: Vec<Linked>,
    form_token: String,
}

/// Something that somebody comes for.
#[derive(Debug)]
struct Job {
    path: String,
    name: &'static str,
    about: String,
}

/// What this visitor's roles are for, what waits first.
async fn jobs(tx: &mut Tx, visitor: &SignedIn) -> StoreResult<Vec<Job>> {
    let (access, who) = (visitor.access(), visitor.who());
    let correct = scope::resolve(tx, access, Action::Correct).await?;
    let custody = scope::resolve(tx, access, Action::Custody).await?;
    let (cases, hand_overs) = device::show::waiting(tx, access, &correct, &custody).await?;
    let job = |path: &str, name, about: &str| Job {
        path: path.to_owned(),
        name,
        about: about.to_owned(),
    };
    let mine = format!("/assets?holder={}", visitor.person());
    let mut jobs = vec![
        job("/assets", "Assets", "Search, filter, export."),
        job("/assets/scan", "Scan", "One label, or many into a list."),
        job(&mine, "What you have", "The assets in your own custody."),
    ];
    if who.corrects {
        let about = match cases {
            0 => "Nothing waits for a decision.".to_owned(),
            1 => "One case waits for a decision.".to_owned(),
            many => format!("{many} cases wait for a decision."),
        };
        jobs.push(job("/admin/cases", "Cases", &about));
    }
    if who.hands_over {
        let about = match hand_overs {
            0 => "None is proposed.".to_owned(),
            1 => "One is proposed.".to_owned(),
            many => format!("{many} are proposed."),
        };
        jobs.push(job("/admin/hand-overs", "Hand-overs", &about));
    }
    if who.audits {
        let about = "Who did what and when, proofs, and verification.";
        jobs.push(job("/audit", "Audit", about));
    }
    if who.manages {
        let about = "Chat services, device managements and help desks.";
        jobs.push(job("/admin/integrations", "Integrations", about));
        let about = "Where your programs are told of what happens.";
        jobs.push(job("/admin/integrations/webhooks", "Webhooks", about));
        jobs.push(job(
            "/admin/billing",
            "Billing",
            "The licence and its seats.",
        ));
    }
    Ok(jobs)
}

/// The start page.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(said): Query<Said>,
) -> Result<Response> {
    let access = visitor.access();
    let mut tx = console
        .parts()
        .ledger
        .db()
        .read(access)
        .await
        .map_err(failed)?;
    let links = chat_link::store::of_person(&mut tx, access, visitor.person())
        .await
        .map_err(failed)?;
    let notice = if install::command::may_manage(access) {
        let now = console.parts().ledger.clock().now();
        let standing = seat::store::standing(&mut tx, access, now)
            .await
            .map_err(failed)?;
        standing.as_ref().and_then(billing::notice)
    } else {
        None
    };
    let jobs = jobs(&mut tx, &visitor).await.map_err(failed)?;
    let page = Home {
        jobs,
        notice,
        frame: Frame::of(console, &visitor, "Start"),
        said: said.sentence(),
        links,
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&page).into_response())
}
