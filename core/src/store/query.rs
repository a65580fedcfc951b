//! Statements whose shape depends on the question: lists with filters, and rows written many at a time.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, FromRow, Postgres, Sqlite};
use uuid::Uuid;

use super::{Engine, StoreResult, Tx, filter};
use crate::id::OrgId;

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
    AssetId AssignmentId HoldId ObservationId PushDeviceId ImportId ExportId EventId
    ParcelId LeaseToken DigestId
    InstallId ChatLinkId ConfirmId ReceiptId
    ConversationId
    ConnectionId TicketId DuplicateCaseId HandOverId
    SupplierId PunchoutId PunchoutDocumentId RequisitionId RequisitionLineId OrderId DelegationId
    ShipmentId SupplierDocumentId
    AppId AppClientId AppInstallId ApiKeyId EndpointId DeliveryId RunId
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

impl Value {
    /// What PostgreSQL calls an array of these.
    const fn array_type(&self) -> &'static str {
        match self {
            Self::Uuid(_) => "uuid[]",
            Self::Int(_) => "bigint[]",
            Self::Text(_) => "text[]",
            Self::Bytes(_) => "bytea[]",
            Self::Bool(_) => "boolean[]",
        }
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

/// How many rows one statement writes, or how many keys it looks up, on SQLite. Few sizes mean few texts, which each connection then has
/// prepared already; large ones mean few statements. The largest stays below its limit of 32,766 values for every table.
const ROWS_PER_STATEMENT: [usize; 8] = [256, 64, 32, 16, 8, 4, 2, 1];
const KEYS_PER_STATEMENT: [usize; 6] = [1_024, 256, 64, 16, 4, 1];

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

    /// As [`Self::bind_list`], for keys: filled up with the last of them to one of few lengths, so that the statement has few texts, each of
    /// which a connection prepares once. A key twice in a list finds what it finds once.
    pub fn bind_keys<V: Into<Value>>(&mut self, keys: impl IntoIterator<Item = V>) -> &mut Self {
        let mut keys: Vec<Value> = keys.into_iter().map(Into::into).collect();
        pad(&mut keys);
        self.bind_list(keys)
    }

    pub async fn fetch_all<R>(self, tx: &mut Tx) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.fetch(tx, true).await
    }

    /// As [`Self::fetch_all`], but PostgreSQL plans the statement for these values, and not once for all that may come.
    pub async fn fetch_all_planned_anew<R>(self, tx: &mut Tx) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.fetch(tx, false).await
    }

    async fn fetch<R>(self, tx: &mut Tx, keep_plan: bool) -> StoreResult<Vec<R>>
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
                    .persistent(keep_plan)
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
        match engine {
            Engine::Sqlite => text,
            Engine::Postgres => filter::of_text(text),
        }
    }

    /// The rows of many keys: `select` is a SELECT up to `org_id = `, `column` the one that holds the key. Each key is to be named once.
    ///
    /// On PostgreSQL every key is looked up on its own along the index. From a list of a thousand the planner, as long as it has no
    /// statistics of a table that is being filled, concludes that reading the whole organisation costs less.
    pub async fn keyed<R, V: Into<Value>>(
        tx: &mut Tx,
        select: &'static str,
        org: OrgId,
        column: &'static str,
        keys: impl IntoIterator<Item = V>,
    ) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        Self::keyed_among(tx, &[select], org, column, keys).await
    }

    /// As [`Self::keyed`], from several tables by one statement.
    pub async fn keyed_among<R, V: Into<Value>>(
        tx: &mut Tx,
        selects: &[&'static str],
        org: OrgId,
        column: &'static str,
        keys: impl IntoIterator<Item = V>,
    ) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut keys: Vec<Value> = keys.into_iter().map(Into::into).collect();
        let Some(first) = keys.first() else {
            return Ok(Vec::new());
        };
        match tx {
            Tx::Postgres(tx) => {
                let found: Vec<String> = selects
                    .iter()
                    .map(|select| [select, "$2 AND ", column, " = wanted.key"].concat())
                    .collect();
                let text = [
                    "SELECT found.* FROM unnest($1::",
                    first.array_type(),
                    ") AS wanted (key) CROSS JOIN LATERAL (",
                    &found.join(" UNION ALL "),
                    // What has an OFFSET is not merged into the statement around it, where the order of things would be open again.
                    " OFFSET 0) AS found",
                ]
                .concat();
                let text = filter::of_text(text);
                let mut arguments = PgArguments::default();
                add_array(&mut arguments, keys)?;
                arguments.add(org).map_err(sqlx::Error::Encode)?;
                let query = sqlx::query_as_with::<Postgres, R, _>(AssertSqlSafe(text), arguments);
                Ok(query.fetch_all(&mut **tx).await?)
            }
            Tx::Sqlite(_) => {
                let mut rows = Vec::new();
                while !keys.is_empty() {
                    let largest = KEYS_PER_STATEMENT[0];
                    let mut chunk = keys.split_off(keys.len().saturating_sub(largest));
                    pad(&mut chunk);
                    let mut query = Self::default();
                    for (i, select) in selects.iter().enumerate() {
                        query.push(if i == 0 { "" } else { " UNION ALL " });
                        query.push(select).bind(org).push(" AND ").push(column);
                        query.push(" IN ").bind_list(chunk.iter().cloned());
                    }
                    rows.extend(query.fetch_all::<R>(tx).await?);
                }
                Ok(rows)
            }
        }
    }

    /// Writes rows with few statements: `head` is the INSERT up to and with VALUES, `tail` what follows the rows.
    pub async fn insert_rows<const COLUMNS: usize>(
        tx: &mut Tx,
        head: &'static str,
        rows: Vec<[Value; COLUMNS]>,
        tail: &'static str,
    ) -> StoreResult<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        match tx {
            Tx::Sqlite(tx) => {
                let mut touched = 0;
                let mut left = rows.len();
                let mut values = rows.into_iter().flatten();
                let mut statement = None;
                for size in ROWS_PER_STATEMENT {
                    while left >= size {
                        left -= size;
                        let text = values_text(head, COLUMNS, size, tail);
                        let next = async {
                            sqlite_arguments(values.by_ref().take(size * COLUMNS))
                                .map(|arguments| sqlx::query_with(AssertSqlSafe(text), arguments))
                        };
                        // The values of a statement are put together while the one before runs in a thread of its own.
                        let (done, next) = tokio::join!(run(tx, statement.take()), next);
                        touched += done?;
                        statement = Some(next?);
                    }
                }
                touched += run(tx, statement).await?;
                Ok(touched)
            }
            Tx::Postgres(tx) => {
                let mut columns: [Vec<Value>; COLUMNS] =
                    std::array::from_fn(|_| Vec::with_capacity(rows.len()));
                for row in rows {
                    for (column, value) in columns.iter_mut().zip(row) {
                        column.push(value);
                    }
                }
                let text = AssertSqlSafe(unnest_text(head, &columns, tail));
                let mut arguments = PgArguments::default();
                for column in columns {
                    add_array(&mut arguments, column)?;
                }
                let query = sqlx::query_with(text, arguments);
                Ok(query.execute(&mut **tx).await?.rows_affected())
            }
        }
    }
}

