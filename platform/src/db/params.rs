//! Parameters as tuples and rows as structs, hiding both drivers behind two blanket traits.
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Encode, FromRow, Postgres, Sqlite, Type};

use super::{Error, Statement};

/// A value both engines can bind.
pub trait Value<'q>:
    Send + Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres>
{
}
impl<'q, T> Value<'q> for T where
    T: Send + Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres>
{
}

/// A row both engines can decode: `#[derive(sqlx::FromRow)]` or a tuple.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A tuple of 0 to 16 values, in the order of `$1`, `$2`, ….
pub trait Params<'q>: Send {
    /// How many there are.
    const COUNT: usize;
    #[doc(hidden)]
    fn sqlite(self, statement: &'static Statement) -> Result<SqliteArguments, Error>;
    #[doc(hidden)]
    fn postgres(self, statement: &'static Statement) -> Result<PgArguments, Error>;
}

fn check(statement: &'static Statement, expected: usize, given: usize) -> Result<(), Error> {
    if expected == given {
        Ok(())
    } else {
        Err(Error::Parameters {
            statement: statement.name(),
            expected,
            given,
        })
    }
}

macro_rules! params {
    ($count:literal; $($name:ident),*) => {
        impl<'q, $($name: Value<'q>),*> Params<'q> for ($($name,)*) {
            const COUNT: usize = $count;
            #[allow(non_snake_case, unused_mut, unused_variables, reason = "one macro for tuples of every length, the empty one included")]
            fn sqlite(self, statement: &'static Statement) -> Result<SqliteArguments, Error> {
                check(statement, statement.parameters().0, $count)?;
                let ($($name,)*) = self;
                let mut arguments = SqliteArguments::default();
                $(Arguments::add(&mut arguments, $name).map_err(|error| Error::Bind { statement: statement.name(), reason: error.to_string() })?;)*
                Ok(arguments)
            }
            #[allow(non_snake_case, unused_mut, unused_variables, reason = "one macro for tuples of every length, the empty one included")]
            fn postgres(self, statement: &'static Statement) -> Result<PgArguments, Error> {
                check(statement, statement.parameters().1, $count)?;
                let ($($name,)*) = self;
                let mut arguments = PgArguments::default();
                $(Arguments::add(&mut arguments, $name).map_err(|error| Error::Bind { statement: statement.name(), reason: error.to_string() })?;)*
                Ok(arguments)
            }
        }
    };
}
params!(0;);
params!(1; A);
params!(2; A, B);
params!(3; A, B, C);
params!(4; A, B, C, D);
params!(5; A, B, C, D, E);
params!(6; A, B, C, D, E, F);
params!(7; A, B, C, D, E, F, G);
params!(8; A, B, C, D, E, F, G, H);
params!(9; A, B, C, D, E, F, G, H, I);
params!(10; A, B, C, D, E, F, G, H, I, J);
params!(11; A, B, C, D, E, F, G, H, I, J, K);
params!(12; A, B, C, D, E, F, G, H, I, J, K, L);
params!(13; A, B, C, D, E, F, G, H, I, J, K, L, M);
params!(14; A, B, C, D, E, F, G, H, I, J, K, L, M, N);
params!(15; A, B, C, D, E, F, G, H, I, J, K, L, M, N, O);
params!(16; A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P);
