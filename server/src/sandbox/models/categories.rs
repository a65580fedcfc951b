//! What sorts of things there are.

/// Code, name, parent, months of warranty, whether its products keep data.
pub struct CategoryRow(
    pub &'static str,
    pub &'static str,
    pub Option<&'static str>,
    pub i64,
    pub bool,
);

const COMPUTING: Option<&str> = Some("computing");
const TELEPHONY: Option<&str> = Some("telephony");
const AUDIOVISUAL: Option<&str> = Some("audiovisual");
const INFRASTRUCTURE: Option<&str> = Some("infrastructure");
const PRINTING: Option<&str> = Some("printing");
const LABORATORY: Option<&str> = Some("laboratory");
const FABRICATION: Option<&str> = Some("fabrication");
const CLINICAL: Option<&str> = Some("clinical");
const MUSIC: Option<&str> = Some("music");

/// Parents stand before their children.
#[rustfmt::skip]
pub const CATEGORIES: [CategoryRow; 46] = [
    CategoryRow("computing", "Computing", None, 36, true),
    CategoryRow("telephony", "Telephony", None, 12, true),
    CategoryRow("audiovisual", "Audiovisual", None, 24, false),
    CategoryRow("infrastructure", "Network and servers", None, 60, true),
    CategoryRow("printing", "Printing and scanning", None, 12, true),
    CategoryRow("laboratory", "Laboratory equipment", None, 24, false),
    CategoryRow("fabrication", "Fabrication", None, 12, false),
    CategoryRow("clinical", "Clinical training", None, 24, false),
    CategoryRow("music", "Music", None, 12, false),
    CategoryRow("laptop", "Laptops", COMPUTING, 36, true),
    CategoryRow("desktop", "Desktops", COMPUTING, 36, true),
    CategoryRow("workstation", "Workstations", COMPUTING, 36, true),
    CategoryRow("tablet", "Tablets", COMPUTING, 12, true),
    CategoryRow("display", "Displays", COMPUTING, 36, false),
    CategoryRow("dock", "Docking stations", COMPUTING, 36, false),
    CategoryRow("smartphone", "Smartphones", TELEPHONY, 12, true),
    CategoryRow("desk_phone", "Desk phones", TELEPHONY, 12, false),
    CategoryRow("hotspot", "Mobile hotspots", TELEPHONY, 12, true),
    CategoryRow("projector", "Projectors", AUDIOVISUAL, 36, false),
    CategoryRow("document_camera", "Document cameras", AUDIOVISUAL, 60, false),
    CategoryRow("av_rack", "AV control and switching", AUDIOVISUAL, 36, false),
    CategoryRow("large_display", "Large displays", AUDIOVISUAL, 36, false),
    CategoryRow("conference_camera", "Conference systems", AUDIOVISUAL, 24, false),
    CategoryRow("microphone", "Microphones", AUDIOVISUAL, 24, false),
    CategoryRow("camera", "Cameras", AUDIOVISUAL, 12, true),
    CategoryRow("switch", "Switches", INFRASTRUCTURE, 60, true),
    CategoryRow("access_point", "Access points", INFRASTRUCTURE, 60, false),
    CategoryRow("server", "Servers and storage", INFRASTRUCTURE, 60, true),
    CategoryRow("ups", "Uninterruptible power supplies", INFRASTRUCTURE, 24, false),
    CategoryRow("printer", "Printers", PRINTING, 12, true),
    CategoryRow("scanner", "Scanners", PRINTING, 12, false),
    CategoryRow("microscope", "Microscopes", LABORATORY, 24, false),
    CategoryRow("centrifuge", "Centrifuges", LABORATORY, 24, false),
    CategoryRow("balance", "Balances", LABORATORY, 24, false),
    CategoryRow("spectrometer", "Spectrometers", LABORATORY, 12, true),
    CategoryRow("thermal_cycler", "Thermal cyclers", LABORATORY, 24, true),
    CategoryRow("cold_storage", "Freezers and incubators", LABORATORY, 24, false),
    CategoryRow("oscilloscope", "Oscilloscopes", LABORATORY, 36, true),
    CategoryRow("bench_instrument", "Bench instruments", LABORATORY, 36, false),
    CategoryRow("printer_3d", "3D printers", FABRICATION, 12, false),
    CategoryRow("machine_tool", "Machine tools and cutters", FABRICATION, 12, false),
    CategoryRow("simulator", "Patient simulators", CLINICAL, 12, true),
    CategoryRow("diagnostic", "Diagnostic devices", CLINICAL, 24, true),
    CategoryRow("keyboard", "Pianos and keyboards", MUSIC, 60, false),
    CategoryRow("orchestral", "Wind, string and percussion", MUSIC, 24, false),
    CategoryRow("studio", "Studio equipment", MUSIC, 24, false),
];
