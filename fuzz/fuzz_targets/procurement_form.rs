//! The forms that carts come in.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| habeo_fuzz::procurement::form(body));
