#![no_main]

#[expect(dead_code, reason = "each target drives one of its functions")]
#[path = "../../crates/oauth/tests/it/hostile.rs"]
mod hostile;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile::token_body(data));
