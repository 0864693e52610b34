//! The rows of the four files with their types; each is checked for itself here, against the others in `plan`.

use std::collections::BTreeMap;

use super::columns::{AGENCIES, OFFICIALS, POSTS, UNITS};
use super::fault::{Cause, File};
use super::table::{self, Faults, Row};
use crate::domain::text::repair_eth;
use platform::clock::day_start;

/// A row of `agencies.csv`.
#[derive(Debug)]
pub struct AgencyRow {
    /// Line in the file.
    pub line: u64,
    /// Code.
    pub code: String,
    /// Code of the agency above.
    pub parent_code: Option<String>,
    /// Level.
    pub level: i64,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: String,
    /// Short name.
    pub short_name: String,
    /// Domain of its mail.
    pub mail_domain: String,
    /// QCVN 102 identifier.
    pub id_qcvn102: Option<String>,
    /// Statistical code.
    pub gso_code: Option<String>,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

/// A row of `internal_units.csv`: units of every agency of a kind.
#[derive(Debug)]
pub struct UnitRow {
    /// Line in the file.
    pub line: u64,
    /// Kind of agency.
    pub agency_kind: String,
    /// Number.
    pub number: String,
    /// Name.
    pub name: String,
    /// Whether it has its own seal.
    pub own_seal: bool,
}

/// Whether a kind of post heads something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heads {
    /// It heads its agency or unit.
    Yes,
    /// It does not.
    No,
    /// It is a way of holding a head's post (quyền, phụ trách), not a post.
    Way,
}

/// A row of `posts.csv`: a kind of post.
#[derive(Debug)]
pub struct PostRow {
    /// Line in the file.
    pub line: u64,
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Kinds of agencies that have it.
    pub agency_kinds: Vec<String>,
    /// Whether it belongs to the agency as a whole (else to a unit).
    pub of_agency: bool,
    /// Rank.
    pub rank: i64,
    /// Whether it heads.
    pub heads: Heads,
    /// Code of the post whose deputy it is.
    pub deputy_of: Option<String>,
    /// Capacities.
    pub capacities: Vec<String>,
}

/// A row of the list of officials.
#[derive(Debug)]
pub struct OfficialRow {
    /// Line in the file.
    pub line: u64,
    /// Staff number.
    pub staff_no: String,
    /// Full name.
    pub full_name: String,
    /// Surname.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// F or M.
    pub gender: Option<String>,
    /// yyyy-mm-dd.
    pub birth_date: Option<String>,
    /// Twelve digits.
    pub personal_number: Option<String>,
    /// Code of the agency.
    pub agency_code: String,
    /// Number of the unit.
    pub unit_number: String,
    /// Name of the unit, for the check.
    pub unit_name: String,
    /// Code of the post.
    pub post_code: String,
    /// Title, for the check.
    pub post_title: String,
    /// Field of work of a deputy.
    pub field: Option<String>,
    /// First instant in the post.
    pub from: i64,
    /// Sign-in name.
    pub username: String,
    /// Mail address, lower case.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
}

/// The four files, read.
#[derive(Debug, Default)]
pub struct Rows {
    /// Agencies in file order.
    pub agencies: Vec<AgencyRow>,
    /// Units.
    pub units: Vec<UnitRow>,
    /// Kinds of posts by code.
    pub posts: BTreeMap<String, PostRow>,
    /// Officials in file order.
    pub officials: Vec<OfficialRow>,
}

