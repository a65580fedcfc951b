//! The suites, one binary.

mod reference_page;
