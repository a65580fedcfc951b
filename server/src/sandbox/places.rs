//! Sites, buildings, floors and rooms, and which rooms a unit would use for what.

use habeo_core::id::LocationId;
use habeo_core::time::Timestamp;

use super::dice::Dice;
use super::plan::{Location, LocationKind, RoomUse};
use super::sites::{Building, Flavour, SITES};
use super::units::Units;

/// A room, seen from the histories.
#[derive(Debug)]
pub struct Room {
    pub id: LocationId,
    pub site: usize,
    pub building: usize,
    pub unit: usize,
    pub used_for: RoomUse,
}

/// All places with look-ups by position.
#[derive(Debug)]
pub struct Places {
    pub list: Vec<Location>,
    pub rooms: Vec<Room>,
    /// The ids of the sites in their order in the table.
    sites: Vec<LocationId>,
    /// The rooms in which each unit keeps what nobody uses.
    stores: Vec<Vec<usize>>,
    /// The rooms that each unit runs.
    own: Vec<Vec<usize>>,
}

/// Where the next location hangs.
struct Spot<'a> {
    site: usize,
    building: usize,
    table: &'a Building,
    floor: i64,
    floor_id: LocationId,
}

impl Places {
    /// Builds everything in the table of sites.
    pub fn build(dice: &Dice, founded: Timestamp, units: &Units) -> Self {
        let mut places = Self {
            list: Vec::new(),
            rooms: Vec::new(),
            sites: Vec::new(),
            stores: Vec::new(),
            own: Vec::new(),
        };
        let mut building_number = 0;
        for (site_number, site) in SITES.iter().enumerate() {
            let at = (dice, founded);
            let site_id = places.add(at, None, site.2, site.0, site.1);
            if let Some(added) = places.list.last_mut() {
                added.timezone = Some(site.3);
            }
            places.sites.push(site_id);
            for table in site.4 {
                let code = format!("{}-{}", site.0, table.0);
                let building =
                    places.add(at, Some(site_id), LocationKind::Building, &code, table.1);
                for floor in 1..=table.2 {
                    let code = format!("{}-{floor}F", table.0);
                    let name = format!("Floor {floor}");
                    let floor_id =
                        places.add(at, Some(building), LocationKind::Floor, &code, &name);
                    let spot = Spot {
                        site: site_number,
                        building: building_number,
                        table,
                        floor,
                        floor_id,
                    };
                    places.furnish(at, units, &spot);
                }
                building_number += 1;
            }
        }
        places.own = (0..units.list.len())
            .map(|unit| places.matching(|room| room.unit == unit))
            .collect();
        places.stores = (0..units.list.len())
            .map(|unit| places.for_unit(unit, RoomUse::Storage))
            .collect();
        places
    }

    fn add(
        &mut self,
        (dice, founded): (&Dice, Timestamp),
        parent: Option<LocationId>,
        kind: LocationKind,
        code: &str,
        name: &str,
    ) -> LocationId {
        let id = LocationId::generate(founded, dice.random());
        self.list.push(Location {
            id,
            parent,
            kind,
            code: code.to_owned(),
            name: name.to_owned(),
            room_use: None,
            controlling_unit: None,
            timezone: None,
        });
        id
    }

    /// The rooms of one floor. The first is always the network closet and the second a store, so that every unit has one of each.
    fn furnish(&mut self, at: (&Dice, Timestamp), units: &Units, spot: &Spot<'_>) {
        let (dice, _) = at;
        for number in 1..=spot.table.3 {
            let room_use = match number {
                1 => RoomUse::Network,
                2 => RoomUse::Storage,
                _ => dice.weighted(uses(spot.table.4)),
            };
            let unit = Units::at(dice.pick(spot.table.5));
            let door = spot.floor * 100 + number * 2 - dice.range(0, 1);
            let code = format!("{}-{door}", spot.table.0);
            let name = room_name(dice, room_use, spot.table.4, units.list[unit].name, door);
            let id = self.add(at, Some(spot.floor_id), LocationKind::Room, &code, &name);
            if let Some(added) = self.list.last_mut() {
                added.room_use = Some(room_use);
                added.controlling_unit = Some(units.id(unit));
            }
            self.rooms.push(Room {
                id,
                site: spot.site,
                building: spot.building,
                unit,
                used_for: room_use,
            });
        }
    }

    /// The positions of a unit's rooms of one use.
    pub fn of_unit(&self, unit: usize, room_use: RoomUse) -> Vec<usize> {
        self.matching(|room| room.unit == unit && room.used_for == room_use)
    }

    /// The positions of all rooms of one use.
    pub fn of_use(&self, room_use: RoomUse) -> Vec<usize> {
        self.matching(|room| room.used_for == room_use)
    }

    /// A unit's rooms of one use, or else those of the whole university.
    pub fn for_unit(&self, unit: usize, room_use: RoomUse) -> Vec<usize> {
        let own = self.of_unit(unit, room_use);
        if own.is_empty() {
            self.of_use(room_use)
        } else {
            own
        }
    }