/// Reads the four files. Faults of form go to `faults`, repairs to `warnings`.
pub fn read(
    agencies: &[u8],
    units: &[u8],
    posts: &[u8],
    officials: &[u8],
    faults: &mut Faults,
    warnings: &mut Faults,
) -> Rows {
    let mut rows = Rows::default();
    let mut seen = BTreeMap::new();
    for row in table::read(File::Agencies, agencies, &AGENCIES, faults).rows() {
        if let Some(agency) = agency(row, faults)
            && first(row, "code", &agency.code, &mut seen, faults)
        {
            rows.agencies.push(agency);
        }
    }
    seen.clear();
    for row in table::read(File::Units, units, &UNITS, faults).rows() {
        if let Some(unit) = unit(row, faults) {
            let key = format!("{} {}", unit.agency_kind, unit.number);
            if first(row, "unit_no", &key, &mut seen, faults) {
                rows.units.push(unit);
            }
        }
    }
    for row in table::read(File::Posts, posts, &POSTS, faults).rows() {
        if let Some(post) = post(row, faults) {
            match rows.posts.get(&post.code) {
                Some(earlier) => row.fault(
                    "post_code",
                    Cause::Duplicate(post.code, earlier.line),
                    faults,
                ),
                None => {
                    rows.posts.insert(post.code.clone(), post);
                }
            }
        }
    }
    for post in rows.posts.values() {
        if let Some(head) = &post.deputy_of
            && !rows.posts.contains_key(head)
        {
            faults.add(
                File::Posts,
                post.line,
                "deputy_of",
                Cause::UnknownPost(head.clone()),
            );
        }
    }
    seen.clear();
    let (mut usernames, mut mails, mut numbers) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for row in table::read(File::Officials, officials, &OFFICIALS, faults).rows() {
        let Some(official) = official(row, faults, warnings) else {
            continue;
        };
        let single = first(row, "staff_no", &official.staff_no, &mut seen, faults)
            & first(row, "username", &official.username, &mut usernames, faults)
            & official
                .email
                .as_deref()
                .is_none_or(|mail| first(row, "email", mail, &mut mails, faults))
            & official
                .personal_number
                .as_deref()
                .is_none_or(|number| first(row, "cccd", number, &mut numbers, faults));
        if single {
            rows.officials.push(official);
        }
    }
    rows
}

/// The kinds of posts that come with the program, for lists that name posts by their titles.
pub fn catalogue() -> BTreeMap<String, PostRow> {
    // A test reads it without a fault.
    let mut faults = Faults::default();
    table::read(File::Posts, CATALOGUE, &POSTS, &mut faults)
        .rows()
        .iter()
        .filter_map(|row| post(row, &mut faults))
        .map(|post| (post.code.clone(), post))
        .collect()
}

const CATALOGUE: &[u8] = include_bytes!("../../../catalogue/posts.csv");

/// Notes the key; a second one is a fault that names the first line. Personal numbers are not repeated in the text.
fn first(
    row: &Row,
    column: &'static str,
    key: &str,
    seen: &mut BTreeMap<String, u64>,
    faults: &mut Faults,
) -> bool {
    match seen.get(key) {
        Some(line) => {
            let shown = if column == "cccd" { "…" } else { key };
            row.fault(column, Cause::Duplicate(shown.to_string(), *line), faults);
            false
        }
        None => {
            seen.insert(key.to_string(), row.line);
            true
        }
    }
}

fn agency(row: &Row, faults: &mut Faults) -> Option<AgencyRow> {
    let kind = row.filled("kind", 40, faults)?;
    if !kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        row.fault("kind", Cause::NotAllowed(kind, "a–z _"), faults);
        return None;
    }
    let to = match row.optional("valid_to") {
        Some(_) => Some(day_start(row.day("valid_to", faults)?)),
        None => None,
    };
    let from = day_start(row.day("valid_from", faults)?);
    if to.is_some_and(|to| to <= from) {
        row.fault(
            "valid_to",
            Cause::NotAfter(row.text("valid_from").to_string()),
            faults,
        );
        return None;
    }
    let domain = row
        .optional("mail_domain_test")
        .map_or_else(|| row.filled("mail_domain", 120, faults), Some)?;
    if !domain
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
    {
        row.fault("mail_domain", Cause::BadName(domain), faults);
        return None;
    }
    Some(AgencyRow {
        line: row.line,
        code: row.filled("code", 20, faults)?,
        parent_code: row.optional("parent_code"),
        level: row.number("level", faults)?,
        name: row.filled("name_vi", 200, faults)?,
        kind,
        short_name: row.filled("short_name", 80, faults)?,
        mail_domain: domain,
        id_qcvn102: row.optional("id_qcvn102"),
        gso_code: row.optional("gso_code"),
        from,
        to,
    })
}

fn unit(row: &Row, faults: &mut Faults) -> Option<UnitRow> {
    let own_seal = match row.text("own_seal") {
        "yes" => true,
        "no" => false,
        other => {
            row.fault(
                "own_seal",
                Cause::NotAllowed(other.to_string(), "yes, no"),
                faults,
            );
            return None;
        }
    };
    Some(UnitRow {
        line: row.line,
        agency_kind: row.filled("agency_kind", 40, faults)?,
        number: row.filled("unit_no", 10, faults)?,
        name: row.filled("name_vi", 120, faults)?,
        own_seal,
    })
}

