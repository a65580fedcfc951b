//! Carts of cXML, and going back with their lines.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| habeo_fuzz::procurement::cart(body));
