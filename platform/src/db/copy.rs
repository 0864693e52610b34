//! A copy of a SQLite database while it is written to, and the engine's own check of its pages and references.
use std::path::Path;

use super::{Db, Error, Native};

impl Db {
    /// Writes a whole copy of the database, as of one instant, into a file that is not there yet. Nobody waits for it.
    /// `false` on PostgreSQL, whose own tools do that.
    pub async fn copy_to(&self, file: &Path) -> Result<bool, Error> {
        match self.native().await? {
            Native::Sqlite(mut connection) => {
                sqlx::query("VACUUM INTO $1")
                    .bind(file.to_string_lossy().into_owned())
                    .execute(&mut connection)
                    .await?;
                Ok(true)
            }
            Native::Postgres(_) => Ok(false),
        }
    }

    /// What SQLite finds wrong with its pages, indexes and references; nothing on PostgreSQL, which checks its pages as it reads.
    pub async fn damage(&self) -> Result<Vec<String>, Error> {
        let Native::Sqlite(mut connection) = self.native().await? else {
            return Ok(Vec::new());
        };
        let told: Vec<(String,)> = sqlx::query_as("PRAGMA integrity_check(20)")
            .fetch_all(&mut connection)
            .await?;
        let mut found: Vec<String> = told
            .into_iter()
            .map(|row| row.0)
            .filter(|text| text != "ok")
            .collect();
        let broken: Vec<(String, Option<i64>, String, i64)> =
            sqlx::query_as("PRAGMA foreign_key_check")
                .fetch_all(&mut connection)
                .await?;
        found.extend(broken.into_iter().take(20).map(|(table, _, parent, _)| {
            format!("a row of {table} points at a row of {parent} that is not there")
        }));
        Ok(found)
    }
}
