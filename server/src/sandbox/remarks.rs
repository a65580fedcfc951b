//! What people write when they do something: short, as in any ticket.

use super::dice::Dice;

type Lines = &'static [&'static str];

const COMPUTING: Lines = &[
    "Battery at 81 % of design capacity, no action yet",
    "Reimaged with the fall build",
    "BIOS password reset, asset info set in firmware",
    "Owner reports slow boot; SSD health fine, cleaned startup items",
    "Keyboard replaced under warranty, same serial",
    "Fan noisy under load, cleaned",
    "Checked encryption: on, key escrowed",
    "Charger missing, spare handed over",
    "Two dead pixels top left, user does not mind",
    "Memory doubled from shop stock",
    "Enrolled again after OS upgrade",
    "Sticker worn but still scans",
    "Hinge a bit loose, tightened",
    "USB-C port on the left is flaky, use the right one",
];
const AUDIOVISUAL: Lines = &[
    "Lamp hours 1,812, picture still fine",
    "Filter cleaned over break",
    "Firmware updated, input names set again",
    "HDMI plate in the lectern swapped",
    "Colour drifts to green when cold, watch it",
    "Remote velcroed to the lectern, please leave it there",
    "Ceiling mount bolts checked",
    "Audio hum gone after moving the power lead",
    "Faculty prefers 16:9, scaler preset saved",
];
const INFRASTRUCTURE: Lines = &[
    "Firmware upgraded in the maintenance window",
    "PSU 2 replaced, RMA closed",
    "Port 14 disabled, bad patch in the wall",
    "Moved to the new management VLAN",
    "Fan tray alarm cleared after reseat",
    "Rack units relabelled",
    "Battery self-test passed",
    "Cable management redone, nothing unplugged",
    "Uptime 412 days before reboot",
];
const PRINTING: Lines = &[
    "Fuser at 60 %, kit ordered",
    "Paper jam tray 2, pickup roller cleaned",
    "Queue renamed after the office move",
    "Page count 148,200",
    "Set to duplex by default",
];
const LABORATORY: Lines = &[
    "Calibrated, certificate on the shared drive",
    "Annual safety check passed",
    "Manual and power cord in the drawer below",
    "Log book full, new one started",
    "PI asks that it stays on over the weekend",
];
const MICROSCOPES: Lines = &[
    "Objective 40x cleaned, oil residue",
    "Lamp replaced, illumination centred",
    "Stage clip missing, spare fitted",
];
const CENTRIFUGES: Lines = &[
    "Rotor inspected, no corrosion",
    "Lid lock adjusted",
    "Speed check within tolerance",
];
const BALANCES: Lines = &[
    "Level adjusted after the bench was moved",
    "Daily check weight within 0.2 mg",
    "Draft shield door replaced",
];
const COLD: Lines = &[
    "Seal replaced, holds temperature",
    "Alarm tested, calls the right phone",
    "Defrosted, door gasket clean",
];
const SCOPES: Lines = &[
    "Probe set complete, four of four",
    "Self-calibration passed",
    "Channel 2 knob replaced",
];
const FABRICATION: Lines = &[
    "Nozzle replaced, first layer good",
    "Belt tension checked",
    "Lens cleaned, exhaust filter changed",
    "Interlock tested",
];
const CLINICAL: Lines = &[
    "Lung bladder replaced",
    "Pads replaced, test run good",
    "Probe cover torn, new one fitted",
    "Scenario software updated for the spring course",
];
const KEYBOARDS: Lines = &[
    "Tuned before juries",
    "Humidity in the room 38 %, humidifier filled",
    "Pedal squeak gone",
    "Bench height knob replaced",
];
const MUSIC: Lines = &[
    "Case latch replaced",
    "Cleaned and checked before the term",
    "Stand and case complete",
];
const ADDITIONS: Lines = &[
    "new power supply",
    "with carrying case",
    "repaired housing",
    "upgraded",
    "with spare cable set",
];
const ANY: Lines = &[
    "Seen in the annual inventory",
    "Seen in the annual inventory, label readable",
    "Spot check: where it should be",
    "Tag was under the cable tray, moved to the front",
    "Label replaced with the same number",
    "Room key is with the department office",
    "Photo added to the shared drive",
    "Holder confirmed by mail",
    "Warranty checked with the maker",
];
const MOVES: Lines = &[
    "Office move",
    "Swapped rooms with a colleague",
    "Room closed for renovation",
    "Closer to the people who use it",
    "Back from the conference room",
    "Found here during the walk-through, record corrected",
];
const DISPATCHES: Lines = &[
    "Campus courier, one box",
    "Field season",
    "UPS Ground, insured",
    "Goes along with the field course",
    "Replacement for the broken one there",
];
const REPAIRS: Lines = &[
    "Does not power on",
    "Cracked screen",
    "Liquid spill on keyboard",
    "Battery swollen, do not charge",
    "Display flickers",
    "Overheats and shuts down",
    "Fails self-test",
    "Drops network every few minutes",
    "Error on start, vendor asked for it",
    "Dropped, housing bent",
];
const RETURNS: Lines = &[
    "Holder left, came back by mail with charger",
    "No longer needed",
    "Handed in at the desk",
    "Upgraded to a newer one",
    "Came back with bag and charger",
    "End of project",
    "Returned without power supply",
];
const LOSSES: Lines = &[
    "Not in the room at inventory, holder does not know",
    "Left on the train, lost property asked",
    "Taken from an unlocked office over the weekend",
    "Not seen since the office move",
    "Bag stolen from a car",
    "Cabinet found open, unit gone",
];
const FINDS: Lines = &[
    "Was in the cabinet behind the door",
    "Handed in at the front desk",
    "Turned up after the move, box was mislabelled",
    "Found in a classroom by facilities",
    "Holder had it at home",
];
const RETIREMENTS: Lines = &[
    "End of useful life",
    "Replaced in the refresh",
    "No longer supported by the maker",
    "Repair costs more than it is worth",
    "Cannot run the current OS",
];

