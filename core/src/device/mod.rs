//! Devices as a device management sees them: what it reports, and which asset each of them is.

pub mod report;
