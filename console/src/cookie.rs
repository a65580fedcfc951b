//! The console's cookies: read strictly, set so that no page of somebody else's can send or read them.

use poem::http::{HeaderMap, HeaderValue, header};

/// A cookie of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The signed-in session.
    Session,
    /// A browser that has not signed in yet, or that is on its way to a vendor and back.
    Browser,
}

/// How long the browser's own cookie lasts: as long as a way to a vendor and back may take, with room.
const BROWSER_SECONDS: u32 = 3_600;

impl Cookie {
    /// Its name. The prefix makes browsers insist on https and on our host alone; without https it would not be accepted at all.
    const fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-habeo_sid",
            (Self::Session, false) => "habeo_sid",
            (Self::Browser, true) => "__Host-habeo_browser",
            (Self::Browser, false) => "habeo_browser",
        }
    }

    /// Its value, where the request has it once. A second one of the same name was put there by somebody else.
    pub(crate) fn read(self, headers: &HeaderMap, https: bool) -> Option<&str> {
        let name = self.name(https);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value);
        let value = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// Sets it.
    pub(crate) fn set(self, headers: &mut HeaderMap, value: &str, https: bool) {
        let name = self.name(https);
        let life = match self {
            // As long as the browser is open; the server ends it sooner.
            Self::Session => String::new(),
            Self::Browser => format!("; Max-Age={BROWSER_SECONDS}"),
        };
        append(
            headers,
            &format!(
                "{name}={value}; Path=/; HttpOnly; SameSite=Lax{life}{}",
                secure(https)
            ),
        );
    }

    /// Takes it away.
    pub(crate) fn clear(self, headers: &mut HeaderMap, https: bool) {
        let name = self.name(https);
        append(
            headers,
            &format!(
                "{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{}",
                secure(https)
            ),
        );
    }
}

const fn secure(https: bool) -> &'static str {
    if https { "; Secure" } else { "" }
}

fn append(headers: &mut HeaderMap, line: &str) {
    let line = HeaderValue::from_str(line).expect("cookies of ours are letters, digits and signs");
    headers.append(header::SET_COOKIE, line);
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderMap, HeaderValue, header};

    use super::Cookie;

    fn with(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn a_cookie_that_comes_twice_is_none() {
        let read =
            |lines: &[&'static str]| Cookie::Session.read(&with(lines), true).map(str::to_owned);
        assert_eq!(
            read(&["a=b; __Host-habeo_sid=one; c=d"]).as_deref(),
            Some("one")
        );
        assert_eq!(read(&["__Host-habeo_sid=one; __Host-habeo_sid=two"]), None);
        assert_eq!(
            read(&["__Host-habeo_sid=one", "__Host-habeo_sid=one"]),
            None
        );
        assert_eq!(read(&["habeo_sid=one"]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn over_https_the_host_alone_gets_it() {
        let mut headers = HeaderMap::new();
        Cookie::Session.set(&mut headers, "value", true);
        assert_eq!(
            headers[header::SET_COOKIE],
            "__Host-habeo_sid=value; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        let mut headers = HeaderMap::new();
        Cookie::Session.clear(&mut headers, false);
        assert_eq!(
            headers[header::SET_COOKIE],
            "habeo_sid=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }
}
