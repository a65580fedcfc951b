//! The purchasing programmes of a university: labs, classrooms, the network, staff kit, research, loan pools and offices.

use super::calendar;
use super::plan::RoomUse;
use super::purchases::{ASSETS, Buyer, Purpose, Wish};
use super::units::Units;

/// Months in which departments buy: before the fiscal year ends, before term, and around the new year.
const BUYING_MONTHS: [i64; 4] = [2, 5, 8, 11];

/// Runs every programme, then ordinary staff purchases until there is enough.
pub fn all(buyer: &mut Buyer<'_>) {
    teaching_labs(buyer);
    classrooms(buyer);
    network(buyer);
    machine_halls(buyer);
    research(buyer);
    loan_pools(buyer);
    studios(buyer);
    offices(buyer);
    staff_kit(buyer);
    while buyer.bought() < ASSETS {
        let unit = buyer.dice.weighted(&Units::staffed());
        let day = buyer.dice.range(buyer.earliest(), buyer.latest());
        kit_order(buyer, unit, calendar::workday(day), 3);
    }
}

/// Each teaching lab gets a room full of identical machines, ordered in July for the fall term, and again when their life is over.
fn teaching_labs(buyer: &mut Buyer<'_>) {
    for room in buyer.world.places.of_use(RoomUse::TeachingLab) {
        let unit = buyer.world.places.rooms[room].unit;
        let code = buyer.world.units.code(unit);
        let fitted: &[(&str, i64)] = match code {
            "CSC" => &[("desktop", 24), ("display", 24)],
            "VAD" => &[("desktop", 20), ("tablet", 8)],
            "ENG" | "MEC" => &[("workstation", 20), ("printer_3d", 4)],
            "ECE" => &[
                ("oscilloscope", 12),
                ("bench_instrument", 12),
                ("desktop", 12),
            ],
            "BIO" | "SCI" => &[("microscope", 16), ("balance", 3), ("tablet", 8)],
            "CHE" => &[("balance", 8), ("spectrometer", 2), ("laptop", 8)],
            "PHY" => &[
                ("oscilloscope", 12),
                ("bench_instrument", 6),
                ("laptop", 12),
            ],
            "MED" | "CSL" => &[("simulator", 4), ("diagnostic", 6), ("tablet", 6)],
            "MUS" | "ART" => &[("keyboard", 12), ("desktop", 12)],
            _ => &[("desktop", 14)],
        };
        buyer.new_order();
        for (category, quantity) in fitted {
            let spread = buyer.dice.range(-2, 2).min(quantity / 3);
            generations(buyer, room, unit, category, quantity + spread);
        }
    }
}

/// Buys for one room in some July, and again whenever the useful life is over.
fn generations(
    buyer: &mut Buyer<'_>,
    room: usize,
    unit: usize,
    category: &'static str,
    quantity: i64,
) {
    let (first_year, _) = calendar::year_month(buyer.earliest());
    let mut year = first_year + buyer.dice.range(2, 8);
    let day_of_month = buyer.dice.range(2, 16);
    loop {
        let day = calendar::workday(calendar::first_of(year, 7) + day_of_month);
        if day > buyer.latest() {
            return;
        }
        buyer.new_order();
        let latest = buyer.latest();
        let wish = Wish {
            day,
            unit,
            category,
            quantity,
            purpose: Purpose::Room,
            rooms: vec![room],
        };
        let model = buyer.buy(wish).map(|batch| batch.model);
        let life_days = model.map_or(1_500, |at| buyer.world.catalogue.facts[at].life_days);
        year += (life_days + 182) / 365;
        let next = calendar::workday(calendar::first_of(year, 7) + day_of_month);
        if next <= latest {
            buyer.mark_replaced(next + 40);
        }
    }
}

