//! Which addresses pass the rules of form, and with which reason others do not.

use crate::error::Refusal;
use crate::target::Target;
use crate::{AllowList, URL_CHARS_MAX};

fn parse(text: &str) -> Result<Target, Refusal> {
    Target::parse(text, &AllowList::empty())
}

#[track_caller]
fn refused(texts: &[&str], why: fn(&Refusal) -> bool) {
    for text in texts {
        let refusal = parse(text).expect_err(text);
        assert!(why(&refusal), "{text}: {refusal:?}");
    }
}

#[test]
fn addresses_of_the_public_internet_pass() {
    for text in [
        "https://hooks.example.edu/habeo",
        "https://hooks.example.edu",
        "https://hooks.example.edu:8443/a/b?x=y&z=%20",
        "https://hooks.example.edu:443/",
        "https://hooks.example.edu:80/",
        "https://xn--bcher-kva.example/",
        "https://a-b.c1.example.co.uk/",
        "https://localhost.example.edu/",
        "https://8.8.8.8/",
        "https://203.0.114.7:3000/x",
        "https://[2606:4700::1111]/",
        "https://[2606:4700::1111]:8443/",
        "https://hooks.example.edu/@at/in:path",
        "https://hooks.example.edu/?q=a@b",
    ] {
        assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
    }
}

#[test]
fn only_https_passes() {
    refused(
        &[
            "http://hooks.example.edu/",
            "HTTPS://hooks.example.edu/",
            "ftp://hooks.example.edu/",
            "file:///etc/passwd",
            "gopher://hooks.example.edu/",
            "ws://hooks.example.edu/",
        ],
        |refusal| *refusal == Refusal::Scheme,
    );
    refused(
        &[
            "",
            "hooks.example.edu",
            "//hooks.example.edu/",
            "https:hooks.example.edu",
            "https:/hooks.example.edu",
            "data:text/plain,x",
            "javascript:alert(1)",
        ],
        |refusal| *refusal == Refusal::Form,
    );
}

#[test]
fn names_and_passwords_are_refused() {
    refused(
        &[
            "https://user@hooks.example.edu/",
            "https://user:password@hooks.example.edu/",
            "https://@hooks.example.edu/",
            "https://:@hooks.example.edu/",
            "https://hooks.example.edu@127.0.0.1/",
            "https://hooks.example.edu:443@127.0.0.1/",
        ],
        |refusal| *refusal == Refusal::UserInfo,
    );
}

#[test]
fn the_length_is_bounded() {
    let base = "https://hooks.example.edu/";
    let longest = format!("{base}{}", "a".repeat(URL_CHARS_MAX - base.len()));
    assert!(parse(&longest).is_ok());
    assert_eq!(parse(&format!("{longest}a")), Err(Refusal::TooLong));
}

#[test]
fn characters_that_parsers_drop_or_turn_are_refused() {
    refused(
        &[
            " https://hooks.example.edu/",
            "https://hooks.example.edu/ ",
            "https://hooks.example.edu/a b",
            "https://hooks.exam\tple.edu/",
            "https://hooks.example.edu/\n",
            "https://hooks.example.edu/\0",
            "https:\\\\hooks.example.edu\\",
            "https://127.0.0.1\\@hooks.example.edu/",
            "https://hooks.example.edu\\.evil.example/",
            "https://bücher.example/",
            "https://ｈooks.example.edu/",
            "https://127。0。0。1/",
            "https://hooks.example.edu/ü",
        ],
        |refusal| *refusal == Refusal::Characters,
    );
}

