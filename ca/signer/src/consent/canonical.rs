//! Canonical JSON for the shapes used here: objects, arrays, strings, integers, booleans, null.
//! Standard: RFC 8785 §3.2 (members sorted by UTF-16 code units, no white space, shortest escapes).
//! It must never write a number that is not an integer within ±(2^53 − 1).

use serde_json::Value;

/// A value that has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A fraction, an exponent, or an integer beyond 2^53 − 1.
    #[error("number {0} is not an integer within ±(2^53 − 1)")]
    Number(String),
    /// The value cannot be written as JSON.
    #[error("not JSON: {0}")]
    Json(String),
}

const LARGEST: i64 = 9_007_199_254_740_991;

/// The canonical bytes of a value.
pub fn canonical<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|e| CanonicalError::Json(e.to_string()))?;
    let mut out = String::new();
    write(&value, &mut out)?;
    Ok(out.into_bytes())
}

fn write(value: &Value, out: &mut String) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let integer = number
                .as_i64()
                .filter(|n| (-LARGEST..=LARGEST).contains(n))
                .ok_or_else(|| CanonicalError::Number(number.to_string()))?;
            out.push_str(&integer.to_string());
        }
        Value::String(text) => write_string(text, out)?,
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (position, (name, member)) in sorted.into_iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_string(name, out)?;
                out.push(':');
                write(member, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_string(text: &str, out: &mut String) -> Result<(), CanonicalError> {
    // serde_json escapes exactly what RFC 8785 §3.2.2.2 asks for: two-character escapes where they exist, \u00xx in lower case, nothing else.
    out.push_str(&serde_json::to_string(text).map_err(|e| CanonicalError::Json(e.to_string()))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use serde_json::json;

    fn text(value: serde_json::Value) -> String {
        String::from_utf8(canonical(&value).unwrap()).unwrap()
    }

    #[test]
    fn members_are_sorted_by_utf16_code_units_as_in_rfc_8785() {
        let value = json!({"\u{20ac}":"Euro Sign","\r":"Carriage Return","\u{fb33}":"Hebrew Letter Dalet With Dagesh","1":"One","\u{1f600}":"Emoji: Grinning Face","\u{80}":"Control","\u{f6}":"Latin Small Letter O With Diaeresis"});
        assert_eq!(
            text(value),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        );
    }

    #[test]
    fn strings_are_escaped_as_in_rfc_8785() {
        let value = json!({"s":"\u{20ac}$\u{f}\nA'B\"\\\\\"/","l":[true,null,false]});
        assert_eq!(
            text(value),
            "{\"l\":[true,null,false],\"s\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
    }

    #[test]
    fn fractions_and_large_integers_are_refused() {
        for bad in [
            "1.5",
            "9007199254740992",
            "1e3",
            "-9007199254740992",
            "18446744073709551615",
        ] {
            let value: serde_json::Value = serde_json::from_str(bad).unwrap();
            assert!(canonical(&value).is_err(), "{bad}");
        }
        let value: serde_json::Value = serde_json::from_str("9007199254740991").unwrap();
        assert_eq!(text(value), "9007199254740991");
    }
}
