//! The list held against core: every code its rules can answer, with the status it is answered with.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use habeo_core::api_key::Refusal as ApiKey;
use habeo_core::app::Refusal as App;
use habeo_core::app_client::Refusal as AppClient;
use habeo_core::app_install::Refusal as AppInstall;
use habeo_core::approval::Refusal as Approval;
use habeo_core::asset::decide::Refusal as Asset;
use habeo_core::asset::search::ScanRefusal as Scan;
use habeo_core::asset::steps::StepsRefusal as Steps;
use habeo_core::asset::{HoldKind, State};
use habeo_core::catalogue::command::Refusal as Models;
use habeo_core::chat::NotAKey;
use habeo_core::chat_link::command::Refusal as ChatLink;
use habeo_core::confirm::Refusal as Confirm;
use habeo_core::connection::Refusal as Connection;
use habeo_core::connection::reported::Refusal as Reports;
use habeo_core::conversation::command::Refusal as Conversation;
use habeo_core::device::Refusal as Device;
use habeo_core::digest::command::Refusal as Digest;
use habeo_core::endpoint::Refusal as Endpoint;
use habeo_core::endpoint::delivery::confirm::Refusal as Delivery;
use habeo_core::explain::Explain;
use habeo_core::grant::command::Refusal as Grant;
use habeo_core::idempotency::Refusal as Once;
use habeo_core::identity::Refusal as Identity;
use habeo_core::import::command::Refusal as Import;
use habeo_core::inbox::{Refusal as Inbox, ReplayRefusal as Replay};
use habeo_core::install::Refusal as Install;
use habeo_core::ledger::RecordError;
use habeo_core::ledger::audit::Refusal as Audit;
use habeo_core::ledger::checkpoint::Refusal as Checkpoint;
use habeo_core::location::command::Refusal as Location;
use habeo_core::notice::Sort;
use habeo_core::notice::preference::command::Refusal as Notices;
use habeo_core::order::Refusal as Order;
use habeo_core::order::document::Refusal as SupplierDocument;
use habeo_core::org::command::Refusal as Org;
use habeo_core::org::export::Refusal as Export;
use habeo_core::org::reopen::Refusal as Reopen;
use habeo_core::page::CursorRefusal as Cursor;
use habeo_core::person::command::Refusal as Person;
use habeo_core::punchout::{LineFault, Refusal as Punchout};
use habeo_core::push_device::command::Refusal as Phone;
use habeo_core::requisition::{self, Refusal as Requisition};
use habeo_core::seat::link::Refusal as SeatLink;
use habeo_core::session::Refusal as Session;
use habeo_core::store::StoreError;
use habeo_core::supplier::Refusal as Supplier;
use habeo_core::text::{BadText, Serial, Tag};
use habeo_core::ticket;
use habeo_core::unit::command::Refusal as Unit;

use super::*;
use crate::catalogue::Catalogue;
use crate::problem::Problem;

/// One problem of each variant of every refusal.
fn problems() -> Vec<Problem> {
    let nouns = [
        answered(),
        assets(),
        recorded([
            Person::Unknown,
            Person::UnitUnknown,
            Person::NotPermitted,
            Person::IdentityTaken,
            Person::StillHere,
            Person::BadText("name", BadText::Empty),
        ]),
        vec![Problem::from(ticket::Refusal::Unknown)],
        procurement(),
        orders(),
        recorded([
            Digest::Unknown,
            Digest::InstallUnknown,
            Digest::UnitUnknown,
            Digest::BadChannel(NotAKey),
            Digest::BadHour,
            Digest::AlreadySubscribed,
            Digest::TooMany,
        ]),
        recorded([Conversation::NotAPerson, Conversation::TooLong]),
        recorded([
            Grant::Unknown,
            Grant::PersonUnknown,
            Grant::UnitUnknown,
            Grant::NotPermitted,
            Grant::NotAtRoot,
            Grant::BadRemark(BadText::Empty),
        ]),
        recorded([
            Unit::Unknown,
            Unit::NotPermitted,
            Unit::CodeTaken(text()),
            Unit::TooDeep,
            Unit::BadText(BadText::Empty),
        ]),
        recorded([
            Location::Unknown,
            Location::NotPermitted,
            Location::TooDeep,
            Location::BadText(BadText::Empty),
        ]),
        recorded([
            Models::NotPermitted,
            Models::ManufacturerUnknown,
            Models::CategoryUnknown,
            Models::CodeTaken(text()),
            Models::BadText(BadText::Empty),
        ]),
        recorded([Import::NotPermitted, Import::OutOfTurn(1)]),
        recorded([
            Org::BadSlug,
            Org::SlugTaken(text()),
            Org::ExternalTaken(text()),
            Org::BadNamespace,
            Org::BadName,
            Org::BadCurrency,
            Org::BadTimezone,
        ]),
        recorded([
            Reopen::NotPermitted,
            Reopen::NothingLost(7),
            Reopen::Foreign(text()),
        ]),
        recorded([Audit::NotPermitted, Audit::NoCheckpoint]),
        recorded([Checkpoint::Overtaken]),
        recorded([Export::NotPermitted]),
        recorded([
            Phone::Unknown,
            Phone::BadToken,
            Phone::BadName(BadText::Empty),
            Phone::NotAPerson,
            Phone::TooMany,
            Phone::SessionEnded,
        ]),
        chats(),
        reports(),
        apps(),
    ];
    nouns.into_iter().flatten().collect()
}