#[test]
fn hosts_have_one_spelling() {
    refused(
        &[
            "https://Hooks.Example.EDU/",
            "https://hooks.example.edu./",
            "https://XN--BCHER-KVA.example/",
            "https://%68ooks.example.edu/",
            "https://hooks%2eexample.edu/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://017700000001/",
            "https://0177.0.0.1/",
            "https://0x7f.0.0.1/",
            "https://127.1/",
            "https://127.0.1/",
            "https://127.0.0.01/",
            "https://134744072/",
            "https://8.8.2056/",
            "https://010.8.8.8/",
            "https://0/",
            "https://127.0.0.1./",
            "https://[2606:4700:0:0:0:0:0:1111]/",
            "https://[2606:4700::0.0.17.17]/",
            "https://[2606:4700::1111%25eth0]/",
            "https://[2606:4700::ABCD]/",
            "https://[::ffff:8.8.8.8]/",
            "https:///hooks.example.edu/",
            "https:////hooks.example.edu/",
        ],
        |refusal| matches!(refusal, Refusal::HostSpelling | Refusal::Form),
    );
}

#[test]
fn brackets_zones_and_broken_hosts_are_refused() {
    refused(
        &[
            "https://[fe80::1%eth0]/",
            "https://[fe80::1%25eth0]/",
            "https://[::1/",
            "https://::1/",
            "https://[127.0.0.1]/",
            "https://1.2.3.4.5/",
            "https://256.1.1.1/",
            "https://hooks.example.edu:/",
            "https://hooks.example.edu:0443/",
            "https://hooks.example.edu:65536/",
            "https://hooks.example.edu:-1/",
            "https://hooks.example.edu:4 43/",
            "https://hooks.example.edu:443:443/",
            "https://xn--/",
            "https://",
            "https://?",
        ],
        |_| true,
    );
}

#[test]
fn names_without_a_dot_and_broken_labels_are_refused() {
    let label = "a".repeat(64);
    let long = format!("https://{}edu/", "abcdefgh.".repeat(29));
    refused(
        &[
            "https://intranet/",
            "https://db/",
            "https://-a.example.edu/",
            "https://a-.example.edu/",
            "https://a..example.edu/",
            "https://.example.edu/",
            "https://a_b.example.edu/",
            "https://*.example.edu/",
            "https://a~b.example.edu/",
            &format!("https://{label}.example.edu/"),
            &long,
        ],
        |refusal| {
            matches!(
                refusal,
                Refusal::HostName | Refusal::HostSpelling | Refusal::Form
            )
        },
    );
    assert!(parse(&format!("https://{}.example.edu/", &label[1..])).is_ok());
}

#[test]
fn names_of_one_network_are_refused() {
    refused(
        &[
            "https://localhost/",
            "https://a.localhost/",
            "https://localhost:8443/",
            "https://printer.local/",
            "https://metadata.google.internal/computeMetadata/v1/",
            "https://a.b.internal/",
            "https://1.0.0.127.in-addr.arpa/",
            "https://router.home.arpa/",
            "https://abc.onion/",
        ],
        |refusal| matches!(refusal, Refusal::HostReserved(_)),
    );
}

#[test]
fn ports_of_other_services_are_refused() {
    for port in [
        0, 21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 161, 389, 445, 465, 587, 636, 873, 993,
        995, 1433, 1521, 2049, 2375, 2379, 3306, 3389, 5432, 5672, 5900, 6000, 6379, 6443, 6667,
        9042, 9092, 9200, 10250, 11211, 27017,
    ] {
        let text = format!("https://hooks.example.edu:{port}/");
        assert_eq!(parse(&text), Err(Refusal::Port(port)));
        let literal = format!("https://8.8.8.8:{port}/");
        assert_eq!(parse(&literal), Err(Refusal::Port(port)));
    }
    for port in [
        80, 81, 443, 444, 1024, 3000, 4443, 5000, 8000, 8080, 8443, 8888, 9000, 10443, 65535,
    ] {
        let text = format!("https://hooks.example.edu:{port}/");
        assert!(parse(&text).is_ok(), "{port}");
    }
}

