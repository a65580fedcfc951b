//! From messages to what became of each: by as few requests as may be, and by more where the service wants them taken apart.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use expo_push_notification_client::ExpoPushMessage;
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::code::{UNAUTHORIZED, plain};
use super::message::Outgoing;
use super::pace::Pace;
use super::transport::{PushTransport, Reply, Route, Unanswered};
use super::wire::{Fault, Said, Ticket, tickets};
use super::{MESSAGES_MAX, REQUESTS_MAX, figures};

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The service took it, under this name.
    Taken(Option<String>),
    /// It did not take this one, for this reason.
    Refused(Option<String>),
    /// It is not known to have been taken, and may be later.
    Later {
        /// How long the service asked to be left alone.
        after: Option<Duration>,
        /// What went wrong.
        why: String,
    },
    /// It may have been taken.
    Unsure {
        /// Whether it is worth another attempt. After an answer that cannot be matched it is not: those were taken, we only do not know which.
        again: bool,
        /// What went wrong.
        why: String,
    },
    /// It cannot be taken, now or later.
    Lost(String),
    /// Nobody's is taken: the access token is missing or wrong.
    Unauthorized,
}

/// Hands messages to the service, at its pace.
#[derive(Debug)]
pub(crate) struct Sender<T> {
    transport: T,
    pace: Pace,
    requests: Semaphore,
}

/// The most further requests of one load by which messages are taken apart: enough to find a few bad ones among a hundred. A service that refuses
/// everything is not asked about each.
const APART_MAX: usize = 32;

/// How far messages have been taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// As they came, or by halves.
    Whole,
    /// Those of one project.
    Project,
}

/// What an answer to one request means for it.
#[derive(Debug)]
enum Verdict {
    Tickets(Vec<Ticket>),
    All(Fate),
    TooMany,
    Projects(BTreeMap<String, Vec<String>>),
    Refused(String),
}

impl<T: PushTransport> Sender<T> {
    pub fn new(transport: T, rate: u32) -> Self {
        Self {
            transport,
            pace: Pace::new(rate),
            requests: Semaphore::new(REQUESTS_MAX),
        }
    }

    /// Divides the pace among so many nodes.
    pub fn share(&self, nodes: u32) {
        self.pace.share(nodes);
    }

    /// One request, when it is its turn.
    pub async fn ask(&self, route: Route, body: Vec<u8>) -> Result<Reply, Unanswered> {
        // It is never closed; if it were, nobody would have to wait.
        let _turn = self.requests.acquire().await;
        let answered = self.transport.post(route, body).await;
        figures::asked(route, &answered);
        let reply = answered?;
        if let (429, Some(pause)) = (reply.status, reply.retry_after) {
            self.pace.hold(pause);
        }
        Ok(reply)
    }

    /// What became of each message, in their order. No request is begun after `ends_at`.
    pub async fn send(&self, messages: &[Outgoing], ends_at: Instant) -> Vec<Fate> {
        let mut fates: Vec<Option<Fate>> = vec![None; messages.len()];
        let every: Vec<usize> = (0..messages.len()).collect();
        let mut jobs: Vec<(Vec<usize>, Step)> = every
            .chunks(MESSAGES_MAX)
            .rev()
            .map(|chunk| (chunk.to_vec(), Step::Whole))
            .collect();
        let mut of_projects = BTreeSet::new();
        let mut apart = 0;
        while let Some((which, step)) = jobs.pop() {
            let verdict = self.once(messages, &which, ends_at).await;
            let all = |fate: &Fate| vec![fate.clone(); which.len()];
            let given = match verdict {
                Verdict::Tickets(tickets) => tickets.into_iter().map(Fate::from).collect(),
                Verdict::All(fate) => all(&fate),
                Verdict::TooMany | Verdict::Projects(_) | Verdict::Refused(_)
                    if which.len() > 1 && apart >= APART_MAX =>
                {
                    all(&Fate::Later {
                        after: None,
                        why: "the push service refuses too many requests".to_owned(),
                    })
                }
                Verdict::Projects(projects) if which.len() > 1 => {
                    apart += 1;
                    of_projects.extend(which.iter().copied());
                    let groups = by_project(messages, &which, &projects);
                    if groups.len() > 1 && step != Step::Project {
                        jobs.extend(groups.into_iter().map(|group| (group, Step::Project)));
                    } else {
                        // It does not say which is whose, or is not to be believed.
                        jobs.extend(halves(&which, step));
                    }
                    continue;
                }
                Verdict::TooMany | Verdict::Refused(_) if which.len() > 1 => {
                    apart += 1;
                    jobs.extend(halves(&which, step));
                    continue;
                }
                // Only what was refused by itself is what was wrong.
                Verdict::Refused(why) => all(&Fate::Lost(why)),
                Verdict::TooMany => all(&Fate::Lost("one is said to be too many".to_owned())),
                Verdict::Projects(_) => {
                    all(&Fate::Lost("it is said to be of many projects".to_owned()))
                }
            };
            for (index, fate) in which.iter().zip(given) {
                fates[*index] = Some(fate);
            }
        }
        let mut fates: Vec<Fate> = fates
            .into_iter()
            .map(|fate| fate.unwrap_or(Fate::Lost("nothing was said of it".to_owned())))
            .collect();
        strangers(&mut fates, &of_projects);
        fates
    }

