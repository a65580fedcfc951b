//! Tables of assets that come in: good ones, stopped ones, and those that somebody made to do harm.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use habeo_core::access::{Access, Role};
use habeo_core::asset::State;
use habeo_core::asset::search::{self, Filter};
use habeo_core::asset::store::AssetDetail;
use habeo_core::page::Limit;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::unit::scope::Scope;
use habeo_server::import::{
    self, Checked, Creating, Fault, Faults, ROWS_PER_CHUNK, Request, Terms,
};
use habeo_tests::builders::{College, person};
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};
use tempfile::TempDir;

struct File {
    _folder: TempDir,
    path: PathBuf,
}

fn file(bytes: impl AsRef<[u8]>) -> File {
    let folder = must(tempfile::tempdir());
    let path = folder.path().join("assets.csv");
    must(std::fs::write(&path, bytes));
    File {
        _folder: folder,
        path,
    }
}

fn request(file: &File) -> Request {
    Request {
        file: file.path.clone(),
        delimiter: b',',
        said: Vec::new(),
        terms: Terms::default(),
        creating: Creating::default(),
    }
}

async fn check(college: &College, request: Request) -> anyhow::Result<(Checked, Vec<Fault>)> {
    check_as(college, &college.access, request).await
}

async fn check_as(
    college: &College,
    access: &Access,
    request: Request,
) -> anyhow::Result<(Checked, Vec<Fault>)> {
    let mut faults = Faults::new(None)?;
    let ledger = &college.db.ledger;
    let checked = import::check(ledger, access, request, &mut faults, &|_, _| {}).await?;
    let first = faults.first().to_vec();
    assert_eq!(first.len() as u64, faults.count().min(100));
    Ok((checked, first))
}

async fn faults(college: &College, text: impl AsRef<[u8]>) -> Vec<String> {
    let file = file(text);
    let (_, faults) = must(check(college, request(&file)).await);
    faults
        .iter()
        .map(|fault| format!("{} {} {}", fault.line, fault.column, fault.code))
        .collect()
}

async fn refusal(college: &College, text: impl AsRef<[u8]>) -> String {
    let file = file(text);
    let error = check(college, request(&file)).await.expect_err("a refusal");
    format!("{error:#}")
}

async fn enter(college: &College, request: Request) -> Vec<Fault> {
    let (checked, faults) = must(check(college, request).await);
    if faults.is_empty() {
        let apply = checked.apply(&college.db.ledger, &college.access, &|_| {
            ControlFlow::Continue(())
        });
        must(apply.await);
    }
    faults
}

async fn assets(college: &College) -> Vec<AssetDetail> {
    let mut tx = college.db.read(&college.access).await;
    let filter = Filter::default();
    let page = search::page(
        &mut tx,
        &college.access,
        &Scope::Whole,
        &filter,
        -1,
        Limit::WALK,
    )
    .await;
    must(page).rows
}

/// The college with two people who have addresses, one of whom has left.
async fn college_with_mail(db: &TestDb) -> College {
    let college = College::found(db).await;
    for (name, address, status) in [
        (
            "Ada Example",
            "Ada.Example@westmark.example",
            PersonStatus::Active,
        ),
        (
            "Gone Example",
            "gone.example@westmark.example",
            PersonStatus::Separated,
        ),
    ] {
        let new = RegisterPerson {
            email: Some(address.to_owned()),
            ..person(name, college.units.physics, Affiliation::Staff, status)
        };
        must(db.ledger.record(&college.access, new).await);
    }
    college
}

const EVERYTHING: &str = "\u{FEFF}Asset Tag,Serial Number,Manufacturer,Model,Department,Site,Building,Room,Status,Condition,Purchase Date,Cost,Currency,\
    Warranty Ends,Holder e-mail,Due date,Notes,IMEI,Colour\r\n\
    L-1,SN-10001,Lumina,Slate 14,PHYS,Main Campus,Library,Reading Room,,good,2024-02-29,1299.90,,2027-03-01,ada.example@westmark.example,,\"Two\r\nlines\",35-1,red\r\n\
    L-2,SN-10002,lumina,SL14-2,phys unit,Main Campus,,,in stock,,,12,JPY,,,,,,\r\n\
    ,SN-10003,Orbis Optics,Beam 900,HIST,,,,,,,,,,,,,,\r\n\
    L-4,,Orbis Optics,Beam 900,HIST,,,,on-loan,,,,,,ADA.EXAMPLE@westmark.example,2030-01-01,'=1+1,,\r\n\
    L-5,,Orbis Optics,Beam 900,HIST,,,,in_use,,,,,,,,,,\r\n\
    L-6,,Orbis Optics,Beam 900,HIST,,,,missing,,,,,,,,,,\r\n\
    L-7,,Orbis Optics,Beam 900,HIST,,,,retired,,,,,,,,,,\r\n";

