//! The closed list of facts. Payloads only ever gain fields; a fact once written is read for ever.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::id::{
    ApiKeyId, AppClientId, AppId, AppInstallId, AssetId, ChatLinkId, ConfirmId, ConnectionId,
    ConversationId, DelegationId, DigestId, DuplicateCaseId, EndpointId, EventId, ExportId,
    GrantId, ImportId, InstallId, LocationId, OrderId, OrgId, PersonId, PunchoutId, PushDeviceId,
    RequisitionId, SupplierDocumentId, SupplierId, TicketId, UnitId,
};
use crate::store::StoreError;
use crate::time::Timestamp;
use crate::{
    api_key, app, app_client, app_install, approval, asset, catalogue, chat_link, confirm,
    connection, conversation, device, digest, emitted, endpoint, export, grant, import, install,
    location, notice, order, org, person, punchout, push_device, requisition, seat, supplier,
    ticket, unit, web_session,
};

/// One business fact, in the past tense.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// About the organisation itself.
    Org(org::event::OrgEvent),
    /// About its unit tree.
    Unit(unit::event::UnitEvent),
    /// About places.
    Location(location::event::LocationEvent),
    /// About people; never with their names.
    Person(person::event::PersonEvent),
    /// About roles.
    Grant(grant::event::GrantEvent),
    /// About makers, categories and models.
    Catalogue(catalogue::event::CatalogueEvent),
    /// About assets, their custody and holds.
    Asset(asset::event::AssetEvent),
    /// About phones that receive notifications.
    PushDevice(push_device::event::PushDeviceEvent),
    /// About what people want to be told.
    Notice(notice::preference::event::NoticeEvent),
    /// About files of assets that are entered.
    Import(import::event::ImportEvent),
    /// About lists that left.
    Export(export::event::ExportEvent),
    /// About people who sign in and out.
    Auth(web_session::event::AuthEvent),
    /// About digests for channels.
    Digest(digest::event::DigestEvent),
    /// About apps in workspaces of chat services.
    Install(install::event::InstallEvent),
    /// About who chat users are.
    ChatLink(chat_link::event::ChatLinkEvent),
    /// About changes that were proposed in a chat.
    Confirm(confirm::event::ConfirmEvent),
    /// About questions, never what they said.
    Conversation(conversation::event::ConversationEvent),
    /// About systems that report in.
    Connection(connection::event::ConnectionEvent),
    /// About tickets of help desks; never with their titles.
    Ticket(ticket::event::TicketEvent),
    /// About those from whom the organisation buys.
    Supplier(supplier::event::SupplierEvent),
    /// About visits to their shops.
    Punchout(punchout::event::PunchoutEvent),
    /// About what is to be bought.
    Requisition(requisition::event::RequisitionEvent),
    /// About purchase orders and suppliers' documents about them; never with people's names.
    Order(order::event::OrderEvent),
    /// About who approves it.
    Approval(approval::event::ApprovalEvent),
    /// About licences.
    Seat(seat::event::SeatEvent),
    /// About devices, and which assets they are.
    Device(device::event::DeviceEvent),
    /// About apps as clients of OAuth; never with their secrets.
    AppClient(app_client::event::AppClientEvent),
    /// About apps that are installed.
    AppInstall(app_install::event::AppInstallEvent),
    /// About apps.
    App(app::event::AppEvent),
    /// About keys of programs.
    ApiKey(api_key::event::ApiKeyEvent),
    /// About endpoints and what was delivered to them.
    Endpoint(endpoint::event::EndpointEvent),
    /// Said by a program, for others to hear.
    Emitted(emitted::EmittedEvent),
}

