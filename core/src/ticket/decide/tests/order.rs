//! The promise that the order in which reports come in does not matter.

use proptest::prelude::*;

use super::*;

fn any_report() -> impl Strategy<Value = Report> {
    let statuses = prop::sample::select(Status::ALL.to_vec());
    let counted = any::<bool>();
    (1_i64..40, statuses, any::<bool>(), counted).prop_map(|(version, status, removed, counted)| {
        let report = whole(version, status);
        Report {
            change: if removed {
                Change::Deleted
            } else {
                Change::Updated
            },
            // What belongs to a version depends on it alone: one version is one update.
            version: if counted {
                Version::Counter(version, Some(at(version)))
            } else {
                Version::UpdatedAt(at(version))
            },
            ..report
        }
    })
}

/// One report for each version, whatever was drawn twice.
fn distinct(reports: Vec<Report>) -> Vec<Report> {
    let mut seen = std::collections::BTreeMap::new();
    for report in reports {
        seen.entry(report.occurred_at).or_insert(report);
    }
    seen.into_values().collect()
}

/// What people see of a ticket.
fn seen(desk: &Desk) -> (Ticket, Private) {
    let known = desk.known().clone();
    let private = Private {
        version: None,
        ..known.private
    };
    (known.ticket, private)
}

proptest! {
    /// Reports in any order and doubled end where the newest alone ends.
    #[test]
    fn the_newest_report_stands(
        (drawn, order) in prop::collection::vec(any_report(), 1..12)
            .prop_map(distinct)
            .prop_flat_map(|reports| {
                let doubled: Vec<usize> = (0..reports.len()).chain(0..reports.len()).collect();
                (Just(reports), Just(doubled).prop_shuffle())
            })
    ) {
        let mut shuffled = Desk::default();
        for at in order {
            shuffled.take(&drawn[at]);
        }
        let mut newest = Desk::default();
        if let Some(last) = drawn.last() {
            newest.take(last);
        }
        prop_assert_eq!(seen(&shuffled), seen(&newest));
    }
}
