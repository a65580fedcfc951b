//! The command line as an operator meets it, over a folder that does not exist yet.

use std::path::Path;

use habeo_server::app::App;
use habeo_server::cli;
use habeo_server::config::{Config, SETTINGS};
use habeo_server::node::{Node, Purpose, ServeLock};
use habeo_tests::must;
use poem::test::TestClient;
use serde_json::Value;

/// The settings of an installation in a folder.
fn variables(folder: &Path) -> Vec<(String, String)> {
    let folder = folder.join("data");
    vec![
        ("HABEO_DATA_DIR".to_owned(), folder.display().to_string()),
        ("HABEO_LOG".to_owned(), "error".to_owned()),
    ]
}

/// Runs a command and gives what it answered.
fn habeo(folder: &Path, words: &[&str]) -> anyhow::Result<String> {
    let mut answer = Vec::new();
    let words = std::iter::once(&"habeo").chain(words);
    cli::run(words, variables(folder), &mut answer)?;
    Ok(String::from_utf8_lossy(&answer).trim().to_owned())
}

fn refused(folder: &Path, words: &[&str]) -> String {
    let error = habeo(folder, words).expect_err("a refusal");
    format!("{error:#}")
}

async fn get(config: &Config, token: &str, path: &str) -> Value {
    let node = must(Node::open(config, Purpose::Serving).await);
    let app = must(App::new(config, node).await);
    let client = TestClient::new(app.endpoint(config));
    let bearer = format!("Bearer {token}");
    let response = client
        .get(path)
        .header("authorization", bearer)
        .send()
        .await;
    let body = must(response.0.into_body().into_json().await);
    app.node.ledger.db().close().await;
    body
}

const CREATE: [&str; 8] = [
    "org",
    "create",
    "--name",
    "Example College",
    "--slug",
    "example",
    "--tag-namespace",
    "EXC",
];

/// From nothing to somebody who signs in: an organisation, a role, a token, an answer.
#[test]
fn an_organisation_an_administrator_and_a_token_are_three_commands() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    let org = must(habeo(folder, &CREATE));
    assert_eq!(
        must(habeo(folder, &["org", "list"])),
        format!("{org}  example")
    );
    let again = refused(folder, &CREATE);
    assert!(again.contains("slug"), "{again}");

    let mut grant = vec!["grant", "--org", "example", "--person", "user_1"];
    grant.extend(["--role", "org_admin"]);
    assert!(refused(folder, &grant).contains("--create NAME"));
    grant.extend(["--create", "First Administrator"]);
    must(habeo(folder, &grant));

    let token = must(habeo(
        folder,
        &["token", "--org", "example", "--person", "user_1"],
    ));
    let config = must(Config::load(None, variables(folder)));
    let runtime = must(tokio::runtime::Runtime::new());
    let me = runtime.block_on(get(&config, &token, "/api/v1/me"));
    assert_eq!(me["data"]["user"]["name"], "First Administrator");
    assert_eq!(me["data"]["organization"]["id"], org);
    assert_eq!(me["data"]["role"], "org_admin");

    let report = must(habeo(folder, &["doctor"]));
    assert!(!report.contains("FAULT"), "{report}");
    assert!(
        report.contains("example: the ledger of") && report.contains("is whole"),
        "{report}"
    );
}

/// Limits of approval are set, listed and given back to the unit above; what is no limit is refused.
#[test]
fn limits_of_approval_are_set_by_the_operator() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    must(habeo(folder, &CREATE));
    assert_eq!(must(habeo(folder, &["approvals", "limits"])), "");
    let set = ["approvals", "set", "--one-up-to"];
    let limits = [&set[..], &["usd 5000", "--one-up-to", "EUR 400.50"]].concat();
    let listed = must(habeo(folder, &limits));
    assert!(
        listed.ends_with("one person up to EUR 400.5, USD 5000"),
        "{listed}"
    );
    let listed = must(habeo(folder, &["approvals", "set", "--two"]));
    assert!(
        listed.ends_with("two people approve everything"),
        "{listed}"
    );
    assert_eq!(must(habeo(folder, &["approvals", "set", "--inherit"])), "");
    assert_eq!(must(habeo(folder, &["approvals", "delegations"])), "");
    for bad in [
        &["approvals", "set"][..],
        &["approvals", "set", "--two", "--inherit"],
        &[&set[..], &["5000"]].concat(),
    ] {
        assert!(habeo(folder, bad).is_err(), "{bad:?}");
    }
}

