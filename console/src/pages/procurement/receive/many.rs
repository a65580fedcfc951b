//! Many pieces at once: a list of serial numbers and labels, as a scanner types it into a field of several lines.

use habeo_core::access::Action;
use habeo_core::id::OrderId;
use habeo_core::order::receive::{Receive, UNITS_MAX};
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::scanned::Entered;
use super::{Saying, desk};
use crate::Console;
use crate::once;
use crate::page::Page;
use crate::pages::{absent, failed, sentence};
use crate::visitor::{SignedIn, Submitted};

/// What came of one line.
#[derive(Debug)]
pub(super) struct Outcome {
    pub number: usize,
    pub text: String,
    pub done: bool,
    pub said: String,
}

/// A list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pasted {
    list: String,
    place: String,
    shipment: String,
    line: String,
    no_tag: Option<String>,
    once: String,
}

impl Pasted {
    /// One of its lines, as if it had been entered by itself.
    fn piece(&self, line: &str) -> Entered {
        let (serial, tag) = codes(line);
        // A dash stands for a serial number that a piece does not have.
        let none = serial == "-";
        Entered {
            serial: if none {
                String::new()
            } else {
                serial.to_owned()
            },
            no_serial: none.then(String::new),
            tag: tag.to_owned(),
            no_tag: self.no_tag.clone(),
            line: self.line.clone(),
            place: self.place.clone(),
            shipment: self.shipment.clone(),
            ..Entered::default()
        }
    }
}

/// The two codes of a line: by a tabulator, semicolon or comma between them, else by the last blank.
fn codes(line: &str) -> (&str, &str) {
    let line = line.trim();
    let between = line
        .split_once(['\t', ';', ','])
        .or_else(|| line.rsplit_once(char::is_whitespace));
    let (serial, tag) = between.unwrap_or((line, ""));
    (serial.trim(), tag.trim())
}

/// Receives what a list says, line by line: what cannot be received stays in it.
#[handler]
pub(crate) async fn take(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(pasted): Submitted<Pasted>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Register)?;
    let order: OrderId = id.parse().map_err(|_| absent())?;
    let lines: Vec<(usize, &str)> = pasted
        .list
        .lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    let fault = match lines.len() {
        0 => Some("Scan or paste one piece in each line.".to_owned()),
        many if many > UNITS_MAX => Some(format!("At most {UNITS_MAX} pieces at once.")),
        _ => None,
    };
    let outcomes = match fault {
        Some(_) => Vec::new(),
        None => taken(console, &visitor, order, &pasted, &lines).await?,
    };
    let left: Vec<&str> = lines
        .iter()
        .filter(|(number, _)| !outcomes.iter().any(|it| it.number == *number && it.done))
        .map(|(_, line)| *line)
        .collect();
    let status = if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let saying = Saying {
        fault,
        list: left.join("\n"),
        outcomes,
        ..Saying::default()
    };
    let entered = Entered {
        place: pasted.place.clone(),
        shipment: pasted.shipment.clone(),
        line: pasted.line.clone(),
        no_tag: pasted.no_tag.clone(),
        ..Entered::default()
    };
    let page = desk(console, &visitor, &id, entered, saying).await?;
    Ok(Page::of(&page).status(status).into_response())
}

/// All of it in one unit of work; where something stands in the way, line by line, so that the rest is not kept from the shelf by it.
async fn taken(
    console: &Console,
    visitor: &SignedIn,
    order: OrderId,
    pasted: &Pasted,
    lines: &[(usize, &str)],
) -> Result<Vec<Outcome>> {
    let read = lines
        .iter()
        .map(|(number, text)| (*number, *text, pasted.piece(text).receive(order)));
    let read: Vec<_> = read.collect();
    if let Some(whole) = whole(&read) {
        let sent = named(pasted.once.clone(), &whole)?;
        if once::ask(console, visitor, sent.form(), whole)
            .await?
            .is_ok()
        {
            let done = read.iter().map(|(number, text, _)| done(*number, text));
            return Ok(done.collect());
        }
    }
    let mut outcomes = Vec::with_capacity(read.len());
    for (number, text, receive) in read {
        let said = match receive {
            Err(fault) => Some(fault.text),
            Ok(receive) => {
                let sent = named(format!("{}-{number}", pasted.once), &receive)?;
                let answer = once::ask(console, visitor, sent.form(), receive).await?;
                answer.err().map(|refusal| sentence(&once::why(&refusal)))
            }
        };
        outcomes.push(match said {
            None => done(number, text),
            Some(said) => Outcome {
                number,
                text: text.to_owned(),
                done: false,
                said,
            },
        });
    }
    Ok(outcomes)
}

fn done(number: usize, text: &str) -> Outcome {
    Outcome {
        number,
        text: text.to_owned(),
        done: true,
        said: "Received.".to_owned(),
    }
}

/// All pieces in one, where each could be read.
fn whole<F>(read: &[(usize, &str, std::result::Result<Receive, F>)]) -> Option<Receive> {
    let mut all = read.iter().map(|(_, _, receive)| receive.as_ref().ok());
    let mut whole = all.next()??.clone();
    for receive in all {
        whole.units.extend(receive?.units.iter().cloned());
    }
    Some(whole)
}

/// A form of this name with what it says.
struct Named {
    name: String,
    input: String,
}

fn named(name: String, receive: &Receive) -> Result<Named> {
    let input = serde_json::to_string(receive).map_err(failed)?;
    Ok(Named { name, input })
}

impl Named {
    fn form(&self) -> once::Sent<'_> {
        once::Sent {
            name: &self.name,
            route: "console.receive",
            input: self.input.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::codes;

    #[test]
    fn lines_hold_two_codes() {
        for (line, expected) in [
            ("5CG1\tWMK-1", ("5CG1", "WMK-1")),
            (" 5CG1 ; WMK-1 ", ("5CG1", "WMK-1")),
            ("5CG1,WMK-1", ("5CG1", "WMK-1")),
            ("SN 5CG1  WMK-1", ("SN 5CG1", "WMK-1")),
            ("5CG1", ("5CG1", "")),
            ("-\tWMK-1", ("-", "WMK-1")),
        ] {
            assert_eq!(codes(line), expected, "{line:?}");
        }
    }
}