    async fn once(&self, messages: &[Outgoing], which: &[usize], ends_at: Instant) -> Verdict {
        if let Some(after) = self.pace.held() {
            return later(Some(after), "the push service asked to be left alone");
        }
        if Instant::now() >= ends_at {
            return later(None, "there was no time left");
        }
        let list: Vec<&ExpoPushMessage> = which
            .iter()
            .filter_map(|index| Some(messages.get(*index)?.message()))
            .collect();
        let Ok(body) = serde_json::to_vec(&list) else {
            return Verdict::Refused("it cannot be written down".to_owned());
        };
        self.pace.take(which.len()).await;
        judge(self.ask(Route::Send, body).await, which.len())
    }
}

impl From<Ticket> for Fate {
    fn from(ticket: Ticket) -> Self {
        match ticket {
            Ticket::Taken(name) => Self::Taken(name),
            Ticket::Refused(code) => Self::Refused(code),
        }
    }
}

fn later(after: Option<Duration>, why: &str) -> Verdict {
    Verdict::All(Fate::Later {
        after,
        why: why.to_owned(),
    })
}

/// What an answer to so many messages means.
fn judge(answered: Result<Reply, Unanswered>, messages: usize) -> Verdict {
    let reply = match answered {
        Ok(reply) => reply,
        Err(Unanswered {
            may_have_arrived: true,
            why,
        }) => return Verdict::All(Fate::Unsure { again: true, why }),
        Err(Unanswered { why, .. }) => return later(None, &why),
    };
    let status = reply.status;
    let said = tickets(&reply.body);
    if matches!(status, 408 | 425 | 429 | 500..=599) {
        let why = format!("the push service answered {status}");
        return later(reply.retry_after, &why);
    }
    match said {
        Said::Fault(fault) => refusal(fault, &reply),
        _ if matches!(status, 401 | 403) => Verdict::All(Fate::Unauthorized),
        _ if status >= 400 => Verdict::Refused(format!("the push service answered {status}")),
        _ if status >= 300 => later(None, &format!("the push service answered {status}")),
        Said::Data(tickets) if tickets.len() == messages => Verdict::Tickets(tickets),
        Said::Data(tickets) => {
            let why = format!("{} tickets came for {messages} messages", tickets.len());
            Verdict::All(Fate::Unsure { again: false, why })
        }
        Said::Nothing => {
            let why = "the answer cannot be read".to_owned();
            Verdict::All(Fate::Unsure { again: false, why })
        }
    }
}

fn refusal(fault: Fault, reply: &Reply) -> Verdict {
    let code = fault.code.unwrap_or_default();
    match code.as_str() {
        UNAUTHORIZED => Verdict::All(Fate::Unauthorized),
        "TOO_MANY_REQUESTS" => later(reply.retry_after, "the push service has too many requests"),
        "PUSH_TOO_MANY_NOTIFICATIONS" => Verdict::TooMany,
        "PUSH_TOO_MANY_EXPERIENCE_IDS" => Verdict::Projects(fault.projects),
        _ => Verdict::Refused(format!(
            "the push service answered {} {}",
            reply.status,
            plain(&code)
        )),
    }
}

fn halves(which: &[usize], step: Step) -> [(Vec<usize>, Step); 2] {
    let (first, second) = which.split_at(which.len() / 2);
    [(second.to_vec(), step), (first.to_vec(), step)]
}

/// The messages of each project; those of which the service named none are together.
fn by_project(
    messages: &[Outgoing],
    which: &[usize],
    projects: &BTreeMap<String, Vec<String>>,
) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for index in which {
        let token = messages.get(*index).map(|one| one.token.expose_secret());
        let of = projects
            .iter()
            .find(|(_, tokens)| tokens.iter().any(|other| Some(other.as_str()) == token));
        let project = of.map(|(project, _)| project.as_str());
        groups.entry(project).or_default().push(*index);
    }
    groups.into_values().collect()
}

/// Where messages of several projects went by themselves and some were taken, our access token is good: what was not is another app's.
fn strangers(fates: &mut [Fate], of_projects: &BTreeSet<usize>) {
    let taken = |index: &usize| matches!(fates.get(*index), Some(Fate::Taken(_)));
    if !of_projects.iter().any(taken) {
        return;
    }
    for index in of_projects {
        if let Some(fate) = fates.get_mut(*index)
            && *fate == Fate::Unauthorized
        {
            *fate = Fate::Lost("the phone has the app of another project".to_owned());
        }
    }
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
