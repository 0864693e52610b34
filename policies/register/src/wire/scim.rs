//! A delivery of the officials' database in the shape of a SCIM list of users, and the rows of a list that it becomes.
//! Standard: RFC 7643 §4.1, §4.3, §3.3 for users and their extensions; RFC 7644 §3.4.2 for the list.
//! It must never take a part of a list for the whole, nor read deeper, longer or more than its limits.

use serde::Deserialize;

use crate::domain::import::rows::catalogue;
use crate::domain::intake::sheet::{MAX_BYTES, MAX_CELL, MAX_ROWS};
use crate::domain::text::tidy;

/// The schema of a list.
pub const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The schema of a user.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Most bytes of a delivery.
pub const MOST_BYTES: usize = MAX_BYTES;
/// Most users of a delivery: one row of headings stands above them.
pub const MOST_USERS: usize = MAX_ROWS - 1;
/// Objects and lists inside one another.
pub const DEEPEST: usize = 12;

/// Headings of the list it becomes.
const HEADINGS: [&str; 10] = [
    "Số hiệu cán bộ",
    "Họ và tên",
    "Ngày sinh",
    "Giới tính",
    "Số CCCD",
    "Cơ quan",
    "Phòng, ban",
    "Chức vụ",
    "Từ ngày",
    "Điện thoại",
];

/// Why a delivery is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Not JSON, not UTF-8, or not of this shape.
    #[error("{0}")]
    Shape(String),
    /// Deeper than allowed.
    #[error("more than {DEEPEST} objects and lists inside one another")]
    Deep,
    /// More users than allowed.
    #[error("more than {MOST_USERS} users")]
    Long,
    /// A schema is missing.
    #[error("schemas must name {0}")]
    Schema(&'static str),
    /// One page of a longer list.
    #[error("totalResults is {total}, Resources has {here}: send the whole list at once")]
    Part {
        /// What the list says.
        total: u64,
        /// What it has.
        here: usize,
    },
    /// A value is longer than a cell.
    #[error("Resources[{0}]: a value has more than {MAX_CELL} letters")]
    Value(usize),
}

#[derive(Deserialize)]
struct ListResponse {
    schemas: Vec<String>,
    #[serde(rename = "totalResults")]
    total: u64,
    #[serde(rename = "Resources", default)]
    users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    schemas: Vec<String>,
    #[serde(rename = "userName")]
    _user_name: String,
    external_id: Option<String>,
    name: Option<Name>,
    title: Option<String>,
    active: Option<bool>,
    phone_numbers: Option<Vec<Phone>>,
    #[serde(rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")]
    enterprise: Option<Enterprise>,
    #[serde(rename = "urn:antin:params:scim:schemas:extension:official:1.0:User")]
    official: Option<Official>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    formatted: Option<String>,
    family_name: Option<String>,
    middle_name: Option<String>,
    given_name: Option<String>,
}

