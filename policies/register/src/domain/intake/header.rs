//! Where a list begins and which column says what: found by its headings, chosen by people when not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{WORDS, plain, unmarked};
use super::sheet::{MAX_COLUMNS, Sheet, SheetRow};

/// Rows among which the headings are looked for.
const SEARCHED: usize = 40;

/// What a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Họ và tên.
    FullName,
    /// Số hiệu cán bộ.
    StaffNo,
    /// Ngày sinh.
    BirthDate,
    /// Nữ, marked.
    Female,
    /// Giới tính, as a word.
    Gender,
    /// Số CCCD.
    PersonalNumber,
    /// Cơ quan.
    Agency,
    /// Phòng, ban.
    Unit,
    /// Chức vụ.
    Post,
    /// Từ ngày.
    From,
    /// Điện thoại.
    Phone,
    /// Ghi chú.
    Note,
}

impl Column {
    /// All of them, in the order forms show them.
    pub const ALL: [Self; 12] = [
        Self::FullName,
        Self::StaffNo,
        Self::BirthDate,
        Self::Female,
        Self::Gender,
        Self::PersonalNumber,
        Self::Agency,
        Self::Unit,
        Self::Post,
        Self::From,
        Self::Phone,
        Self::Note,
    ];

    /// Without these nothing can be imported.
    pub const NEEDED: [Self; 3] = [Self::FullName, Self::Agency, Self::Post];

    /// The word for it in forms and text keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FullName => "full_name",
            Self::StaffNo => "staff_no",
            Self::BirthDate => "birth_date",
            Self::Female => "female",
            Self::Gender => "gender",
            Self::PersonalNumber => "personal_number",
            Self::Agency => "agency",
            Self::Unit => "unit",
            Self::Post => "post",
            Self::From => "from",
            Self::Phone => "phone",
            Self::Note => "note",
        }
    }
}

/// The row of headings and the place of each column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mapping {
    /// Number of the row of headings; 0 when the list has none.
    pub header: u32,
    /// Place of each column, from 0.
    pub columns: BTreeMap<Column, usize>,
}

impl Mapping {
    /// Columns that must be chosen before anything can be judged.
    pub fn missing(&self) -> Vec<Column> {
        Column::NEEDED
            .into_iter()
            .filter(|column| !self.columns.contains_key(column))
            .collect()
    }

    /// Whether every place lies in a sheet and none is used twice.
    pub fn is_sound(&self) -> bool {
        let mut places: Vec<usize> = self.columns.values().copied().collect();
        places.sort_unstable();
        places.windows(2).all(|pair| pair.first() != pair.last())
            && places.iter().all(|place| *place < MAX_COLUMNS)
    }
}

/// Finds the headings: the row among the first that knows most columns, a name among them.
pub fn find(sheet: &Sheet) -> Option<Mapping> {
    sheet
        .rows
        .iter()
        .take(SEARCHED)
        .map(|row| Mapping {
            header: row.number,
            columns: columns(row),
        })
        .filter(|found| found.columns.len() >= 3 && found.columns.contains_key(&Column::FullName))
        // The first of equals.
        .rev()
        .max_by_key(|found| found.columns.len())
}

fn columns(row: &SheetRow) -> BTreeMap<Column, usize> {
    let mut found = BTreeMap::new();
    for (place, cell) in row.cells.iter().enumerate() {
        let heading = unmarked(&plain(&cell.text()));
        if heading.is_empty() {
            continue;
        }
        let column = WORDS.columns.iter().find(|(column, spellings)| {
            !found.contains_key(*column)
                && spellings
                    .iter()
                    .any(|spelling| unmarked(&plain(spelling)) == heading)
        });
        if let Some((column, _)) = column {
            found.insert(*column, place);
        }
    }
    found
}

/// What tells a kind of list from another, so that a mapping is remembered for it: its headings in order.
pub fn signature(sheet: &Sheet, header: u32) -> String {
    sheet
        .rows
        .iter()
        .find(|row| row.number == header)
        .map(|row| {
            row.cells
                .iter()
                .map(|cell| unmarked(&plain(&cell.text())))
                .collect::<Vec<_>>()
                .join("|")
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::delimited;
    use super::*;

    #[test]
    fn headings_are_found_under_titles_and_in_any_order() {
        let sheet = delimited::read(
            "ỦY BAN NHÂN DÂN TỈNH;;;\nDANH SÁCH;;;\n;;;\nSTT;Chức vụ;HỌ VÀ TÊN;Cơ quan\n1;Chủ tịch;Lê Mỹ Linh;UBND tỉnh\n",
        )
        .unwrap();
        let found = find(&sheet).unwrap();
        assert_eq!(found.header, 4);
        let place = |column| found.columns.get(&column).copied();
        assert_eq!(place(Column::FullName), Some(2));
        assert_eq!(place(Column::Post), Some(1));
        assert_eq!(place(Column::Agency), Some(3));
        assert!(found.missing().is_empty() && found.is_sound());
        assert_eq!(signature(&sheet, 4), "stt|chuc vu|ho va ten|co quan");
    }

    #[test]
    fn a_list_without_headings_is_left_to_people() {
        let sheet = delimited::read("BD-1;Lê Mỹ Linh;Chủ tịch\n").unwrap();
        assert_eq!(find(&sheet), None);
        let twice = Mapping {
            header: 0,
            columns: [(Column::FullName, 1), (Column::Post, 1)].into(),
        };
        assert!(!twice.is_sound());
    }
}
