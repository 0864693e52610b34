//! CSV and other delimited lists: whatever the bytes, reading ends with rows or a reason, in every encoding one may choose.
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::domain::intake::encoding::Encoding;
use register::domain::intake::header;
use register::flows::read_list::open;

fuzz_target!(|bytes: &[u8]| {
    for chosen in std::iter::once(None).chain(Encoding::ALL.map(Some)) {
        if let Ok(opened) = open(bytes, None, chosen) {
            let _mapping = header::find(&opened.sheet);
        }
    }
});
