//! Events of Slack against the release binary: how soon they are taken, how soon they are answered, and that a burst loses none.
//!
//! Slack is a sink in this process that answers every call at once, so that what is measured is Habeo's time.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail};
use habeo_bot::slack::signature::{SIGNATURE, TIMESTAMP, sign};
use habeo_core::access::{Access, Role, Surface};
use habeo_core::chat_link::command::{IssueTicket, TakeTicket};
use habeo_core::chat_link::{ChatUser, Profile, store};
use habeo_core::grant::command::GiveGrant;
use habeo_core::install::command::Connect;
use habeo_core::install::{self, Platform, Tokens, Workspace};
use habeo_core::session::{Credential, Sessions};
use habeo_core::{org, person, unit};
use habeo_server::issuer;
use habeo_server::node::{Node, Purpose};
use secrecy::SecretString;
use serde_json::json;
use tokio::runtime::Runtime;

use super::times::quantile;
use crate::client::Client;
use crate::place::Place;
use crate::plan;
use crate::server::Server;

const TEAM: &str = "T0BENCH";
const APP: &str = "A0BENCH";
/// How many people ask: nobody types fifty questions a second.
const ASKERS: u32 = 200;
const SECRET: &str = "the signing secret of a benchmark";
/// Slack asks for an answer within three seconds; ours is to be far within.
const ACKNOWLEDGED_MAX: Duration = Duration::from_millis(100);
/// How soon 99 of 100 questions at a pace are to be answered.
const ANSWERED_SOON: Duration = Duration::from_millis(400);
const BURST_WITHIN: Duration = Duration::from_secs(5);
/// How long the last answers may take.
const ANSWERED_MAX: Duration = Duration::from_mins(1);
const SENDERS: u32 = 8;

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub events: u32,
    pub rate: u32,
    pub burst: u32,
}

/// When which thread was answered, and how often.
type Answered = Arc<Mutex<HashMap<String, (Instant, u32)>>>;

pub fn run(
    runtime: &Runtime,
    habeo: &Path,
    place: &Place,
    assets: u32,
    load: Load,
) -> anyhow::Result<String> {
    runtime.block_on(connect(place))?;
    let seen = Answered::default();
    let sink = sink(&seen)?;
    let server = Server::start(habeo, &with_slack(place, sink))?;
    let steady = Duration::from_secs(1) / load.rate.max(1);
    // Caches are warm in a server that runs; the first few are not counted.
    send(server.address, assets, "warm", 50, steady)?;
    let paced = send(server.address, assets, "paced", load.events, steady)?;
    let burst_pace = BURST_WITHIN / load.burst.max(1);
    let burst = send(server.address, assets, "burst", load.burst, burst_pace)?;
    let lost = await_answers(&seen, [&paced, &burst])?;
    let answers = |sent: &[Sent]| -> anyhow::Result<Vec<Duration>> {
        let answered = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let times = sent.iter().filter_map(|sent| {
            let (at, _) = answered.get(&sent.thread)?;
            Some(at.saturating_duration_since(sent.at))
        });
        Ok(times.collect())
    };
    let twice = {
        let answered = seen.lock().unwrap_or_else(PoisonError::into_inner);
        answered.values().filter(|(_, times)| *times > 1).count()
    };
    let taken = |sent: &[Sent]| sent.iter().map(|sent| sent.taken_in).collect::<Vec<_>>();
    let acknowledged = quantile(taken(&paced), 0.99);
    let answered = quantile(answers(&paced)?, 0.99);
    let report = format!(
        "{assets} assets; {} events at {}/s: taken in p50 {:.1?}, p99 {acknowledged:.1?}, answered in p50 {:.1?}, p99 {answered:.1?}; \
         {} events in {BURST_WITHIN:?}: taken in p99 {:.1?}, answered in p99 {:.1?}; {lost} lost, {twice} answered twice",
        paced.len(),
        load.rate,
        quantile(taken(&paced), 0.5),
        quantile(answers(&paced)?, 0.5),
        burst.len(),
        quantile(taken(&burst), 0.99),
        quantile(answers(&burst)?, 0.99),
    );
    if lost > 0 || twice > 0 || acknowledged > ACKNOWLEDGED_MAX || answered > ANSWERED_SOON {
        bail!("{report}");
    }
    Ok(report)
}

