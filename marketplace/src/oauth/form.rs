//! The parameters of a request: each at most once (RFC 6749, section 3).

use std::collections::HashSet;

use habeo_surface::{ApiResult, Problem, catalogue};
use poem::http::header;
use poem::{Body, Request};
use secrecy::SecretString;

/// The most parameters of a request. OAuth knows a dozen; others are ignored (RFC 6749, section 3.1).
const PARAMETERS_MAX: usize = 32;

/// Parameters by name.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

/// A parameter that is there twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubled;

impl Form {
    /// Those of a query.
    pub fn of_query(query: &str) -> Option<Self> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
        (pairs.len() <= PARAMETERS_MAX).then_some(Self(pairs))
    }

    /// Those of a body.
    pub async fn of_body(request: &Request, body: Body) -> ApiResult<Self> {
        let media_type = request.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let is_form = media_type
            .and_then(|text| text.split(';').next())
            .is_some_and(|text| {
                text.trim()
                    .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            });
        if !is_form {
            return Err(invalid(
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        let bytes = body
            .into_bytes_limit(super::FORM_BYTES_MAX)
            .await
            .map_err(|_| Problem::new(&catalogue::PAYLOAD_TOO_LARGE))?;
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes)
            .map_err(|_| invalid("the body cannot be read as parameters"))?;
        let form = Self(pairs);
        if form.0.len() > PARAMETERS_MAX {
            return Err(invalid("there are more than 32 parameters"));
        }
        if form.doubles() {
            return Err(invalid("a parameter is given more than once"));
        }
        Ok(form)
    }

    /// Whether any parameter is there twice.
    pub fn doubles(&self) -> bool {
        let mut seen = HashSet::with_capacity(self.0.len());
        self.0.iter().any(|(name, _)| !seen.insert(name.as_str()))
    }

    /// A parameter that may be there once. One without a value is none (RFC 6749, section 3.1).
    pub fn once(&self, name: &str) -> Result<Option<&str>, Doubled> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        match values.next() {
            Some(_) => Err(Doubled),
            None => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    /// A parameter of a body, where doubled ones were refused.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.once(name).ok().flatten()
    }

    /// One that has to be there.
    pub fn required(&self, name: &str) -> ApiResult<&str> {
        self.get(name)
            .ok_or_else(|| invalid(&format!("the parameter {name} is missing")))
    }

    /// One that is a secret.
    pub fn secret(&self, name: &str) -> ApiResult<SecretString> {
        self.required(name).map(SecretString::from)
    }
}

/// A request that cannot be read as one of OAuth.
pub(super) fn invalid(why: &str) -> Problem {
    Problem::new(&catalogue::INVALID_REQUEST).detail(why)
}