/// Fills a list of keys up with its last to one of few lengths. A key twice in a list finds what it finds once.
fn pad(keys: &mut Vec<Value>) {
    let mut sizes = KEYS_PER_STATEMENT.into_iter().rev();
    let size = sizes.find(|size| *size >= keys.len());
    if let (Some(size), Some(last)) = (size, keys.last().cloned()) {
        keys.resize(size, last);
    }
}

/// Runs a statement, if there is one.
async fn run(
    tx: &mut sqlx::SqliteConnection,
    statement: Option<sqlx::query::Query<'_, Sqlite, SqliteArguments>>,
) -> Result<u64, sqlx::Error> {
    match statement {
        Some(statement) => Ok(statement.execute(tx).await?.rows_affected()),
        None => Ok(0),
    }
}

/// `head (?, ?), (?, ?) tail`.
///
/// Every failed statement ends in rolling back its unit of work, so what a plain INSERT wrote before it failed need not be taken back by
/// the statement itself: told so by OR FAIL, SQLite keeps no copy of each page that it is about to change.
fn values_text(head: &str, columns: usize, rows: usize, tail: &str) -> String {
    let row = ["(", &vec!["?"; columns].join(", "), ")"].concat();
    let (verb, head) = match head.strip_prefix("INSERT ") {
        Some(rest) if tail.is_empty() => ("INSERT OR FAIL ", rest),
        _ => ("", head),
    };
    [verb, head, " ", &vec![row; rows].join(", "), tail].concat()
}

/// One array for each column rather than a placeholder for each value: the text is the same for any number of rows, and so prepared once.
fn unnest_text(head: &str, columns: &[Vec<Value>], tail: &str) -> String {
    let arrays: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, column)| format!("${}::{}", i + 1, column[0].array_type()))
        .collect();
    let head = head.strip_suffix("VALUES").unwrap_or(head);
    [head, "SELECT * FROM unnest(", &arrays.join(", "), ")", tail].concat()
}

/// Binds the values of one column, which are all of one type.
fn add_array(arguments: &mut PgArguments, values: Vec<Value>) -> Result<(), sqlx::Error> {
    macro_rules! array {
        ($variant:ident) => {
            arguments.add(
                values
                    .into_iter()
                    .map(|value| match value {
                        Value::$variant(value) => Ok(value),
                        other => Err(mixed(&other)),
                    })
                    .collect::<Result<Vec<_>, _>>()?,
            )
        };
    }
    match &values[0] {
        Value::Uuid(_) => array!(Uuid),
        Value::Int(_) => array!(Int),
        Value::Text(_) => array!(Text),
        Value::Bytes(_) => array!(Bytes),
        Value::Bool(_) => array!(Bool),
    }
    .map_err(sqlx::Error::Encode)
}

fn mixed(value: &Value) -> sqlx::Error {
    let kind = value.array_type();
    sqlx::Error::Encode(format!("a column of another type holds one of {kind}").into())
}

macro_rules! arguments {
    ($name:ident, $arguments:ty) => {
        fn $name(values: impl IntoIterator<Item = Value>) -> Result<$arguments, sqlx::Error> {
            let values = values.into_iter();
            let mut arguments = <$arguments>::default();
            arguments.reserve(values.size_hint().0, 0);
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
