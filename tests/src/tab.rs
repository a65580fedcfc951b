//! A browser's tab without a browser: it keeps cookies, fills in the hidden field of its last page, and says where its forms come from.

use std::collections::BTreeMap;

use poem::http::{Method, StatusCode, header};

use crate::app::{Answer, TestApp};
use crate::builders::Member;

/// A tab in which somebody visits the console.
#[derive(Debug, Clone)]
pub struct Tab<'a> {
    app: &'a TestApp,
    /// What the server has set.
    pub cookies: BTreeMap<String, String>,
    form_token: String,
}

impl<'a> Tab<'a> {
    /// An empty tab.
    #[must_use]
    pub fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            cookies: BTreeMap::new(),
            form_token: String::new(),
        }
    }

    /// A tab in which this member is signed in.
    ///
    /// # Panics
    ///
    /// When the sign-in is refused.
    pub async fn of(app: &'a TestApp, member: &Member) -> Self {
        let mut tab = Self::new(app);
        tab.get("/sign-in").await;
        let token = app.token(member);
        let answer = tab.post("/sign-in/session", &[("token", &token)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        tab
    }

    /// Opens a page.
    pub async fn get(&mut self, target: &str) -> Answer {
        let answer = self.request(Method::GET, target).send().await;
        self.keep(&answer);
        let page = answer.text();
        if let Some(token) = hidden(&page, "csrf") {
            self.form_token = token;
        }
        answer
    }

    /// Sends a form of the last page.
    pub async fn post(&mut self, target: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        self.send(target, fields, Some(&token), Some("same-origin"))
            .await
    }

    /// Sends a form in any way: with this token, from a page of this relation to the site.
    pub async fn send(
        &mut self,
        target: &str,
        fields: &[(&str, &str)],
        form_token: Option<&str>,
        site: Option<&str>,
    ) -> Answer {
        let mut form: Vec<(&str, &str)> = fields.to_vec();
        if let Some(token) = form_token {
            form.push(("csrf", token));
        }
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut call = self
            .request(Method::POST, target)
            .header(
                header::CONTENT_TYPE.as_str(),
                "application/x-www-form-urlencoded",
            )
            .body(body);
        if let Some(site) = site {
            call = call.header("sec-fetch-site", site);
        }
        let answer = call.send().await;
        self.keep(&answer);
        answer
    }

    /// Sends a form of the last page with a file in it, as browsers do.
    pub async fn upload(&mut self, target: &str, fields: &[(&str, &[u8])]) -> Answer {
        const BOUNDARY: &str = "----boundary-of-a-tab";
        let token = self.form_token.clone();
        let mut body = Vec::new();
        let all = std::iter::once(("csrf", token.as_bytes()));
        for (name, value) in all.chain(fields.iter().copied()) {
            let head =
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let call = self.request(Method::POST, target);
        let call = call.header(header::CONTENT_TYPE.as_str(), &kind).body(body);
        let answer = call.header("sec-fetch-site", "same-origin").send().await;
        self.keep(&answer);
        answer
    }

    /// What its forms carry.
    #[must_use]
    pub fn form_token(&self) -> &str {
        &self.form_token
    }

    fn request(&self, method: Method, target: &str) -> crate::app::Call<'a> {
        let call = self.app.request(method, target);
        if self.cookies.is_empty() {
            return call;
        }
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        call.header(header::COOKIE.as_str(), &cookies.join("; "))
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap_or_default();
            let pair = line.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The value of a hidden field of a page.
#[must_use]
pub fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, behind) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    let (value, _) = behind.split_once('"')?;
    Some(value.to_owned())
}