/// What is asked wrongly is refused in words, and no folder is made for it.
#[test]
fn mistakes_are_explained() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    for (words, said) in [
        (&["org", "create", "--name", "x"][..], "--slug"),
        (&["frobnicate"], "frobnicate"),
        (
            &["grant", "--org", "x", "--person", "y", "--role", "king"],
            "a role is one of org_admin",
        ),
    ] {
        let refusal = refused(folder, words);
        assert!(refusal.contains(said), "{refusal}");
    }
    assert!(!folder.join("data").exists());
    for (words, said) in [
        (&["token"][..], "there is no organization"),
        (
            &["grant", "--org", "x", "--person", "y", "--role", "auditor"],
            "there is no organization x",
        ),
        (
            &["org", "create", "--name", "x", "--slug", "X!"],
            "a slug has 2 to 40",
        ),
        (
            &[
                "org",
                "create",
                "--name",
                "x",
                "--slug",
                "ex",
                "--clerk-org",
                "org_1",
            ],
            "HABEO_CLERK_ISSUER",
        ),
    ] {
        let refusal = refused(folder, words);
        assert!(refusal.contains(said), "{refusal}");
    }
}

#[test]
fn the_configuration_is_shown_whole_and_without_its_secrets() {
    let folder = must(tempfile::tempdir());
    let mut answer = Vec::new();
    let key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=";
    let secrets = [
        ("HABEO_MASTER_KEY", key),
        (
            "HABEO_DATABASE_URL",
            "postgres://habeo_app:hunter2@db.example/habeo",
        ),
        (
            "HABEO_DATABASE_OWNER_URL",
            "postgres://owner:hunter3@db.example/habeo",
        ),
    ];
    let secrets = secrets.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment = variables(folder.path()).into_iter().chain(secrets);
    must(cli::run(
        ["habeo", "config", "check"],
        environment,
        &mut answer,
    ));
    let shown = String::from_utf8_lossy(&answer);
    assert_eq!(shown.lines().count(), SETTINGS.len());
    assert_eq!(shown.matches("(set, hidden)").count(), 3);
    for secret in [key, "hunter2", "hunter3"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let defaults = must(habeo(folder.path(), &["config", "defaults"]));
    let file = folder.path().join("habeo.toml");
    must(std::fs::write(&file, defaults));
    let path = file.display().to_string();
    must(habeo(
        folder.path(),
        &["--config", &path, "config", "check"],
    ));
}

/// The key of a sealed database is not replaced, and nobody else can read what is written.
#[cfg(unix)]
#[test]
fn a_folder_is_private_and_its_key_is_never_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    must(habeo(folder, &CREATE));
    // Opening the issuer seals the first secret.
    must(habeo(folder, &["doctor"]));
    let data = folder.join("data");
    for entry in must(std::fs::read_dir(&data)) {
        let path = must(entry).path();
        // The files beside the database go away with its last connection.
        let Ok(metadata) = path.metadata() else {
            continue;
        };
        assert_eq!(
            metadata.permissions().mode() & 0o077,
            0,
            "{}",
            path.display()
        );
    }
    must(std::fs::remove_file(data.join("master.key")));
    let refusal = refused(folder, &["org", "list"]);
    assert!(
        refusal.contains("master.key") && refusal.contains("missing"),
        "{refusal}"
    );
}

#[test]
fn a_folder_is_served_by_one_process() {
    let folder = must(tempfile::tempdir());
    must(habeo(folder.path(), &["org", "list"]));
    let config = must(Config::load(None, variables(folder.path())));
    let held = must(ServeLock::take(&config));
    let refusal = must(ServeLock::take(&config).err().ok_or("two servers"));
    assert!(refusal.to_string().contains("another `habeo serve`"));
    drop(held);
    must(ServeLock::take(&config));
}

