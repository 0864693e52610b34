//! Bounded decoding of streams that carry structure (cross-reference and object streams).
//! Standard: ISO 32000-2 §7.4.4 (FlateDecode with PNG predictors).
//! Must never expand beyond the limit given, whatever the stream claims.

use super::object::{Dictionary, Object, Stream};
use std::io::Read;

/// Why a stream could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undecodable {
    #[error("filter is not supported here")]
    Filter,
    #[error("compressed data is damaged")]
    Damaged,
    #[error("stream expands beyond the limit")]
    TooLarge,
}

/// The decoded bytes of a stream, at most `limit`.
pub(crate) fn decode(stream: &Stream, limit: usize) -> Result<Vec<u8>, Undecodable> {
    let filters: Vec<&Object> = match stream.dictionary.get(b"Filter") {
        None | Some(Object::Null) => Vec::new(),
        Some(Object::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    };
    let parameters = match stream.dictionary.get(b"DecodeParms") {
        Some(Object::Array(items)) => items.first(),
        other => other,
    };
    match filters.as_slice() {
        [] if stream.data.len() <= limit => Ok(stream.data.clone()),
        [] => Err(Undecodable::TooLarge),
        [Object::Name(name)] if name == b"FlateDecode" => {
            let mut plain = Vec::new();
            flate2::read::ZlibDecoder::new(stream.data.as_slice())
                .take(limit as u64 + 1)
                .read_to_end(&mut plain)
                .map_err(|_| Undecodable::Damaged)?;
            if plain.len() > limit {
                return Err(Undecodable::TooLarge);
            }
            match parameters.and_then(Object::dictionary) {
                None => Ok(plain),
                Some(parameters) => undo_predictor(&plain, parameters),
            }
        }
        _ => Err(Undecodable::Filter),
    }
}

fn undo_predictor(plain: &[u8], parameters: &Dictionary) -> Result<Vec<u8>, Undecodable> {
    let number =
        |key: &[u8], default: i64| parameters.get(key).map_or(Some(default), Object::integer);
    let predictor = number(b"Predictor", 1).ok_or(Undecodable::Filter)?;
    if predictor == 1 {
        return Ok(plain.to_vec());
    }
    let colors = number(b"Colors", 1);
    let bits = number(b"BitsPerComponent", 8);
    let columns = number(b"Columns", 1)
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| (1..=4096).contains(n));
    let (Some(1), Some(8), Some(columns), 10..=15) = (colors, bits, columns, predictor) else {
        return Err(Undecodable::Filter);
    };
    let mut out = Vec::with_capacity(plain.len());
    let mut previous = vec![0u8; columns];
    for row in plain.chunks(columns + 1) {
        let Some((kind, cells)) = row.split_first() else {
            continue;
        };
        let mut current = Vec::with_capacity(columns);
        for (index, raw) in cells.iter().enumerate() {
            let left = index
                .checked_sub(1)
                .and_then(|i| current.get(i))
                .copied()
                .unwrap_or(0);
            let up = previous.get(index).copied().unwrap_or(0);
            let corner = index
                .checked_sub(1)
                .and_then(|i| previous.get(i))
                .copied()
                .unwrap_or(0);
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
                4 => paeth(left, up, corner),
                _ => return Err(Undecodable::Damaged),
            };
            current.push(raw.wrapping_add(guess));
        }
        out.extend_from_slice(&current);
        current.resize(columns, 0);
        previous = current;
    }
    Ok(out)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let guess = a + b - c;
    let (da, db, dc) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        up
    } else {
        corner
    }
}
