//! What is known of an asset, in groups.

use habeo_core::asset::store::{AssetDetail, KnownBy};
use habeo_core::asset::{HoldKind, TargetKind};
use habeo_core::money;
use habeo_core::time::Timestamp;

use crate::pages::{instant, words};

/// Some facts that belong together.
#[derive(Debug)]
pub(super) struct Group {
    /// Its anchor.
    pub key: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// A fact.
#[derive(Debug)]
pub(super) struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// What is known.
    pub value: String,
    /// Where that leads.
    pub path: Option<String>,
}

/// Everything that is known; groups of which nothing is known are left out.
pub(super) fn groups(
    asset: &AssetDetail,
    known: &KnownBy,
    holds: &[(HoldKind, Timestamp)],
) -> Vec<Group> {
    let all = [
        ("custody", "Custody", custody(asset)),
        ("place", "Place", place(asset)),
        ("what", "What it is", what(asset)),
        ("identifiers", "Known by", identifiers(asset, known)),
        ("holds", "Holds", self::holds(holds)),
        ("purchase", "Purchase and warranty", purchase(asset)),
    ];
    let groups = all
        .into_iter()
        .map(|(key, title, facts)| Group { key, title, facts });
    groups.filter(|group| !group.facts.is_empty()).collect()
}

fn fact(name: &'static str, value: impl Into<String>) -> Fact {
    Fact {
        name,
        value: value.into(),
        path: None,
    }
}

fn some(facts: &mut Vec<Fact>, name: &'static str, value: Option<impl Into<String>>) {
    facts.extend(value.map(|value| fact(name, value)));
}

fn custody(asset: &AssetDetail) -> Vec<Fact> {
    let Some(holder) = words::holder(asset) else {
        return vec![fact("With", "nobody")];
    };
    // Whoever has more than this leads to a list; another asset has a page of its own.
    let path = asset.target_kind.zip(asset.target_id);
    let path = path.and_then(|(kind, id)| match kind {
        TargetKind::Person => Some(format!("/assets?holder={id}")),
        TargetKind::Asset => Some(format!("/assets/{id}")),
        TargetKind::Unit | TargetKind::Location => None,
    });
    let mut facts = vec![Fact {
        name: "With",
        value: holder,
        path,
    }];
    let terms = asset.assignment_kind.map(words::terms);
    some(&mut facts, "On what terms", terms);
    let since = asset.assigned_from.map(|from| instant(Some(from)));
    some(&mut facts, "Since", since);
    let due = asset.due_at.map(|due| instant(Some(due)));
    some(&mut facts, "Due back", due);
    if asset.suspended == Some(true) {
        facts.push(fact("Now", "rests until the asset is back in their hands"));
    }
    facts
}

fn place(asset: &AssetDetail) -> Vec<Fact> {
    let mut facts = Vec::new();
    some(&mut facts, "Place", words::place(asset));
    let seen = asset.last_verified_at;
    let seen = seen.map_or_else(|| "by nobody yet".to_owned(), |at| instant(Some(at)));
    facts.push(fact("Last seen", seen));
    facts
}

fn what(asset: &AssetDetail) -> Vec<Fact> {
    let mut facts = vec![fact("State", words::state(asset.state))];
    facts.push(fact(
        "In this state since",
        instant(Some(asset.state_since)),
    ));
    facts.push(fact("Condition", words::plain(asset.condition.as_str())));
    some(&mut facts, "Maker", asset.manufacturer_name.clone());
    some(&mut facts, "Model", asset.model_name.clone());
    some(&mut facts, "Model number", asset.model_no.clone());
    facts.push(Fact {
        path: Some(format!("/assets?category={}", asset.category_id)),
        ..fact("Category", asset.category_name.clone())
    });
    facts.push(Fact {
        path: Some(format!("/assets?unit={}", asset.owning_unit_id)),
        ..fact("Owned by", asset.owning_unit_name.clone())
    });
    facts.push(fact("Entered", instant(Some(asset.created_at))));
    facts.push(fact("Last changed", instant(Some(asset.updated_at))));
    facts
}

fn identifiers(asset: &AssetDetail, known: &KnownBy) -> Vec<Fact> {
    let mut facts = Vec::new();
    some(&mut facts, "Tag", asset.tag.clone());
    let serial = asset.serial.as_ref().map(ToString::to_string);
    some(&mut facts, "Serial number", serial);
    let former = known.former_tags.iter();
    facts.extend(former.map(|tag| fact("Former tag", tag.clone())));
    let others = known.identifiers.iter();
    facts.extend(others.map(|(kind, value)| fact(words::identifier(*kind), value.clone())));
    facts
}

fn holds(holds: &[(HoldKind, Timestamp)]) -> Vec<Fact> {
    let told = holds.iter();
    let told = told.map(|(kind, from)| {
        fact(
            "Open",
            format!("{}, since {}", words::hold(*kind), instant(Some(*from))),
        )
    });
    told.collect()
}

fn purchase(asset: &AssetDetail) -> Vec<Fact> {
    let mut facts = vec![fact(
        "How it was come by",
        words::plain(asset.acquisition.as_str()),
    )];
    let on = asset.acquired_on.map(|day| day.to_string());
    some(&mut facts, "Bought on", on);
    let currency = asset.currency.as_deref().unwrap_or_default();
    let cost = asset.cost_minor;
    let cost = cost.map(|minor| format!("{} {currency}", money::decimal(minor, currency)));
    some(&mut facts, "Cost", cost);
    let until = asset.warranty_ends_on.map(|day| day.to_string());
    some(&mut facts, "Warranty until", until);
    facts
}
