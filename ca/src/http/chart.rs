//! Certificates by month of expiry, as a picture and as the table beside it.

use crate::store::certificates::EndRow;
use platform::clock;

/// One month.
pub struct Month {
    /// `02/26`
    pub name: String,
    /// Of people and posts.
    pub people: usize,
    /// Seals.
    pub seals: usize,
    /// Machines and mailboxes.
    pub machines: usize,
    /// Left edge.
    pub x: usize,
    /// Height and top of the people's column.
    pub people_bar: (usize, usize),
    /// Height and top of the seals' column.
    pub seals_bar: (usize, usize),
    /// Height and top of the machines' column.
    pub machines_bar: (usize, usize),
    /// Where the total stands.
    pub label: usize,
}

impl Month {
    /// All of the month.
    pub fn total(&self) -> usize {
        self.people + self.seals + self.machines
    }

    /// Middle of the column.
    pub fn middle(&self) -> usize {
        self.x + 22
    }
}

const MONTHS: usize = 12;
const GROUND: usize = 220;
const HEIGHT: usize = 170;

/// Twelve months from `now`; revoked certificates do not expire.
pub fn months(ends: &[EndRow], now: i64) -> Vec<Month> {
    let first = clock::date(now);
    let (mut year, mut month) = (i32::from(first.year()), i32::from(first.month()));
    let mut counted = Vec::new();
    for _ in 0..MONTHS {
        let in_month = |row: &&EndRow| {
            let day = clock::date(row.not_after);
            row.revoked_at.is_none()
                && i32::from(day.year()) == year
                && i32::from(day.month()) == month
        };
        let mut sums = (0, 0, 0);
        for row in ends.iter().filter(in_month) {
            match row.holder_kind.as_str() {
                "person" | "post" => sums.0 += 1,
                "agency" => sums.1 += 1,
                _ => sums.2 += 1,
            }
        }
        counted.push((format!("{month:02}/{:02}", year.rem_euclid(100)), sums));
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
    }
    let most = counted
        .iter()
        .map(|(_, (a, b, c))| a + b + c)
        .max()
        .unwrap_or_default()
        .max(1);
    let bar = |count: usize| {
        if count == 0 {
            0
        } else {
            (count * HEIGHT / most).max(2)
        }
    };
    counted
        .into_iter()
        .enumerate()
        .map(|(position, (name, (people, seals, machines)))| {
            let (a, b, c) = (bar(people), bar(seals), bar(machines));
            let top = GROUND.saturating_sub(a);
            let middle = top.saturating_sub(b);
            let upper = middle.saturating_sub(c);
            Month {
                name,
                people,
                seals,
                machines,
                x: 56 + position * 65,
                people_bar: (a, top),
                seals_bar: (b, middle),
                machines_bar: (c, upper),
                label: upper.saturating_sub(7),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_certificate_is_counted_in_the_month_it_ends_unless_it_was_revoked() {
        let now = clock::day_start(clock::parse_date("15/11/2026").unwrap());
        let end = |day: &str, kind: &str, revoked_at| EndRow {
            holder_kind: kind.into(),
            not_after: clock::day_start(clock::parse_date(day).unwrap()),
            revoked_at,
        };
        let rows = [
            end("20/11/2026", "person", None),
            end("21/11/2026", "agency", None),
            end("21/11/2026", "person", Some(1)),
            end("01/01/2027", "mailbox", None),
        ];
        let months = months(&rows, now);
        assert_eq!(months.len(), 12);
        assert_eq!(
            (months[0].name.as_str(), months[0].people, months[0].seals),
            ("11/26", 1, 1)
        );
        assert_eq!((months[2].name.as_str(), months[2].machines), ("01/27", 1));
    }
}
