//! What the address of a page asks for, and addresses that ask for almost the same.

use poem::{FromRequest, Request, RequestBody, Result};
use url::form_urlencoded;

/// The parameters of an address, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked(Vec<(String, String)>);

impl Asked {
    /// Reads what stands behind the question mark of an address. Whatever was sent, this has a meaning: what is not text becomes signs that find
    /// nothing.
    pub(crate) fn read(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The fields of a form.
    pub(crate) const fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The value of a parameter, without blanks around it; none where it is missing or empty. Of several the first counts.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let values = self.0.iter().filter(|(known, _)| known == name);
        let mut values = values.map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty())
    }

    /// Every value of a parameter that is not empty.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Only these parameters, and of them only what has a value.
    pub(crate) fn only(&self, names: &[&str]) -> Self {
        let kept = self
            .0
            .iter()
            .filter(|(name, value)| names.contains(&name.as_str()) && !value.trim().is_empty());
        Self(kept.cloned().collect())
    }

    /// Without some parameters.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let kept = self
            .0
            .iter()
            .filter(|(name, _)| !names.contains(&name.as_str()));
        Self(kept.cloned().collect())
    }

    /// With one more.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Whether it asks for nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it stands behind a question mark.
    pub(crate) fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }

    /// The address of a page that is asked for this.
    pub(crate) fn at(&self, path: &str) -> String {
        if self.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", self.query())
        }
    }
}

impl<'a> FromRequest<'a> for Asked {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        Ok(Self::read(request.uri().query().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn addresses_keep_what_they_ask_for() {
        let asked = Asked::read("q=%20two+words%20&state=&col=tag&col=state&cursor=x&%FF=%FF");
        assert_eq!(asked.one("q"), Some("two words"));
        assert_eq!(asked.one("state"), None);
        assert_eq!(asked.all("col").collect::<Vec<_>>(), ["tag", "state"]);
        let kept = asked.only(&["q", "col", "state"]);
        assert_eq!(
            kept.at("/assets"),
            "/assets?q=+two+words+&col=tag&col=state"
        );
        let next = kept.without(&["col"]).with("cursor", "a&b");
        assert_eq!(next.query(), "q=+two+words+&cursor=a%26b");
        assert_eq!(Asked::read("").at("/assets"), "/assets");
    }
}
