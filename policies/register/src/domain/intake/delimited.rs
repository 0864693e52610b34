//! Text files with separated columns: comma, semicolon or tab, found by counting.
//! Standard: RFC 4180, with the separators that Excel writes in Vietnam
//! It must never guess a type: every cell is text.

use super::sheet::{Cell, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Sheet, SheetRow, Unreadable};

/// The text as a sheet.
pub fn read(text: &str) -> Result<Sheet, Unreadable> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Unreadable::Broken(error.to_string()))?;
        if rows.len() >= MAX_ROWS {
            return Err(Unreadable::TooLong(MAX_ROWS));
        }
        let line = record.position().map_or(0, |at| first_line(text, at));
        let cells: Vec<Cell> = record
            .iter()
            .take(MAX_COLUMNS)
            .map(|field| {
                if field.is_empty() {
                    Cell::Empty
                } else {
                    Cell::Text(field.chars().take(MAX_CELL).collect())
                }
            })
            .collect();
        if cells.iter().any(|cell| !cell.is_blank()) {
            rows.push(SheetRow {
                number: u32::try_from(line).unwrap_or(u32::MAX),
                cells,
            });
        }
    }
    Ok(Sheet {
        name: String::new(),
        rows,
    })
}

/// The line a record begins in: the reader counts from before the blank lines it skips.
fn first_line(text: &str, at: &csv::Position) -> u64 {
    let skipped = usize::try_from(at.byte())
        .ok()
        .and_then(|byte| text.get(byte..))
        .into_iter()
        .flat_map(str::chars)
        .take_while(|c| matches!(c, '\n' | '\r'))
        .filter(|c| *c == '\n')
        .count();
    at.line() + u64::try_from(skipped).unwrap_or(0)
}

/// The separator that stands equally often in the most of the first lines.
fn separator(text: &str) -> u8 {
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| !l.trim().is_empty())
        .take(50)
        .collect();
    let fits = |separator: char| {
        let counts: Vec<usize> = lines.iter().map(|l| l.matches(separator).count()).collect();
        counts
            .iter()
            .filter(|n| **n > 0)
            .map(|n| counts.iter().filter(|m| *m == n).count())
            .max()
            .unwrap_or(0)
    };
    [(b';', ';'), (b'\t', '\t'), (b',', ',')]
        .into_iter()
        .map(|(byte, separator)| (fits(separator), byte))
        .fold(
            (0, b','),
            |best, next| if next.0 > best.0 { next } else { best },
        )
        .1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_found_and_rows_keep_their_line_numbers() {
        for (text, columns) in [
            ("a,b,c\n\n1,2,3\n", 3),
            ("a;b\n1;2,5\n", 2),
            ("a\tb\tc\td\n", 4),
            ("chỉ một cột\n", 1),
        ] {
            let sheet = read(text).unwrap();
            assert_eq!(sheet.rows[0].cells.len(), columns, "{text}");
        }
        let sheet = read("a;b\n\n\"x\ny\";2\nz;3\n").unwrap();
        let numbers: Vec<u32> = sheet.rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [1, 3, 5]);
    }
}