/// The document that the program prints is the one that it serves.
#[test]
fn the_description_is_printed_without_a_database() {
    let folder = must(tempfile::tempdir());
    let printed: Value = must(serde_json::from_str(&must(habeo(
        folder.path(),
        &["openapi"],
    ))));
    assert_eq!(printed["openapi"], "3.1.0");
    assert!(!folder.path().join("data").exists());
}

/// So is that of /public/v1.
#[test]
fn the_description_for_apps_is_printed_as_well() {
    let folder = must(tempfile::tempdir());
    let printed = must(habeo(folder.path(), &["openapi", "--public"]));
    let printed: Value = must(serde_json::from_str(&printed));
    assert!(printed["paths"]["/public/v1/me"].is_object());
    assert!(!folder.path().join("data").exists());
}

/// An app is registered and gets another secret; each is told once.
#[test]
fn an_app_is_registered_at_the_command_line() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    must(habeo(folder, &CREATE));
    let redirect = ["--redirect", "https://app.example/callback"];
    let mut create = vec![
        "app",
        "create",
        "--name",
        "Shelf",
        "--scope",
        "assets:read",
        "--rate",
        "600",
    ];
    create.extend(redirect);
    let said = must(habeo(folder, &create));
    let word = |said: &str, name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        must(line.ok_or(said.to_owned())).trim().to_owned()
    };
    let (client, secret) = (word(&said, "client_id"), word(&said, "client_secret"));
    assert!(secret.starts_with("hbo_cs_"), "{said}");
    let list = must(habeo(folder, &["app", "list"]));
    assert!(
        list.contains(&client) && list.contains("[assets:read]"),
        "{list}"
    );
    assert!(!list.contains(&secret));
    let rotated = must(habeo(
        folder,
        &["app", "rotate", &client, "--window", "now"],
    ));
    assert_ne!(word(&rotated, "client_secret"), secret);
    must(habeo(folder, &["app", "stop", &client]));
    assert!(must(habeo(folder, &["app", "list"])).contains("disabled"));
    for bad in [
        ["--redirect", "http://app.example/callback"],
        ["--redirect", "https://app.example/#x"],
        ["--redirect", "nowhere"],
    ] {
        let create = ["app", "create", "--name", "Shelf", bad[0], bad[1]];
        assert!(refused(folder, &create).contains("redirect URI"), "{bad:?}");
    }
}

/// The value behind a name in an answer.
fn value<'a>(answer: &'a str, name: &str) -> &'a str {
    let found = answer.lines().find_map(|line| {
        let (found, value) = line.split_once(' ')?;
        (found == name).then_some(value.trim())
    });
    found.unwrap_or_else(|| panic!("no {name}: {answer}"))
}

