#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| patchcord_decoders::scim::check(data));
