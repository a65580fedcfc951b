//! The commands as an operator meets them, one after the other over one folder.

use std::fs;
use std::path::Path;

use habeo_server::cli;
use habeo_tests::must;

fn habeo(data: &Path, words: &[&str]) -> anyhow::Result<(bool, String)> {
    let variables = [
        ("HABEO_DATA_DIR".to_owned(), data.display().to_string()),
        ("HABEO_LOG".to_owned(), "error".to_owned()),
    ];
    let mut answer = Vec::new();
    let words = std::iter::once(&"habeo").chain(words);
    let code = cli::run(words, variables, &mut answer)?;
    let good = format!("{code:?}") == format!("{:?}", std::process::ExitCode::SUCCESS);
    Ok((good, String::from_utf8_lossy(&answer).trim().to_owned()))
}

fn done(data: &Path, words: &[&str]) -> String {
    let (good, answer) = must(habeo(data, words));
    assert!(good, "{words:?}: {answer}");
    answer
}

#[test]
fn a_table_comes_in_goes_out_and_survives_a_restoration() {
    let folder = must(tempfile::tempdir());
    let data = folder.path().join("data");
    let path = |name: &str| folder.path().join(name).display().to_string();
    done(
        &data,
        &["org", "create", "--name", "Example", "--slug", "example"],
    );

    let table = path("in.csv");
    must(fs::write(
        &table,
        "Inventory;Description;Category;Unit;Site\nA-1;Chair;Chairs;ROOT;Main\nA-2;=1+1;Chairs;NOPE;Main\n",
    ));
    let errors = path("errors.jsonl");
    let mut import = vec!["import", "assets", &table, "--delimiter", ";", "--map"];
    import.extend(["Inventory=tag", "--create-models", "--create-places"]);
    import.extend(["--errors", &errors]);
    let (good, answer) = must(habeo(&data, &import));
    assert!(!good && answer.contains("1 faults in 2 rows"), "{answer}");
    let written = must(fs::read_to_string(&errors));
    assert!(
        written.contains("\"line\":3") && written.contains("\"code\":\"unknown\""),
        "{written}"
    );
    let text = must(fs::read_to_string(&table)).replace("NOPE", "ROOT");
    must(fs::write(&table, text));
    let mut dry = import.clone();
    dry.push("--dry-run");
    let answer = done(&data, &dry);
    assert!(
        answer.contains("2 rows are good") && answer.contains("1 places"),
        "{answer}"
    );
    assert!(done(&data, &import).contains("2 rows are entered"));
    assert!(done(&data, &import).contains("imported already"));

    let out = done(&data, &["export", "assets", "--org", "example"]);
    assert!(out.starts_with("id,tag,") && out.contains("'=1+1"), "{out}");
    let file = path("out.csv");
    done(&data, &["export", "units", "--out", &file]);
    assert!(
        must(
            habeo(&data, &["export", "units", "--out", &file])
                .err()
                .ok_or("replaced")
        )
        .to_string()
        .contains("cannot be made")
    );

    // The first key is kept beside the second, and nothing is sealed with it any more.
    let before = must(fs::read_to_string(data.join("master.key")));
    done(&data, &["doctor"]);
    let answer = done(&data, &["keys", "rotate"]);
    assert!(answer.contains("sealed anew"), "{answer}");
    assert_eq!(
        must(fs::read_to_string(data.join("master.key.previous"))),
        before
    );
    let status = done(&data, &["keys", "status"]);
    assert!(
        status.contains("previous") && status.contains(" 0 secrets"),
        "{status}"
    );
    done(&data, &["keys", "rotate"]);
    done(&data, &["doctor"]);

    let backup = path("backup");
    done(&data, &["backup", &backup]);
    let elsewhere = folder.path().join("elsewhere");
    let refused = must(
        habeo(&elsewhere, &["restore", &backup])
            .err()
            .ok_or("without a key"),
    );
    assert!(refused.to_string().contains("master.key"), "{refused}");
    must(fs::create_dir_all(&elsewhere));
    must(fs::copy(
        data.join("master.key"),
        elsewhere.join("master.key"),
    ));
    assert!(done(&elsewhere, &["restore", &backup]).contains("Everything is restored"));
    let report = done(&elsewhere, &["doctor"]);
    assert!(!report.contains("FAULT"), "{report}");
    let again = done(&elsewhere, &["export", "assets"]);
    assert_eq!(again, out);
    let over = must(
        habeo(&elsewhere, &["restore", &backup])
            .err()
            .ok_or("over a database"),
    );
    assert!(over.to_string().contains("already"), "{over}");
}
