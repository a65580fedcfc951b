//! Reading whole lists page by page, as a client would.

use habeo_core::access::{Access, Action};
use habeo_core::asset::search::{self, Filter, Quest, Scanned};
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::id::{AssetId, PersonId};
use habeo_core::page::{Limit, Page};
use habeo_core::unit::scope::{self, Scope};
use habeo_core::{person, store::Tx};
use habeo_tests::database::TestDb;
use habeo_tests::must;

pub(super) fn limit(rows: u8) -> Limit {
    must(Limit::new(rows).ok_or("between 1 and 100"))
}

pub(super) async fn assets_in_scope(tx: &mut Tx, access: &Access) -> Scope {
    must(scope::resolve(tx, access, Action::ReadAssets).await)
}

/// One page of a list.
pub(super) async fn page(
    db: &TestDb,
    access: &Access,
    filter: &Filter,
    after: i64,
    rows: u8,
) -> Page<AssetDetail> {
    let mut tx = db.read(access).await;
    let scope = assets_in_scope(&mut tx, access).await;
    must(search::page(&mut tx, access, &scope, filter, after, limit(rows)).await)
}

/// Every asset of a list, in its order.
pub(super) async fn walk(
    db: &TestDb,
    access: &Access,
    filter: &Filter,
    rows: u8,
) -> Vec<AssetDetail> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page = page(db, access, filter, after, rows).await;
        assert!(page.rows.len() <= usize::from(rows));
        all.extend(page.rows);
        match page.next {
            Some(position) => after = position.seq,
            None => return all,
        }
    }
}

/// Everything a search finds, in its order.
pub(super) async fn search(
    db: &TestDb,
    access: &Access,
    q: &str,
    filter: &Filter,
    rows: u8,
) -> Vec<AssetDetail> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let mut tx = db.read(access).await;
        let scope = assets_in_scope(&mut tx, access).await;
        let quest = Quest {
            q,
            filter,
            after: after.as_ref(),
        };
        let page = must(search::search(&mut tx, access, &scope, quest, limit(rows)).await);
        assert!(page.rows.len() <= usize::from(rows));
        all.extend(page.rows);
        match page.next {
            Some(position) => after = Some(position),
            None => return all,
        }
    }
}

pub(super) async fn by_id(db: &TestDb, access: &Access, id: AssetId) -> Option<AssetDetail> {
    let mut tx = db.read(access).await;
    let scope = assets_in_scope(&mut tx, access).await;
    must(store::by_id(&mut tx, access, &scope, id).await)
}

pub(super) async fn scan(db: &TestDb, access: &Access, code: &str) -> Scanned {
    let mut tx = db.read(access).await;
    let scope = assets_in_scope(&mut tx, access).await;
    must(search::scan(&mut tx, access, &scope, code).await)
}

/// The people that somebody sees.
pub(super) async fn people(
    db: &TestDb,
    access: &Access,
    filter: &person::store::Filter,
) -> Vec<PersonId> {
    let mut tx = db.read(access).await;
    let scope = must(scope::resolve(&mut tx, access, Action::ReadPeople).await);
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page =
            must(person::store::page(&mut tx, access, &scope, filter, after, limit(9)).await);
        all.extend(page.rows.iter().map(|person| person.id));
        match page.next {
            Some(position) => after = position.seq,
            None => return all,
        }
    }
}

pub(super) fn ids(assets: &[AssetDetail]) -> Vec<AssetId> {
    assets.iter().map(|asset| asset.id).collect()
}
