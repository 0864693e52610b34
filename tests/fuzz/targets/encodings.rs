//! Legacy encodings: what is guessed can be decoded, and decoding never panics; text that is UTF-8 already is read as it is.
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
