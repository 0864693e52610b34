//! What names a person, as typed into a form or sent to the API: checked field by field before it becomes a record.

use platform::clock::{day_start, parse_date};

use super::text::{checked, tidy};

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Staff number.
    pub staff_no: String,
    /// Full name, the one truth.
    pub full_name: String,
    /// Surname, when it is more than the first word.
    pub surname: String,
    /// `F`, `M` or nothing.
    pub gender: String,
    /// `dd/mm/yyyy` or `yyyy-mm-dd`.
    pub birth_date: String,
    /// Sign-in name.
    pub username: String,
    /// Mail address.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Twelve digits; empty keeps what is recorded.
    pub personal_number: String,
}

/// A draft in which every field is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Staff number, upper case.
    pub staff_no: String,
    /// Full name.
    pub full_name: String,
    /// Surname.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// `F` or `M`.
    pub gender: Option<String>,
    /// `yyyy-mm-dd`.
    pub birth_date: Option<String>,
    /// Sign-in name.
    pub username: String,
    /// Mail address, lower case.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Twelve digits.
    pub personal_number: Option<String>,
}

/// A field that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the field {0} is wrong")]
pub struct WrongField(pub &'static str);

fn optional(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn plain(text: &str, least: usize, most: usize, allowed: &[u8]) -> bool {
    (least..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || allowed.contains(&byte))
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    plain(local, 1, 64, b"._-+")
        && plain(domain, 3, 190, b".-")
        && domain
            .split('.')
            .all(|part| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-'))
        && domain.contains('.')
}

impl Draft {
    /// Checks every field; gives all that are wrong.
    pub fn check(&self, now: i64) -> Result<Named, Vec<WrongField>> {
        let mut wrong = Vec::new();
        let mut demand = |right: bool, field: &'static str| {
            if !right {
                wrong.push(WrongField(field));
            }
        };
        let staff_no = tidy(&self.staff_no).to_uppercase();
        demand(plain(&staff_no, 1, 20, b"-./"), "staff_no");
        let full_name = checked(&tidy(&self.full_name), 120).unwrap_or_default();
        let words: Vec<&str> = full_name.split(' ').collect();
        let letters = full_name
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, ' ' | '\'' | '’' | '-' | '.'));
        demand(words.len() >= 2 && letters, "full_name");
        let given_name = words.last().copied().unwrap_or_default().to_owned();
        let surname = match tidy(&self.surname) {
            empty if empty.is_empty() => words.first().copied().unwrap_or_default().to_owned(),
            surname => surname,
        };
        demand(
            full_name
                .strip_prefix(&surname)
                .is_some_and(|rest| rest.starts_with(' ')),
            "surname",
        );
        demand(matches!(self.gender.as_str(), "" | "F" | "M"), "gender");
        let typed = self.birth_date.trim();
        let birth = parse_date(typed);
        demand(
            typed.is_empty() || birth.is_some_and(|day| day.year() >= 1900 && day_start(day) < now),
            "birth_date",
        );
        let username = tidy(&self.username);
        demand(
            plain(&username, 2, 64, b"._-")
                && username.bytes().all(|byte| !byte.is_ascii_uppercase()),
            "username",
        );
        let email = tidy(&self.email).to_ascii_lowercase();
        demand(email.is_empty() || is_address(&email), "email");
        let phone: String = self
            .phone
            .chars()
            .filter(|c| !matches!(c, ' ' | '.'))
            .collect();
        let digits = phone.strip_prefix('+').unwrap_or(&phone);
        demand(
            phone.is_empty()
                || (digits.bytes().all(|byte| byte.is_ascii_digit())
                    && (8..=15).contains(&digits.len())),
            "phone",
        );
        let number: String = self
            .personal_number
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        demand(
            number.is_empty()
                || (number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit())),
            "personal_number",
        );
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Named {
            staff_no,
            surname,
            given_name,
            gender: optional(self.gender.clone()),
            birth_date: birth.map(|day| day.to_string()),
            username,
            email: optional(email),
            phone: optional(phone),
            personal_number: optional(number),
            full_name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_796_000_400_000;

    fn good() -> Draft {
        Draft {
            staff_no: "bd-9001".into(),
            full_name: " Tôn Nữ  Thị Hòa ".into(),
            surname: "Tôn Nữ".into(),
            gender: "F".into(),
            birth_date: "02/03/1990".into(),
            username: "hoatnt".into(),
            email: "HoaTNT@binhdinh.test".into(),
            phone: "0912 345 678".into(),
            personal_number: "052190001234".into(),
        }
    }

    #[test]
    fn a_good_draft_becomes_a_name_with_its_parts() {
        let named = good().check(NOW).unwrap();
        assert_eq!(named.full_name, "Tôn Nữ Thị Hòa");
        assert_eq!(
            (named.surname.as_str(), named.given_name.as_str()),
            ("Tôn Nữ", "Hòa")
        );
        assert_eq!(named.staff_no, "BD-9001");
        assert_eq!(named.birth_date.as_deref(), Some("1990-03-02"));
        assert_eq!(named.email.as_deref(), Some("hoatnt@binhdinh.test"));
        let hill = Draft {
            full_name: "Rơ Châm H'Yam".into(),
            surname: String::new(),
            ..good()
        };
        assert_eq!(hill.check(NOW).unwrap().surname, "Rơ");
    }

    #[test]
    fn each_wrong_field_is_named() {
        type Change = fn(&mut Draft);
        let cases: [(&str, Change); 12] = [
            ("staff_no", |d| d.staff_no.clear()),
            ("full_name", |d| d.full_name = "Hòa".into()),
            ("full_name", |d| d.full_name = "Tôn Nữ Thị Ноа".into()),
            ("full_name", |d| d.full_name = "Tôn Nữ <b>".into()),
            ("surname", |d| d.surname = "Trần".into()),
            ("gender", |d| d.gender = "X".into()),
            ("birth_date", |d| d.birth_date = "31/02/1990".into()),
            ("birth_date", |d| d.birth_date = "01/01/2090".into()),
            ("username", |d| d.username = "Hòa".into()),
            ("email", |d| d.email = "hoa@-x.vn".into()),
            ("phone", |d| d.phone = "12".into()),
            ("personal_number", |d| {
                d.personal_number = "05219000123".into()
            }),
        ];
        for (field, change) in cases {
            let mut draft = good();
            change(&mut draft);
            let wrong = draft.check(NOW).unwrap_err();
            assert!(wrong.contains(&WrongField(field)), "{field}: {wrong:?}");
        }
    }
}
