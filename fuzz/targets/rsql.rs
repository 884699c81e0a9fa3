#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| patchcord_decoders::rsql::check(data));
