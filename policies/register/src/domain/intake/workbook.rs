//! XLSX as sheets of cells, read cell by cell so that a far corner costs nothing.
//! Standard: ECMA-376 part 1 §18.3 (worksheets), §18.17.4 (dates as serial numbers)
//! It must never unpack more than its bound, keep a formula, or allot memory by what a file claims of its size.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::sheet::{Cell, MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Sheet, SheetRow, Unreadable};

/// All parts of a workbook together, unpacked.
const MAX_UNPACKED: u64 = 256 * 1024 * 1024;
/// Parts of a workbook.
const MAX_PARTS: usize = 2_000;

/// Whether the bytes begin as a ZIP container, which every XLSX is.
pub fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The names of all sheets, and one sheet by name, the first one without.
pub fn read(bytes: &[u8], name: Option<&str>) -> Result<(Vec<String>, Sheet), Unreadable> {
    // The reader of the library panics at numbers in a file that do not fit (a row of twelve digits): that file is broken, not we.
    // It works on nothing but these bytes, so that nothing half done is left behind.
    std::panic::catch_unwind(|| read_by_library(bytes, name))
        .unwrap_or_else(|_| Err(Unreadable::Broken("a number in it does not fit".into())))
}

fn read_by_library(bytes: &[u8], name: Option<&str>) -> Result<(Vec<String>, Sheet), Unreadable> {
    let mut book = open(bytes)?;
    let names = book.sheet_names();
    let name = match name {
        Some(name) => names.iter().find(|n| *n == name),
        None => names.first(),
    };
    let name = name.ok_or(Unreadable::NoSheet)?.clone();
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut rows: Vec<SheetRow> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let value = value(cell.get_value());
        if column >= MAX_COLUMNS || value == Cell::Empty {
            continue;
        }
        let number = row.saturating_add(1);
        if rows.last().is_none_or(|last| last.number != number) {
            if rows.len() >= MAX_ROWS {
                return Err(Unreadable::TooLong(MAX_ROWS));
            }
            if rows.last().is_some_and(|last| last.number > number) {
                return Err(Unreadable::Broken("rows out of order".into()));
            }
            rows.push(SheetRow {
                number,
                cells: Vec::new(),
            });
        }
        if let Some(row) = rows.last_mut() {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Empty);
            }
            if let Some(place) = row.cells.get_mut(column) {
                *place = value;
            }
        }
    }
    Ok((names, Sheet { name, rows }))
}

fn open(bytes: &[u8]) -> Result<Xlsx<Cursor<&[u8]>>, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge(MAX_BYTES >> 20));
    }
    bounded(bytes)?;
    Xlsx::new(Cursor::new(bytes)).map_err(broken)
}

/// Unpacks every part once into nothing, counting: what a directory claims of its sizes is not believed.
fn bounded(bytes: &[u8]) -> Result<(), Unreadable> {
    let wrong = |error: zip::result::ZipError| Unreadable::Broken(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    if archive.len() > MAX_PARTS {
        return Err(Unreadable::Unpacks);
    }
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(wrong)?;
        let read = std::io::copy(&mut part.take(left + 1), &mut std::io::sink())
            .map_err(|error| Unreadable::Broken(error.to_string()))?;
        left = left.checked_sub(read).ok_or(Unreadable::Unpacks)?;
    }
    Ok(())
}

fn broken(error: XlsxError) -> Unreadable {
    Unreadable::Broken(error.to_string())
}

fn value(data: &DataRef<'_>) -> Cell {
    let text = |text: &str| {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text.chars().take(MAX_CELL).collect())
        }
    };
    match data {
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::DateTime(at) => day(at).map_or(Cell::Number(at.as_f64()), Cell::Day),
        DataRef::DateTimeIso(string) | DataRef::DurationIso(string) => text(string),
        DataRef::Bool(_) | DataRef::Error(_) | DataRef::Empty => Cell::Empty,
    }
}

/// The day of a serial number of either epoch; a length of time is none.
fn day(at: &ExcelDateTime) -> Option<Date> {
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    let (year, month, day) = (
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    at.is_datetime()
        .then(|| Date::new(year, month, day).ok())
        .flatten()
}

/// The day that a plain number of the 1900 system stands for. The 29/02/1900 that Excel believes in is taken out.
pub(super) fn serial_day(serial: f64) -> Option<Date> {
    if !(1.0..=2_958_465.0).contains(&serial) {
        return None;
    }
    let days = serial.trunc() as i64;
    let since = if days < 60 { days } else { days - 1 };
    date(1899, 12, 31).checked_add(since.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_the_days_excel_shows() {
        // ECMA-376 part 1 §18.17.4.1: 1 is 01/01/1900, 61 is 01/03/1900 (60 is the day that never was), 28783 is 20/10/1978.
        assert_eq!(serial_day(1.0), Some(date(1900, 1, 1)));
        assert_eq!(serial_day(61.0), Some(date(1900, 3, 1)));
        assert_eq!(serial_day(28783.0), Some(date(1978, 10, 20)));
        assert_eq!(serial_day(28783.75), Some(date(1978, 10, 20)));
        assert_eq!(serial_day(0.0), None);
        assert_eq!(serial_day(f64::NAN), None);
        assert_eq!(serial_day(1e12), None);
    }

    #[test]
    fn what_is_no_workbook_is_refused_in_words() {
        for bytes in [
            &b""[..],
            b"PK",
            b"PK\x03\x04",
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old xls",
        ] {
            assert!(
                matches!(read(bytes, None), Err(Unreadable::Broken(_))),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn a_workbook_whose_numbers_do_not_fit_is_refused_in_words() {
        use std::io::Write as _;
        const PARTS: [(&str, &str); 4] = [
            (
                "_rels/.rels",
                r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
            ),
            (
                "xl/workbook.xml",
                r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="DS" sheetId="1" r:id="r1"/></sheets></workbook>"#,
            ),
            (
                "xl/_rels/workbook.xml.rels",
                r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
            ),
            (
                "xl/worksheets/sheet1.xml",
                r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A@"><v>1</v></c></row></sheetData></worksheet>"#,
            ),
        ];
        let packed = |row: &str| {
            let mut zipped = zip::ZipWriter::new(Cursor::new(Vec::new()));
            for (name, text) in PARTS {
                let options = zip::write::SimpleFileOptions::default();
                zipped.start_file(name, options).unwrap();
                zipped.write_all(text.replace('@', row).as_bytes()).unwrap();
            }
            zipped.finish().unwrap().into_inner()
        };
        let (_, sheet) = read(&packed("1"), None).unwrap();
        assert_eq!(sheet.rows[0].cells, [Cell::Number(1.0)]);
        let wrong = read(&packed("999999999999"), None);
        assert!(matches!(wrong, Err(Unreadable::Broken(_))), "{wrong:?}");
    }

    #[test]
    fn a_workbook_that_unpacks_without_end_is_refused() {
        use std::io::Write as _;
        let mut zipped = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        let zeros = vec![b' '; 1 << 20];
        for part in 0..3 {
            zipped
                .start_file(format!("part{part}.xml"), options)
                .unwrap();
            for _ in 0..100 {
                zipped.write_all(&zeros).unwrap();
            }
        }
        let bytes = zipped.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20);
        assert_eq!(read(&bytes, None), Err(Unreadable::Unpacks));
    }
}
