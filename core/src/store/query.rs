//! Statements whose shape depends on the question: lists with filters, and rows written many at a time.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, Postgres, Sqlite};
use uuid::Uuid;

use super::{Engine, StoreResult, Tx};

/// A value to bind. Options are typed, because PostgreSQL wants to know of what a NULL is none.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Uuid(Option<Uuid>),
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Vec<u8>),
    Bool(bool),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<crate::time::Timestamp> for Value {
    fn from(value: crate::time::Timestamp) -> Self {
        Self::Int(Some(value.micros()))
    }
}

impl From<Option<crate::time::Timestamp>> for Value {
    fn from(value: Option<crate::time::Timestamp>) -> Self {
        Self::Int(value.map(crate::time::Timestamp::micros))
    }
}

impl From<Option<crate::time::Day>> for Value {
    fn from(value: Option<crate::time::Day>) -> Self {
        Self::Text(value.map(|day| day.to_string()))
    }
}

macro_rules! id_values {
    ($($name:ident)*) => {$(
        impl From<crate::id::$name> for Value {
            fn from(id: crate::id::$name) -> Self {
                Self::Uuid(Some(id.uuid()))
            }
        }

        impl From<Option<crate::id::$name>> for Value {
            fn from(id: Option<crate::id::$name>) -> Self {
                Self::Uuid(id.map(crate::id::$name::uuid))
            }
        }
    )*};
}

id_values! {
    OrgId UnitId LocationId PersonId GrantId ManufacturerId CategoryId ModelId
    AssetId AssignmentId HoldId ObservationId PushDeviceId EventId
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Uuid(Some(id))
    }
}

impl From<Option<Uuid>> for Value {
    fn from(id: Option<Uuid>) -> Self {
        Self::Uuid(id)
    }
}

/// A statement under construction. Its text is made of literals of this program and of placeholders only; every value is bound.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pieces: Vec<Piece>,
    values: Vec<Value>,
}

/// What a statement's text is put together from.
#[derive(Debug, Clone, Copy)]
enum Piece {
    Text(&'static str),
    Placeholder,
}

/// How many rows one statement writes. Few sizes mean few texts, which each connection then has prepared already; large ones mean few
/// statements. The largest stays below SQLite's limit of 32,766 values for every table.
const ROWS_PER_STATEMENT: [usize; 5] = [256, 64, 16, 4, 1];

impl Query {
    pub fn new(text: &'static str) -> Self {
        Self {
            pieces: vec![Piece::Text(text)],
            values: Vec::new(),
        }
    }

    /// Appends literal text.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.pieces.push(Piece::Text(text));
        self
    }

    /// Appends a placeholder for a value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.pieces.push(Piece::Placeholder);
        self
    }

    /// Appends a parenthesised list of placeholders. An empty list matches nothing on both engines.
    pub fn bind_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        self.push("(");
        let mut any = false;
        for value in values {
            if any {
                self.push(", ");
            }
            any = true;
            self.bind(value);
        }
        if !any {
            self.push("NULL");
        }
        self.push(")")
    }

    pub async fn fetch_all<R>(self, tx: &mut Tx) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let text = AssertSqlSafe(self.text(tx.engine()));
        Ok(match tx {
            Tx::Sqlite(tx) => {
                sqlx::query_as_with::<Sqlite, R, _>(text, sqlite_arguments(self.values)?)
                    .fetch_all(&mut **tx)
                    .await?
            }
            Tx::Postgres(tx) => {
                sqlx::query_as_with::<Postgres, R, _>(text, postgres_arguments(self.values)?)
                    .fetch_all(&mut **tx)
                    .await?
            }
        })
    }

    pub async fn execute(self, tx: &mut Tx) -> StoreResult<u64> {
        let text = AssertSqlSafe(self.text(tx.engine()));
        Ok(match tx {
            Tx::Sqlite(tx) => sqlx::query_with(text, sqlite_arguments(self.values)?)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
            Tx::Postgres(tx) => sqlx::query_with(text, postgres_arguments(self.values)?)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
        })
    }

    /// The text as an engine wants it. SQLite looks up numbered placeholders by name, one after the other, which is quadratic in a
    /// statement of thousands; its anonymous ones it only counts.
    fn text(&self, engine: Engine) -> String {
        let mut text = String::with_capacity(self.pieces.len() * 6);
        let mut number = 0_usize;
        for piece in &self.pieces {
            match (piece, engine) {
                (Piece::Text(literal), _) => text.push_str(literal),
                (Piece::Placeholder, Engine::Sqlite) => text.push('?'),
                (Piece::Placeholder, Engine::Postgres) => {
                    number += 1;
                    text.push('$');
                    text.push_str(&number.to_string());
                }
            }
        }
        text
    }

    /// Writes rows with few statements: `head` is the INSERT up to VALUES, `tail` what follows the rows.
    pub async fn insert_rows<const COLUMNS: usize>(
        tx: &mut Tx,
        head: &'static str,
        rows: Vec<[Value; COLUMNS]>,
        tail: &'static str,
    ) -> StoreResult<u64> {
        let mut touched = 0;
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        for size in ROWS_PER_STATEMENT {
            while left >= size {
                left -= size;
                let mut query = Self::new(head);
                for (i, row) in rows.by_ref().take(size).enumerate() {
                    query.push(if i == 0 { " (" } else { ", (" });
                    for (j, value) in row.into_iter().enumerate() {
                        if j > 0 {
                            query.push(", ");
                        }
                        query.bind(value);
                    }
                    query.push(")");
                }
                query.push(tail);
                touched += query.execute(tx).await?;
            }
        }
        Ok(touched)
    }
}

macro_rules! arguments {
    ($name:ident, $arguments:ty) => {
        fn $name(values: Vec<Value>) -> Result<$arguments, sqlx::Error> {
            use sqlx::Arguments as _;
            let mut arguments = <$arguments>::default();
            arguments.reserve(values.len(), 0);
            for value in values {
                match value {
                    Value::Uuid(value) => arguments.add(value),
                    Value::Int(value) => arguments.add(value),
                    Value::Text(value) => arguments.add(value),
                    Value::Bytes(value) => arguments.add(value),
                    Value::Bool(value) => arguments.add(value),
                }
                .map_err(sqlx::Error::Encode)?;
            }
            Ok(arguments)
        }
    };
}

arguments!(sqlite_arguments, SqliteArguments);
arguments!(postgres_arguments, PgArguments);