/// The place with a Slack that is here.
fn with_slack(place: &Place, sink: SocketAddr) -> Place {
    let mut place = place.clone();
    for (name, value) in [
        ("HABEO_SLACK_CLIENT_ID", "1.2".to_owned()),
        ("HABEO_SLACK_CLIENT_SECRET", "secret".to_owned()),
        ("HABEO_SLACK_SIGNING_SECRET", SECRET.to_owned()),
        ("HABEO_SLACK_API_BASE", format!("http://{sink}/api")),
        ("HABEO_SLACK_HOOKS_BASE", format!("http://{sink}")),
        ("HABEO_ALLOW_PRIVATE_HOSTS", sink.to_string()),
    ] {
        place.variables.push((name.to_owned(), value));
    }
    place
}

/// A workspace in which many who may see everything are known. A second run finds them.
async fn connect(place: &Place) -> anyhow::Result<()> {
    let node = Node::open(&place.config()?, Purpose::Serving).await?;
    let ledger = &node.ledger;
    let org = org::store::by_slug(ledger.db(), plan::SLUG)
        .await?
        .context("the organization is missing")?;
    let mut tx = ledger.db().read_directory().await?;
    let bound = install::store::by_workspace(&mut tx, Platform::Slack, TEAM).await?;
    drop(tx);
    let credential = Credential {
        issuer: issuer::ISSUER.to_owned(),
        subject: plan::ADMIN.to_owned(),
        organization: issuer::external_id(plan::SLUG),
        admin: false,
        impersonated: false,
    };
    let sessions = Sessions::new(ledger.clone());
    let admin = sessions.resolve(&credential).await?.access;
    let install = if let Some((_, install)) = bound {
        install
    } else {
        let connect = Connect {
            workspace: Workspace {
                platform: Platform::Slack,
                key: TEAM.to_owned(),
            },
            name: "Bench".to_owned(),
            bot_user: "U0BOT".to_owned(),
            app_id: APP.to_owned(),
            scopes: Vec::new(),
            tokens: Some(Tokens {
                access: SecretString::from("xoxb-bench"),
                refresh: None,
                expires_at: None,
            }),
            pending: false,
            master_key: Arc::clone(&node.master_key),
        };
        ledger.record(&admin, connect).await?
    };
    let system = Access::system(org, Surface::System);
    let mut tx = ledger.db().read(&system).await?;
    let root = unit::store::root(&mut tx, &system).await?;
    let root = root.context("the organization has no unit")?;
    // The first two have roles of their own.
    let addresses = (2..ASKERS + 2).map(|n| format!("person{n}@bench.example"));
    let people = person::store::by_addresses(&mut tx, &system, addresses.collect()).await?;
    drop(tx);
    if people.len() < ASKERS as usize {
        bail!("only {} of {ASKERS} people are there", people.len());
    }
    for (number, (_, person, _)) in people.into_iter().enumerate() {
        let user = ChatUser {
            install,
            user: user(u32::try_from(number)?),
        };
        let mut tx = ledger.db().read(&system).await?;
        let known = store::person_of(&mut tx, &system, &user).await?;
        drop(tx);
        if known.is_some() {
            continue;
        }
        let give = GiveGrant {
            person,
            role: Role::Auditor,
            root_unit: root,
            valid_to: None,
            remark: None,
        };
        ledger.record(&admin, give).await?;
        let issue = IssueTicket {
            user,
            profile: Profile::named(format!("Bench {number}")),
        };
        let ticket = ledger.record(&system, issue).await?;
        let own = sessions.of_person(org, person).await?.access;
        ledger.record(&own, TakeTicket { ticket }).await?;
    }
    ledger.db().close().await;
    Ok(())
}

fn user(number: u32) -> String {
    format!("U0BENCH{:03}", number % ASKERS)
}

/// An event that was sent.
#[derive(Debug)]
struct Sent {
    thread: String,
    at: Instant,
    taken_in: Duration,
}

