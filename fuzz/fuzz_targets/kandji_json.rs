//! Kandji by its connector.

#![no_main]

use habeo_core::connection::Provider;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| habeo_fuzz::swallow(Provider::Kandji, "application/json", body));
