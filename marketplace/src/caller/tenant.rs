//! Whether an address names the tenant of a token: by comparing texts, without looking anything up.

use habeo_core::id::{OrgId, UnitId};

use crate::PREFIX;

/// Whether a path names this organisation and this entity, or none. What is no id at all is simply another one.
pub(super) fn is_own(path: &str, org: OrgId, unit: UnitId) -> bool {
    let Some(below) = path.strip_prefix(PREFIX) else {
        return false;
    };
    let mut parts = below.trim_start_matches('/').split('/');
    if parts.next() != Some("orgs") {
        return true;
    }
    let named = (parts.next(), parts.next(), parts.next());
    let (org, unit) = (org.to_string(), unit.to_string());
    named == (Some(org.as_str()), Some("entities"), Some(unit.as_str()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_its_own_ids_are_its_own() {
        let (org, unit) = (
            OrgId::from_uuid(Uuid::from_u128(1)),
            UnitId::from_uuid(Uuid::from_u128(2)),
        );
        for (path, own) in [
            ("/public/v1/me".to_owned(), true),
            (
                format!("/public/v1/orgs/{org}/entities/{unit}/assets"),
                true,
            ),
            (
                format!("/public/v1/orgs/{unit}/entities/{unit}/assets"),
                false,
            ),
            (
                format!("/public/v1/orgs/{org}/entities/{org}/assets"),
                false,
            ),
            (format!("/public/v1/orgs/{org}/entities/x/assets"), false),
            (format!("/public/v1/orgs//entities/{unit}/assets"), false),
            (format!("/public/v1/orgs/{org}/units/{unit}/assets"), false),
            (
                format!(
                    "/public/v1/orgs/%30{}/entities/{unit}/assets",
                    &org.to_string()[1..]
                ),
                false,
            ),
            (
                format!("/elsewhere/orgs/{org}/entities/{unit}/assets"),
                false,
            ),
        ] {
            assert_eq!(is_own(&path, org, unit), own, "{path}");
        }
    }
}
