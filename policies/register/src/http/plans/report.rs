//! The whole preview as a table for spreadsheets: nothing a plan touches is left out of it.
//! Standard: RFC 4180 with a byte order mark and semicolons, as Vietnamese spreadsheets open them; cells that would be formulas are quoted.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use platform::problem::Problem;

use crate::domain::reorganisation::Preview;
use crate::flows::see_plan;
use crate::http::admin::Desk;
use crate::http::reading::broken;
use platform::i18n::Tongue;

const COLUMNS: [&str; 9] = [
    "item",
    "fate",
    "body",
    "body-name",
    "what",
    "staff-no",
    "person",
    "to",
    "source",
];

/// GET /admin/plans/{id}/report.csv
pub(crate) async fn report(mut desk: Desk, Path(id): Path<String>) -> Response {
    let (shell, conn) = (&desk.shell, &mut desk.conn);
    let kept = match see_plan::find(conn, &id).await {
        Ok(Some(kept)) => kept,
        Ok(None) => return shell.not_found(),
        Err(error) => return broken(&error),
    };
    let preview = match see_plan::preview(conn, &kept).await {
        Ok(preview) => preview,
        Err(error) => return broken(&error),
    };
    match table(&desk.t, &preview) {
        Ok(bytes) => (
            [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"plan.csv\""),
            ],
            bytes,
        )
            .into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

fn table(t: &Tongue, preview: &Preview) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{FEFF}".as_bytes().to_vec());
    writer.write_record(COLUMNS.map(|column| t.text(&format!("plan-column-{column}"))))?;
    for outcome in &preview.outcomes {
        let to: Vec<&str> = outcome
            .to
            .iter()
            .map(|code| preview.name_of(code))
            .collect();
        let cells = [
            t.text(&format!("plan-item-{}", outcome.item.as_str())),
            t.text(&format!("plan-fate-{}", outcome.fate.as_str())),
            outcome.body.clone(),
            preview.name_of(&outcome.body).to_string(),
            outcome.what.clone(),
            outcome.staff_no.clone(),
            outcome.name.clone(),
            to.join(", "),
            outcome.source.clone(),
        ];
        writer.write_record(cells.map(harmless))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// A cell that a spreadsheet would run as a formula begins with an apostrophe.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_formula_becomes_text() {
        assert_eq!(harmless("=1+1".into()), "'=1+1");
        assert_eq!(harmless("Sở Nội vụ".into()), "Sở Nội vụ");
    }
}
