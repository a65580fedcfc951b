//! Two organisations on one server. Every caller asks for what others have and for what nobody has; no byte may tell the two apart.

mod crawl;
mod document;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::client::Client;
use crate::place::{Engine, Place};
use crate::plan::{self, Dice};
use crate::server::Server;
use crate::terminal::{complain, say};
use crate::{Where, beside, seed};
use crawl::{Caller, Kind};
use document::{Operation, Parameter};

/// Assets of each organisation: every unit has some.
const ASSETS: u32 = 2_000;
/// The other organisation's labels and serial numbers begin here, so that each has its own.
const OTHERS_FIRST: u32 = 500_000;
/// Labels and serial numbers from here on are nobody's.
const NOBODYS_FIRST: u32 = 900_000;
const OTHER: &str = "bench2";
const THREADS: usize = 4;
/// More would only repeat the first.
const LEAKS_SHOWN: usize = 20;

/// How the drill is run.
#[derive(Debug, Args)]
pub struct Tenancy {
    #[command(flatten)]
    place: Where,
    /// How many requests; every second one is for what does not exist.
    #[arg(long, default_value_t = 100_000)]
    requests: usize,
    /// From which number the requests are generated.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The binary that is tried; by default the one beside this.
    #[arg(long)]
    habeo: Option<PathBuf>,
}

/// One caller with what they may know and what they may not.
struct Side {
    name: String,
    token: String,
    /// What others have and this caller has not seen, by kind.
    beyond: BTreeMap<Kind, Vec<String>>,
    /// Identifiers and codes of others, none of which may occur in an answer to this caller.
    secrets: BTreeSet<String>,
    /// Something of their own for the other parameters of a path.
    own: BTreeMap<Kind, String>,
}

/// A question that has two spellings: for what is others', and for what is nobody's.
struct Probe<'a> {
    operation: &'a Operation,
    parameter: &'a Parameter,
    theirs: String,
    nobodys: String,
    foreign: String,
    absent: String,
}

impl Tenancy {
    pub fn run(self, runtime: &tokio::runtime::Runtime) -> anyhow::Result<()> {
        let habeo = beside(self.habeo.clone())?;
        let place = self.place()?;
        let outcome = self.drill(runtime, &habeo, &place);
        runtime.block_on(place.remove())?;
        outcome
    }

    fn place(&self) -> anyhow::Result<Place> {
        match self.place.engine {
            Engine::Sqlite => Ok(Place::sqlite(&self.place.dir.join("tenancy"))),
            Engine::Postgres => Place::postgres(
                &self.place.url,
                &format!("{}tenancy", crate::place::DATABASE_PREFIX),
            ),
        }
    }

    fn drill(
        &self,
        runtime: &tokio::runtime::Runtime,
        habeo: &std::path::Path,
        place: &Place,
    ) -> anyhow::Result<()> {
        runtime.block_on(async {
            place.remove().await?;
            seed::seed_as(place, plan::SLUG, 0, ASSETS).await?;
            seed::seed_as(place, OTHER, OTHERS_FIRST, ASSETS).await
        })?;
        let server = Server::start(habeo, place)?;
        let operations = document::operations(&server)?;
        let sides = sides(habeo, place, &server, &operations)?;
        say(&format!(
            "{} operations, {} callers, {} requests",
            operations.len(),
            sides.len(),
            self.requests
        ));
        let begun = Instant::now();
        let leaks = Mutex::new(Vec::new());
        let asked = AtomicUsize::new(0);
        let outcome: anyhow::Result<()> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|n| {
                    let (leaks, asked, server) = (&leaks, &asked, &server);
                    let (operations, sides) = (&operations, &sides);
                    let dice = Dice::new(self.seed.wrapping_mul(1_000) + n as u64);
                    let requests = self.requests;
                    scope.spawn(move || {
                        probe(
                            server,
                            operations,
                            sides,
                            dice,
                            &|leak| {
                                if let Ok(mut leaks) = leaks.lock() {
                                    leaks.push(leak);
                                }
                            },
                            &|pairs| asked.fetch_add(2 * pairs, Ordering::Relaxed) < requests,
                        )
                    })
                })
                .collect();
            for thread in threads {
                thread.join().ok().context("a thread panicked")??;
            }
            Ok(())
        });
        outcome?;
        let leaks = leaks.into_inner().unwrap_or_default();
        for leak in leaks.iter().take(LEAKS_SHOWN) {
            complain(leak);
        }
        say(&format!(
            "{} requests in {:.1} s: {} leaks",
            self.requests,
            begun.elapsed().as_secs_f64(),
            leaks.len()
        ));
        if !leaks.is_empty() {
            bail!("others can be told from nobody");
        }
        Ok(())
    }
}

