//! What several pages say in the same words.

use habeo_core::access::{Role, Surface};
use habeo_core::asset::store::AssetDetail;
use habeo_core::asset::{AssignmentKind, HoldKind, IdentifierKind, State, TargetKind};
use habeo_core::device;

/// A word of a closed list for people: `in_stock` becomes `in stock`.
pub(super) fn plain(word: &str) -> String {
    word.replace('_', " ")
}

/// Where an asset is in its life.
pub(super) fn state(state: State) -> String {
    match state {
        State::Ordered => "on order".to_owned(),
        State::Received => "received, not labelled".to_owned(),
        State::Disposed => "disposed of".to_owned(),
        State::Void => "void: recorded in error".to_owned(),
        other => plain(other.as_str()),
    }
}

/// How serious a state is.
pub(super) const fn weight(state: State) -> &'static str {
    match state {
        State::Missing => "bad",
        State::InStock | State::InUse | State::OnLoan => "good",
        _ => "",
    }
}

/// How something came in.
pub(super) const fn came_by(surface: Surface) -> &'static str {
    match surface {
        Surface::Web => "the console",
        Surface::Api => "the API",
        Surface::Mobile => "the mobile app",
        Surface::Slack => "Slack",
        Surface::Teams => "Teams",
        Surface::Webhook => "a connected system",
        Surface::Import => "an import",
        Surface::System => "the server",
    }
}

/// A role.
pub(super) fn role(role: Role) -> String {
    match role {
        Role::OrgAdmin => "administrator of the organization".to_owned(),
        Role::UnitAdmin => "administrator of a unit".to_owned(),
        other => plain(other.as_str()),
    }
}

/// What a hold is for.
pub(super) fn hold(kind: HoldKind) -> &'static str {
    match kind {
        HoldKind::Legal => "legal hold",
        HoldKind::Quarantine => "in quarantine",
        HoldKind::Reservation => "reserved",
        HoldKind::Investigation => "under investigation",
        HoldKind::Sponsor => "held for its sponsor",
    }
}

/// What sort of identifier.
pub(super) fn identifier(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Imei => "IMEI",
        IdentifierKind::Meid => "MEID",
        IdentifierKind::Udid => "Device id (UDID)",
        IdentifierKind::SmbiosUuid => "Main board",
        IdentifierKind::MacWired => "Wired network address",
        IdentifierKind::AzureDevice => "Directory device",
        IdentifierKind::EpcRfid => "RFID tag",
        IdentifierKind::LegacyTag => "Label of an earlier system",
        IdentifierKind::FederalPropertyNo => "Federal property number",
        IdentifierKind::Barcode => "Barcode",
    }
}

/// Maker and product.
pub(super) fn product(asset: &AssetDetail) -> Option<String> {
    let (maker, model) = (&asset.manufacturer_name, &asset.model_name);
    let name = match (maker, model) {
        (Some(maker), Some(model)) if model.starts_with(maker.as_str()) => model.clone(),
        (Some(maker), Some(model)) => format!("{maker} {model}"),
        (Some(name), None) | (None, Some(name)) => name.clone(),
        (None, None) => return None,
    };
    Some(name)
}

/// Who or what has an asset.
pub(super) fn holder(asset: &AssetDetail) -> Option<String> {
    let name = asset.target_name.clone().unwrap_or_default();
    Some(match asset.target_kind? {
        TargetKind::Person | TargetKind::Location => name,
        TargetKind::Unit => format!("unit {name}"),
        TargetKind::Asset => format!("asset {name}"),
    })
}

/// On what terms it is with somebody.
pub(super) const fn terms(kind: AssignmentKind) -> &'static str {
    match kind {
        AssignmentKind::Permanent => "until further notice",
        AssignmentKind::Shared => "shared",
        AssignmentKind::Loan => "a loan",
        AssignmentKind::Room => "equipment of the room",
        AssignmentKind::Temporary => "for a while",
    }
}

/// Where it is, from the site down.
pub(super) fn place(asset: &AssetDetail) -> Option<String> {
    asset
        .location_path
        .clone()
        .or_else(|| asset.location_name.clone())
}

/// What device management says of an asset that it knows.
pub(super) fn managed(asset: &AssetDetail) -> Option<String> {
    let name = device::show::management(asset.mdm_provider?);
    Some(format!("{name}: {}", plain(asset.mdm_status?.as_str())))
}
