//! PDF objects as values, and how they are written.

/// Number and generation of an indirect object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id {
    pub(crate) number: u32,
    pub(crate) generation: u16,
}

/// One PDF object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object {
    Null,
    Boolean(bool),
    Integer(i64),
    /// A real number, kept as it was written.
    Real(Vec<u8>),
    Name(Vec<u8>),
    String(Vec<u8>),
    Array(Vec<Object>),
    Dictionary(Dictionary),
    Stream(Stream),
    Reference(Id),
}

/// A dictionary in the order of its keys as written; keys are unique.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Dictionary(Vec<(Vec<u8>, Object)>);

/// A stream with its raw (still encoded) bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) dictionary: Dictionary,
    pub(crate) data: Vec<u8>,
}

impl Dictionary {
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Object> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Sets a key, keeping its place if it is there already.
    pub(crate) fn set(&mut self, key: &[u8], value: Object) {
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((key.to_vec(), value)),
        }
    }

    pub(crate) fn with(mut self, key: &[u8], value: Object) -> Self {
        self.set(key, value);
        self
    }

    /// Adds a key that must be new; false when it is there already.
    pub(crate) fn push_unique(&mut self, key: Vec<u8>, value: Object) -> bool {
        if self.get(&key).is_some() {
            return false;
        }
        self.0.push((key, value));
        true
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &Object)> {
        self.0.iter().map(|(k, v)| (k.as_slice(), v))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        self.0.iter_mut().map(|(_, v)| v)
    }

    /// True when `key` holds the name `name`.
    pub(crate) fn is(&self, key: &[u8], name: &[u8]) -> bool {
        matches!(self.get(key), Some(Object::Name(n)) if n == name)
    }

    /// Equal in every key except those of `except`, whatever the order.
    pub(crate) fn equal_except(&self, other: &Self, except: &[&[u8]]) -> bool {
        let counted = |d: &Self| d.iter().filter(|(k, _)| !except.contains(k)).count();
        counted(self) == counted(other)
            && self
                .iter()
                .filter(|(k, _)| !except.contains(k))
                .all(|(k, v)| other.get(k) == Some(v))
    }
}

impl Object {
    pub(crate) fn name(text: &str) -> Self {
        Object::Name(text.as_bytes().to_vec())
    }

    pub(crate) fn dictionary(&self) -> Option<&Dictionary> {
        match self {
            Object::Dictionary(d) => Some(d),
            Object::Stream(s) => Some(&s.dictionary),
            _ => None,
        }
    }

    pub(crate) fn array(&self) -> Option<&[Object]> {
        match self {
            Object::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn reference(&self) -> Option<Id> {
        match self {
            Object::Reference(id) => Some(*id),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Object::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// An integer or real as a float.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Object::Integer(n) => Some(*n as f64),
            Object::Real(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn string(&self) -> Option<&[u8]> {
        match self {
            Object::String(s) => Some(s),
            _ => None,
        }
    }

    /// A number with two decimals at most.
    pub(crate) fn real(value: f32) -> Self {
        let mut text = format!("{value:.2}");
        while text.contains('.') && (text.ends_with('0') || text.ends_with('.')) {
            let dot = text.ends_with('.');
            text.pop();
            if dot {
                break;
            }
        }
        match text.parse::<i64>() {
            Ok(whole) => Object::Integer(whole),
            Err(_) => Object::Real(text.into_bytes()),
        }
    }

    /// A text string: ASCII as it is, anything else as UTF-16BE with its mark.
    pub(crate) fn text(value: &str) -> Self {
        if value.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Object::String(value.as_bytes().to_vec());
        }
        let mut bytes = vec![0xfe, 0xff];
        for unit in value.encode_utf16() {
            bytes.extend_from_slice(&unit.to_be_bytes());
        }
        Object::String(bytes)
    }

    /// Writes the object in PDF syntax.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Object::Null => out.extend_from_slice(b"null"),
            Object::Boolean(true) => out.extend_from_slice(b"true"),
            Object::Boolean(false) => out.extend_from_slice(b"false"),
            Object::Integer(n) => out.extend_from_slice(n.to_string().as_bytes()),
            Object::Real(text) => out.extend_from_slice(text),
            Object::Name(name) => write_name(name, out),
            Object::String(bytes) => write_string(bytes, out),
            Object::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b' ');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Object::Dictionary(dictionary) => write_dictionary(dictionary, out),
            Object::Stream(stream) => {
                let dictionary = stream
                    .dictionary
                    .clone()
                    .with(b"Length", Object::Integer(stream.data.len() as i64));
                write_dictionary(&dictionary, out);
                out.extend_from_slice(b"\nstream\n");
                out.extend_from_slice(&stream.data);
                out.extend_from_slice(b"\nendstream");
            }
            Object::Reference(id) => {
                out.extend_from_slice(format!("{} {} R", id.number, id.generation).as_bytes());
            }
        }
    }
}

/// Text of a PDF text string: UTF-16BE or UTF-8 with their marks, otherwise Latin-1.
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units: Vec<u16> = rest
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0xfffd,
            })
            .collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        return String::from_utf8_lossy(rest).into_owned();
    }
    bytes.iter().map(|b| char::from(*b)).collect()
}

fn write_dictionary(dictionary: &Dictionary, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<<");
    for (key, value) in dictionary.iter() {
        write_name(key, out);
        out.push(b' ');
        value.write(out);
        out.push(b'\n');
    }
    out.extend_from_slice(b">>");
}

fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for byte in name {
        if byte.is_ascii_graphic() && !b"()<>[]{}/%#".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

fn write_string(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.iter().all(|b| (0x20..0x7f).contains(b)) {
        out.push(b'(');
        for byte in bytes {
            if b"()\\".contains(byte) {
                out.push(b'\\');
            }
            out.push(*byte);
        }
        out.push(b')');
    } else {
        out.push(b'<');
        for byte in bytes {
            out.extend_from_slice(format!("{byte:02X}").as_bytes());
        }
        out.push(b'>');
    }
}