/// Those of what other systems report, and of the systems.
fn reports() -> Vec<Problem> {
    let nouns = [
        recorded([
            Connection::Unknown,
            Connection::NotPermitted,
            Connection::Removed,
            Connection::TooMany,
            Connection::Rotating,
            Connection::BadName(BadText::Empty),
            Connection::BadProof("no"),
            Connection::BadSetting("no"),
            Connection::BadWindow,
        ]),
        recorded([
            SeatLink::CustomerTaken,
            SeatLink::OrganizationTaken,
            SeatLink::WrongMode,
            SeatLink::BadKey,
        ]),
        recorded([Identity::NotPermitted, Identity::NoUnit]),
        recorded([Reports::NotPermitted, Reports::TooMany]),
        recorded([
            Device::CaseUnknown,
            Device::CaseDecided,
            Device::CaseOpen,
            Device::NotAMember,
            Device::NothingToMerge,
            Device::InUse,
            Device::NotStanding,
            Device::HandOverUnknown,
            Device::HandOverDecided,
            Device::Asset(Asset::Unknown),
        ]),
    ];
    nouns.into_iter().flatten().collect()
}

/// Those of apps and where they are installed.
fn apps() -> Vec<Problem> {
    let nouns = [
        recorded([
            AppClient::Unknown,
            AppClient::App(App::NotPermitted),
            AppClient::BadText("the publisher's name", BadText::Empty),
            AppClient::BadWebsite,
            AppClient::BadLogo,
            AppClient::BadRedirect,
            AppClient::BadRedirectCount,
            AppClient::NoScopes,
            AppClient::BadRate,
            AppClient::TooMany,
            AppClient::NoSecret,
            AppClient::Rotating,
            AppClient::BadWindow,
        ]),
        recorded([
            AppInstall::Unknown,
            AppInstall::NotPermitted,
            AppInstall::UnitUnknown,
            AppInstall::Internal,
            AppInstall::Disabled,
            AppInstall::BadScopes,
            AppInstall::Ended,
            AppInstall::Suspended,
            AppInstall::TooMany,
        ]),
        recorded([
            App::Unknown,
            App::NotPermitted,
            App::TooMany,
            App::BadName(BadText::Empty),
        ]),
        recorded([
            ApiKey::Unknown,
            ApiKey::TooMany,
            ApiKey::BadName(BadText::Empty),
            ApiKey::NoScope,
            ApiKey::App(App::Unknown),
        ]),
        recorded([Delivery::NotPermitted]),
        recorded([Notices::NotAPerson, Notices::Twice(Sort::DueSoon)]),
        endpoints(),
    ];
    nouns.into_iter().flatten().collect()
}

/// Those of endpoints and events.
fn endpoints() -> Vec<Problem> {
    recorded([
        Endpoint::Unknown,
        Endpoint::UnknownDelivery,
        Endpoint::UnknownApp,
        Endpoint::NotPermitted,
        Endpoint::Removed,
        Endpoint::TooMany,
        Endpoint::BadUrl,
        Endpoint::BadDescription(BadText::Empty),
        Endpoint::BadEvents,
        Endpoint::UnknownEvent,
        Endpoint::UnknownUnit,
        Endpoint::TooManyUnits,
        Endpoint::BadFilter,
        Endpoint::BadRate,
        Endpoint::BadVersion,
        Endpoint::BadWindow,
        Endpoint::Rotating,
        Endpoint::Forgotten,
        Endpoint::SecretForgotten,
        Endpoint::BadData,
        Endpoint::SandboxOnly,
        Endpoint::InstallNotActive,
        Endpoint::BeyondScopes,
    ])
}

