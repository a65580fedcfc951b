//! The unit tree: one institution, its colleges and divisions, their departments, and the intake unit.

use habeo_core::id::UnitId;
use habeo_core::time::Timestamp;

use super::dice::Dice;
use super::{Unit, UnitKind};
use UnitKind::{College, Department, Institution, Lab, School, Service};

/// What stands in the tree: code, name, kind, the code of the unit above, and its share of the people.
struct Row(
    &'static str,
    &'static str,
    UnitKind,
    Option<&'static str>,
    u64,
);

/// Parents stand before their children.
const TREE: [Row; 21] = [
    Row("WU", "Westmark University", Institution, None, 14),
    Row("ENG", "College of Engineering", College, Some("WU"), 16),
    Row(
        "SCI",
        "College of Natural Sciences",
        College,
        Some("WU"),
        14,
    ),
    Row("MED", "School of Medicine", School, Some("WU"), 60),
    Row("ART", "College of Arts", College, Some("WU"), 12),
    Row(
        "ITS",
        "Information Technology Services",
        Service,
        Some("WU"),
        40,
    ),
    Row("LIB", "University Library", Service, Some("WU"), 56),
    Row("ADM", "Administration and Finance", Service, Some("WU"), 84),
    Row(
        "ECE",
        "Electrical and Computer Engineering",
        Department,
        Some("ENG"),
        52,
    ),
    Row("MEC", "Mechanical Engineering", Department, Some("ENG"), 46),
    Row("CSC", "Computer Science", Department, Some("ENG"), 62),
    Row("BIO", "Biology", Department, Some("SCI"), 64),
    Row("CHE", "Chemistry", Department, Some("SCI"), 54),
    Row("PHY", "Physics and Astronomy", Department, Some("SCI"), 46),
    Row("CSL", "Clinical Skills Laboratory", Lab, Some("MED"), 26),
    Row("PBH", "Public Health", Department, Some("MED"), 42),
    Row("MUS", "School of Music", School, Some("ART"), 44),
    Row("VAD", "Visual Arts and Design", Department, Some("ART"), 40),
    Row(
        "NET",
        "Network and Data Center Operations",
        Service,
        Some("ITS"),
        30,
    ),
    Row("AVT", "Classroom Technology", Service, Some("ITS"), 28),
    Row(UNASSIGNED, "Unassigned", Service, Some("WU"), 0),
];

/// The code of the unit that owns what nobody has claimed yet.
pub const UNASSIGNED: &str = "UNASSIGNED";

/// The tree with look-ups by position, which the other modules use instead of ids.
#[derive(Debug)]
pub struct Units {
    pub list: Vec<Unit>,
    parents: Vec<Option<usize>>,
}

impl Units {
    /// Builds the tree.
    pub fn build(dice: &Dice, founded: Timestamp) -> Self {
        let ids: Vec<UnitId> = TREE
            .iter()
            .map(|_| UnitId::generate(founded, dice.random()))
            .collect();
        let parents: Vec<Option<usize>> = TREE.iter().map(|row| row.3.and_then(position)).collect();
        let list = TREE
            .iter()
            .zip(&ids)
            .zip(&parents)
            .map(|((row, id), parent)| Unit {
                id: *id,
                parent: parent.map(|at| ids[at]),
                kind: row.2,
                code: row.0,
                name: row.1,
            })
            .collect();
        Self { list, parents }
    }

    /// The position of the unit with this code; the root where the code is unknown.
    pub fn at(code: &str) -> usize {
        position(code).unwrap_or(0)
    }

    /// The id at a position.
    pub fn id(&self, at: usize) -> UnitId {
        self.list[at].id
    }

    /// The code at a position.
    pub fn code(&self, at: usize) -> &'static str {
        self.list[at].code
    }

    /// The unit itself, the one above it, and so on to the root.
    pub fn lineage(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(at), |at| self.parents[*at])
    }

    /// The positions of the colleges and divisions: everything directly below the root but the intake.
    pub fn colleges(&self) -> Vec<usize> {
        (0..self.list.len())
            .filter(|at| self.parents[*at] == Some(0) && self.list[*at].code != UNASSIGNED)
            .collect()
    }

    /// The positions of all units in which people work.
    pub fn staffed() -> Vec<(u64, usize)> {
        TREE.iter()
            .enumerate()
            .filter(|(_, row)| row.4 > 0)
            .map(|(at, row)| (row.4, at))
            .collect()
    }
}

fn position(code: &str) -> Option<usize> {
    TREE.iter().position(|row| row.0 == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_has_three_levels_and_twenty_units_beside_the_intake() {
        let units = Units::build(&Dice::stream(1, 0), Timestamp::from_seconds(0));
        assert_eq!(units.list.len(), 21);
        assert_eq!(units.colleges().len(), 7);
        assert!((0..21).all(|at| (1..=3).contains(&units.lineage(at).count())));
        assert_eq!(units.code(Units::at(UNASSIGNED)), UNASSIGNED);
    }
}
