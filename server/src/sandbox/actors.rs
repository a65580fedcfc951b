//! Who acts: for every unit, people whose grants permit what the histories have them do.

use habeo_core::id::PersonId;

use super::dice::Dice;
use super::units::Units;

/// The people with grants, by the position of the unit of the grant.
#[derive(Debug)]
pub struct Actors {
    pub admin: PersonId,
    pub technician: PersonId,
    /// May do everything in the university's assets but configure: the property office.
    pub property_office: Vec<PersonId>,
    pub unit_admins: Vec<Vec<PersonId>>,
    pub custodians: Vec<Vec<PersonId>>,
    pub technicians: Vec<Vec<PersonId>>,
    pub buyers: Vec<Vec<PersonId>>,
    pub auditors: Vec<PersonId>,
    /// Serve borrowers of every unit.
    pub loan_desk: Vec<PersonId>,
}

impl Actors {
    /// Somebody who answers for a unit's assets.
    pub fn custodian(&self, dice: &Dice, units: &Units, unit: usize) -> PersonId {
        self.nearest(dice, units, unit, &self.custodians)
    }

    /// Somebody who works in the field for a unit.
    pub fn technician(&self, dice: &Dice, units: &Units, unit: usize) -> PersonId {
        self.nearest(dice, units, unit, &self.technicians)
    }

    /// Somebody who buys for a unit.
    pub fn buyer(&self, dice: &Dice, units: &Units, unit: usize) -> PersonId {
        self.nearest(dice, units, unit, &self.buyers)
    }

    /// Somebody who decides for a unit.
    pub fn unit_admin(&self, dice: &Dice, units: &Units, unit: usize) -> PersonId {
        self.nearest(dice, units, unit, &self.unit_admins)
    }

    /// Two different people who approve that a unit's thing goes.
    pub fn approvers(&self, dice: &Dice, units: &Units, unit: usize) -> [PersonId; 2] {
        let decides = self.unit_admin(dice, units, unit);
        let confirms = self
            .property_office
            .iter()
            .copied()
            .find(|person| *person != decides)
            .unwrap_or(self.admin);
        [decides, confirms]
    }

    /// Somebody with a grant at the unit or at the next one above that has any.
    fn nearest(
        &self,
        dice: &Dice,
        units: &Units,
        unit: usize,
        holders: &[Vec<PersonId>],
    ) -> PersonId {
        units
            .lineage(unit)
            .find(|at| !holders[*at].is_empty())
            .map_or(self.admin, |at| dice.pick(&holders[at]))
    }
}