/// Sends events at a pace over several connections. Times count from when an event was due: a server that keeps its callers waiting is late for
/// what they could not send meanwhile.
fn send(
    address: SocketAddr,
    assets: u32,
    name: &str,
    events: u32,
    pace: Duration,
) -> anyhow::Result<Vec<Sent>> {
    let begun = Instant::now();
    let run = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    let sent: anyhow::Result<Vec<Vec<Sent>>> = thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                scope.spawn(move || -> anyhow::Result<Vec<Sent>> {
                    let mut client = Client::connect(address)?;
                    let mut sent = Vec::new();
                    for number in (sender..events).step_by(usize::try_from(SENDERS)?) {
                        let due = begun + pace * number;
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        let thread = format!("{run}.{name}{number:06}");
                        let body = event(&thread, assets, number);
                        let timestamp = SystemTime::UNIX_EPOCH.elapsed()?.as_secs().to_string();
                        let secret = SecretString::from(SECRET);
                        let signature = sign(&secret, &timestamp, body.as_bytes());
                        let headers = [
                            (SIGNATURE, signature.as_str()),
                            (TIMESTAMP, &timestamp),
                            ("content-type", "application/json"),
                        ];
                        let status = client.post("/slack/events", &headers, &body)?.status;
                        if status != 200 {
                            bail!("an event was answered with {status}");
                        }
                        sent.push(Sent {
                            thread,
                            at: due,
                            taken_in: due.elapsed(),
                        });
                    }
                    Ok(sent)
                })
            })
            .collect();
        let joined = senders.into_iter().map(|sender| {
            let outcome = sender.join();
            outcome.map_err(|_| anyhow::anyhow!("a sender ended early"))?
        });
        joined.collect()
    });
    Ok(sent?.into_iter().flatten().collect())
}

/// What colleagues ask, in turn: mostly about one thing, now and then about many.
fn question(assets: u32, number: u32) -> String {
    let tag = plan::tag(number.wrapping_mul(2_654_435_761) % assets);
    let tag = tag.as_str();
    match number % 10 {
        0 => "how many laptops are in stock?".to_owned(),
        1 => "what is due back this week?".to_owned(),
        2 => "list missing laptops".to_owned(),
        3 => format!("who had {tag} before?"),
        4 | 5 => format!("where is {tag}?"),
        _ => format!("who has {tag}?"),
    }
}

fn event(thread: &str, assets: u32, number: u32) -> String {
    let user = user(number);
    json!({"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": format!("Ev{}", thread.replace('.', "")),
        "event": {"type": "message", "channel_type": "im", "user": user, "text": question(assets, number), "ts": thread, "channel": format!("D{user}")},
        "authorizations": [{"team_id": TEAM, "enterprise_id": null, "is_enterprise_install": false}]})
    .to_string()
}

/// Waits until everything is answered; how much is not.
fn await_answers(answered: &Answered, sent: [&Vec<Sent>; 2]) -> anyhow::Result<usize> {
    let begun = Instant::now();
    loop {
        let missing = {
            let answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
            let all = sent.iter().flat_map(|sent| sent.iter());
            all.filter(|sent| !answered.contains_key(&sent.thread))
                .count()
        };
        if missing == 0 || begun.elapsed() > ANSWERED_MAX {
            return Ok(missing);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Answers every call with yes, and notes which threads were answered.
fn sink(answered: &Answered) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let answered = Arc::clone(answered);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answered = Arc::clone(&answered);
            thread::spawn(move || drop(serve(&stream, &answered)));
        }
    });
    Ok(address)
}

fn serve(stream: &TcpStream, answered: &Answered) -> anyhow::Result<()> {
    const YES: &str = r#"{"ok":true,"channel":"D0BENCH","ts":"1.2"}"#;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream.try_clone()?;
    loop {
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if path.is_empty() {
                line.split(' ')
                    .nth(1)
                    .unwrap_or_default()
                    .clone_into(&mut path);
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        if path.ends_with("/chat.postMessage") {
            let body: serde_json::Value = serde_json::from_slice(&body)?;
            let thread = body["thread_ts"].as_str().unwrap_or_default().to_owned();
            let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = answered.entry(thread).or_insert((Instant::now(), 0));
            entry.1 += 1;
        }
        let bytes = YES.len();
        write!(
            writer,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\r\n{YES}"
        )?;
    }
}