/// Those of chats: what is connected, who is who, what is proposed, and what comes in.
fn chats() -> Vec<Problem> {
    let nouns = [
        recorded([
            Install::Unknown,
            Install::NotPermitted,
            Install::StateUnknown,
            Install::BoundElsewhere,
            Install::Ended,
            Install::NotLive,
            Install::BadKey("the key"),
            Install::BadName(BadText::Empty),
            Install::BadDomain,
        ]),
        recorded([
            ChatLink::Unknown,
            ChatLink::NotPermitted,
            ChatLink::TicketUnknown,
            ChatLink::NotConnected,
            ChatLink::UserTaken,
            ChatLink::PersonTaken,
            ChatLink::EndedByChoice,
            ChatLink::NotAMember,
            ChatLink::BadUser,
        ]),
        recorded([
            Confirm::Unknown,
            Confirm::AlreadyUsed,
            Confirm::Expired,
            Confirm::AssetChanged { tag: None },
            Confirm::NotLinked,
            Confirm::NotConnected,
            Confirm::NotAPerson,
            Confirm::BadCount,
            Confirm::Twice,
            Confirm::TooLarge,
            Confirm::Asset {
                tag: None,
                refusal: Asset::Unknown,
            },
        ]),
        recorded([
            Inbox::TooLarge,
            Inbox::BadKey,
            Inbox::Store(StoreError::Busy),
        ]),
        recorded([
            Replay::Unknown,
            Replay::Waiting,
            Replay::Gone,
            Replay::Store(StoreError::Busy),
        ]),
    ];
    nouns.into_iter().flatten().collect()
}

/// The problems of refusals as the ledger answers them, by the way they take through `?` in a handler.
fn recorded<R: Explain + Debug>(refusals: impl IntoIterator<Item = R>) -> Vec<Problem> {
    let problem = |refusal| RecordError::Refused(refusal).into();
    refusals.into_iter().map(problem).collect()
}

/// Those that are answered without a command, or besides one.
fn answered() -> Vec<Problem> {
    vec![
        Steps::NotASandbox.into(),
        Steps::Step {
            position: 0,
            refusal: Asset::Unknown,
        }
        .into(),
        Cursor::Invalid.into(),
        Cursor::Mismatch.into(),
        Scan::Ambiguous.into(),
        Scan::Misread.into(),
        Once::<Phone>::KeyReused.into(),
        Once::Command(Phone::Unknown).into(),
        Session::UnknownOrganization.into(),
        Session::OrganizationClosed.into(),
        Session::NotAMember.into(),
        Session::Store(StoreError::Busy).into(),
        StoreError::Busy.into(),
        StoreError::Collided.into(),
        StoreError::Lost(text().into()).into(),
        StoreError::Uncertain(text().into()).into(),
        StoreError::Full(text().into()).into(),
        StoreError::Damaged(text().into()).into(),
        StoreError::Stopped.into(),
        StoreError::ReadOnly.into(),
        StoreError::Unsuitable(text()).into(),
        RecordError::<Asset>::Store(StoreError::Busy).into(),
    ]
}

fn assets() -> Vec<Problem> {
    let tag = Tag::parse("HB-1").expect("a tag");
    recorded([
        Asset::Unknown,
        Asset::Exists,
        Asset::NotPermitted,
        Asset::InvalidTransition {
            command: "be lent",
            state: State::ALL[0],
            allowed: vec!["be tagged"],
        },
        Asset::TagTaken(tag.clone()),
        Asset::ScanBackDiffers(tag.clone()),
        Asset::SerialTaken(Serial::parse("1").expect("a serial number")),
        Asset::IdentifierTaken,
        Asset::SerialRequired,
        Asset::Held(HoldKind::ALL[0]),
        Asset::HoldUnknown,
        Asset::NoRenewalsLeft,
        Asset::DueDateNotLater,
        Asset::TwoPersons,
        Asset::InvestigationOpen,
        Asset::SanitizationRequired,
        Asset::TagNotRemoved,
        Asset::TagNotAttached,
        Asset::ProvenanceRequired,
        Asset::HasHistory,
        Asset::NotHolder,
        Asset::AlreadyAcknowledged,
        Asset::Merged,
        Asset::RemarkRequired,
        Asset::TimeOutOfOrder,
        Asset::ReferenceUnknown("unit"),
        Asset::TargetIsSelf,
        Asset::BadText("remark", BadText::Empty),
        Asset::BadCount("identifiers"),
        Asset::BadAmount("costMinor"),
    ])
}