impl Event {
    /// Reads a stored fact. An unknown type means that a newer program wrote it, and that this one must not guess.
    pub fn from_stored(kind: &str, payload: Value) -> Result<Self, StoreError> {
        let whole = Value::Object(serde_json::Map::from_iter([
            ("type".to_owned(), kind.into()),
            ("payload".to_owned(), payload),
        ]));
        let family = kind.split('.').next().unwrap_or_default();
        let read = match family {
            "bot" if matches!(kind, "bot.asked" | "bot.answered") => {
                serde_json::from_value(whole).map(Self::Conversation)
            }
            "org" | "audit" => serde_json::from_value(whole).map(Self::Org),
            "unit" => serde_json::from_value(whole).map(Self::Unit),
            "location" => serde_json::from_value(whole).map(Self::Location),
            "person" => serde_json::from_value(whole).map(Self::Person),
            "grant" => serde_json::from_value(whole).map(Self::Grant),
            "catalogue" => serde_json::from_value(whole).map(Self::Catalogue),
            "asset" | "hold" | "custody" => serde_json::from_value(whole).map(Self::Asset),
            "push_device" => serde_json::from_value(whole).map(Self::PushDevice),
            "notice" => serde_json::from_value(whole).map(Self::Notice),
            "import" => serde_json::from_value(whole).map(Self::Import),
            "export" => serde_json::from_value(whole).map(Self::Export),
            "auth" => serde_json::from_value(whole).map(Self::Auth),
            "digest" => serde_json::from_value(whole).map(Self::Digest),
            "install" => serde_json::from_value(whole).map(Self::Install),
            "chat_link" => serde_json::from_value(whole).map(Self::ChatLink),
            // What comes in by webhooks is its connection's; what goes out, its endpoint's.
            "webhook" if kind.starts_with("webhook.in.") => {
                serde_json::from_value(whole).map(Self::Connection)
            }
            "connection" => serde_json::from_value(whole).map(Self::Connection),
            "ticket" => serde_json::from_value(whole).map(Self::Ticket),
            "supplier" => serde_json::from_value(whole).map(Self::Supplier),
            "punchout" => serde_json::from_value(whole).map(Self::Punchout),
            "requisition" => serde_json::from_value(whole).map(Self::Requisition),
            "order" => serde_json::from_value(whole).map(Self::Order),
            "approval" => serde_json::from_value(whole).map(Self::Approval),
            "identity" | "mdm" => serde_json::from_value(whole).map(Self::Device),
            "bot" => serde_json::from_value(whole).map(Self::Confirm),
            "billing" => serde_json::from_value(whole).map(Self::Seat),
            "app_client" => serde_json::from_value(whole).map(Self::AppClient),
            "app_install" => serde_json::from_value(whole).map(Self::AppInstall),
            "app" => serde_json::from_value(whole).map(Self::App),
            "api_key" => serde_json::from_value(whole).map(Self::ApiKey),
            "webhook" => serde_json::from_value(whole).map(Self::Endpoint),
            "event" => serde_json::from_value(whole).map(Self::Emitted),
            _ => {
                return Err(StoreError::Inconsistent {
                    table: "ledger_entry",
                    what: format!("unknown type {kind}"),
                });
            }
        };
        read.map_err(|error| StoreError::Inconsistent {
            table: "ledger_entry",
            what: format!("{kind}: {error}"),
        })
    }

    /// Whether this fact can change what somebody may see or do, or what a system may report.
    #[must_use]
    pub const fn touches_rights(&self) -> bool {
        match self {
            Self::Grant(_)
            | Self::Person(_)
            | Self::Unit(_)
            | Self::Org(_)
            | Self::App(_)
            | Self::ApiKey(_) => true,
            Self::Connection(event) => event.touches_rights(),
            _ => false,
        }
    }
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// The organisation.
    Org(OrgId),
    /// A unit.
    Unit(UnitId),
    /// A place.
    Location(LocationId),
    /// A person.
    Person(PersonId),
    /// A grant.
    Grant(GrantId),
    /// A maker, category or model.
    Catalogue(Uuid),
    /// An asset.
    Asset(AssetId),
    /// A phone.
    PushDevice(PushDeviceId),
    /// An import.
    Import(ImportId),
    /// An export.
    Export(ExportId),
    /// A digest.
    Digest(DigestId),
    /// An app in a workspace.
    Install(InstallId),
    /// A tie between a chat user and a person.
    ChatLink(ChatLinkId),
    /// A proposal.
    Confirm(ConfirmId),
    /// A conversation.
    Conversation(ConversationId),
    /// A system that reports in.
    Connection(ConnectionId),
    /// A ticket.
    Ticket(TicketId),
    /// The device that an asset is: the same id, told apart because nothing of the asset changes.
    Device(AssetId),
    /// Assets that may be one.
    DuplicateCase(DuplicateCaseId),
    /// An app as a client of OAuth.
    AppClient(AppClientId),
    /// An app that is installed.
    AppInstall(AppInstallId),
    /// An app.
    App(AppId),
    /// A key of a program.
    ApiKey(ApiKeyId),
    /// Where somebody wants to be told of what happens.
    Endpoint(EndpointId),
    /// Somebody from whom the organisation buys.
    Supplier(SupplierId),
    /// A visit to their shop.
    Punchout(PunchoutId),
    /// What is to be bought.
    Requisition(RequisitionId),
    /// A purchase order.
    Order(OrderId),
    /// A document that a supplier sent about orders.
    SupplierDocument(SupplierDocumentId),
    /// That somebody approves in another's place.
    Delegation(DelegationId),
}

