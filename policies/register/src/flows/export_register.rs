//! The officials of a scope as a table for Excel: CSV with a byte order mark and semicolons, or XLSX.
//! Standard: RFC 4180 with `;`, as Excel reads it in Vietnam; ECMA-376 for XLSX
//! It must never write a cell that a spreadsheet would run as a formula, nor a personal number.

use std::collections::BTreeMap;

use platform::db::{self, Conn};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::domain::facts::{AgencyFact, PersonAttributes, PostFact, UnitFact};
use crate::domain::time::{AsOf, Interval};
use crate::facts;
use crate::rights::Scope;
use crate::store::{agencies, people};

/// Headings, in the words of the offices' own lists.
const HEADINGS: [&str; 12] = [
    "STT",
    "Số hiệu",
    "Họ và tên",
    "Ngày sinh",
    "Giới tính",
    "Mã cơ quan",
    "Cơ quan",
    "Phòng, ban",
    "Chức vụ",
    "Từ ngày",
    "Thư điện tử",
    "Điện thoại",
];

/// The table could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ExportRegister {
    /// The workbook could not be written.
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] XlsxError),
    /// The table could not be written.
    #[error("the table could not be written: {0}")]
    Table(#[from] csv::Error),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The rows, one for each appointment in force, agency by agency in the order of names. Joined here and not by the database, whose
/// planner knows nothing of a register that was just filled.
async fn rows(conn: &mut Conn, scope: &Scope, as_of: AsOf) -> Result<Vec<[String; 12]>, db::Error> {
    let agencies = agencies::list(conn, scope, as_of).await?;
    let agencies: BTreeMap<&str, &AgencyFact> = agencies
        .iter()
        .filter(|agency| agency.interval().holds(as_of.at))
        .map(|agency| (agency.id.as_str(), agency))
        .collect();
    let facts = facts::snapshot(conn, as_of.known).await?;
    let people = people::snapshot(conn, as_of.known).await?;
    let people: BTreeMap<&str, &PersonAttributes> = people
        .iter()
        .map(|person| (person.person.as_str(), person))
        .collect();
    let holds = |from, to| Interval { from, to }.holds(as_of.at);
    let units: BTreeMap<&str, &UnitFact> = facts
        .units
        .iter()
        .filter(|unit| holds(unit.from, unit.to))
        .map(|unit| (unit.id.as_str(), unit))
        .collect();
    let posts: BTreeMap<&str, &PostFact> = facts
        .posts
        .iter()
        .filter(|post| holds(post.from, post.to))
        .map(|post| (post.id.as_str(), post))
        .collect();
    let mut found = Vec::new();
    for held in facts.appointments.iter().filter(|a| holds(a.from, a.to)) {
        let post = posts.get(held.post.as_str());
        let agency = post.and_then(|post| agencies.get(post.agency.as_str()));
        if let (Some(post), Some(agency), Some(person)) =
            (post, agency, people.get(held.person.as_str()))
        {
            let unit = post.unit.as_deref().and_then(|unit| units.get(unit));
            let order = (
                agency.level,
                agency.code.clone(),
                people::sort_key(person),
                person.staff_no.clone(),
                post.code.clone(),
                held.id.clone(),
            );
            found.push((order, row(person, agency, unit.copied(), post, held.from)));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let numbered = found.into_iter().enumerate();
    Ok(numbered
        .map(|(at, (_, mut row))| {
            let [number, ..] = &mut row;
            *number = (at + 1).to_string();
            row
        })
        .collect())
}

fn row(
    person: &PersonAttributes,
    agency: &AgencyFact,
    unit: Option<&UnitFact>,
    post: &PostFact,
    from: i64,
) -> [String; 12] {
    let gender = match person.gender.as_deref() {
        Some("F") => "Nữ",
        Some("M") => "Nam",
        _ => "",
    };
    [
        String::new(),
        person.staff_no.clone(),
        person.full_name.clone(),
        person.birth_date.as_deref().map(birth).unwrap_or_default(),
        gender.to_owned(),
        agency.code.clone(),
        agency.name.clone(),
        unit.map(|unit| unit.name.clone()).unwrap_or_default(),
        post.title.clone(),
        platform::clock::format_date(from),
        person.email.clone().unwrap_or_default(),
        person.phone.clone().unwrap_or_default(),
    ]
}

/// dd/mm/yyyy, or the year when that is all.
fn birth(stored: &str) -> String {
    match stored.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => stored.to_owned(),
    }
}

/// CSV for Excel: byte order mark, semicolons, CRLF.
pub async fn csv(conn: &mut Conn, scope: &Scope, as_of: AsOf) -> Result<Vec<u8>, ExportRegister> {
    let rows = rows(conn, scope, as_of).await?;
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(HEADINGS)?;
    for row in rows {
        writer.write_record(row.map(|cell| harmless(&cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| ExportRegister::Table(error.into_error().into()))
}

/// XLSX with text cells only, so that codes keep their zeros and nothing is a formula.
pub async fn xlsx(conn: &mut Conn, scope: &Scope, as_of: AsOf) -> Result<Vec<u8>, ExportRegister> {
    let rows = rows(conn, scope, as_of).await?;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("DS CBCC")?;
    let bold = Format::new().set_bold();
    for (column, heading) in (0u16..).zip(HEADINGS) {
        sheet.write_string_with_format(0, column, heading, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, row) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(row) {
            sheet.write_string(line, column, cell)?;
        }
    }
    for (column, width) in (0u16..).zip([
        6.0, 12.0, 26.0, 12.0, 10.0, 12.0, 40.0, 30.0, 26.0, 12.0, 32.0, 14.0,
    ]) {
        sheet.set_column_width(column, width)?;
    }
    Ok(book.save_to_buffer()?)
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe instead.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_table_is_a_formula() {
        for bad in ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1"] {
            assert!(harmless(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(harmless("Nguyễn Văn An"), "Nguyễn Văn An");
    }
}