    fn matching(&self, keep: impl Fn(&Room) -> bool) -> Vec<usize> {
        (0..self.rooms.len())
            .filter(|at| keep(&self.rooms[*at]))
            .collect()
    }

    /// A room in which a unit keeps what nobody uses.
    pub fn store(&self, dice: &Dice, unit: usize) -> usize {
        dice.pick(&self.stores[unit])
    }

    /// A room that a unit runs mostly, any room now and then.
    pub fn near(&self, dice: &Dice, unit: usize) -> usize {
        let own = &self.own[unit];
        if own.is_empty() || dice.percent(15) {
            dice.index(self.rooms.len())
        } else {
            dice.pick(own)
        }
    }

    /// A room that the same unit uses for the same; the same room where there is no other.
    pub fn sibling(&self, dice: &Dice, room: usize) -> usize {
        let Room { unit, used_for, .. } = self.rooms[room];
        let others: Vec<usize> = self.own[unit]
            .iter()
            .copied()
            .filter(|at| *at != room && self.rooms[*at].used_for == used_for)
            .collect();
        if others.is_empty() {
            room
        } else {
            dice.pick(&others)
        }
    }

    /// The id of the room at a position.
    pub fn id(&self, room: usize) -> LocationId {
        self.rooms[room].id
    }

    /// The id of a site other than the one a room belongs to.
    pub fn elsewhere(&self, dice: &Dice, room: Option<usize>) -> LocationId {
        let here = room.map_or(0, |room| self.rooms[room].site);
        let step = 1 + dice.index(self.sites.len() - 1);
        self.sites[(here + step) % self.sites.len()]
    }
}

fn uses(flavour: Flavour) -> &'static [(u64, RoomUse)] {
    use RoomUse::{AvBooth, Classroom, Network, Office, Public, ResearchLab, Storage, TeachingLab};
    match flavour {
        Flavour::Teaching => &[
            (42, Classroom),
            (9, TeachingLab),
            (36, Office),
            (4, AvBooth),
            (3, Storage),
            (6, Public),
        ],
        Flavour::Science => &[
            (10, Classroom),
            (11, TeachingLab),
            (40, ResearchLab),
            (32, Office),
            (5, Storage),
            (2, Public),
        ],
        Flavour::Offices => &[(6, Classroom), (82, Office), (6, Storage), (6, Public)],
        Flavour::Library => &[
            (8, Classroom),
            (6, TeachingLab),
            (34, Office),
            (6, AvBooth),
            (14, Storage),
            (32, Public),
        ],
        Flavour::Clinic => &[
            (14, Classroom),
            (18, TeachingLab),
            (26, ResearchLab),
            (36, Office),
            (6, Storage),
        ],
        Flavour::Machines => &[(60, Network), (30, Storage), (10, Office)],
        Flavour::Field => &[
            (8, Classroom),
            (10, TeachingLab),
            (46, ResearchLab),
            (22, Office),
            (14, Storage),
        ],
    }
}

fn room_name(dice: &Dice, room_use: RoomUse, flavour: Flavour, unit: &str, door: i64) -> String {
    match room_use {
        RoomUse::Classroom if dice.percent(15) => format!("Seminar Room {door}"),
        RoomUse::Classroom if dice.percent(10) => format!("Lecture Room {door}"),
        RoomUse::Classroom => format!("Classroom {door}"),
        RoomUse::TeachingLab if flavour == Flavour::Clinic => format!("Skills Lab {door}"),
        RoomUse::TeachingLab => format!("{unit} Teaching Lab {door}"),
        RoomUse::ResearchLab if flavour == Flavour::Clinic => format!("Exam Room {door}"),
        RoomUse::ResearchLab => format!("{unit} Research Lab {door}"),
        RoomUse::Office if dice.percent(8) => format!("Conference Room {door}"),
        RoomUse::Office => format!("Office {door}"),
        RoomUse::AvBooth => format!("Projection Booth {door}"),
        RoomUse::Network if flavour == Flavour::Machines => format!("Machine Row {door}"),
        RoomUse::Network => format!("Network Closet {door}"),
        RoomUse::Storage => format!("Store {door}"),
        RoomUse::Public => {
            let what = dice.pick(&["Lounge", "Atrium", "Reading Room", "Study Area", "Lobby"]);
            format!("{what} {door}")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn forty_sites_hold_about_fifteen_hundred_rooms_with_codes_of_their_own() {
        let dice = Dice::stream(1, 0);
        let founded = Timestamp::from_seconds(0);
        let units = Units::build(&dice, founded);
        let places = Places::build(&dice, founded, &units);
        assert_eq!(places.sites.len(), 40);
        assert!(
            (1_400..=1_600).contains(&places.rooms.len()),
            "{}",
            places.rooms.len()
        );
        let codes: HashSet<&str> = places
            .list
            .iter()
            .map(|place| place.code.as_str())
            .collect();
        assert_eq!(codes.len(), places.list.len());
        for place in &places.list {
            assert_eq!(place.parent.is_none(), place.timezone.is_some());
        }
    }
}
