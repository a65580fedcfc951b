//! One entry of the ledger, to the byte, and the proof that it is in it.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::access::Access;
use habeo_core::ledger::checkpoint::{self, Signed};
use habeo_core::ledger::note::Verifier;
use habeo_core::ledger::tile::{self, Proof};
use habeo_core::ledger::trail::{self, Filter, Found};
use habeo_core::ledger::tree::hex;
use habeo_core::page::Limit;
use habeo_core::store::Tx;
use poem::http::header;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use serde_json::{Value, json};

use super::list::{Row, rows};
use crate::Console;
use crate::page::{Frame, Page};
use crate::pages::connections::words::second;
use crate::pages::{absent, failed};
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "audit_entry.html")]
struct Show {
    frame: Frame,
    row: Row,
    event: String,
    stream: String,
    cause: Option<String>,
    bytes: String,
    pretty: String,
    leaf_hash: String,
    proof: Option<Proved>,
    keys: Vec<String>,
    before: Option<i64>,
    after: Option<i64>,
}

/// The entry's place in a signed tree.
#[derive(Debug)]
struct Proved {
    size: u64,
    root: String,
    signed_at: String,
    hashes: Vec<String>,
}

/// The entry with this index.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(index): Path<String>,
) -> Result<Response> {
    let visitor = visitor.auditing(console)?;
    let access = visitor.access();
    let (mut tx, found) = find(console, access, &index).await?;
    let index = found.stored.index;
    let signed = checkpoint::latest(&mut tx, access).await.map_err(failed)?;
    let proof = prove(&mut tx, access, index, signed.as_ref()).await?;
    let size = habeo_core::ledger::audit::size(&mut tx, access).await;
    let last = size.map_err(failed)? == u64::try_from(index + 1).unwrap_or(u64::MAX);
    let row = rows(console, &mut tx, &visitor, std::slice::from_ref(&found)).await?;
    let row = row.into_iter().next().ok_or_else(absent)?;
    drop(tx);
    let keys = match &signed {
        Some(signed) => keys(console, signed).await?,
        None => Vec::new(),
    };
    let entry = found.entry().map_err(failed)?;
    let value: Value = serde_json::from_str(&found.stored.bytes).unwrap_or_default();
    let proved = |(proof, signed): (Proof, Signed)| Proved {
        size: signed.checkpoint.size,
        root: hex(&proof.root),
        signed_at: second(signed.signed_at),
        hashes: proof.hashes.iter().map(|hash| hex(hash)).collect(),
    };
    let page = Show {
        frame: Frame::of(console, &visitor, "Entry"),
        row,
        event: entry.event_id.to_string(),
        stream: entry.stream,
        cause: entry.causation_id.map(|id| id.to_string()),
        pretty: format!("{value:#}"),
        leaf_hash: hex(&found.stored.leaf_hash),
        bytes: found.stored.bytes,
        proof: proof.zip(signed).map(proved),
        keys,
        before: (index > 0).then(|| index - 1),
        after: (!last).then(|| index + 1),
    };
    Ok(Page::of(&page).into_response())
}

/// What of an entry can be kept as a file.
#[handler]
pub(crate) async fn file(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((index, name)): Path<(String, String)>,
) -> Result<Response> {
    let visitor = visitor.auditing(console)?;
    let access = visitor.access();
    let (mut tx, found) = find(console, access, &index).await?;
    let index = found.stored.index;
    let signed = checkpoint::latest(&mut tx, access).await.map_err(failed)?;
    let (content_type, body) = match name.as_str() {
        "entry.json" => ("application/json", found.stored.bytes),
        "proof.json" => {
            let proof = prove(&mut tx, access, index, signed.as_ref()).await?;
            let (proof, signed) = proof.zip(signed).ok_or_else(absent)?;
            let size = signed.checkpoint.size;
            ("application/json", written(index, size, &proof).to_string())
        }
        "checkpoint.txt" => {
            let signed = signed.ok_or_else(absent)?;
            ("text/plain; charset=utf-8", signed.note)
        }
        _ => return Err(absent()),
    };
    Ok(Response::builder()
        .content_type(content_type)
        .header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{index}-{name}\""),
        )
        .header(header::CACHE_CONTROL, "no-store")
        .body(body))
}

/// The entry that an address names, where there is one.
async fn find(console: &Console, access: &Access, index: &str) -> Result<(Tx, Found)> {
    // As in `/audit/0`: one spelling for each entry.
    let plain = index.bytes().all(|byte| byte.is_ascii_digit()) && index.len() <= 15;
    let index: i64 = index.parse().ok().filter(|_| plain).ok_or_else(absent)?;
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let limit = Limit::new(1).unwrap_or_default();
    let before = Some(index + 1);
    let page = trail::page(&mut tx, access, &Filter::default(), before, limit).await;
    let found = page.map_err(failed)?.rows.into_iter().next();
    let found = found.filter(|found| found.stored.index == index);
    Ok((tx, found.ok_or_else(absent)?))
}

/// The proof against the last checkpoint; none where the entry is younger.
async fn prove(
    tx: &mut Tx,
    access: &Access,
    index: i64,
    signed: Option<&Signed>,
) -> Result<Option<Proof>> {
    let Some(signed) = signed else {
        return Ok(None);
    };
    let index = u64::try_from(index).map_err(|_| absent())?;
    let proof = tile::inclusion(tx, access, index, signed.checkpoint.size).await;
    proof.map_err(failed)
}

/// A proof as `/api/v1/ledger/proof/inclusion` answers it and `habeo-verify` takes it.
fn written(index: i64, size: u64, proof: &Proof) -> Value {
    let hashes = proof.hashes.iter().map(|hash| STANDARD.encode(hash));
    json!({"data": {
        "index": index,
        "size": size,
        "leafHash": STANDARD.encode(proof.of),
        "root": STANDARD.encode(proof.root),
        "hashes": hashes.collect::<Vec<_>>(),
    }})
}

/// The public keys under the name of the ledger, as verifiers take them.
async fn keys(console: &Console, signed: &Signed) -> Result<Vec<String>> {
    let db = console.parts().ledger.db();
    let keys = checkpoint::keys(db).await.map_err(failed)?;
    let origin = &signed.checkpoint.origin;
    let written = keys.iter();
    let written = written.map(|key| Verifier::new(origin, key.public_key).to_string());
    Ok(written.collect())
}
