//! What the other side can do: `ProfileResponse`.

use crate::moment::Moment;

use super::envelope::moment;
use super::walk::{Step, Tag, Walk, some};

/// What somebody takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Since when it is so.
    pub effective: Option<Moment>,
    /// Options of the whole, by their names.
    pub options: Vec<(String, String)>,
    /// The requests that are taken.
    pub transactions: Vec<Transaction>,
}

/// A sort of request that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Which, such as `OrderRequest`.
    pub request: String,
    /// The address that takes it.
    pub url: Option<String>,
    /// Its options, by their names.
    pub options: Vec<(String, String)>,
}

/// The element `ProfileResponse` that is open.
pub(crate) fn profile<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Profile> {
    let mut profile = Profile {
        effective: moment(walk, tag, "effectiveDate", true),
        options: Vec::new(),
        transactions: Vec::new(),
    };
    while let Some(child) = walk.child()? {
        match child.name() {
            "Option" => profile.options.push(option(walk, &child)?),
            "Transaction" => profile.transactions.push(transaction(walk, &child)?),
            _ => walk.unknown(&child)?,
        }
    }
    Ok(profile)
}

fn option<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<(String, String)> {
    let name = tag.some("name").unwrap_or_default();
    Ok((name, some(&walk.text()?).unwrap_or_default()))
}

fn transaction<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Transaction> {
    let mut transaction = Transaction {
        request: tag.some("requestName").unwrap_or_default(),
        url: None,
        options: Vec::new(),
    };
    while let Some(child) = walk.child()? {
        match child.name() {
            "URL" => transaction.url = walk.web_address(&child)?,
            "Option" => transaction.options.push(option(walk, &child)?),
            _ => walk.unknown(&child)?,
        }
    }
    Ok(transaction)
}