/// Who asks: the administrator and a technician of each organisation.
fn sides(
    habeo: &std::path::Path,
    place: &Place,
    server: &Server,
    operations: &[Operation],
) -> anyhow::Result<Vec<Side>> {
    let mut callers = Vec::new();
    for slug in [plan::SLUG, OTHER] {
        for person in [plan::ADMIN, plan::TECHNICIAN] {
            let token = crate::server::token(habeo, place, slug, person)?;
            let seen = crawl::crawl(server, &token, operations)?;
            callers.push(Caller {
                slug,
                person,
                token,
                seen,
            });
        }
    }
    let mut sides = Vec::new();
    for caller in &callers {
        let mut beyond: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        let mut secrets = BTreeSet::new();
        for other in callers.iter().filter(|other| other.person == plan::ADMIN) {
            // Somebody sees all of their own organisation and nothing is beyond them there.
            if other.slug == caller.slug && caller.person == plan::ADMIN {
                continue;
            }
            for (kind, values) in &other.seen.names {
                for value in values {
                    let known = caller.seen.texts.contains(value)
                        || (*kind == Kind::Text
                            && caller.seen.texts.iter().any(|text| text.contains(value)));
                    // Cursors of one's own organisation are refused with a code of their own.
                    let own_cursor = *kind == Kind::Cursor && other.slug == caller.slug;
                    if !known && !own_cursor {
                        beyond.entry(*kind).or_default().insert(value.clone());
                        if kind.is_telling() {
                            secrets.insert(value.clone());
                        }
                    }
                }
            }
        }
        let own = caller
            .seen
            .names
            .iter()
            .filter_map(|(kind, values)| Some((*kind, values.iter().next()?.clone())));
        sides.push(Side {
            name: format!("{} of {}", caller.person, caller.slug),
            token: caller.token.clone(),
            beyond: beyond
                .into_iter()
                .map(|(kind, values)| (kind, values.into_iter().collect()))
                .collect(),
            secrets,
            own: own.collect(),
        });
    }
    Ok(sides)
}

/// Asks in pairs until it is enough.
fn probe(
    server: &Server,
    operations: &[Operation],
    sides: &[Side],
    mut dice: Dice,
    leak: &dyn Fn(String),
    asked: &dyn Fn(usize) -> bool,
) -> anyhow::Result<()> {
    let mut client = Client::connect(server.address)?;
    while asked(0) {
        let side = pick(&mut dice, sides).context("nobody asks")?;
        let Some(probe) = draw(&mut dice, operations, side) else {
            continue;
        };
        if !asked(1) {
            break;
        }
        let theirs = answer(&mut client, &probe.theirs, side)?;
        let nobodys = answer(&mut client, &probe.nobodys, side)?;
        let what = || {
            format!(
                "{}: {} with {} {}",
                side.name, probe.operation.id, probe.parameter.name, probe.foreign
            )
        };
        // The spelling that was asked for may be said back; that both have in common.
        let others = comparable(&theirs, &probe.foreign);
        let nobody = comparable(&nobodys, &probe.absent);
        if others != nobody {
            leak(format!(
                "{}\n  others: {others}\n  nobody: {nobody}",
                what()
            ));
        }
        if let Some(secret) = secret_in(&theirs, side, &probe.foreign) {
            leak(format!("{} answers with {secret}", what()));
        }
    }
    Ok(())
}

fn pick<'a, T>(dice: &mut Dice, from: &'a [T]) -> Option<&'a T> {
    let at = dice.below(u32::try_from(from.len()).ok()?);
    from.get(usize::try_from(at).ok()?)
}

/// Any operation, one of its parameters that name something, something of others for it, and something like it that nobody has.
fn draw<'a>(dice: &mut Dice, operations: &'a [Operation], side: &Side) -> Option<Probe<'a>> {
    let operation = pick(dice, operations)?;
    let parameter = pick(dice, &operation.parameters)?;
    let foreign = pick(dice, side.beyond.get(&parameter.kind)?)?.clone();
    let absent = nothing_like(dice, parameter.kind, &foreign);
    let target = |value: &str| operation.target(parameter, value, &side.own);
    Some(Probe {
        operation,
        parameter,
        theirs: target(&foreign),
        nobodys: target(&absent),
        foreign,
        absent,
    })
}

/// Something that nobody has, in the form of the real thing.
fn nothing_like(dice: &mut Dice, kind: Kind, value: &str) -> String {
    let number = NOBODYS_FIRST + dice.below(9_000);
    match kind {
        Kind::Tag => plan::tag(number).as_str().to_owned(),
        Kind::Serial => plan::serial(number),
        // One character of the sealed part is another.
        Kind::Cursor => {
            let last = if value.ends_with('A') { "B" } else { "A" };
            [&value[..value.len() - 1], last].concat()
        }
        Kind::Text => value
            .chars()
            .map(|c| if c.is_alphanumeric() { 'q' } else { c })
            .collect(),
        // The form of an identifier that this program makes, of an instant at which it made none.
        _ => format!(
            "00000000-0000-7{:03x}-8{:03x}-{:012x}",
            dice.below(4_096),
            dice.below(4_096),
            dice.below(u32::MAX)
        ),
    }
}

fn answer(client: &mut Client, target: &str, side: &Side) -> anyhow::Result<String> {
    let answer = client.get(target, Some(&side.token))?;
    if answer.status >= 500 {
        bail!("{target} answers {}", answer.status);
    }
    let head = String::from_utf8_lossy(answer.head);
    let body = String::from_utf8_lossy(answer.body);
    Ok(format!("{head}{body}"))
}

/// The whole answer, byte by byte, but for what differs between any two: the time, the request's id, what is left of the rate; and but for
/// the value that was asked for.
fn comparable(answer: &str, asked: &str) -> String {
    const VARYING: [&str; 5] = [
        "x-request-id",
        "date",
        "ratelimit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ];
    const REQUEST_ID: &str = "\"requestId\":\"";
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let varies = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !VARYING
            .iter()
            .any(|varying| name.eq_ignore_ascii_case(varying))
    };
    let mut text: String = head.lines().filter(varies).collect::<Vec<_>>().join("\n");
    text.push('\n');
    match body.split_once(REQUEST_ID) {
        None => text.push_str(body),
        Some((before, after)) => {
            text.push_str(before);
            text.push_str(after.split_once('"').map_or("", |(_, rest)| rest));
        }
    }
    text.replace(asked, "?")
}

/// An identifier or code of others in an answer, other than the one that was asked for.
fn secret_in<'a>(answer: &'a str, side: &Side, asked: &str) -> Option<&'a str> {
    answer
        .split('"')
        .find(|text| *text != asked && side.secrets.contains(*text))
}