/// Classrooms are fitted in summers, a few rooms in one order.
fn classrooms(buyer: &mut Buyer<'_>) {
    let rooms = buyer.world.places.of_use(RoomUse::Classroom);
    let unit = Units::at("AVT");
    for some in rooms.chunks(5) {
        let count = i64::try_from(some.len()).unwrap_or(0);
        let year = buyer.dice.range(1, 9) + calendar::year_month(buyer.earliest()).0;
        let day = calendar::first_of(year, 5) + buyer.dice.range(1, 50);
        if day > buyer.latest() {
            continue;
        }
        buyer.new_order();
        let picture = if buyer.dice.percent(75) {
            "projector"
        } else {
            "large_display"
        };
        for (category, share) in [
            (picture, 100),
            ("av_rack", 70),
            ("document_camera", 50),
            ("microphone", 40),
            ("conference_camera", 35),
        ] {
            if buyer.dice.percent(share) {
                buyer.buy(Wish {
                    day: calendar::workday(day),
                    unit,
                    category,
                    quantity: count,
                    purpose: Purpose::Room,
                    rooms: some.to_vec(),
                });
            }
        }
    }
}

/// A building at a time: switches in the closets, access points on the floors.
fn network(buyer: &mut Buyer<'_>) {
    let closets = buyer.world.places.of_use(RoomUse::Network);
    let unit = Units::at("NET");
    for some in closets.chunk_by(|one, two| {
        let rooms = &buyer.world.places.rooms;
        rooms[*one].building == rooms[*two].building
    }) {
        let floors = i64::try_from(some.len()).unwrap_or(0).min(8);
        let day = calendar::workday(buyer.dice.range(buyer.earliest() + 200, buyer.latest()));
        buyer.new_order();
        let per_floor = buyer.dice.range(4, 7);
        for (category, quantity) in [
            ("switch", floors * 2),
            ("access_point", floors * per_floor),
            ("ups", floors),
        ] {
            buyer.buy(Wish {
                day,
                unit,
                category,
                quantity,
                purpose: Purpose::Room,
                rooms: some.to_vec(),
            });
        }
    }
}

/// Servers come by the rack.
fn machine_halls(buyer: &mut Buyer<'_>) {
    let rooms: Vec<usize> = buyer
        .world
        .places
        .of_unit(Units::at("NET"), RoomUse::Network);
    for _ in 0..34 {
        buyer.new_order();
        let day = calendar::workday(buyer.dice.range(buyer.earliest(), buyer.latest()));
        let row = buyer.dice.pick(&rooms);
        let category = buyer
            .dice
            .weighted(&[(70, "server"), (18, "switch"), (12, "ups")]);
        let quantity = buyer.dice.range(2, 12);
        buyer.buy(Wish {
            day,
            unit: Units::at("NET"),
            category,
            quantity,
            purpose: Purpose::Room,
            rooms: vec![row],
        });
    }
}

/// Instruments for research labs, one to three at a time.
fn research(buyer: &mut Buyer<'_>) {
    for room in buyer.world.places.of_use(RoomUse::ResearchLab) {
        let unit = buyer.world.places.rooms[room].unit;
        let wanted: &[&str] = match buyer.world.units.code(unit) {
            "BIO" | "SCI" => &["microscope", "centrifuge", "thermal_cycler", "cold_storage"],
            "CHE" => &["balance", "spectrometer", "centrifuge", "cold_storage"],
            "PHY" => &[
                "oscilloscope",
                "bench_instrument",
                "workstation",
                "spectrometer",
            ],
            "MEC" | "ENG" => &["machine_tool", "printer_3d", "workstation", "oscilloscope"],
            "ECE" | "CSC" => &["oscilloscope", "bench_instrument", "workstation", "server"],
            "MED" | "CSL" => &["diagnostic", "cold_storage", "laptop", "tablet"],
            _ => &["workstation", "laptop"],
        };
        for _ in 0..buyer.dice.range(1, 4) {
            buyer.new_order();
            let day = calendar::workday(buyer.dice.range(buyer.earliest(), buyer.latest()));
            let category = buyer.dice.pick(wanted);
            let quantity = buyer.dice.weighted(&[(70, 1), (20, 2), (10, 3)]);
            buyer.buy(Wish {
                day,
                unit,
                category,
                quantity,
                purpose: Purpose::Room,
                rooms: vec![room],
            });
        }
    }
}