#[derive(Deserialize)]
struct Phone {
    value: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Enterprise {
    employee_number: Option<String>,
    organization: Option<String>,
    department: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Official {
    personal_number: Option<String>,
    birth_date: Option<String>,
    gender: Option<String>,
    post_kind: Option<String>,
    start_date: Option<String>,
}

/// The delivery as a list: tab-separated, one line a user in their order, so that line n + 2 is `Resources[n]`. Who is not active has
/// a line with his number alone, which no list counts as a person.
pub fn rows(body: &[u8]) -> Result<String, Unfit> {
    let text = std::str::from_utf8(body).map_err(|error| Unfit::Shape(error.to_string()))?;
    if deeper(text, DEEPEST) {
        return Err(Unfit::Deep);
    }
    let list: ListResponse =
        serde_json::from_str(text).map_err(|error| Unfit::Shape(error.to_string()))?;
    if !list.schemas.iter().any(|schema| schema == LIST) {
        return Err(Unfit::Schema(LIST));
    }
    let here = list.users.len();
    if here > MOST_USERS {
        return Err(Unfit::Long);
    }
    if usize::try_from(list.total).ok() != Some(here) {
        let total = list.total;
        return Err(Unfit::Part { total, here });
    }
    let posts = catalogue();
    let mut lines = HEADINGS.join("\t");
    for (at, user) in list.users.into_iter().enumerate() {
        if !user.schemas.iter().any(|schema| schema == USER) {
            return Err(Unfit::Schema(USER));
        }
        let title = |code: &str| posts.get(code).map(|post| post.title.clone());
        let cells = cells(user, &title);
        if cells.iter().any(|cell| cell.chars().count() > MAX_CELL) {
            return Err(Unfit::Value(at));
        }
        lines.push('\n');
        lines.push_str(&cells.join("\t"));
    }
    lines.push('\n');
    Ok(lines)
}

fn cells(user: User, title: &dyn Fn(&str) -> Option<String>) -> [String; 10] {
    let enterprise = user.enterprise.unwrap_or_default();
    let number = [enterprise.employee_number, user.external_id]
        .into_iter()
        .flatten()
        .map(|number| cell(&number))
        .find(|number| !number.is_empty())
        .unwrap_or_default();
    if user.active == Some(false) {
        let mut cells: [String; 10] = Default::default();
        let [first, ..] = &mut cells;
        *first = number;
        return cells;
    }
    let official = user.official.unwrap_or_default();
    let or_empty = |text: Option<String>| text.map(|text| cell(&text)).unwrap_or_default();
    let full_name = user.name.map(|name| {
        let formatted = or_empty(name.formatted);
        if formatted.is_empty() {
            [name.family_name, name.middle_name, name.given_name]
                .map(or_empty)
                .join(" ")
        } else {
            formatted
        }
    });
    let gender = match or_empty(official.gender).to_lowercase().as_str() {
        "female" | "f" => "Nữ",
        "male" | "m" => "Nam",
        _ => "",
    };
    let kind = official.post_kind.and_then(|code| title(code.trim()));
    let phone = user.phone_numbers.into_iter().flatten().next();
    [
        number,
        or_empty(full_name),
        or_empty(official.birth_date),
        gender.to_owned(),
        or_empty(official.personal_number),
        or_empty(enterprise.organization),
        or_empty(enterprise.department),
        kind.unwrap_or_else(|| or_empty(user.title)),
        or_empty(official.start_date),
        or_empty(phone.and_then(|phone| phone.value)),
    ]
}

/// One line, no tab, and no mark that could be taken for a separator or a quoted cell; names are found without such marks.
fn cell(text: &str) -> String {
    tidy(text)
        .chars()
        .map(|c| match c {
            ';' => ',',
            '"' => '”',
            other => other,
        })
        .collect()
}

/// Whether objects and lists lie deeper inside one another than allowed, by brackets outside of strings.
fn deeper(text: &str, most: usize) -> bool {
    let (mut depth, mut inside, mut escaped) = (0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => {
                depth = depth.saturating_add(1);
                if depth > most {
                    return true;
                }
            }
            b'}' | b']' if !inside => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn user() -> Value {
        json!({
            "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
            "userName": "linhlm", "externalId": "CCVC-1", "name": {"formatted": "Lê  Mỹ\tLinh"}, "title": "Chuyên viên", "active": true,
            "emails": [{"value": "linh@x.test", "primary": true}], "phoneNumbers": [{"value": "0912 345 678", "type": "work"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "BD-000009", "organization": "H08.02", "department": "Văn phòng; Sở", "manager": {"value": "x"}},
            "urn:antin:params:scim:schemas:extension:official:1.0:User": {"personalNumber": "052180000001", "birthDate": "1980-02-01", "gender": "female", "postKind": "CVC", "startDate": "2026-11-15"},
        })
    }

    fn list(users: &[Value]) -> Value {
        json!({"schemas": [LIST], "totalResults": users.len(), "startIndex": 1, "itemsPerPage": users.len(), "Resources": users})
    }

    fn read(value: &Value) -> Result<String, Unfit> {
        rows(value.to_string().as_bytes())
    }

    #[test]
    fn a_user_becomes_a_row_and_who_is_not_active_only_a_line() {
        let mut gone = user();
        gone["active"] = json!(false);
        let text = read(&list(&[gone, user()])).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "BD-000009\t\t\t\t\t\t\t\t\t");
        assert_eq!(
            lines[2],
            "BD-000009\tLê Mỹ Linh\t1980-02-01\tNữ\t052180000001\tH08.02\tVăn phòng, Sở\tChuyên viên chính\t2026-11-15\t0912 345 678"
        );
        let mut other = user();
        other["name"] = json!({"familyName": "Lê", "middleName": "Mỹ", "givenName": "Linh"});
        other["urn:antin:params:scim:schemas:extension:official:1.0:User"] = Value::Null;
        other["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] = json!({});
        let text = read(&list(&[other])).unwrap();
        assert_eq!(
            text.lines().nth(1).unwrap(),
            "CCVC-1\tLê Mỹ Linh\t\t\t\t\t\tChuyên viên\t\t0912 345 678"
        );
    }

    #[test]
    fn parts_of_lists_other_schemas_depth_and_length_are_refused() {
        let mut part = list(&[user()]);
        part["totalResults"] = json!(2);
        assert_eq!(read(&part), Err(Unfit::Part { total: 2, here: 1 }));
        let mut other = list(&[user()]);
        other["schemas"] = json!([USER]);
        assert_eq!(read(&other), Err(Unfit::Schema(LIST)));
        let mut group = user();
        group["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]);
        assert_eq!(read(&list(&[group])), Err(Unfit::Schema(USER)));
        let mut long = user();
        long["name"]["formatted"] = json!("a".repeat(MAX_CELL + 1));
        assert_eq!(read(&list(&[user(), long])), Err(Unfit::Value(1)));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(rows(deep.as_bytes()), Err(Unfit::Deep));
        // Brackets in strings are letters.
        let mut odd = user();
        odd["title"] = json!("[[[[[[[[[[[[[\\\"[[[[[[[[");
        assert!(read(&list(&[odd])).is_ok());
        for broken in ["", "{", "null", "[]", "{\"schemas\":1}", "\u{feff}{}"] {
            assert!(
                matches!(rows(broken.as_bytes()), Err(Unfit::Shape(_))),
                "{broken}"
            );
        }
        assert!(matches!(rows(b"\xff"), Err(Unfit::Shape(_))));
    }
}
