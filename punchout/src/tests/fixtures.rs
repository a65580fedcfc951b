//! Every document of others, real and composed, with what has to become of it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::code::Code;
use crate::code::Code::*;
use crate::cxml::{cart, request, response};
use crate::finding::Read;
use crate::limits::Tolerance;

use super::shared;

/// What a document is read as.
#[derive(Debug, Clone, Copy)]
enum As {
    Cart,
    Answer,
    Request,
}

type Expected = (
    &'static str,
    As,
    Result<&'static str, &'static [Code]>,
    &'static [Code],
);

include!("fixtures.in");

/// What was read, in a few words.
fn told(path: &Path, kind: As) -> Read<String> {
    let bytes = std::fs::read(path).expect("a document");
    let text = String::from_utf8(bytes.clone()).expect("a text");
    let tolerance = Tolerance::default();
    match kind {
        As::Cart => cart::read_text(&text, &tolerance).map(|cart| {
            let sums: Vec<String> = cart
                .subtotals()
                .iter()
                .map(|(currency, sum)| format!("{sum} {currency}"))
                .collect();
            format!(
                "{}: {} lines, {}",
                cart.buyer_cookie,
                cart.lines.len(),
                sums.join(" + ")
            )
        }),
        As::Answer => response::read(&bytes, &tolerance).map(|answer| match answer.payload {
            response::Payload::Profile(it) => {
                let requests: Vec<String> =
                    it.transactions.into_iter().map(|it| it.request).collect();
                format!("{} takes {}", answer.status.code, requests.join(" "))
            }
            other => format!("{} {other:?}", answer.status.code),
        }),
        As::Request => request::read_text(&text, &tolerance).map(|it| match it.body {
            request::Body::ShipNotice(it) => {
                let items = it.portions.iter().flat_map(|it| &it.items);
                let serials: Vec<String> = items
                    .flat_map(|item| {
                        item.pieces.iter().map(|it| {
                            format!(
                                "{}={}",
                                item.line_number,
                                it.serial.as_deref().unwrap_or("?")
                            )
                        })
                    })
                    .collect();
                format!("shipment {}", serials.join(" "))
            }
            request::Body::Invoice(it) => {
                let items: Vec<_> = it.orders.iter().flat_map(|it| &it.items).collect();
                let serials: Vec<&str> = items
                    .iter()
                    .flat_map(|it| &it.serials)
                    .map(String::as_str)
                    .collect();
                format!(
                    "invoice {} of {} items {}",
                    it.id,
                    items.len(),
                    serials.join(" ")
                )
            }
            request::Body::Confirmation(it) => {
                let statuses: usize = it.items.iter().map(|it| it.statuses.len()).sum();
                format!(
                    "confirmation {:?} of {} items, {statuses} statuses",
                    it.verdict,
                    it.items.len()
                )
            }
            other => other.name().to_owned(),
        }),
    }
}

#[test]
fn every_document_of_others_is_read_as_expected() {
    let Some(shared) = shared() else {
        return;
    };
    let mut wrong = Vec::new();
    for (name, kind, expected, warnings) in EXPECTED {
        let read = told(&shared.join(name), *kind);
        let outcome = read
            .outcome
            .as_ref()
            .map(String::as_str)
            .map_err(|_| read.refusals());
        let same = match (&outcome, expected) {
            (Ok(read), Ok(expected)) => read == expected,
            (Err(read), Err(expected)) => read == expected,
            _ => false,
        };
        if !same || read.warned() != *warnings {
            let outcome = match outcome {
                Ok(read) => format!("Ok({read:?})"),
                Err(read) => format!("Err(&{read:?})"),
            };
            wrong.push(format!(
                "    (\"{name}\", As::{kind:?}, {outcome}, &{:?}),",
                read.warned()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_document_of_others_is_forgotten() {
    let Some(shared) = shared() else {
        return;
    };
    let mut found = BTreeSet::new();
    for folder in ["real", "composed"] {
        for group in std::fs::read_dir(shared.join(folder)).expect("a folder") {
            for file in std::fs::read_dir(group.expect("a folder").path()).expect("a folder") {
                let path = file.expect("a file").path();
                let name = path
                    .strip_prefix(&shared)
                    .expect("within")
                    .to_string_lossy()
                    .into_owned();
                found.insert(name);
            }
        }
    }
    let known: BTreeSet<String> = EXPECTED
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    assert_eq!(found, known);
}
