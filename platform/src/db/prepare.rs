//! Checks for tests: every statement prepared on both engines, and both schemas compared.
use std::collections::BTreeMap;

use sqlx::{Column, Either, Executor, Row as _, SqlSafeStr, Statement as _};

use super::{Db, Error, Native, Statement};

/// Prepares every statement on both engines. Gives one complaint per difference in column names or parameter counts.
pub async fn check(
    sqlite: &Db,
    postgres: &Db,
    statements: &[&'static Statement],
) -> Result<Vec<String>, Error> {
    let (Native::Sqlite(mut lite), Native::Postgres(mut pg)) =
        (sqlite.native().await?, postgres.native().await?)
    else {
        return Ok(vec!["give one database of each engine".into()]);
    };
    let mut complaints = Vec::new();
    for statement in statements {
        let name = format!("{}::{}", statement.module(), statement.name());
        let counted = statement.parameters();
        if counted.0 != counted.1 {
            complaints.push(format!(
                "{name}: {} parameters on SQLite, {} on PostgreSQL",
                counted.0, counted.1
            ));
        }
        let on_lite = lite.prepare(statement.sqlite().into_sql_str()).await;
        let on_pg = pg.prepare(statement.postgres().into_sql_str()).await;
        let (on_lite, on_pg) = match (on_lite, on_pg) {
            (Ok(on_lite), Ok(on_pg)) => (on_lite, on_pg),
            (Err(error), _) => {
                complaints.push(format!("{name}: SQLite: {error}"));
                continue;
            }
            (_, Err(error)) => {
                complaints.push(format!("{name}: PostgreSQL: {error}"));
                continue;
            }
        };
        let lite_count = match on_lite.parameters() {
            Some(Either::Right(count)) => count,
            Some(Either::Left(types)) => types.len(),
            None => 0,
        };
        let pg_count = match on_pg.parameters() {
            Some(Either::Left(types)) => types.len(),
            Some(Either::Right(count)) => count,
            None => 0,
        };
        if (lite_count, pg_count) != counted {
            complaints.push(format!(
                "{name}: engines count {lite_count} and {pg_count} parameters, we count {} and {}",
                counted.0, counted.1
            ));
        }
        let names = |columns: Vec<&str>| columns.join(", ");
        let lite_names = names(on_lite.columns().iter().map(Column::name).collect());
        let pg_names = names(on_pg.columns().iter().map(Column::name).collect());
        if lite_names != pg_names {
            complaints.push(format!(
                "{name}: SQLite names the columns ({lite_names}), PostgreSQL ({pg_names})"
            ));
        }
    }
    Ok(complaints)
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct ColumnShape {
    nullable: bool,
    family: &'static str,
    key: bool,
}

type Shape = BTreeMap<String, BTreeMap<String, ColumnShape>>;

fn family(declared: &str) -> &'static str {
    match declared.to_ascii_lowercase().as_str() {
        "integer" | "int" | "bigint" | "smallint" => "integer",
        "text" | "character varying" => "text",
        "blob" | "bytea" => "bytes",
        "real" | "double precision" => "real",
        "boolean" => "boolean",
        "jsonb" => "json",
        _ => "other",
    }
}

/// Compares tables, columns, kinds, nullability and primary keys of two migrated databases; checks that SQLite's tables are STRICT
/// and that no constraint is deferred to the COMMIT (it would fail the neighbours of a unit).
pub async fn compare_schemas(sqlite: &Db, postgres: &Db) -> Result<Vec<String>, Error> {
    let (Native::Sqlite(mut lite), Native::Postgres(mut pg)) =
        (sqlite.native().await?, postgres.native().await?)
    else {
        return Ok(vec!["give one database of each engine".into()]);
    };
    let mut complaints = Vec::new();
    let mut on_lite = Shape::new();
    let mut checked_booleans = Vec::new();
    for row in lite
        .fetch_all(
            "SELECT m.name AS table_name, m.sql AS ddl, l.strict AS is_strict, c.name AS column_name, c.type AS kind, c.\"notnull\" AS not_null, c.pk AS pk
             FROM sqlite_schema m JOIN pragma_table_list l ON l.name = m.name AND l.schema = 'main' JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        )
        .await?
    {
        let (table, column): (String, String) = (row.try_get("table_name")?, row.try_get("column_name")?);
        let (ddl, kind): (String, String) = (row.try_get("ddl")?, row.try_get("kind")?);
        let (strict, not_null, key): (i64, i64, i64) =
            (row.try_get("is_strict")?, row.try_get("not_null")?, row.try_get("pk")?);
        if !on_lite.contains_key(&table) {
            if strict == 0 {
                complaints.push(format!("{table}: not STRICT on SQLite"));
            }
            if ddl.to_ascii_uppercase().contains("DEFERRED") {
                complaints.push(format!("{table}: a constraint is deferred to the COMMIT"));
            }
        }
        let squeezed = ddl.split_whitespace().collect::<Vec<_>>().join(" ");
        if squeezed.contains(&format!("CHECK ({column} IN (0, 1))"))
            || squeezed.contains(&format!("CHECK ({column} IN (0,1))"))
        {
            checked_booleans.push((table.clone(), column.clone()));
        }
        let shape = ColumnShape {
            nullable: not_null == 0 && key == 0,
            family: family(&kind),
            key: key > 0,
        };
        on_lite.entry(table).or_default().insert(column, shape);
    }
    let mut on_pg = Shape::new();
    for row in pg
        .fetch_all(
            "SELECT CAST(c.table_name AS TEXT) AS table_name, CAST(c.column_name AS TEXT) AS column_name, CAST(c.data_type AS TEXT) AS kind,
                    c.is_nullable = 'YES' AS nullable,
                    EXISTS (SELECT 1 FROM information_schema.table_constraints k JOIN information_schema.key_column_usage u
                            ON u.constraint_name = k.constraint_name AND u.table_schema = k.table_schema AND u.table_name = k.table_name
                            WHERE k.constraint_type = 'PRIMARY KEY' AND k.table_schema = c.table_schema AND k.table_name = c.table_name AND u.column_name = c.column_name) AS is_key
             FROM information_schema.columns c JOIN information_schema.tables t
               ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
             WHERE c.table_schema = current_schema()",
        )
        .await?
    {
        let (table, column): (String, String) = (row.try_get("table_name")?, row.try_get("column_name")?);
        let kind: String = row.try_get("kind")?;
        let shape = ColumnShape {
            nullable: row.try_get("nullable")?,
            family: family(&kind),
            key: row.try_get("is_key")?,
        };
        on_pg.entry(table).or_default().insert(column, shape);
    }
    for table in on_lite
        .keys()
        .chain(on_pg.keys())
        .collect::<std::collections::BTreeSet<_>>()
    {
        let (Some(lite), Some(pg)) = (on_lite.get(table), on_pg.get(table)) else {
            complaints.push(format!("{table}: exists on one engine only"));
            continue;
        };
        for column in lite
            .keys()
            .chain(pg.keys())
            .collect::<std::collections::BTreeSet<_>>()
        {
            let (Some(lite), Some(pg)) = (lite.get(column), pg.get(column)) else {
                complaints.push(format!("{table}.{column}: exists on one engine only"));
                continue;
            };
            let same_kind = lite.family == pg.family
                || (lite.family == "text" && pg.family == "json")
                || (lite.family == "integer" && pg.family == "boolean");
            if lite.nullable != pg.nullable || lite.key != pg.key || !same_kind {
                complaints.push(format!(
                    "{table}.{column}: SQLite {lite:?}, PostgreSQL {pg:?}"
                ));
            }
            if pg.family == "boolean"
                && !checked_booleans
                    .iter()
                    .any(|(t, c)| t == table && c == column)
            {
                complaints.push(format!(
                    "{table}.{column}: a boolean needs CHECK ({column} IN (0, 1)) on SQLite"
                ));
            }
        }
    }
    Ok(complaints)
}

/// Complaints about columns that may be NULL but are read into a field that is not an `Option` (silent on SQLite).
/// `T` is read once per column from a row whose only NULL is that column; `postgres` must be migrated.
pub async fn nullability<T: super::Row>(
    postgres: &Db,
    statement: &'static Statement,
) -> Result<Vec<String>, Error> {
    let Native::Postgres(mut pg) = postgres.native().await? else {
        return Ok(vec!["nullability is read from PostgreSQL".into()]);
    };
    let prepared = pg.prepare(statement.postgres().into_sql_str()).await?;
    let text = statement.postgres().to_ascii_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut columns = Vec::new();
    for column in prepared.columns() {
        let kind = sqlx::TypeInfo::name(column.type_info()).to_owned();
        let mut nullable = true;
        if let (Some(relation), Some(attribute)) =
            (column.relation_id(), column.relation_attribute_no())
        {
            let (not_null, relation): (bool, String) = sqlx::query_as(
                "SELECT a.attnotnull, lower(c.relname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attrelid = $1 AND a.attnum = $2",
            )
            .bind(relation)
            .bind(attribute)
            .fetch_one(&mut *pg)
            .await?;
            // An outer join makes every column of the joined table nullable, whatever the schema says.
            let outer = words.windows(3).any(|three| {
                matches!(three, [kind, "join", name] if *name == relation && matches!(*kind, "left" | "outer" | "full"))
            }) || words.contains(&"full") || words.contains(&"right");
            nullable = outer || !not_null;
        }
        columns.push((column.name().to_owned(), kind, nullable));
    }
    let mut complaints = Vec::new();
    for (position, (name, _, nullable)) in columns.iter().enumerate() {
        // An expression counts as nullable unless it is a coalesce or a count, which the text shows.
        let expression_holds = text.contains(&format!(") as {}", name.to_ascii_lowercase()))
            && (text.contains("coalesce(") || text.contains("count("));
        if !nullable || expression_holds {
            continue;
        }
        let row: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(at, (name, kind, _))| {
                let value = if at == position {
                    format!("CAST(NULL AS {kind})")
                } else {
                    sample(kind)
                };
                format!("{value} AS \"{name}\"")
            })
            .collect();
        let sql = sqlx::AssertSqlSafe(format!("SELECT {}", row.join(", ")));
        let read = sqlx::query_as::<_, T>(sql).fetch_one(&mut *pg).await;
        if let Err(error) = read {
            complaints.push(format!(
                "{}::{}: column {name} may be NULL but its field is no Option ({error})",
                statement.module(),
                statement.name()
            ));
        }
    }
    Ok(complaints)
}

fn sample(kind: &str) -> String {
    match kind {
        "INT8" | "INT4" | "INT2" | "FLOAT8" | "NUMERIC" => format!("CAST(0 AS {kind})"),
        "BOOL" => "false".into(),
        "BYTEA" => "CAST('' AS BYTEA)".into(),
        "JSONB" | "JSON" => format!("CAST('null' AS {kind})"),
        _ => format!("CAST('' AS {kind})"),
    }
}