/// Pools from which students borrow.
fn loan_pools(buyer: &mut Buyer<'_>) {
    let pools: [(&str, &str, i64, i64); 9] = [
        ("LIB", "laptop", 12, 24),
        ("LIB", "tablet", 6, 16),
        ("LIB", "hotspot", 5, 20),
        ("AVT", "camera", 8, 8),
        ("AVT", "microphone", 6, 8),
        ("AVT", "laptop", 4, 16),
        ("VAD", "camera", 8, 8),
        ("MUS", "orchestral", 10, 7),
        ("VAD", "tablet", 3, 12),
    ];
    for (code, category, orders, size) in pools {
        for _ in 0..orders {
            buyer.new_order();
            let day = calendar::workday(buyer.dice.range(buyer.earliest() + 300, buyer.latest()));
            let quantity = size + buyer.dice.range(-3, 4);
            buyer.buy(Wish {
                day,
                unit: Units::at(code),
                category,
                quantity,
                purpose: Purpose::Loan,
                rooms: Vec::new(),
            });
        }
    }
}

/// What music and art need in their own rooms.
fn studios(buyer: &mut Buyer<'_>) {
    for code in ["MUS", "VAD", "ART"] {
        let unit = Units::at(code);
        let rooms = buyer.world.places.for_unit(unit, RoomUse::Classroom);
        for _ in 0..26 {
            buyer.new_order();
            let day = calendar::workday(buyer.dice.range(buyer.earliest(), buyer.latest()));
            let category = buyer.dice.weighted(match code {
                "MUS" => &[(40, "keyboard"), (30, "studio"), (30, "orchestral")],
                _ => &[(40, "display"), (30, "studio"), (30, "workstation")],
            });
            let quantity = buyer.dice.range(1, 4);
            let room = buyer.dice.pick(&rooms);
            buyer.buy(Wish {
                day,
                unit,
                category,
                quantity,
                purpose: Purpose::Room,
                rooms: vec![room],
            });
        }
    }
}

/// Printers, scanners, desk phones and shared screens of every unit.
fn offices(buyer: &mut Buyer<'_>) {
    for (_, unit) in Units::staffed() {
        let rooms = buyer.world.places.for_unit(unit, RoomUse::Office);
        let orders = 3 + buyer.world.people.headcount(unit) / 9;
        for _ in 0..orders {
            buyer.new_order();
            let day = calendar::workday(buyer.dice.range(buyer.earliest(), buyer.latest()));
            let category = buyer.dice.weighted(&[
                (40, "printer"),
                (12, "scanner"),
                (26, "desk_phone"),
                (14, "conference_camera"),
                (8, "large_display"),
            ]);
            let quantity = if category == "desk_phone" {
                buyer.dice.range(3, 10)
            } else {
                buyer.dice.range(1, 3)
            };
            let purpose = if buyer.dice.percent(30) {
                Purpose::Unit
            } else {
                Purpose::Room
            };
            let rooms = (0..quantity).map(|_| buyer.dice.pick(&rooms)).collect();
            buyer.buy(Wish {
                day,
                unit,
                category,
                quantity,
                purpose,
                rooms,
            });
        }
    }
}

/// What people are given, bought four times a year.
fn staff_kit(buyer: &mut Buyer<'_>) {
    let (first, _) = calendar::year_month(buyer.earliest());
    let (last, _) = calendar::year_month(buyer.latest());
    // The newest first: what is too much falls away at the old end.
    for year in (first..=last).rev() {
        for month in BUYING_MONTHS {
            for (_, unit) in Units::staffed() {
                let day = calendar::first_of(year, month) + buyer.dice.range(3, 24);
                if (buyer.earliest()..=buyer.latest()).contains(&day) && buyer.bought() < ASSETS {
                    let heads = buyer.world.people.headcount(unit);
                    let size = (heads + buyer.dice.range(0, 25)) / 26;
                    kit_order(buyer, unit, calendar::workday(day), size);
                }
            }
        }
    }
}

/// Laptops, and some of what goes with them, in one order.
fn kit_order(buyer: &mut Buyer<'_>, unit: usize, day: i64, size: i64) {
    buyer.new_order();
    for (category, share, quantity) in [
        ("laptop", 92, size),
        ("display", 46, size),
        ("dock", 30, size),
        ("smartphone", 22, (size + 1) / 2),
        ("tablet", 16, (size + 1) / 2),
        ("workstation", 8, 1),
    ] {
        if buyer.dice.percent(share) {
            buyer.buy(Wish {
                day,
                unit,
                category,
                quantity,
                purpose: Purpose::Person,
                rooms: Vec::new(),
            });
        }
    }
}
