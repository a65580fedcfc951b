//! One statement text for both engines: each macro runs it on whichever the transaction belongs to.

macro_rules! on_engine {
    ($tx:expr, $query:ident :: <_, $row:ty>, $sql:expr, [$($arg:expr),*], $run:ident) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                sqlx::$query::<sqlx::Sqlite, $row>($sql)$(.bind($arg))*.$run(&mut **tx).await
            }
            $crate::store::Tx::Postgres(tx) => {
                sqlx::$query::<sqlx::Postgres, $row>($crate::store::filter::of_literal($sql))$(.bind($arg))*.$run(&mut **tx).await
            }
        }
        .map_err($crate::store::StoreError::from)
    };
}

/// Every row of a statement: `fetch_all!(tx, Row, SQL, arguments…)`.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::store::macros::on_engine!($tx, query_as::<_, $row>, $sql, [$($arg),*], fetch_all)
    };
}

/// The one row of a statement that always has one.
macro_rules! fetch_one {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::store::macros::on_engine!($tx, query_as::<_, $row>, $sql, [$($arg),*], fetch_one)
    };
}

/// The row of a statement, if there is one.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::store::macros::on_engine!($tx, query_as::<_, $row>, $sql, [$($arg),*], fetch_optional)
    };
}

/// Runs a statement and says how many rows it touched.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                sqlx::query($sql)$(.bind($arg))*.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
            $crate::store::Tx::Postgres(tx) => {
                sqlx::query($crate::store::filter::of_literal($sql))$(.bind($arg))*.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        }
        .map_err($crate::store::StoreError::from)
    };
}

/// Stores a type as TEXT by its `Display` and reads it by its `FromStr`.
macro_rules! text_column {
    ($name:ty) => {
        impl<D: sqlx::Database> sqlx::Type<D> for $name
        where
            String: sqlx::Type<D>,
        {
            fn type_info() -> D::TypeInfo {
                <String as sqlx::Type<D>>::type_info()
            }

            fn compatible(ty: &D::TypeInfo) -> bool {
                <String as sqlx::Type<D>>::compatible(ty)
            }
        }

        impl<'q, D: sqlx::Database> sqlx::Encode<'q, D> for $name
        where
            String: sqlx::Encode<'q, D>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut <D as sqlx::Database>::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                sqlx::Encode::<D>::encode(self.to_string(), buffer)
            }
        }

        impl<'r, D: sqlx::Database> sqlx::Decode<'r, D> for $name
        where
            String: sqlx::Decode<'r, D>,
        {
            fn decode(
                value: <D as sqlx::Database>::ValueRef<'r>,
            ) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<String as sqlx::Decode<D>>::decode(value)?.parse()?)
            }
        }
    };
}

pub(crate) use {execute, fetch_all, fetch_one, fetch_optional, on_engine, text_column};