/// Suppliers, visits to their shops, and requisitions.
fn procurement() -> Vec<Problem> {
    let fault = LineFault {
        line: 1,
        code: "bad_quantity",
        what: text(),
    };
    let nouns = [
        recorded([
            Supplier::Unknown,
            Supplier::NotPermitted,
            Supplier::Removed,
            Supplier::TooMany,
            Supplier::BadName(BadText::Empty),
            Supplier::BadSetting("no"),
            Supplier::BadSecret("no"),
            Supplier::SameSecret,
            Supplier::BadWindow,
            Supplier::Rotating,
        ]),
        recorded([
            Punchout::Unknown,
            Punchout::NotAPerson,
            Punchout::NotPermitted,
            Punchout::UnknownSupplier,
            Punchout::SupplierPaused,
            Punchout::OperationNotAllowed,
            Punchout::BadRequisition,
            Punchout::BadCostCentre(BadText::Empty),
            Punchout::UnknownLocation,
            Punchout::Locked,
            Punchout::ModeMismatch,
            Punchout::BadCart(vec![fault]),
            Punchout::NothingAsked,
            Punchout::NotRecoverable,
            Punchout::TooManyDocuments,
        ]),
        recorded([
            Requisition::Unknown,
            Requisition::NotPermitted,
            Requisition::NotAPerson,
            Requisition::WrongState(requisition::State::Draft),
            Requisition::Changed,
            Requisition::Own,
            Requisition::AlreadyApproved,
            Requisition::QuotePending,
            Requisition::Empty,
            Requisition::UnknownLine,
            Requisition::UnknownUnit,
            Requisition::UnknownLocation,
            Requisition::BadCostCentre(BadText::Empty),
            Requisition::BadReason(BadText::Empty),
            Requisition::BadPieces,
            Requisition::TooLarge,
        ]),
    ];
    nouns.into_iter().flatten().collect()
}

/// Orders, what suppliers send about them, and who approves.
fn orders() -> Vec<Problem> {
    let nouns = [
        recorded([
            Order::Unknown,
            Order::NotPermitted,
            Order::RequisitionUnknown,
            Order::NotApproved,
            Order::QuotePending,
            Order::BadCount,
            Order::SupplierInactive,
            Order::SupplierTest,
            Order::Own,
            Order::AlreadyAccepted(1),
            Order::PriceNeeded(1),
            Order::NotInShipment(1),
            Order::SerialNeeded(1),
            Order::LineUnknown(1),
            Order::NotStopped(1),
            Order::PiecesKnown(1),
            Order::BadPieces { line: 1 },
            Order::AlreadyReceived(1),
            Order::OverReceipt {
                line: 1,
                ordered: 1,
            },
            Order::PiecesUnknown(1),
            Order::LineNeeded,
            Order::NothingExpected,
            Order::NotAnnounced {
                line: 1,
                serial: Serial::parse("SN-1234567").expect("a serial number"),
            },
            Order::SerialUnusable(text()),
            Order::SerialTwice(Serial::parse("SN-1234567").expect("a serial number")),
            Order::BadReceipt,
            Order::ShipmentUnknown,
            Order::NotWaiting,
            Order::NotFailed,
        ]),
        recorded([
            SupplierDocument::NotPermitted,
            SupplierDocument::SupplierUnknown,
            SupplierDocument::Unknown,
            SupplierDocument::Duplicate,
            SupplierDocument::TooOld,
            SupplierDocument::ModeMismatch,
            SupplierDocument::BadName,
        ]),
        recorded([
            Approval::UnknownUnit,
            Approval::NotPermitted,
            Approval::BadLimits,
            Approval::NotAPerson,
            Approval::NothingToDelegate,
            Approval::BadDelegate,
            Approval::BadTime,
            Approval::UnknownDelegation,
        ]),
    ];
    nouns.into_iter().flatten().collect()
}

fn text() -> String {
    "x".to_owned()
}

/// The codes in the sources of core: what stands behind an arrow in a `fn code`.
fn codes_in(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("core's sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            codes_in(&path, codes);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("a source file");
            for body in source.split("fn code(&self)").skip(1) {
                let body = body.split("\n    }\n").next().unwrap_or_default();
                let literals = body.split("=> \"").skip(1);
                codes.extend(literals.filter_map(|text| Some(text.split_once('"')?.0.to_owned())));
            }
        }
    }
}

#[test]
fn every_refusal_is_listed_with_its_status() {
    let catalogue = Catalogue::complete();
    for problem in problems() {
        let status = catalogue.entry(problem.code()).map(|entry| entry.status);
        assert_eq!(status, Some(problem.status_code()), "{}", problem.code());
    }
}

#[test]
fn no_code_of_core_is_forgotten() {
    let mut written = BTreeSet::new();
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src");
    codes_in(Path::new(sources), &mut written);
    assert!(written.len() > 50, "{written:?}");
    let tried: BTreeSet<String> = problems()
        .iter()
        .map(|problem| problem.code().to_owned())
        .collect();
    assert_eq!(written, tried, "the list of refusals above is not complete");
}

#[test]
fn nothing_is_listed_that_nobody_answers() {
    // Answered by handlers, which look things up without a rule of core saying no.
    let by_handlers = ["site_unknown"];
    let tried: BTreeSet<&str> = problems().iter().map(Problem::code).collect();
    for entry in NOUNS {
        let known = tried.contains(entry.code) || by_handlers.contains(&entry.code);
        assert!(known, "{}", entry.code);
    }
}
