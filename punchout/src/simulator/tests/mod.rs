//! The simulator over loopback. What the buyer says here is written by hand: our own writers are tried against it elsewhere.

mod buyer;
mod carts;
mod documents;
mod dtd;
mod oci;
mod office;
mod orders;
mod quirks;
mod setup;

use poem::http::StatusCode;
use reqwest::redirect::Policy;

use super::{Running, Session, Settings, Simulator};

/// The simulator with settings of its own.
async fn started(settings: Settings) -> Running {
    Simulator::start(settings).await.expect("a free port")
}

/// A client as a browser without scripts, which does not follow redirections.
fn client() -> reqwest::Client {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none());
    client.build().expect("a client")
}

/// Posts a document, and takes the status of HTTP and the answer.
async fn told(simulator: &Running, document: String) -> (StatusCode, String) {
    let request = client()
        .post(simulator.documents_url())
        .header("content-type", "text/xml; charset=UTF-8")
        .body(document);
    let response = request.send().await.expect("an answer");
    let status = StatusCode::from_u16(response.status().as_u16()).expect("a status");
    (status, response.text().await.expect("a text"))
}

/// The status of the protocol in an answer.
fn code(answer: &str) -> u16 {
    let from = answer.split_once("code=\"").expect("a status").1;
    from.split('"')
        .next()
        .and_then(|code| code.parse().ok())
        .expect("a code")
}

/// A setup request of the buyer that every simulator knows.
fn setup(operation: &str, items: &str) -> String {
    let post_to = "<BrowserFormPost><URL>https://habeo.example.edu/api/punchout/return?a=1&amp;b=2</URL></BrowserFormPost>";
    let user = "<Extrinsic name=\"UniqueName\">dokafor</Extrinsic>";
    let content = format!(
        "<PunchOutSetupRequest operation=\"{operation}\"><BuyerCookie>pbJ1x0y8m3s5Zk2Qw9Rt7A</BuyerCookie>{user}{post_to}{items}</PunchOutSetupRequest>"
    );
    request("1779703200.1.a@habeo.example.edu", &content)
}

/// A document of the buyer.
fn request(payload_id: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd\">\n\
         <cXML payloadID=\"{payload_id}\" timestamp=\"2026-05-25T09:00:00-05:00\"><Header>\
         <From><Credential domain=\"NetworkID\"><Identity>WESTMARK</Identity></Credential></From>\
         <To><Credential domain=\"duns\"><Identity>080000017</Identity></Credential></To>\
         <Sender><Credential domain=\"NetworkId\"><Identity>WESTMARK</Identity><SharedSecret>buyer-to-larkmoor</SharedSecret></Credential>\
         <UserAgent>Habeo punchout 1.0</UserAgent></Sender></Header>\
         <Request deploymentMode=\"test\">{content}</Request></cXML>"
    )
}

/// Opens a session.
async fn opened(simulator: &Running) -> Session {
    let (_, answer) = told(simulator, setup("create", "")).await;
    assert_eq!(code(&answer), 200, "{answer}");
    simulator.last_session().expect("a session")
}
