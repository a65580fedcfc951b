//! The program's own condition on the organisation, as PostgreSQL gets it.
//!
//! Every statement says `org_id = $n`, and row security says the same once more. One test build leaves the first of the two walls out, by
//! the feature `without-org-filter`, and runs the suites of tenancy on PostgreSQL: what still holds there is row security alone. SQLite has
//! no second wall, so its statements stay as they are. A release build cannot have the feature.

#[cfg(all(feature = "without-org-filter", not(debug_assertions)))]
compile_error!("`without-org-filter` is for one test build and never for a release");

#[cfg(not(feature = "without-org-filter"))]
mod kept {
    /// The statement as it stands.
    pub(crate) const fn of_literal(text: &'static str) -> &'static str {
        text
    }

    /// The statement as it stands.
    pub(crate) const fn of_text(text: String) -> String {
        text
    }
}

#[cfg(feature = "without-org-filter")]
mod left_out {
    use sqlx::AssertSqlSafe;

    const CONDITION: &str = "org_id = $";
    /// Tables without row security: there the condition is the only one, and stays.
    const DIRECTORY: [&str; 3] = ["_directory", "outbox_due", "push_ticket_due"];

    /// The statement without its conditions on a bound organisation.
    pub(crate) fn of_literal(text: &'static str) -> AssertSqlSafe<String> {
        AssertSqlSafe(of_text(text.to_owned()))
    }

    /// The statement without its conditions on a bound organisation: each becomes one that every row meets and that still takes the
    /// parameter, so that the others keep their numbers.
    pub(crate) fn of_text(text: String) -> String {
        if DIRECTORY.iter().any(|table| text.contains(table)) {
            return text;
        }
        let mut rest = text.as_str();
        let mut without = String::with_capacity(text.len() + 32);
        while let Some(at) = rest.find(CONDITION) {
            let (before, from) = rest.split_at(at);
            let number = &from[CONDITION.len()..];
            let digits = number.bytes().take_while(u8::is_ascii_digit).count();
            without.push_str(
                before
                    .trim_end_matches(|c: char| c == '.' || c == '_' || c.is_ascii_alphanumeric()),
            );
            without.push_str("($");
            without.push_str(&number[..digits]);
            without.push_str("::uuid IS NOT NULL)");
            rest = &number[digits..];
        }
        without.push_str(rest);
        without
    }

    #[cfg(test)]
    mod tests {
        use super::of_text;

        #[test]
        fn only_the_bound_organisation_is_left_out() {
            for (text, without) in [
                (
                    "SELECT 1 FROM t WHERE org_id = $1 AND id = $2",
                    "SELECT 1 FROM t WHERE ($1::uuid IS NOT NULL) AND id = $2",
                ),
                (
                    "x WHERE a.org_id = b.org_id AND a.org_id = $12",
                    "x WHERE a.org_id = b.org_id AND ($12::uuid IS NOT NULL)",
                ),
                (
                    "UPDATE org_directory SET slug = $2 WHERE org_id = $1",
                    "UPDATE org_directory SET slug = $2 WHERE org_id = $1",
                ),
                (
                    "INSERT INTO t (org_id) VALUES ($1)",
                    "INSERT INTO t (org_id) VALUES ($1)",
                ),
            ] {
                assert_eq!(of_text(text.to_owned()), without);
            }
        }
    }
}

#[cfg(not(feature = "without-org-filter"))]
pub(crate) use kept::{of_literal, of_text};
#[cfg(feature = "without-org-filter")]
pub(crate) use left_out::{of_literal, of_text};
