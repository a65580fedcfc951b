//! Buying in suppliers' shops, as it is configured.

use std::sync::Arc;

use std::pin::Pin;

use habeo_bot::Bot;
use habeo_console::{Bringing, Brought, Entrance, NotBrought, NotEntered, Remark, Shops};
use habeo_core::access::Access;
use habeo_core::id::{PunchoutDocumentId, PunchoutId, SupplierId};
use habeo_core::order::report::ShipNotice;
use habeo_core::punchout::command::StartSession;
use habeo_punchout::back::{NotRecovered, recover};
use habeo_punchout::desk::{Parts, Punchout, Quotas};
use habeo_punchout::documents::table::{self, NotTaken};
use habeo_punchout::documents::{Answer, Said};
use habeo_punchout::finding::Finding;
use habeo_punchout::limits::Limits;
use habeo_punchout::probe::probe;
use habeo_punchout::route::EDGE_BODY_BYTES_MAX;
use habeo_punchout::start::{NotStarted, StartPage, start};
use habeo_surface::limit::Quota;
use secrecy::ExposeSecret as _;

use crate::config::Config;
use crate::node::Node;

/// What speaks with suppliers, through the same guarded client as everything else that leaves.
pub fn open(config: &Config, node: &Node, bot: &Bot) -> anyhow::Result<Punchout> {
    Ok(Punchout::new(Parts {
        ledger: node.ledger.clone(),
        master_key: Arc::clone(&node.master_key),
        egress: bot.common().parts().egress.clone(),
        public_url: config.public_url()?,
        stylesheet: habeo_console::stylesheet(),
        limits: limits(config),
        quotas: quotas(config),
    }))
}

/// The shops, as the pages for people enter them.
#[derive(Debug)]
pub struct Entered(pub Punchout);

impl Shops for Entered {
    fn enter<'a>(
        &'a self,
        access: &'a Access,
        wanted: StartSession,
    ) -> Pin<Box<dyn Future<Output = Result<Entrance, NotEntered>> + Send + 'a>> {
        Box::pin(async move {
            let visit = start(&self.0, access, wanted).await;
            Ok(match visit.map_err(not_started)?.page {
                StartPage::Address(address) => Entrance::Address(address),
                StartPage::Form(form) => Entrance::Form {
                    action: form.action,
                    // A catalogue of this sort is called up by the browser, so the visitor sees what it is called up with.
                    fields: form
                        .fields
                        .into_iter()
                        .map(|(name, value)| (name, value.expose_secret().to_owned()))
                        .collect(),
                },
            })
        })
    }

    fn probe<'a>(
        &'a self,
        access: &'a Access,
        supplier: SupplierId,
    ) -> Pin<Box<dyn Future<Output = (String, bool)> + Send + 'a>> {
        Box::pin(async move {
            match probe(&self.0, access, supplier).await {
                Ok(probed) => (
                    format!("{}: {}.", probed.url, probed.finding),
                    probed.finding.is_good(),
                ),
                Err(why) => (format!("Nothing was asked: {why}."), false),
            }
        })
    }

    fn documents_url(&self, supplier: SupplierId) -> String {
        self.0.documents_url(supplier)
    }

    fn read_shipments<'a>(
        &'a self,
        access: &'a Access,
        supplier: SupplierId,
        table: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Bringing> + Send + 'a>> {
        Box::pin(async move {
            let read = table::look(&self.0, access, supplier, table).await;
            let (notices, odd) = read.map_err(not_taken)?;
            let shipments = notices.iter().map(read_only);
            Ok((shipments.collect(), odd.iter().map(remark).collect()))
        })
    }

    fn take_shipments<'a>(
        &'a self,
        access: &'a Access,
        supplier: SupplierId,
        table: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Bringing> + Send + 'a>> {
        Box::pin(async move {
            let taken = table::take(&self.0, access, supplier, table).await;
            let (shipments, odd) = taken.map_err(not_taken)?;
            let shipments = shipments.into_iter().map(|one| Brought {
                reference: one.reference,
                about: Vec::new(),
                taken: Some((200..300).contains(&one.answer.status)),
                said: said(one.answer),
            });
            Ok((shipments.collect(), odd.iter().map(remark).collect()))
        })
    }

    fn recover<'a>(
        &'a self,
        access: &'a Access,
        session: PunchoutId,
        document: PunchoutDocumentId,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotEntered>> + Send + 'a>> {
        Box::pin(async move {
            let taken = recover(&self.0, access, session, document).await;
            taken.map(drop).map_err(not_recovered)
        })
    }
}

/// What a shipment of a table says.
fn read_only(notice: &ShipNotice) -> Brought {
    let portions = notice.portions.iter();
    let about = portions.map(|portion| {
        let order = portion.order.po_no.as_deref().unwrap_or("an order");
        let items = portion.items.iter();
        let lines: Vec<String> = items
            .map(|item| {
                let serials = item.pieces.iter().filter(|piece| piece.serial.is_some());
                let numbered = match serials.count() {
                    0 => String::new(),
                    count => format!(" ({count} with serial numbers)"),
                };
                let quantity = item.quantity.plain();
                format!("line {}: {quantity} {}{numbered}", item.line, item.unit)
            })
            .collect();
        format!("{order}: {}", lines.join(", "))
    });
    Brought {
        reference: notice.reference.clone(),
        about: about.collect(),
        taken: None,
        said: Vec::new(),
    }
}

fn said(answer: Answer) -> Vec<String> {
    match answer.said {
        Said::Lines(lines) => lines,
        Said::Profile(_) => Vec::new(),
    }
}

fn remark(finding: &Finding) -> Remark {
    let place = finding.place.as_ref();
    Remark {
        place: place.map(|place| (place.line, place.path.clone())),
        text: format!("{} ({})", finding.message, finding.code),
    }
}

fn not_taken(why: NotTaken) -> NotBrought {
    match why {
        NotTaken::UnknownSupplier => NotBrought::Unknown,
        NotTaken::Unread(findings) => NotBrought::Unread(findings.iter().map(remark).collect()),
        NotTaken::Store(error) => NotBrought::Store(error),
        why @ NotTaken::UnknownOrder(_) => NotBrought::Refused(why.to_string()),
    }
}

fn not_started(why: NotStarted) -> NotEntered {
    match why {
        NotStarted::Refused(refusal) => NotEntered::Refused(refusal),
        NotStarted::Store(error) => NotEntered::Store(error),
        why => NotEntered::Supplier(why.to_string()),
    }
}

fn not_recovered(why: NotRecovered) -> NotEntered {
    match why {
        NotRecovered::Refused(refusal) => NotEntered::Refused(refusal),
        NotRecovered::Store(error) => NotEntered::Store(error),
        why @ NotRecovered::Unread(_) => NotEntered::Supplier(why.to_string()),
    }
}

/// The most bytes of a body that come as far as the doors.
#[must_use]
pub fn body_bytes_max(config: &Config) -> usize {
    EDGE_BODY_BYTES_MAX.max(limits(config).body_bytes + 1)
}

const fn limits(config: &Config) -> Limits {
    Limits::of(
        config.punchout.document_bytes_max,
        config.punchout.lines_max,
    )
}

fn quotas(config: &Config) -> Quotas {
    let a_minute = |rate| Quota {
        rate,
        period_seconds: 60,
        burst: rate,
    };
    Quotas {
        address: a_minute(config.punchout.returns_per_address),
        organization: a_minute(config.punchout.returns_per_organization),
        ..Quotas::default()
    }
}
