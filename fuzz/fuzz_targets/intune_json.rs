//! Microsoft Intune in all its forms.

#![no_main]

use habeo_core::connection::Provider;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| habeo_fuzz::swallow(Provider::Intune, "application/json", body));