fn list(text: &str) -> Vec<String> {
    text.split('|')
        .filter(|part| !part.is_empty())
        .map(str::to_string)
        .collect()
}

fn post(row: &Row, faults: &mut Faults) -> Option<PostRow> {
    let of_agency = match row.text("scope") {
        "agency" => true,
        "unit" => false,
        other => {
            row.fault(
                "scope",
                Cause::NotAllowed(other.to_string(), "agency, unit"),
                faults,
            );
            return None;
        }
    };
    let capacities = list(row.text("capacities"));
    let heads = match row.text("is_head") {
        _ if capacities.iter().any(|c| c == "Q") => Heads::Way,
        "yes" => Heads::Yes,
        "no" => Heads::No,
        "acting" => Heads::Way,
        other => {
            row.fault(
                "is_head",
                Cause::NotAllowed(other.to_string(), "yes, no, acting"),
                faults,
            );
            return None;
        }
    };
    Some(PostRow {
        line: row.line,
        code: row.filled("post_code", 30, faults)?,
        title: row.filled("title_vi", 120, faults)?,
        agency_kinds: list(row.text("agency_kinds")),
        of_agency,
        rank: row.number("rank", faults)?,
        heads,
        deputy_of: row.optional("deputy_of"),
        capacities,
    })
}

/// A name of a person: Eth typed for Đ is repaired and told.
fn name(
    row: &Row,
    column: &'static str,
    faults: &mut Faults,
    warnings: &mut Faults,
) -> Option<String> {
    let given = row.filled(column, 80, faults)?;
    match repair_eth(&given) {
        Some(repaired) => {
            row.fault(column, Cause::EthRepaired(repaired.clone()), warnings);
            Some(repaired)
        }
        None => Some(given),
    }
}

fn official(row: &Row, faults: &mut Faults, warnings: &mut Faults) -> Option<OfficialRow> {
    let full_name = name(row, "full_name", faults, warnings)?;
    let surname = name(row, "surname", faults, warnings)?;
    let given_name = name(row, "given", faults, warnings)?;
    if !full_name.starts_with(&surname) || !full_name.ends_with(&given_name) {
        row.fault("full_name", Cause::NameParts, faults);
        return None;
    }
    let personal_number = row.optional("cccd");
    if let Some(number) = &personal_number {
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            row.fault("cccd", Cause::PersonalNumberDigits, faults);
            return None;
        }
        if number.len() != 12 {
            row.fault("cccd", Cause::PersonalNumberLength(number.len()), faults);
            return None;
        }
    }
    let username = row.filled("username", 40, faults)?;
    if !username
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
    {
        row.fault("username", Cause::BadName(username), faults);
        return None;
    }
    let email = row.optional("email").map(|mail| mail.to_ascii_lowercase());
    if let Some(mail) = &email
        && !is_address(mail)
    {
        row.fault("email", Cause::BadName(mail.clone()), faults);
        return None;
    }
    let gender = row.optional("gender");
    if let Some(gender) = &gender
        && gender != "F"
        && gender != "M"
    {
        row.fault("gender", Cause::NotAllowed(gender.clone(), "F, M"), faults);
        return None;
    }
    let birth_date = match row.optional("dob") {
        Some(_) => Some(row.day("dob", faults)?.to_string()),
        None => None,
    };
    Some(OfficialRow {
        line: row.line,
        staff_no: row.filled("staff_no", 20, faults)?,
        full_name,
        surname,
        given_name,
        gender,
        birth_date,
        personal_number,
        agency_code: row.filled("agency_code", 20, faults)?,
        unit_number: row.filled("unit_no", 10, faults)?,
        unit_name: row.filled("unit_name", 120, faults)?,
        post_code: row.filled("post_code", 30, faults)?,
        post_title: row.filled("post_title", 120, faults)?,
        field: row.optional("field"),
        from: day_start(row.day("start_date", faults)?),
        username,
        email,
        phone: row.optional("phone"),
    })
}

/// A plain ASCII address, as the province's own addresses are.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_')
            })
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
    };
    local.len() <= 64
        && domain.len() <= 190
        && plain(local)
        && plain(domain)
        && domain.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_of_posts_is_read_without_a_fault() {
        let mut faults = Faults::default();
        let rows = table::read(File::Posts, CATALOGUE, &POSTS, &mut faults);
        assert!(faults.is_empty());
        assert_eq!(catalogue().len(), rows.rows().len());
    }
}
