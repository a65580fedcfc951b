//! Jira Service Management.

#![no_main]

use habeo_core::connection::Provider;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| habeo_fuzz::swallow(Provider::Jira, "application/json", body));