impl Stream {
    /// The word for what it is.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Org(_) => "org",
            Self::Unit(_) => "unit",
            Self::Location(_) => "location",
            Self::Person(_) => "person",
            Self::Grant(_) => "grant",
            Self::Catalogue(_) => "catalogue",
            Self::Asset(_) => "asset",
            Self::PushDevice(_) => "push_device",
            Self::Import(_) => "import",
            Self::Export(_) => "export",
            Self::Digest(_) => "digest",
            Self::Install(_) => "install",
            Self::ChatLink(_) => "chat_link",
            Self::Confirm(_) => "confirm",
            Self::Conversation(_) => "conversation",
            Self::Connection(_) => "connection",
            Self::Ticket(_) => "ticket",
            Self::Device(_) => "device",
            Self::DuplicateCase(_) => "duplicate_case",
            Self::AppClient(_) => "app_client",
            Self::AppInstall(_) => "app_install",
            Self::App(_) => "app",
            Self::ApiKey(_) => "api_key",
            Self::Endpoint(_) => "endpoint",
            Self::Supplier(_) => "supplier",
            Self::Punchout(_) => "punchout",
            Self::Requisition(_) => "requisition",
            Self::Order(_) => "order",
            Self::SupplierDocument(_) => "supplier_document",
            Self::Delegation(_) => "delegation",
        }
    }

    /// Reads `kind:id`, as entries have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        let id: Uuid = id.parse().ok()?;
        Some(match kind {
            "org" => Self::Org(OrgId::from_uuid(id)),
            "unit" => Self::Unit(UnitId::from_uuid(id)),
            "location" => Self::Location(LocationId::from_uuid(id)),
            "person" => Self::Person(PersonId::from_uuid(id)),
            "grant" => Self::Grant(GrantId::from_uuid(id)),
            "catalogue" => Self::Catalogue(id),
            "asset" => Self::Asset(AssetId::from_uuid(id)),
            "push_device" => Self::PushDevice(PushDeviceId::from_uuid(id)),
            "import" => Self::Import(ImportId::from_uuid(id)),
            "export" => Self::Export(ExportId::from_uuid(id)),
            "digest" => Self::Digest(DigestId::from_uuid(id)),
            "install" => Self::Install(InstallId::from_uuid(id)),
            "chat_link" => Self::ChatLink(ChatLinkId::from_uuid(id)),
            "confirm" => Self::Confirm(ConfirmId::from_uuid(id)),
            "conversation" => Self::Conversation(ConversationId::from_uuid(id)),
            "connection" => Self::Connection(ConnectionId::from_uuid(id)),
            "ticket" => Self::Ticket(TicketId::from_uuid(id)),
            "device" => Self::Device(AssetId::from_uuid(id)),
            "duplicate_case" => Self::DuplicateCase(DuplicateCaseId::from_uuid(id)),
            "app_client" => Self::AppClient(AppClientId::from_uuid(id)),
            "app_install" => Self::AppInstall(AppInstallId::from_uuid(id)),
            "app" => Self::App(AppId::from_uuid(id)),
            "api_key" => Self::ApiKey(ApiKeyId::from_uuid(id)),
            "endpoint" => Self::Endpoint(EndpointId::from_uuid(id)),
            "supplier" => Self::Supplier(SupplierId::from_uuid(id)),
            "punchout" => Self::Punchout(PunchoutId::from_uuid(id)),
            "requisition" => Self::Requisition(RequisitionId::from_uuid(id)),
            "order" => Self::Order(OrderId::from_uuid(id)),
            "supplier_document" => Self::SupplierDocument(SupplierDocumentId::from_uuid(id)),
            "delegation" => Self::Delegation(DelegationId::from_uuid(id)),
            _ => return None,
        })
    }

    /// Which one it is.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::Org(id) => id.uuid(),
            Self::Unit(id) => id.uuid(),
            Self::Location(id) => id.uuid(),
            Self::Person(id) => id.uuid(),
            Self::Grant(id) => id.uuid(),
            Self::Catalogue(id) => id,
            Self::Asset(id) | Self::Device(id) => id.uuid(),
            Self::PushDevice(id) => id.uuid(),
            Self::Import(id) => id.uuid(),
            Self::Export(id) => id.uuid(),
            Self::Digest(id) => id.uuid(),
            Self::Install(id) => id.uuid(),
            Self::ChatLink(id) => id.uuid(),
            Self::Confirm(id) => id.uuid(),
            Self::Conversation(id) => id.uuid(),
            Self::Connection(id) => id.uuid(),
            Self::Ticket(id) => id.uuid(),
            Self::DuplicateCase(id) => id.uuid(),
            Self::AppClient(id) => id.uuid(),
            Self::AppInstall(id) => id.uuid(),
            Self::App(id) => id.uuid(),
            Self::ApiKey(id) => id.uuid(),
            Self::Endpoint(id) => id.uuid(),
            Self::Supplier(id) => id.uuid(),
            Self::Punchout(id) => id.uuid(),
            Self::Requisition(id) => id.uuid(),
            Self::Order(id) => id.uuid(),
            Self::SupplierDocument(id) => id.uuid(),
            Self::Delegation(id) => id.uuid(),
        }
    }
}

/// A fact to be recorded.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is about.
    pub stream: Stream,
    /// What happened.
    pub event: Event,
    /// The units it concerned when it happened.
    pub units: Vec<UnitId>,
    /// When it happened, if not now.
    pub occurred_at: Option<Timestamp>,
    /// What somebody wrote about it; the entry holds only a commitment.
    pub remark: Option<String>,
}

impl Fact {
    /// A fact of this moment without a remark.
    #[must_use]
    pub const fn now(stream: Stream, event: Event, units: Vec<UnitId>) -> Self {
        Self {
            stream,
            event,
            units,
            occurred_at: None,
            remark: None,
        }
    }
}

/// Where and when a fact was recorded: what its projection may know beside its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// In which organisation.
    pub org: OrgId,
    /// Its index in the ledger.
    pub index: i64,
    /// Its id.
    pub event: EventId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The person who did it, if it was one.
    pub person: Option<PersonId>,
    /// What it is about.
    pub stream: Stream,
}
