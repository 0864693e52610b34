//! Every row of a list judged for itself and against the rows before it; the register is asked in `match_up`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use platform::clock::{day_start, parse_date};

use super::header::{Column, Mapping};
use super::note::Note;
use super::person::{self, Cells, Person};
use super::places::Places;
use super::sheet::{Cell, Sheet, SheetRow};
use crate::domain::facts::{AgencyFact, UnitFact};
use crate::domain::import::rows::PostRow;
use crate::domain::text::{marked, tidy};

/// A judged row.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// Its number in the file.
    pub number: u32,
    /// The name as it was typed, for people to compare.
    pub typed: String,
    /// Staff number, when the list has them.
    pub staff_no: Option<String>,
    /// Who.
    pub person: Person,
    /// Where, if found.
    pub agency: Option<&'a AgencyFact>,
    /// In which unit, if found.
    pub unit: Option<&'a UnitFact>,
    /// In which kind of post, if found.
    pub post: Option<&'a PostRow>,
    /// Since when in the post, UTC ms, when the list says it.
    pub from: Option<i64>,
    /// What is said about it.
    pub notes: Vec<Note>,
}

/// Judges the rows under the headings. `today` tells ages.
pub fn judge<'a>(
    sheet: &Sheet,
    mapping: &Mapping,
    places: &Places<'a>,
    today: Date,
) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = sheet
        .rows
        .iter()
        .filter(|row| row.number > mapping.header && is_row(row, mapping))
        .map(|row| one(row, mapping, places, today))
        .collect();
    repeated(&mut rows);
    rows
}

/// A line with a name and at least one thing more; signatures and totals under a list have less.
fn is_row(row: &SheetRow, mapping: &Mapping) -> bool {
    let filled = mapping
        .columns
        .values()
        .filter(|place| !row.cell(**place).is_blank())
        .count();
    filled >= 2
}

fn one<'a>(row: &SheetRow, mapping: &Mapping, places: &Places<'a>, today: Date) -> Row<'a> {
    let mut notes = Vec::new();
    let cell = |column| mapping.columns.get(&column).map(|place| row.cell(*place));
    let or_empty = |column| cell(column).unwrap_or(&Cell::Empty);
    let person = person::read(
        Cells {
            name: or_empty(Column::FullName),
            birth: or_empty(Column::BirthDate),
            // A mark that is missing under "Nữ" says man; a word that is missing says nothing.
            gender: cell(Column::Gender)
                .filter(|cell| !cell.is_blank())
                .or_else(|| cell(Column::Female)),
            number: or_empty(Column::PersonalNumber),
            phone: or_empty(Column::Phone),
        },
        today,
        &mut notes,
    );
    // What a list has no column for is not a fault of its rows.
    if !mapping.columns.contains_key(&Column::BirthDate) {
        notes.retain(|note| !matches!(note, Note::BadDate(_)));
    }
    let text = |column| tidy(&or_empty(column).text());
    let agency = places.agency(&text(Column::Agency), &mut notes);
    let unit = agency.and_then(|agency| places.unit(agency, &text(Column::Unit), &mut notes));
    let post = agency.and_then(|agency| places.post(agency, &text(Column::Post), &mut notes));
    let from = since(or_empty(Column::From), &mut notes);
    Row {
        from,
        number: row.number,
        typed: tidy(&or_empty(Column::FullName).text()),
        staff_no: Some(text(Column::StaffNo)).filter(|staff_no| !staff_no.is_empty()),
        person,
        agency,
        unit,
        post,
        notes,
    }
}

/// The first day in the post; one that cannot be read leaves the day of the list.
fn since(cell: &Cell, notes: &mut Vec<Note>) -> Option<i64> {
    let day = match cell {
        Cell::Day(day) => Some(*day),
        cell if cell.is_blank() => return None,
        cell => parse_date(tidy(&cell.text()).as_str()),
    };
    if day.is_none() {
        notes.push(Note::FromUnclear(tidy(&cell.text())));
    }
    day.map(day_start)
}

/// The same person twice: by personal number, or when everything a row says was said before.
fn repeated(rows: &mut [Row<'_>]) {
    let mut by_number: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let mut by_all: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        let name = marked(&row.person.full_name);
        match &row.person.personal_number {
            Some(number) => match by_number.get(number) {
                Some((earlier, known)) if *known == name => {
                    row.notes.push(Note::Duplicate(*earlier));
                }
                Some((earlier, _)) => row.notes.push(Note::NumberTwice(*earlier)),
                None => {
                    by_number.insert(number.clone(), (row.number, name));
                }
            },
            None => {
                let id = |id: Option<&str>| id.unwrap_or_default().to_owned();
                let all = [
                    name,
                    row.person.birth_date.clone().unwrap_or_default(),
                    row.person
                        .birth_year
                        .map(|year| year.to_string())
                        .unwrap_or_default(),
                    row.person.phone.clone().unwrap_or_default(),
                    id(row.agency.map(|a| a.id.as_str())),
                    id(row.unit.map(|u| u.id.as_str())),
                    id(row.post.map(|p| p.code.as_str())),
                ]
                .join("\u{1f}");
                match by_all.get(&all) {
                    Some(earlier) => row.notes.push(Note::Duplicate(*earlier)),
                    None => {
                        by_all.insert(all, row.number);
                    }
                }
            }
        }
    }
}