/// From connecting a system to its end; its secrets are printed once, by the command that makes them.
#[test]
fn a_system_is_connected_and_looked_after() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    must(habeo(folder, &CREATE));
    let connection = |words: &[&str]| {
        let words: Vec<&str> = std::iter::once(&"connection")
            .chain(words)
            .copied()
            .collect();
        must(habeo(folder, &words))
    };
    let made = connection(&[
        "create",
        "--provider",
        "jamf",
        "--name",
        "Jamf of the library",
    ]);
    let (id, first) = (value(&made, "connection"), value(&made, "secret"));
    let url = format!("/api/webhooks/mdm-login?provider=jamf&connection={id}");
    assert!(
        value(&made, "url").ends_with(&url) && first.starts_with("hbs_"),
        "{made}"
    );
    assert_eq!(
        connection(&["list"]),
        format!("{id}  jamf          active   Jamf of the library")
    );

    let printed = connection(&["settings", id]);
    assert_eq!(value(&printed, "name"), "Jamf of the library");
    assert!(printed.contains("\"Authorization\""), "{printed}");
    let basic = ["--name", "Jamf", "--proof", "basic", "--user", "pat"];
    let changed = connection(&[["settings", id].as_slice(), &basic].concat());
    assert_eq!(value(&changed, "name"), "Jamf");
    assert!(changed.contains("\"user\":\"pat\""), "{changed}");
    for (options, why) in [
        (["--status", "parts=on_hold"], "only help desks"),
        (["--status", "parts"], "no equals sign"),
        (["--status", "parts=opened"], "opened is none of open"),
        (["--user", "pat"], "say with --proof"),
        (["--event-grid", "true"], "only Intune"),
    ] {
        let words = [["connection", "settings", id].as_slice(), &options].concat();
        let refusal = refused(folder, &words);
        assert!(refusal.contains(why), "{options:?}: {refusal}");
    }
    connection(&["settings", id, "--name", "Jamf of the library"]);

    connection(&["pause", id]);
    assert_eq!(value(&connection(&["show", id]), "status"), "paused");
    connection(&["resume", id]);
    let rotated = connection(&["rotate", id, "--window", "7d", "--org", "example"]);
    assert_ne!(value(&rotated, "secret"), first);
    assert!(
        rotated.contains("The secret before is accepted until 20"),
        "{rotated}"
    );
    let again = refused(folder, &["connection", "rotate", id]);
    assert!(again.contains("a rotation is under way"), "{again}");
    let shown = connection(&["show", id, "--template"]);
    assert!(
        shown.contains("The secret before is accepted until 20") && !shown.contains("hbs_"),
        "{shown}"
    );
    assert_eq!(value(&shown, "letter"), "never");
    connection(&["end-rotation", id]);
    assert!(!connection(&["show", id]).contains("accepted until"));
    assert_eq!(connection(&["deliveries", id]), "");

    connection(&["remove", id]);
    assert_eq!(connection(&["list"]), "");
    assert!(connection(&["list", "--removed"]).contains("removed"));
    assert!(refused(folder, &["connection", "resume", id]).contains("was removed"));
}

/// Each way to prove oneself can be chosen, and what cannot be is refused in words.
#[test]
fn a_system_proves_itself_as_its_operator_says() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    must(habeo(folder, &CREATE));
    let create = |provider: &'static str, proof: &[&'static str]| {
        let mut words = vec![
            "connection",
            "create",
            "--name",
            "x",
            "--provider",
            provider,
        ];
        words.extend(proof);
        words
    };
    for (provider, proof, said) in [
        ("jira", &[][..], "X-Hub-Signature"),
        (
            "jira",
            &["--proof", "header", "--header", "X-Token"],
            "{\"mode\":\"header\",\"header\":\"X-Token\",\"prefix\":\"\"}",
        ),
        (
            "servicenow",
            &[
                "--proof",
                "hmac",
                "--header",
                "X-S",
                "--algorithm",
                "sha512",
            ],
            "\"algorithm\":\"sha512\"",
        ),
        (
            "freshservice",
            &["--proof", "basic", "--user", "habeo"],
            "{\"mode\":\"basic\",\"user\":\"habeo\"}",
        ),
        ("intune", &["--proof", "client_state"], "client_state"),
    ] {
        let made = must(habeo(folder, &create(provider, proof)));
        let shown = must(habeo(
            folder,
            &["connection", "show", value(&made, "connection")],
        ));
        assert!(value(&shown, "settings").contains(said), "{shown}");
    }
    let unknown = "01932c5e-7b1a-7c3d-8e4f-000000000001";
    for (words, said) in [
        (
            create("jamf", &["--proof", "client_state"]),
            "only Microsoft Graph has a client state",
        ),
        (create("jamf", &["--proof", "hmac"]), "needs --header"),
        (create("jamf", &["--user", "x"]), "--proof"),
        (
            create("jamf", &["--proof", "header", "--header", "Host"]),
            "this header carries something else",
        ),
        (create("abacus", &[]), "abacus"),
        (
            vec!["connection", "show", unknown],
            "no connection with this id",
        ),
        (
            vec!["connection", "deliveries", unknown],
            "no connection with this id",
        ),
        (
            vec!["connection", "replay", unknown],
            "no delivery with this id",
        ),
        (vec!["connection", "list", "--org", "nobody"], "nobody"),
    ] {
        let refusal = refused(folder, &words);
        assert!(refusal.contains(said), "{words:?}: {refusal}");
    }
}
