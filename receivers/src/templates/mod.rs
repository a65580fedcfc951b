//! What an administrator pastes at the other end: each text once, as a file, with places for the address and the secret of a connection.

use habeo_core::connection::{Algorithm, Proof, Provider};

const URL: &str = "__HABEO_URL__";
const SECRET: &str = "__HABEO_SECRET__";
const RECORD: &str = "__HABEO_RECORD__";
const OPERATION: &str = "__HABEO_OPERATION__";

/// A text to paste or to type in, for one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What it is and where it goes.
    pub title: &'static str,
    /// The text, with the address and the secret in their places.
    pub text: String,
}

/// How a text quotes what is put into it.
#[derive(Debug, Clone, Copy)]
enum Quoting {
    /// People read it, or a field takes it as it is.
    Plain,
    /// Between double quotes, as JSON and Python have it.
    Double,
    /// Between the single quotes of PowerShell.
    Single,
}

impl Quoting {
    fn quoted(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Double => {
                let quoted = crate::json::quoted(text);
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Single => text.replace('\'', "''"),
        }
    }
}

/// How a system proves itself that was set up with these texts.
#[must_use]
pub fn proof(provider: Provider) -> Proof {
    let hmac = |header: &str| Proof::Hmac {
        header: header.to_owned(),
        algorithm: Algorithm::Sha256,
        timestamp_header: None,
    };
    let header = |header: &str, prefix: &str| Proof::Header {
        header: header.to_owned(),
        prefix: prefix.to_owned(),
    };
    match provider {
        Provider::Jamf | Provider::Intune => header("Authorization", "Bearer "),
        Provider::Kandji | Provider::ServiceNow => hmac("X-Habeo-Signature"),
        Provider::Freshservice => header("X-Habeo-Token", ""),
        Provider::Jira => hmac("X-Hub-Signature"),
    }
}

/// The texts for a connection of this provider.
#[must_use]
pub fn of(provider: Provider, url: &str, secret: &str) -> Vec<Template> {
    let filled = |title, file: &str, quoting: Quoting| Template {
        title,
        // The secret last: nothing is looked for in it.
        text: file
            .replace(URL, &quoting.quoted(url))
            .replace(SECRET, &quoting.quoted(secret)),
    };
    match provider {
        Provider::Jamf => vec![
            filled(
                "Settings of each webhook",
                include_str!("jamf-settings.txt"),
                Quoting::Plain,
            ),
            filled(
                "Header Authentication",
                include_str!("jamf-header.json"),
                Quoting::Double,
            ),
        ],
        Provider::Intune => vec![
            filled(
                "Runbook for Azure Automation",
                include_str!("intune-runbook.ps1"),
                Quoting::Single,
            ),
            filled(
                "Instead, the HTTP action of a flow or a Logic App, in a loop named Each device over the devices that are new",
                include_str!("intune-flow.txt"),
                Quoting::Plain,
            ),
        ],
        Provider::Kandji => vec![filled(
            "Connector, to be run every ten minutes",
            include_str!("kandji-connector.py"),
            Quoting::Double,
        )],
        Provider::ServiceNow => {
            let rule = include_str!("servicenow-rule.js");
            let changed = rule
                .replace(RECORD, "current")
                .replace(OPERATION, "'' + current.operation()");
            let removed = rule
                .replace(RECORD, "previous")
                .replace(OPERATION, "'delete'");
            vec![
                filled(
                    "System properties",
                    include_str!("servicenow-properties.txt"),
                    Quoting::Plain,
                ),
                filled(
                    "Business rule for insert and update, async",
                    &changed,
                    Quoting::Plain,
                ),
                filled("Business rule for delete, after", &removed, Quoting::Plain),
            ]
        }
        Provider::Freshservice => vec![
            filled(
                "Settings of the webhook action",
                include_str!("freshservice-settings.txt"),
                Quoting::Plain,
            ),
            filled(
                "Content of the webhook action",
                include_str!("freshservice-content.json"),
                Quoting::Double,
            ),
        ],
        Provider::Jira => vec![
            filled(
                "Settings of the webhook",
                include_str!("jira-settings.txt"),
                Quoting::Plain,
            ),
            filled(
                "Instead, an automation's web request: the connection then proves itself by the header Authorization, with Bearer in front",
                include_str!("jira-automation.txt"),
                Quoting::Plain,
            ),
        ],
    }
}
