//! UTCTime and GeneralizedTime as UTC milliseconds.
//! Standard: RFC 5280 §4.1.2.5; RFC 3161 §2.4.2 (fractions of a second are read, never written)
//! It must never accept a local offset: times are in Z or they are wrong.

use super::{Element, GENERALIZED_TIME, Malformed, UTC_TIME, write};

const DAY: i64 = 86_400_000;

/// Days since 1970-01-01 of a civil date (proleptic Gregorian).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month, day of a number of days since 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn digits(ms: i64) -> (i64, String) {
    let (year, month, day) = date_of(ms.div_euclid(DAY));
    let second = ms.rem_euclid(DAY) / 1000;
    (
        year,
        format!(
            "{month:02}{day:02}{:02}{:02}{:02}",
            second / 3600,
            second / 60 % 60,
            second % 60
        ),
    )
}

/// Certificate time: UTCTime to the end of 2049, GeneralizedTime after it. Parts of a second are cut.
pub fn certificate_time(ms: i64) -> Vec<u8> {
    let (year, rest) = digits(ms);
    if (1950..2050).contains(&year) {
        write::tlv(
            UTC_TIME,
            format!("{:02}{rest}Z", year.rem_euclid(100)).as_bytes(),
        )
    } else {
        generalized(ms)
    }
}

/// GeneralizedTime in whole seconds.
pub fn generalized(ms: i64) -> Vec<u8> {
    let (year, rest) = digits(ms);
    write::tlv(GENERALIZED_TIME, format!("{year:04}{rest}Z").as_bytes())
}

/// Reads a UTCTime or a GeneralizedTime in whole seconds.
pub fn read(what: &'static str, element: &Element<'_>) -> Result<i64, Malformed> {
    let wrong = Malformed::new(what, "not a time");
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let (year, rest) = element.content.split_at_checked(2).ok_or(wrong.clone())?;
            let short = number(year).ok_or(wrong.clone())?;
            (
                if short < 50 {
                    2000 + short
                } else {
                    1900 + short
                },
                rest,
            )
        }
        GENERALIZED_TIME => {
            let (year, rest) = element.content.split_at_checked(4).ok_or(wrong.clone())?;
            (number(year).ok_or(wrong.clone())?, rest)
        }
        _ => return Err(wrong),
    };
    match rest.split_at_checked(10) {
        Some((rest, b"Z")) => instant(year, rest).ok_or(wrong),
        _ => Err(wrong),
    }
}

/// Reads a GeneralizedTime that may carry a fraction of a second.
pub fn read_precise(what: &'static str, element: &Element<'_>) -> Result<i64, Malformed> {
    let wrong = Malformed::new(what, "not a time");
    if element.tag != GENERALIZED_TIME {
        return Err(wrong);
    }
    let (year, rest) = element.content.split_at_checked(4).ok_or(wrong.clone())?;
    let (civil, fraction) = rest.split_at_checked(10).ok_or(wrong.clone())?;
    let whole = number(year)
        .and_then(|year| instant(year, civil))
        .ok_or(wrong.clone())?;
    match fraction {
        b"Z" => Ok(whole),
        [b'.', digits @ .., b'Z'] => {
            if digits.is_empty()
                || digits.len() > 9
                || digits.last() == Some(&b'0')
                || !digits.iter().all(u8::is_ascii_digit)
            {
                return Err(wrong);
            }
            let mut padded: Vec<u8> = digits.iter().copied().take(3).collect();
            padded.resize(3, b'0');
            Ok(whole + number(&padded).ok_or(wrong)?)
        }
        _ => Err(wrong),
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, &byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

fn instant(year: i64, rest: &[u8]) -> Option<i64> {
    let mut parts = rest.chunks_exact(2).map(number);
    let mut next = || parts.next().flatten();
    let (month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?);
    if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 || day < 1 {
        return None;
    }
    let days = days_of(year, month, day);
    (date_of(days) == (year, month, day))
        .then_some(days * DAY + ((hour * 60 + minute) * 60 + second) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::Reader;

    fn parse(bytes: &[u8]) -> Result<i64, Malformed> {
        read("time", &Reader::new("time", bytes).element()?)
    }

    #[test]
    fn years_to_2049_are_utc_time_and_later_ones_generalized_time() {
        assert_eq!(
            certificate_time(2_524_607_999_000),
            b"\x17\x0d491231235959Z"
        );
        assert_eq!(
            certificate_time(2_524_608_000_000),
            b"\x18\x0f20500101000000Z"
        );
        assert_eq!(certificate_time(0), b"\x17\x0d700101000000Z");
    }

    #[test]
    fn every_day_of_two_centuries_reads_back() {
        for day in -10_000..60_000 {
            let ms = day * DAY + 3_723_000;
            assert_eq!(parse(&generalized(ms)).unwrap(), ms);
        }
    }

    #[test]
    fn bad_times_are_refused() {
        for bad in [
            &b"\x17\x0d990229000000Z"[..],
            b"\x17\x0d991301000000Z",
            b"\x17\x0d990101240000Z",
            b"\x17\x0d990101000060Z",
            b"\x17\x0b9901010000Z",
            b"\x17\x11990101000000+0700",
            b"\x18\x1120260101000000.5Z",
            b"\x18\x0e20260101000000",
            b"\x17\x0d99010100000aZ",
        ] {
            assert!(parse(bad).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn fractions_are_read_only_where_a_time_stamp_may_have_them() {
        let element = Element {
            tag: GENERALIZED_TIME,
            raw: b"",
            content: b"20260101000000.0420001Z",
        };
        assert_eq!(read_precise("t", &element).unwrap(), 1_767_225_600_042);
        for bad in [
            &b"20260101000000.Z"[..],
            b"20260101000000.10Z",
            b"20260101000000,1Z",
        ] {
            let element = Element {
                tag: GENERALIZED_TIME,
                raw: b"",
                content: bad,
            };
            assert!(read_precise("t", &element).is_err());
        }
    }
}
