//! Which column is which field.

use std::collections::HashMap;

use anyhow::{Context as _, bail};

use super::field::Field;

/// Which column is which field.
#[derive(Debug, Clone)]
pub struct Mapping {
    columns: HashMap<Field, usize>,
    headers: Vec<String>,
}

/// What somebody said about columns: a name, and what it means; none: it is to be left out.
pub type Said = Vec<(String, Option<Field>)>;

/// Reads `column=field`; `column=` leaves a column out.
pub fn said(text: &str) -> anyhow::Result<(String, Option<Field>)> {
    let (column, field) = text
        .rsplit_once('=')
        .with_context(|| format!("{text:?} is not column=field"))?;
    let field = field.trim();
    if field.is_empty() {
        return Ok((column.trim().to_owned(), None));
    }
    let known = Field::named(field).with_context(|| {
        format!(
            "{field:?} is not a field; these are: {}",
            Field::all_names()
        )
    })?;
    Ok((column.trim().to_owned(), Some(known)))
}

/// Reads a file of such lines; empty ones and those that begin with `#` say nothing.
pub fn said_in_file(text: &str) -> anyhow::Result<Said> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(said)
        .collect()
}

impl Mapping {
    /// Finds the columns: first what was said, then what their names say.
    pub fn of(headers: &[String], said: &[(String, Option<Field>)]) -> anyhow::Result<Self> {
        for (column, _) in said {
            if !headers.iter().any(|header| header == column) {
                bail!(
                    "there is no column {column:?}; there are: {}",
                    headers.join(", ")
                );
            }
        }
        let mut columns: HashMap<Field, usize> = HashMap::new();
        for (i, header) in headers.iter().enumerate() {
            let spoken = said.iter().rev().find(|(column, _)| column == header);
            let field = match spoken {
                Some((_, field)) => *field,
                // What was said of another column is not guessed of this one.
                None => Field::guessed(header)
                    .filter(|field| !said.iter().any(|(_, said)| *said == Some(*field))),
            };
            let Some(field) = field else { continue };
            if let Some(first) = columns.insert(field, i) {
                bail!(
                    "columns {} and {} are both {}; say with --map which one counts, as in --map \"{header}=\"",
                    first + 1,
                    i + 1,
                    field.name()
                );
            }
        }
        if columns.is_empty() {
            bail!(
                "no column was recognised; name them in the first line, or with --map column=field. The fields are: {}",
                Field::all_names()
            );
        }
        Ok(Self {
            columns,
            headers: headers.to_vec(),
        })
    }

    /// Where a field is.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.get(&field).copied()
    }

    /// What the column of a field is called in the file; the field's own name where it has none.
    pub fn header(&self, field: Field) -> &str {
        self.column(field)
            .and_then(|i| self.headers.get(i))
            .map_or(field.name(), String::as_str)
    }

    /// How many columns the file has.
    pub fn width(&self) -> usize {
        self.headers.len()
    }

    /// The columns that mean nothing here.
    pub fn left_out(&self) -> Vec<&str> {
        let used: Vec<usize> = self.columns.values().copied().collect();
        let left = self.headers.iter().enumerate();
        left.filter(|(i, _)| !used.contains(i))
            .map(|(_, header)| header.as_str())
            .collect()
    }

    /// One spelling for one mapping.
    pub fn canonical(&self) -> String {
        let mut pairs: Vec<String> = self
            .columns
            .iter()
            .map(|(field, i)| format!("{i}={}", field.name()))
            .collect();
        pairs.sort_unstable();
        pairs.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_is_said_wins_over_what_is_guessed() {
        let headers = headers(&["Asset Tag", "Old", "Notes", "Colour"]);
        let said = vec![
            said("Old=tag").expect("a mapping"),
            said("Notes=").expect("a mapping"),
        ];
        let mapping = Mapping::of(&headers, &said).expect("a mapping");
        assert_eq!(mapping.column(Field::Tag), Some(1));
        assert_eq!(mapping.column(Field::Remark), None);
        assert_eq!(mapping.left_out(), ["Asset Tag", "Notes", "Colour"]);
    }

    #[test]
    fn two_columns_of_one_meaning_and_unknown_names_are_refused() {
        let twice = Mapping::of(&headers(&["Tag", "asset tag"]), &[]);
        assert!(twice.expect_err("twice").to_string().contains("both tag"));
        let same = Mapping::of(&headers(&["Tag", "Tag"]), &[]);
        assert!(same.is_err());
        assert!(Mapping::of(&headers(&["a", "b"]), &[]).is_err());
        assert!(said("a=nonsense").is_err());
        let absent = Mapping::of(&headers(&["Tag"]), &[("x".to_owned(), None)]);
        assert!(absent.is_err());
    }
}
