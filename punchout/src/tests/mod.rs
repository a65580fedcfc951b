//! Documents as suppliers send them, and what becomes of them.

mod carts;
mod codes;
mod differential;
mod fixtures;
mod forms;
mod oci;
mod shipments;
mod written;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cxml::cart::{self, Cart};
use crate::finding::Read;
use crate::limits::Tolerance;

/// A cart with these lines, under a header that says all it should.
fn cart_of(lines: &str) -> String {
    cart_with("<Total><Money currency=\"USD\">1.00</Money></Total>", lines)
}

fn cart_with(header: &str, lines: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<cXML payloadID=\"p@x\" timestamp=\"2026-05-25T10:00:00-05:00\">{HEADER}<Message><PunchOutOrderMessage><BuyerCookie>c</BuyerCookie><PunchOutOrderMessageHeader operationAllowed=\"edit\">{header}</PunchOutOrderMessageHeader>{lines}</PunchOutOrderMessage></Message></cXML>"
    )
}

/// Credentials without a secret.
const HEADER: &str = "<Header><From><Credential domain=\"DUNS\"><Identity>1</Identity></Credential></From><To><Credential domain=\"DUNS\"><Identity>2</Identity></Credential></To><Sender><Credential domain=\"DUNS\"><Identity>1</Identity></Credential><UserAgent>x</UserAgent></Sender></Header>";

/// A line of one for one dollar, with these attributes and what else is in its details.
fn line(attributes: &str, detail: &str) -> String {
    format!(
        "<ItemIn {attributes}><ItemID><SupplierPartID>P</SupplierPartID></ItemID><ItemDetail><UnitPrice><Money currency=\"USD\">1.00</Money></UnitPrice><Description xml:lang=\"en\">d</Description><UnitOfMeasure>EA</UnitOfMeasure><Classification domain=\"UNSPSC\">43211503</Classification>{detail}</ItemDetail></ItemIn>"
    )
}

/// A request with this in it.
fn request_of(body: &str) -> String {
    format!(
        "<cXML payloadID=\"p@x\" timestamp=\"2026-05-25T10:00:00-05:00\">{HEADER}<Request>{body}</Request></cXML>"
    )
}

fn read(text: &str) -> Read<Cart> {
    cart::read_text(text, &Tolerance::default())
}

/// The documents of others for tests, which lie beside the project; none without them.
fn shared() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = here
        .ancestors()
        .map(|it| it.join("shared/fixtures/cxml"))
        .find(|it| it.is_dir());
    if found.is_none() {
        say("the documents of shared/fixtures/cxml are not here: nothing was compared with them");
    }
    found
}

/// What xmllint says of a text: whether it is well-formed, or valid by a definition. None where it is not installed.
fn xmllint(text: &str, dtd: Option<&str>) -> Option<Result<(), String>> {
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet"]);
    let dtd = match dtd {
        Some(dtd) => Some(shared()?.join("dtd").join(dtd)),
        None => None,
    };
    if let Some(dtd) = &dtd {
        command.arg("--dtdvalid").arg(dtd);
    }
    command
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        say("xmllint is not installed: nothing was compared with it");
        return None;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    // It may stop reading at the first fault.
    let _ = std::io::Write::write_all(&mut stdin, text.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() {
        Ok(())
    } else {
        Err(said)
    })
}

#[expect(
    clippy::print_stderr,
    reason = "whoever runs the tests should know what was not tested"
)]
fn say(text: &str) {
    eprintln!("{text}");
}
