//! What is asked.

use anyhow::Context as _;

use crate::client::Client;
use crate::plan::{self, Dice};
use crate::server::Server;

/// The most pages of a hundred rows that are walked to reach the middle of the list.
const WALK_MAX: u32 = 2_000;

/// One sort of request to one server.
pub struct Case {
    pub name: &'static str,
    pub token: String,
    pub ask: Box<dyn Fn(&mut Dice) -> String + Sync>,
}

/// The cases against a server with so many assets, always in the same order.
pub fn of(server: &Server, assets: u32) -> anyhow::Result<Vec<Case>> {
    let deep = format!("/api/v1/assets?limit=25&cursor={}", middle(server, assets)?);
    let admin = |name, ask: Box<dyn Fn(&mut Dice) -> String + Sync>| Case {
        name,
        token: server.admin.clone(),
        ask,
    };
    let fixed = |path: String| -> Box<dyn Fn(&mut Dice) -> String + Sync> {
        Box::new(move |_| path.clone())
    };
    Ok(vec![
        Case {
            name: "empty handler",
            token: String::new(),
            ask: fixed("/healthz".to_owned()),
        },
        admin(
            "scan of a tag",
            Box::new(move |dice| {
                format!("/api/v1/scan/{}", plan::tag(dice.below(assets)).as_str())
            }),
        ),
        admin("first page", fixed("/api/v1/assets?limit=25".to_owned())),
        admin("page in the middle", fixed(deep)),
        Case {
            name: "first page of the tiny unit",
            token: server.technician.clone(),
            ask: fixed("/api/v1/assets?limit=25".to_owned()),
        },
        admin(
            "exact serial",
            Box::new(move |dice| {
                format!("/api/v1/assets?serial={}", plan::serial(dice.below(assets)))
            }),
        ),
        admin(
            "search: tag prefix",
            Box::new(move |dice| {
                // All but the last digit and the check character: ten tags begin so.
                let tag = plan::tag(dice.below(assets));
                let prefix = &tag.as_str()[..tag.as_str().len() - 3];
                format!("/api/v1/assets?q={prefix}")
            }),
        ),
        admin(
            "search: common word",
            fixed(format!("/api/v1/assets?q={}", plan::COMMON_WORD)),
        ),
        admin(
            "search: rare word",
            fixed(format!("/api/v1/assets?q={}", plan::RARE_WORD)),
        ),
        admin(
            "search: two common words",
            fixed("/api/v1/assets?q=laptop+silver".to_owned()),
        ),
    ])
}

/// The cursor of a page in the middle, or as deep as is walked.
fn middle(server: &Server, assets: u32) -> anyhow::Result<String> {
    let mut client = Client::connect(server.address)?;
    let mut path = "/api/v1/assets?limit=100".to_owned();
    let mut cursor = None;
    for _ in 0..(assets / 200).clamp(1, WALK_MAX) {
        let answer = client.get(&path, Some(&server.admin))?;
        let page: serde_json::Value = serde_json::from_slice(answer.body)?;
        let next = page["meta"]["nextCursor"]
            .as_str()
            .with_context(|| format!("a page has no cursor: {}", answer.status))?;
        path = format!("/api/v1/assets?limit=100&cursor={next}");
        cursor = Some(next.to_owned());
    }
    cursor.context("nothing was walked")
}
