//! Headers by which letters prove themselves.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| habeo_fuzz::judge(bytes));
