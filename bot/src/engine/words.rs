//! How assets and what concerns them are put into words.

use std::cmp::Ordering;

use habeo_core::asset::store::AssetDetail;
use habeo_core::asset::{Acquisition, AssignmentKind, Condition, TargetKind};
use habeo_core::time::Day;

use super::days::{Calendar, day_in_words};
pub(crate) use crate::intent::state_words as state;

/// What is told of an asset to those who read along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discretion {
    /// Everything that the asker sees.
    Full,
    /// No person and no cost.
    Discreet,
}

/// The short name of an asset: its label and product.
#[must_use]
pub fn title(asset: &AssetDetail) -> String {
    match &asset.tag {
        Some(tag) => format!("{tag} · {}", thing(asset)),
        None => thing(asset),
    }
}

/// What it is: its product, or its description where none is recorded.
#[must_use]
pub fn thing(asset: &AssetDetail) -> String {
    match (&asset.manufacturer_name, &asset.model_name) {
        (Some(maker), Some(model)) if !model.starts_with(maker.as_str()) => {
            format!("{maker} {model}")
        }
        (_, Some(model)) => model.clone(),
        _ => asset.description.clone(),
    }
}

/// How it is called within a sentence: by its label, or by what it is.
#[must_use]
pub fn called(asset: &AssetDetail) -> String {
    asset.tag.clone().unwrap_or_else(|| thing(asset))
}

/// What shape something is in.
#[must_use]
pub const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::New => "new",
        Condition::Good => "good",
        Condition::Fair => "fair",
        Condition::Poor => "poor",
        Condition::Inoperable => "not usable",
        Condition::Unknown => "not known",
    }
}

/// How something was come by.
#[must_use]
pub fn acquisition(acquisition: Acquisition) -> String {
    acquisition.as_str().replace('_', " ")
}

/// Who or what has it, in words; none where nobody does.
#[must_use]
pub fn holder(asset: &AssetDetail) -> Option<String> {
    let name = asset.target_name.clone();
    Some(match asset.target_kind? {
        TargetKind::Person => name.unwrap_or_else(|| "somebody".to_owned()),
        TargetKind::Unit => format!("the unit {}", name.unwrap_or_default()),
        TargetKind::Location => name.unwrap_or_else(|| "a room".to_owned()),
        TargetKind::Asset => format!("the asset {}", name.unwrap_or_default()),
    })
}

/// On what terms it is held.
#[must_use]
pub const fn terms(kind: AssignmentKind) -> &'static str {
    match kind {
        AssignmentKind::Permanent => "permanently",
        AssignmentKind::Shared => "shared",
        AssignmentKind::Loan => "on loan",
        AssignmentKind::Room => "with the room",
        AssignmentKind::Temporary => "for a while",
    }
}

/// When it is due back, in words: "due Fri 27 Nov", or how late it is.
#[must_use]
pub fn due(asset: &AssetDetail, calendar: &Calendar, today: Day) -> Option<String> {
    let day = calendar.day(asset.due_at?);
    let words = day_in_words(day, today);
    Some(match day.cmp(&today) {
        Ordering::Less => format!("overdue since {words}"),
        Ordering::Equal => "due today".to_owned(),
        Ordering::Greater => format!("due {words}"),
    })
}

/// What stands beside the title in a list.
#[must_use]
pub fn detail(
    asset: &AssetDetail,
    calendar: &Calendar,
    today: Day,
    discretion: Discretion,
) -> String {
    let mut parts = vec![state(asset.state).to_owned()];
    if discretion == Discretion::Full
        && let Some(holder) = holder(asset)
    {
        parts.push(format!("with {holder}"));
    }
    parts.extend(due(asset, calendar, today));
    parts.push(asset.owning_unit_name.clone());
    parts.extend(asset.location_path.clone());
    parts.join(" · ")
}

/// An amount in minor units, as it is written: `USD 1,299.00`.
#[must_use]
pub fn amount(minor: i64, currency: &str) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!(
        "{currency} {sign}{}.{:02}",
        thousands(minor / 100),
        minor % 100
    )
}

/// A number with commas between its thousands.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: "1 asset", "2,310 assets".
#[must_use]
pub fn assets(number: i64) -> String {
    match number {
        1 => "1 asset".to_owned(),
        _ => format!("{} assets", thousands(number.unsigned_abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (number, text) in [
            (0, "0"),
            (12, "12"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(amount(129_900, "USD"), "USD 1,299.00");
        assert_eq!(amount(-5, "USD"), "USD -0.05");
        assert_eq!(assets(1), "1 asset");
        assert_eq!(assets(0), "0 assets");
    }
}