#[test]
fn literal_addresses_of_refused_ranges_are_refused() {
    refused(
        &[
            "https://127.0.0.1/",
            "https://10.0.0.1:8443/",
            "https://169.254.169.254/latest/meta-data/",
            "https://168.63.129.16/",
            "https://0.0.0.0/",
            "https://255.255.255.255/",
            "https://[::]/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::ffff:808:808]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
        ],
        |refusal| matches!(refusal, Refusal::Address { .. }),
    );
}

#[test]
fn an_entry_of_the_list_permits_exactly_its_host_and_port() {
    let allowed: AllowList =
        " 127.0.0.1:9000, [::1]:9001 ,hooks.campus.internal:8443,db:5432,LocalHost:3978,"
            .parse()
            .expect("a list");
    for text in [
        "http://127.0.0.1:9000/x",
        "https://127.0.0.1:9000/x",
        "http://[::1]:9001/",
        "http://hooks.campus.internal:8443/",
        "https://db:5432/",
        "http://localhost:3978/api/messages",
    ] {
        assert!(Target::parse(text, &allowed).is_ok(), "{text}");
    }
    for text in [
        "http://127.0.0.1:9001/",
        "http://127.0.0.2:9000/",
        "http://127.0.0.1/",
        "http://[::1]:9000/",
        "http://[::ffff:7f00:1]:9000/",
        "http://hooks.campus.internal/",
        "https://other.campus.internal:8443/",
        "http://user@127.0.0.1:9000/",
        "http://127.0.0.1.:9000/",
        "http://127.1:9000/",
        "http://LOCALHOST:3978/",
        "ftp://127.0.0.1:9000/",
    ] {
        assert!(Target::parse(text, &allowed).is_err(), "{text}");
    }
}

#[test]
fn entries_are_written_in_one_form() {
    let list: AllowList = "127.0.0.1:9000,[::1]:80".parse().expect("a list");
    assert_eq!(list.to_string(), "127.0.0.1:9000,[::1]:80");
    assert!(" , ".parse::<AllowList>().expect("a list").is_empty());
    for text in [
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "http://127.0.0.1:80",
        "127.1:80",
        "*.example.edu:443",
        "10.0.0.0/8:443",
        ":80",
        "::1:80",
        "a b:80",
        "user@host:80",
    ] {
        let list = text.parse::<AllowList>();
        // A star is a character of names to the parser of URLs, and matches itself alone.
        assert!(list.is_err() || text.starts_with('*'), "{text}: {list:?}");
    }
}

#[test]
fn paths_are_appended_below_their_base_only() {
    let base = parse("https://smba.example.net/amer/?x=y").expect("a base");
    let joined = base.at("v3/conversations/19%3Aabc%40thread.tacv2;messageid=1/activities");
    assert_eq!(
        joined.expect("a path").expose(),
        "https://smba.example.net/amer/v3/conversations/19%3Aabc%40thread.tacv2;messageid=1/activities"
    );
    assert_eq!(
        base.at("/v3/").expect("a path").expose(),
        "https://smba.example.net/amer/v3/"
    );
    let root = parse("https://slack.com").expect("a base");
    assert_eq!(
        root.at("api/x").expect("a path").expose(),
        "https://slack.com/api/x"
    );
    for path in [
        "../x",
        "a/../../x",
        "a/%2e%2e/x",
        "./x",
        "a?b",
        "a#b",
        "a b",
        "a\\b",
        "ü",
        "a\"b",
        "//../x",
    ] {
        assert!(base.at(path).is_err(), "{path}");
    }
    // No path can change where the request goes.
    for path in ["@127.0.0.1/", "//127.0.0.1/", ":80/", ".evil.example/"] {
        let joined = base.at(path).expect("a strange path");
        assert_eq!(joined.origin(), base.origin(), "{path}");
    }
}

#[test]
fn queries_replace_the_query() {
    let base = parse("https://slack.com/api/users.info?old=1").expect("a base");
    let asked = base.with_query([("user", "U 1&x=y")]).expect("a query");
    assert_eq!(
        asked.expose(),
        "https://slack.com/api/users.info?user=U+1%26x%3Dy"
    );
}
