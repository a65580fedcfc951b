//! Who may do what: an administrator, the property office, and in each college and department the usual offices.

use habeo_core::access::Role;
use habeo_core::id::{GrantId, PersonId};
use habeo_core::time::Timestamp;

use super::actors::Actors;
use super::dice::Dice;
use super::people::People;
use super::plan::Grant;
use super::units::{UNASSIGNED, Units};

/// The code of the college of the designated technician.
pub const TECHNICIAN_COLLEGE: &str = "ENG";

/// Hands out grants to the long-serving staff of each unit, nobody twice.
struct Clerk<'a> {
    dice: &'a Dice,
    founded: Timestamp,
    units: &'a Units,
    people: &'a People,
    /// How many of each unit's staff have a grant already.
    taken: Vec<usize>,
    grants: Vec<Grant>,
}

/// Gives every office to somebody.
pub fn build(
    dice: &Dice,
    founded: Timestamp,
    units: &Units,
    people: &People,
) -> (Actors, Vec<Grant>) {
    let mut clerk = Clerk {
        dice,
        founded,
        units,
        people,
        taken: vec![0; units.list.len()],
        grants: Vec::new(),
    };
    let (root, its, adm) = (Units::at("WU"), Units::at("ITS"), Units::at("ADM"));
    let college = Units::at(TECHNICIAN_COLLEGE);
    let none = || vec![Vec::new(); units.list.len()];

    let admin = clerk.give(its, Role::OrgAdmin, root, "Chief information officer");
    let technician = clerk.give(
        college,
        Role::Technician,
        college,
        "College field technician",
    );
    let mut actors = Actors {
        admin,
        technician,
        property_office: vec![
            clerk.give(adm, Role::UnitAdmin, root, "University property manager"),
            clerk.give(adm, Role::UnitAdmin, root, "Deputy property manager"),
        ],
        unit_admins: none(),
        custodians: none(),
        technicians: none(),
        buyers: none(),
        auditors: vec![
            clerk.give(root, Role::Auditor, root, "Internal audit"),
            clerk.give(root, Role::Auditor, root, "Internal audit"),
        ],
        loan_desk: vec![
            clerk.give(Units::at("LIB"), Role::Technician, root, "Circulation desk"),
            clerk.give(Units::at("LIB"), Role::Technician, root, "Circulation desk"),
            clerk.give(
                Units::at("AVT"),
                Role::Technician,
                root,
                "Equipment loan desk",
            ),
        ],
    };
    actors.technicians[college].push(technician);
    actors.buyers[root] = vec![
        clerk.give(adm, Role::Procurement, root, "Purchasing office"),
        clerk.give(adm, Role::Procurement, root, "Purchasing office"),
    ];
    actors.unit_admins[root].clone_from(&actors.property_office);
    actors.technicians[root] = vec![
        clerk.give(its, Role::Technician, root, "Field services"),
        clerk.give(its, Role::Technician, root, "Field services"),
    ];
    for unit in units.colleges() {
        clerk.staff_college(&mut actors, unit);
    }
    for unit in 0..units.list.len() {
        if units.lineage(unit).count() == 3 {
            let given = clerk.give(unit, Role::Custodian, unit, "Department property custodian");
            actors.custodians[unit].push(given);
            let given = clerk.give(unit, Role::Technician, unit, "Department technician");
            actors.technicians[unit].push(given);
        }
    }
    let intake = Units::at(UNASSIGNED);
    let given = clerk.give(adm, Role::Custodian, intake, "Receiving dock");
    actors.custodians[intake].push(given);
    let given = clerk.give(root, Role::Custodian, root, "Office of the president");
    actors.custodians[root].push(given);
    (actors, clerk.grants)
}

impl Clerk<'_> {
    fn staff_college(&mut self, actors: &mut Actors, unit: usize) {
        let given = self.give(unit, Role::UnitAdmin, unit, "College business officer");
        actors.unit_admins[unit].push(given);
        for _ in 0..2 {
            let given = self.give(unit, Role::Custodian, unit, "College property custodian");
            actors.custodians[unit].push(given);
        }
        let given = self.give(unit, Role::Procurement, unit, "College purchasing");
        actors.buyers[unit].push(given);
        let given = self.give(unit, Role::Technician, unit, "College technician");
        actors.technicians[unit].push(given);
    }

    /// A grant at `scope` for the next long-serving member of the staff of `home`.
    fn give(&mut self, home: usize, role: Role, scope: usize, reason: &'static str) -> PersonId {
        let staff = self.people.core_staff(home);
        let chosen = staff[self.taken[home] % staff.len()];
        self.taken[home] += 1;
        let person = self.people.facts[chosen].id;
        self.grants.push(Grant {
            id: GrantId::generate(self.founded, self.dice.random()),
            person,
            role,
            unit: self.units.id(scope),
            reason,
        });
        person
    }
}
