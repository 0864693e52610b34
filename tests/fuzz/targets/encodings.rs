//! Legacy encodings: no encoding is offered twice, and decoding ends with text or a reason in each of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::domain::intake::encoding::{self, Encoding};

fuzz_target!(|bytes: &[u8]| {
    let guesses = encoding::guesses(bytes);
    for (n, guess) in guesses.iter().enumerate() {
        assert!(!guesses[..n].contains(guess), "{guess:?} is offered twice");
    }
    for one in Encoding::ALL {
        let _text = encoding::decode(bytes, one);
    }
});
