//! A CSV file as a checked table: UTF-8, known header, every field through the text door.
//! Standard: RFC 4180 (comma, double quotes, header line); a UTF-8 byte order mark is accepted.
//! It must never guess: an unknown column, a short row or a foreign character is a fault with its line.

use std::collections::BTreeMap;

use super::fault::{Cause, File, RowFault};
use crate::domain::text::{TextFault, checked};

const MAX_BYTES: usize = 64 * 1024 * 1024;
const MAX_FAULTS: usize = 200;
/// Longest text of any field, unless its column says less.
pub const MAX_TEXT: usize = 250;

/// A file with its header understood.
#[derive(Debug)]
pub struct Table {
    file: File,
    rows: Vec<Row>,
}

/// One row: fields by column name.
#[derive(Debug)]
pub struct Row {
    file: File,
    /// Line in the file.
    pub line: u64,
    fields: BTreeMap<&'static str, String>,
}

/// Faults of an import, bounded so that a wrong file gives a page, not a book.
#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<RowFault>,
    dropped: usize,
}

impl Faults {
    /// Notes one.
    pub fn add(&mut self, file: File, line: u64, column: &str, cause: Cause) {
        if self.list.len() < MAX_FAULTS {
            self.list.push(RowFault {
                file,
                line,
                column: column.to_string(),
                cause,
            });
        } else {
            self.dropped += 1;
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The list, and how many more there were.
    pub fn into_parts(self) -> (Vec<RowFault>, usize) {
        (self.list, self.dropped)
    }
}

/// The columns of a file: each with other names it may have, and whether it must be there.
pub struct Columns {
    /// Canonical name and accepted spellings.
    pub required: &'static [(&'static str, &'static [&'static str])],
    /// Columns that may be missing.
    pub optional: &'static [&'static str],
}

/// Reads a file; everything wrong goes to `faults`.
pub fn read(file: File, bytes: &[u8], columns: &Columns, faults: &mut Faults) -> Table {
    let mut table = Table {
        file,
        rows: Vec::new(),
    };
    if bytes.len() > MAX_BYTES {
        faults.add(file, 0, "", Cause::FileTooLarge);
        return table;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Err(error) = std::str::from_utf8(bytes) {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + good.iter().filter(|b| **b == b'\n').count();
        faults.add(file, u64::try_from(line).unwrap_or(0), "", Cause::NotUtf8);
        return table;
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_string).collect(),
        Err(error) => {
            faults.add(file, 1, "", Cause::Broken(error.to_string()));
            return table;
        }
    };
    let Some(known) = understand(file, &header, columns, faults) else {
        return table;
    };
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                if let Some(row) = read_row(file, line, &record, &known, faults) {
                    table.rows.push(row);
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.add(file, line, "", Cause::Broken(error.to_string()));
            }
        }
    }
    table
}

/// Matches the header with the columns we know; `None` when it does not fit.
fn understand(
    file: File,
    header: &[String],
    columns: &Columns,
    faults: &mut Faults,
) -> Option<Vec<&'static str>> {
    let mut known = Vec::with_capacity(header.len());
    let mut fits = true;
    for found in header {
        let required = columns
            .required
            .iter()
            .find(|(name, others)| name == found || others.contains(&found.as_str()))
            .map(|(name, _)| *name);
        let optional = || columns.optional.iter().copied().find(|name| name == found);
        match required.or_else(optional) {
            Some(name) if !known.contains(&name) => known.push(name),
            _ => {
                faults.add(file, 1, found, Cause::UnknownColumn(found.clone()));
                fits = false;
            }
        }
    }
    for (name, _) in columns.required {
        if !known.contains(name) {
            faults.add(file, 1, name, Cause::MissingColumn((*name).to_string()));
            fits = false;
        }
    }
    fits.then_some(known)
}

fn read_row(
    file: File,
    line: u64,
    record: &csv::StringRecord,
    known: &[&'static str],
    faults: &mut Faults,
) -> Option<Row> {
    if record.len() != known.len() {
        faults.add(file, line, "", Cause::Width(record.len(), known.len()));
        return None;
    }
    let mut fields = BTreeMap::new();
    let mut good = true;
    for (name, raw) in known.iter().zip(record.iter()) {
        match checked(raw, MAX_TEXT) {
            Ok(text) => {
                fields.insert(*name, text);
            }
            Err(fault) => {
                faults.add(file, line, name, Cause::Text(fault));
                good = false;
            }
        }
    }
    good.then_some(Row { file, line, fields })
}

impl Table {
    /// Its rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Which file it is.
    pub fn file(&self) -> File {
        self.file
    }
}

impl Row {
    /// A field, empty if it is empty or its optional column is missing.
    pub fn text(&self, column: &'static str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    /// A field that may be empty.
    pub fn optional(&self, column: &'static str) -> Option<String> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.to_string())
    }

    /// A field that must be filled and not longer than `max`.
    pub fn filled(&self, column: &'static str, max: usize, faults: &mut Faults) -> Option<String> {
        let text = self.text(column);
        let found = text.chars().count();
        if text.is_empty() {
            self.fault(column, Cause::Empty, faults);
            None
        } else if found > max {
            self.fault(
                column,
                Cause::Text(TextFault::TooLong { max, found }),
                faults,
            );
            None
        } else {
            Some(text.to_string())
        }
    }

    /// A day in the form yyyy-mm-dd.
    pub fn day(&self, column: &'static str, faults: &mut Faults) -> Option<jiff::civil::Date> {
        let text = self.filled(column, 10, faults)?;
        let day: Option<jiff::civil::Date> = text.parse().ok().filter(|_| text.len() == 10);
        if day.is_none() {
            self.fault(column, Cause::BadDate(text), faults);
        }
        day
    }

    /// A whole number.
    pub fn number(&self, column: &'static str, faults: &mut Faults) -> Option<i64> {
        let text = self.filled(column, 9, faults)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(column, Cause::BadNumber(text), faults);
        }
        number
    }

    /// Notes a fault of this row.
    pub fn fault(&self, column: &str, cause: Cause, faults: &mut Faults) {
        faults.add(self.file, self.line, column, cause);
    }
}
