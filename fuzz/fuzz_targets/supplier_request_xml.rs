//! Shipments, invoices, confirmations and answers of suppliers' systems.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| habeo_fuzz::procurement::request(body));