both_engines! {
    async fn a_table_becomes_assets(db: TestDb) {
        use State::{InStock, InUse, Missing, OnLoan, Received, Retired};
        let college = college_with_mail(&db).await;
        let file = file(EVERYTHING);
        let (checked, found) = must(check(&college, request(&file)).await);
        assert_eq!(found, []);
        assert_eq!(checked.left_out(), ["Colour"]);
        assert_eq!(enter(&college, request(&file)).await, []);
        let assets = assets(&college).await;
        let states: Vec<State> = assets.iter().map(|asset| asset.state).collect();
        assert_eq!(states, [InUse, InStock, Received, OnLoan, InUse, Missing, Retired]);
        let first = &assets[0];
        assert_eq!(first.tag.as_deref(), Some("L-1"));
        assert_eq!(first.cost_minor, Some(129_990));
        assert_eq!(first.currency.as_deref(), Some("USD"));
        assert_eq!(first.location_path.as_deref(), Some("Main Campus / Library / Reading Room"));
        assert_eq!(first.target_name.as_deref(), Some("Ada Example"));
        assert_eq!(first.description, "Lumina Slate 14");
        assert_eq!(assets[1].cost_minor, Some(12), "yen have no cents");
        assert_eq!(assets[4].target_name.as_deref(), Some("HIST unit"), "in use, nobody named");
        let mut raw = db.raw().await;
        let kept = raw.texts("SELECT text FROM ledger_remark ORDER BY text").await;
        assert_eq!(kept, ["=1+1", "Two\nlines"]);
        let facts = "SELECT type FROM ledger_entry WHERE type LIKE 'import.%' ORDER BY log_index";
        assert_eq!(raw.texts(facts).await, ["import.begun", "import.completed"]);
        // The same file again is the same import.
        let (again, _) = must(check(&college, request(&file)).await);
        assert!(again.completed);
    }

    /// Stopped in the middle and begun again, as after a kill: complete, and nothing twice.
    async fn a_stopped_import_resumes_and_ends_complete(db: TestDb) {
        let college = College::found(&db).await;
        let rows = ROWS_PER_CHUNK * 2 + 200;
        let chunk = i64::try_from(ROWS_PER_CHUNK).unwrap_or(0);
        let mut text = String::from("description,category,unit\n");
        for n in 0..rows {
            must(writeln!(text, "Chair {n},PROJ,HIST"));
        }
        let file = file(text);
        let (checked, found) = must(check(&college, request(&file)).await);
        assert_eq!(found, []);
        let chunks = AtomicU64::new(0);
        let stop = |_: &habeo_core::import::Import| {
            chunks.fetch_add(1, Ordering::SeqCst);
            ControlFlow::Break(())
        };
        let stopped = must(checked.apply(&db.ledger, &college.access, &stop).await);
        assert_eq!((stopped.chunks_done, stopped.rows_done), (1, chunk));
        assert_eq!(stopped.finished_at, None);
        // Two begin again at once; whoever is late is told, and nothing is entered twice.
        let (one, _) = must(check(&college, request(&file)).await);
        assert_eq!(one.entered, chunk.unsigned_abs());
        let (two, _) = must(check(&college, request(&file)).await);
        let go_on = |_: &habeo_core::import::Import| ControlFlow::Continue(());
        let (one, two) = tokio::join!(
            one.apply(&db.ledger, &college.access, &go_on),
            two.apply(&db.ledger, &college.access, &go_on),
        );
        assert!(one.is_ok() || two.is_ok() || {
            let (last, _) = must(check(&college, request(&file)).await);
            last.completed || last.apply(&db.ledger, &college.access, &go_on).await.is_ok()
        });
        let mut raw = db.raw().await;
        let count = raw.number("SELECT CAST(COUNT(*) AS BIGINT) FROM asset").await;
        assert_eq!(count, i64::try_from(rows).unwrap_or(0));
        let twice = "SELECT CAST(COUNT(*) - COUNT(DISTINCT description) AS BIGINT) FROM asset";
        assert_eq!(raw.number(twice).await, 0);
        let (last, _) = must(check(&college, request(&file)).await);
        assert!(last.completed);
    }

    async fn every_fault_is_named_and_nothing_is_entered(db: TestDb) {
        let college = college_with_mail(&db).await;
        college.asset("Old").tag("TAKEN-1").serial("SN-OLD-1").maker(college.catalogue.lumina).register().await;
        let head = "tag,serial,manufacturer,model,category,unit,description,cost,acquiredOn,state,holderEmail,dueAt,room,site,imei\n";
        let rows = [
            ("taken 1,,,,PROJ,HIST,x,,,,,,,,", "2 tag taken"),
            (",sn old 1,Lumina,,LAP,HIST,x,,,,,,,,", "2 serial taken"),
            (",,,,PROJ,NOPE,x,,,,,,,,", "2 unit unknown"),
            (",,,,PROJ,,x,,,,,,,,", "2 unit required"),
            (",,Nobody,,PROJ,HIST,x,,,,,,,,", "2 manufacturer unknown"),
            (",,Lumina,Beam 900,PROJ,HIST,x,,,,,,,,", "2 model unknown"),
            (",,,,NOPE,HIST,x,,,,,,,,", "2 category unknown"),
            (",,,,,HIST,x,,,,,,,,", "2 category required"),
            (",,Lumina,Slate 14,,HIST,x,,,,,,,,", "2 serial required"),
            (",,,,PROJ,HIST,,,,,,,,,", "2 description required"),
            (",,,,PROJ,HIST,x,\"1,5\",,,,,,,", "2 cost amount"),
            (",,,,PROJ,HIST,x,1.555,,,,,,,", "2 cost amount"),
            (",,,,PROJ,HIST,x,,03/01/2024,,,,,,", "2 acquiredOn date"),
            (",,,,PROJ,HIST,x,,2023-02-29,,,,,,", "2 acquiredOn date"),
            (",,,,PROJ,HIST,x,,,lent,,,,,", "2 state not_a_member"),
            ("T-1,,,,PROJ,HIST,x,,,disposed,,,,,", "2 state not_importable"),
            (",,,,PROJ,HIST,x,,,in_stock,,,,,", "2 tag required"),
            ("T-1,,,,PROJ,HIST,x,,,received,,,,,", "2 state contradiction"),
            ("T-1,,,,PROJ,HIST,x,,,in_use,nobody@x.example,,,,", "2 holderEmail unknown"),
            ("T-1,,,,PROJ,HIST,x,,,in_use,gone.example@westmark.example,,,,", "2 holderEmail separated"),
            ("T-1,,,,PROJ,HIST,x,,,in_stock,ada.example@westmark.example,,,,", "2 state contradiction"),
            ("T-1,,,,PROJ,HIST,x,,,on_loan,ada.example@westmark.example,,,,", "2 dueAt required"),
            ("T-1,,,,PROJ,HIST,x,,,on_loan,ada.example@westmark.example,2020-01-01,,,", "2 dueAt past"),
            (",,,,PROJ,HIST,x,,,,,,Reading Room,Main Campus,", "2 building required"),
            (",,,,PROJ,HIST,x,,,,,,,Moon Campus,", "2 site unknown"),
            ("---,,,,PROJ,HIST,x,,,,,,,,", "2 tag text"),
            (",,,,PROJ,HIST,a\u{202E}b,,,,,,,,", "2 description text"),
            (",,,,PROJ,HIST,a\u{200B}b,,,,,,,,", "2 description text"),
            (",,,,PROJ,HIST,a\0b,,,,,,,,", "2 description text"),
            (",,,,PROJ,HIST,x", "2 (row) columns"),
            ("A-1,,,,PROJ,HIST,x,,,,,,,,\na 1,,,,PROJ,HIST,x,,,,,,,,", "3 tag repeated"),
            (",SN-900001,Lumina,,LAP,HIST,x,,,,,,,,\n,sn900001,Lumina,,LAP,HIST,x,,,,,,,,", "3 serial repeated"),
            (",,,,PROJ,HIST,x,,,,,,,,123456\n,,,,PROJ,HIST,x,,,,,,,,123-456", "3 imei repeated"),
        ];
        for (row, expected) in rows {
            let found = faults(&college, format!("{head}{row}\n")).await;
            assert!(found.iter().any(|fault| fault == expected), "{row}: {found:?}, expected {expected}");
        }
        // Placeholders are no numbers, and one number of two makers is two.
        let good = format!("{head},None,Lumina,,LAP,HIST,x,,,,,,,,\n,None,Lumina,,LAP,HIST,x,,,,,,,,\n,SN-7777777,Lumina,,LAP,HIST,x,,,,,,,,\n,SN-7777777,Orbis Optics,,LAP,HIST,x,,,,,,,,\n");
        assert_eq!(faults(&college, good).await, Vec::<String>::new());
        assert_eq!(assets(&college).await.len(), 1);
    }

    async fn what_is_unknown_is_made_where_that_was_asked(db: TestDb) {
        let college = College::found(&db).await;
        let text = "tag,manufacturer,model,model number,category,unit,site,building,room\n\
            N-1,Acme,Anvil 3,AN-3,Anvils,HIST,East Campus,Forge,F 1\n\
            N-2,ACME,anvil 3,,anvils,HIST,East Campus,Forge,F 2\n\
            N-3,Lumina,Slate 16,,LAP,HIST,Main Campus,Library,Annex\n";
        assert!(!faults(&college, text).await.is_empty());
        let file = file(text);
        let mut creating = request(&file);
        creating.creating = Creating { models: true, models_bear_data: true, places: true };
        let (checked, found) = must(check(&college, creating.clone()).await);
        assert_eq!(found, []);
        assert_eq!(checked.to_be_made(), (4, 5));
        assert_eq!(enter(&college, creating).await, []);
        let assets = assets(&college).await;
        assert_eq!(assets[0].model_id, assets[1].model_id);
        assert_eq!(assets[1].location_path.as_deref(), Some("East Campus / Forge / F 2"));
        assert_eq!(assets[2].manufacturer_name.as_deref(), Some("Lumina"));
    }

    /// Who imports in somebody's name has that person's rights.
    async fn an_import_in_somebodys_name_stays_within_their_units(db: TestDb) {
        let college = College::found(&db).await;
        let access = college.access_of(&[(Role::Custodian, college.units.science)]).await;
        let file = file("description,category,unit\nOurs,PROJ,PHYS\nTheirs,PROJ,HIST\n");
        let (_, found) = must(check_as(&college, &access, request(&file)).await);
        let codes: Vec<_> = found.iter().map(|fault| (fault.line, fault.code)).collect();
        assert_eq!(codes, [(3, "not_permitted")]);
        let auditor = college.access_of(&[(Role::Auditor, college.units.root)]).await;
        let (_, found) = must(check_as(&college, &auditor, request(&file)).await);
        assert_eq!(found.len(), 2);
    }

    async fn files_made_to_do_harm_are_refused_in_words(db: TestDb) {
        let college = College::found(&db).await;
        let head = "description,category,unit,colour\n";
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(head.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let bare16: Vec<u8> = head.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = vec!["c"; 10_000].join(",");
        let long = format!("{head}{},PROJ,HIST,\n", "x".repeat(10 * 1024 * 1024));
        for (bytes, said) in [
            (utf16, "UTF-16"),
            (bare16, "UTF-16"),
            (b"PK\x03\x04....".to_vec(), "spreadsheet"),
            (Vec::new(), "empty"),
            (b"\xEF\xBB\xBF".to_vec(), "empty"),
            (b"caf\xE9,b\n".to_vec(), "UTF-8"),
            (wide.clone().into_bytes(), "more than 200 columns"),
            (format!("{head}{wide}\n").into_bytes(), "line 2: there are more than 200 columns"),
            (long.into_bytes(), "line 2: the row is longer than 1 MiB"),
            (format!("{head}a,PROJ,HIST,red\nb,PROJ,HIST,\"red\nc,PROJ,HIST,red\n").into_bytes(), "line 3: a quotation mark is opened"),
            (format!("{head}a,PROJ,HIST,\"").into_bytes(), "quotation mark"),
            (b"tag,Tag,unit\n".to_vec(), "both tag"),
            (b"colour,size\nred,1\n".to_vec(), "no column was recognised"),
        ] {
            let refusal = refusal(&college, &bytes).await;
            assert!(refusal.contains(said), "{refusal}, expected {said}");
        }
        // A row of another encoding, and every mixture of line ends.
        let found = faults(&college, b"description,category,unit\ncaf\xE9,PROJ,HIST\n").await;
        assert_eq!(found, ["2 description not_utf8", "2 description required"][..1]);
        let mixed = "description,category,unit\r\na,PROJ,HIST\rb,PROJ,HIST\n\r\n\nc,PROJ,\"HIST\"";
        let file = file(mixed);
        let (checked, found) = must(check(&college, request(&file)).await);
        assert_eq!((checked.rows, found), (3, Vec::new()));
        assert_eq!(enter(&college, request(&file)).await, []);
        assert_eq!(assets(&college).await.len(), 3);
    }

    /// A file that is changed between the checking and the entering is not entered further.
    async fn a_file_that_changes_meanwhile_is_noticed(db: TestDb) {
        let college = College::found(&db).await;
        let file = file("description,category,unit\nChair,PROJ,HIST\n");
        let (checked, _) = must(check(&college, request(&file)).await);
        must(std::fs::write(&file.path, "description,category,unit\nTable,PROJ,HIST\n"));
        let error = checked.apply(&db.ledger, &college.access, &|_| ControlFlow::Continue(())).await;
        let error = must(error.err().ok_or("entered"));
        assert!(error.to_string().contains("was changed"), "{error}");
        assert_eq!(assets(&college).await.len(), 0);
    }
}