/// A note about a thing of this category.
pub fn note(dice: &Dice, group: &str, category: &str) -> &'static str {
    let own = match (group, category) {
        (_, "microscope") => MICROSCOPES,
        (_, "centrifuge") => CENTRIFUGES,
        (_, "balance") => BALANCES,
        (_, "cold_storage") => COLD,
        (_, "oscilloscope") => SCOPES,
        (_, "keyboard") => KEYBOARDS,
        ("computing" | "telephony", _) => COMPUTING,
        ("audiovisual", _) => AUDIOVISUAL,
        ("infrastructure", _) => INFRASTRUCTURE,
        ("printing", _) => PRINTING,
        ("laboratory", _) => LABORATORY,
        ("fabrication", _) => FABRICATION,
        ("clinical", _) => CLINICAL,
        ("music", _) => MUSIC,
        _ => ANY,
    };
    dice.pick(if dice.percent(45) { ANY } else { own })
}

/// What was changed about a thing, for its description.
pub fn addition(dice: &Dice) -> &'static str {
    dice.pick(ADDITIONS)
}

macro_rules! sayings {
    ($($(#[$meta:meta])* $name:ident = $lines:ident, $percent:literal;)*) => {$(
        $(#[$meta])*
        pub fn $name(dice: &Dice) -> Option<&'static str> {
            dice.percent($percent).then(|| dice.pick($lines))
        }
    )*};
}

sayings! {
    /// Why it was moved.
    of_move = MOVES, 60;
    /// How it was sent.
    of_dispatch = DISPATCHES, 80;
    /// What is broken.
    of_repair = REPAIRS, 100;
    /// Why it came back.
    of_return = RETURNS, 45;
    /// How it was lost.
    of_loss = LOSSES, 100;
    /// Where it was.
    of_find = FINDS, 100;
    /// Why it is not used any more.
    of_retirement = RETIREMENTS, 90;
}
