//! SQL as named constants in lists, so that a test can walk and prepare every one on both engines.

/// One SQL text, or a named pair where the engines differ.
#[derive(Debug)]
pub struct Statement {
    name: &'static str,
    module: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    sqlite_parameters: usize,
    postgres_parameters: usize,
}

impl Statement {
    /// Used by [`crate::statements!`] only.
    #[doc(hidden)]
    pub const fn new(
        module: &'static str,
        name: &'static str,
        sqlite: &'static str,
        postgres: &'static str,
    ) -> Self {
        Self {
            name,
            module,
            sqlite,
            postgres,
            sqlite_parameters: count_parameters(sqlite),
            postgres_parameters: count_parameters(postgres),
        }
    }

    /// The constant's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The module that declares it.
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// The text for SQLite.
    pub fn sqlite(&self) -> &'static str {
        self.sqlite
    }

    /// The text for PostgreSQL.
    pub fn postgres(&self) -> &'static str {
        self.postgres
    }

    /// The highest `$n` of each text: (SQLite, PostgreSQL).
    pub fn parameters(&self) -> (usize, usize) {
        (self.sqlite_parameters, self.postgres_parameters)
    }
}

/// The highest `$n` outside quotes and comments.
const fn count_parameters(sql: &str) -> usize {
    let mut rest = sql.as_bytes();
    let mut highest = 0;
    let mut quote = 0u8;
    let mut number: Option<usize> = None;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if quote != 0 {
            if byte == quote {
                quote = 0;
            }
            continue;
        }
        if let Some(so_far) = number {
            if byte.is_ascii_digit() {
                number = Some(so_far * 10 + (byte - b'0') as usize);
                continue;
            }
            if so_far > highest {
                highest = so_far;
            }
            number = None;
        }
        match byte {
            b'\'' | b'"' => quote = byte,
            b'-' => {
                if let Some((b'-', _)) = rest.split_first() {
                    quote = b'\n';
                }
            }
            b'$' => number = Some(0),
            _ => {}
        }
    }
    if let Some(last) = number
        && last > highest
    {
        highest = last;
    }
    highest
}

/// Declares statements and the list `ALL` of them. One `statements!` per module.
///
/// ```
/// platform::statements! {
///     pub FIND = "SELECT id, name FROM account WHERE id = $1";
///     pub LOCK = "SELECT epoch FROM authority_epoch", postgres "SELECT epoch FROM authority_epoch FOR SHARE";
/// }
/// assert_eq!(ALL.len(), 2);
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $sqlite:expr $(, postgres $postgres:expr)? ;)*) => {
        $(
            $(#[$meta])*
            #[allow(missing_docs, reason = "the statement says what it is")]
            $vis static $name: $crate::db::Statement = $crate::db::Statement::new(
                ::core::module_path!(),
                ::core::stringify!($name),
                $sqlite,
                $crate::statements!(@postgres $sqlite $(, $postgres)?),
            );
        )*
        /// Every statement of this module, for the prepare-all test.
        pub static ALL: &[&$crate::db::Statement] = &[$(&$name),*];
    };
    (@postgres $sqlite:expr) => { $sqlite };
    (@postgres $sqlite:expr, $postgres:expr) => { $postgres };
}

#[cfg(test)]
mod tests {
    use super::count_parameters;

    #[test]
    fn parameters_are_counted_outside_quotes_and_comments() {
        for (sql, expected) in [
            ("SELECT 1", 0),
            ("SELECT $1, $2, $1", 2),
            ("SELECT '$9', \"$8\", $3", 3),
            ("SELECT $1 -- $7\n, $2", 2),
            ("SELECT $12", 12),
            ("SELECT a - $1", 1),
            ("SELECT 'it''s $4' || $2", 2),
        ] {
            assert_eq!(count_parameters(sql), expected, "{sql}");
        }
    }
}
