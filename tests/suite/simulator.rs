//! The simulated supplier in a real browser, alone: everything in it can be clicked, and what its forms post is what its handle for tests says.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use habeo_punchout::simulator::{Leaving, Quirk, Running, Session, Settings, Simulator};
use habeo_tests::axe;
use habeo_tests::browser::{Browser, in_browser};
use poem::http::header;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Request, Response, Server, endpoint};
use thirtyfour::By;
use thirtyfour::prelude::ElementQueryable as _;
use tokio::task::JoinHandle;

use super::console::browser::{fits, found};

/// What was posted: its type and its bytes, one after the other.
type Posted = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// Whoever buys: takes carts from the browser and documents from the supplier, and thanks for both.
struct Buyer {
    /// By a name that is another site than the shop's address.
    origin: String,
    posted: Posted,
    serving: JoinHandle<()>,
}

const THANKS: &str = "<!doctype html><html lang=\"en\"><title>Habeo</title><link rel=\"icon\" href=\"data:,\"><main><h1>Thank you</h1></main></html>";
const TAKEN: &str = "<cXML payloadID=\"1@habeo\" timestamp=\"2026-05-26T09:00:00-05:00\"><Response><Status code=\"200\" text=\"OK\"/></Response></cXML>";

impl Buyer {
    async fn start() -> Result<Self> {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
        let address = acceptor.local_addr().into_iter().next();
        let address = address.and_then(|address| address.as_socket_addr().copied());
        let port = address.context("an address")?.port();
        let posted = Posted::default();
        let keeping = Arc::clone(&posted);
        let serve = endpoint::make(move |mut request: Request| {
            let keeping = Arc::clone(&keeping);
            async move {
                let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
                let content_type = content_type.to_owned();
                let is_form = !content_type.starts_with("text/xml");
                let body = request.take_body().into_vec().await?;
                keeping
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((content_type, body));
                let (kind, body) = if is_form {
                    ("text/html", THANKS)
                } else {
                    ("text/xml", TAKEN)
                };
                Ok::<_, poem::Error>(Response::builder().content_type(kind).body(body))
            }
        });
        let server = Server::new_with_acceptor(acceptor);
        let serving = tokio::spawn(async move { drop(server.run(serve).await) });
        let origin = format!("http://localhost:{port}");
        Ok(Self {
            origin,
            posted,
            serving,
        })
    }

    /// What came last.
    fn last(&self) -> Result<(String, Vec<u8>)> {
        let posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        posted.last().cloned().context("something was posted")
    }
}

impl Drop for Buyer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A request of the buyer that the simulator knows.
fn request(payload_id: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd\">\n\
         <cXML payloadID=\"{payload_id}\" timestamp=\"2026-05-25T09:00:00-05:00\"><Header>\
         <From><Credential domain=\"NetworkID\"><Identity>WESTMARK</Identity></Credential></From>\
         <To><Credential domain=\"DUNS\"><Identity>080000017</Identity></Credential></To>\
         <Sender><Credential domain=\"NetworkID\"><Identity>WESTMARK</Identity><SharedSecret>buyer-to-larkmoor</SharedSecret></Credential>\
         <UserAgent>Habeo punchout 1.0</UserAgent></Sender></Header>\
         <Request deploymentMode=\"test\">{content}</Request></cXML>"
    )
}

/// Posts a document to the supplier, which has to take it in.
async fn told(simulator: &Running, document: String) -> Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let posting = client
        .post(simulator.documents_url())
        .header("content-type", "text/xml")
        .body(document);
    let answer = posting.send().await?.text().await?;
    assert!(answer.contains("<Status code=\"200\""), "{answer}");
    Ok(())
}

/// Opens a visit, and its page.
async fn visit(
    browser: &Browser,
    simulator: &Running,
    buyer: &Buyer,
    operation: &str,
    items: &str,
) -> Result<Session> {
    let content = format!(
        "<PunchOutSetupRequest operation=\"{operation}\"><BuyerCookie>c00kie</BuyerCookie><Extrinsic name=\"UserFullName\">Dana Okafor</Extrinsic>\
         <BrowserFormPost><URL>{}/return?org=1&amp;unit=2</URL></BrowserFormPost>{items}</PunchOutSetupRequest>",
        buyer.origin
    );
    told(simulator, request("1.1.a@habeo", &content)).await?;
    let session = simulator.last_session().context("a session")?;
    browser
        .open(&format!("{}/shop/{}", simulator.url(), session.id))
        .await?;
    Ok(session)
}

async fn press(browser: &Browser, selector: &str) -> Result<()> {
    let button = found(browser, selector).await?;
    button.scroll_into_view().await?;
    button.click().await?;
    Ok(())
}

async fn write(browser: &Browser, selector: &str, text: &str) -> Result<()> {
    let field = found(browser, selector).await?;
    field.clear().await?;
    field.send_keys(text).await?;
    Ok(())
}

/// Puts a product into the cart.
async fn add(browser: &Browser, part: &str, quantity: &str) -> Result<()> {
    write(
        browser,
        &format!("[data-part='{part}'] [name=quantity]"),
        quantity,
    )
    .await?;
    press(browser, &format!("[data-part='{part}'] button")).await
}

/// What the page says.
async fn says(browser: &Browser, selector: &str) -> Result<String> {
    Ok(found(browser, selector).await?.text().await?)
}

/// Leaves the shop, and waits for the buyer's page.
async fn leave(browser: &Browser, way: &str) -> Result<()> {
    press(browser, &format!("#{way} button")).await?;
    let heading = browser
        .driver()
        .query(By::XPath("//h1[text()='Thank you']"));
    heading.first().await?;
    Ok(())
}

/// The name and the instant of a document are new in every form; everything else has to be the same.
fn masked(body: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(body).into_owned();
    for name in ["payloadID", "timestamp"] {
        for (opening, closing) in [("%3D%22", "%22"), ("=\"", "\"")] {
            let opening =
                format!(" {name}{opening}").replace(' ', if closing == "%22" { "+" } else { " " });
            if let Some((before, rest)) = text.split_once(&opening)
                && let Some((_, after)) = rest.split_once(closing)
            {
                text = format!("{before}{after}");
            }
        }
    }
    text
}

/// The way of a buyer: look, choose, change one's mind, return.
#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_fills_a_cart_and_returns_it() -> Result<()> {
    in_browser(async |browser| {
        let (simulator, buyer) = (
            Simulator::start(Settings::default()).await?,
            Buyer::start().await?,
        );
        let session = visit(browser, &simulator, &buyer, "create", "").await?.id;
        assert!(
            says(browser, "main")
                .await?
                .contains("Welcome, Dana Okafor.")
        );
        add(browser, "QLN-14-16-512", "2").await?;
        add(browser, "ANG 40 B", "1").await?;
        add(browser, "CRB-HDMI-2M-BX", "1").await?;
        write(browser, "#quantity-0", "3").await?;
        press(browser, "[action$='/line/0'] button:not([name])").await?;
        press(browser, "[action$='/line/2'] [name=remove]").await?;
        assert_eq!(says(browser, "#total").await?, "4071.50 USD");
        fits(browser, "simulator-shop").await?;
        assert_eq!(axe::findings(browser).await?, Vec::<String>::new());
        let expected = simulator
            .cart_form(&session, Leaving::WithCart)
            .context("a form")?;
        leave(browser, "return").await?;
        let (content_type, body) = buyer.last()?;
        assert_eq!(content_type, expected.content_type);
        assert_eq!(masked(&body), masked(&expected.body));
        assert!(masked(&body).contains("%3CBuyerCookie%3Ec00kie%3C"));
        assert_eq!(browser.console_messages().await?, Vec::<String>::new());
        Ok(())
    })
    .await
}

/// What the handle makes of a form is what a browser makes of it, also where the supplier is odd.
#[tokio::test(flavor = "multi_thread")]
async fn odd_forms_are_those_of_browsers() -> Result<()> {
    in_browser(async |browser| {
        let (simulator, buyer) = (
            Simulator::start(Settings::default()).await?,
            Buyer::start().await?,
        );
        for quirk in [
            Quirk::Latin1,
            Quirk::RawUtf8,
            Quirk::DoubleEncoded,
            Quirk::PaddedCookie,
            Quirk::ExtraFields,
        ] {
            simulator.misbehave([quirk]);
            let session = visit(browser, &simulator, &buyer, "create", "").await?.id;
            add(browser, "ANG 40 B", "1").await?;
            says(browser, "#total").await?;
            let expected = simulator
                .cart_form(&session, Leaving::WithCart)
                .context("a form")?;
            leave(browser, "return").await?;
            let (content_type, body) = buyer.last()?;
            assert_eq!(content_type, expected.content_type, "{quirk}");
            if quirk == Quirk::DoubleEncoded {
                // The name and the instant are encoded twice in it; its beginning tells.
                assert!(
                    body.starts_with(b"cXML-urlencoded=%253C%253Fxml"),
                    "{quirk}"
                );
            } else {
                assert_eq!(masked(&body), masked(&expected.body), "{quirk}");
            }
        }
        simulator.misbehave([Quirk::Multipart]);
        visit(browser, &simulator, &buyer, "create", "").await?;
        leave(browser, "return").await?;
        let (content_type, body) = buyer.last()?;
        assert!(
            content_type.starts_with("multipart/form-data; boundary="),
            "{content_type}"
        );
        assert!(String::from_utf8_lossy(&body).contains("name=\"cXML-urlencoded\"\r\n\r\n<?xml"));
        Ok(())
    })
    .await
}

/// An earlier cart comes back to be changed, and only to be looked at.
#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_cart_is_shown() -> Result<()> {
    in_browser(async |browser| {
        let (simulator, buyer) = (Simulator::start(Settings::default()).await?, Buyer::start().await?);
        visit(browser, &simulator, &buyer, "create", "").await?;
        add(browser, "SVC-SETUP-HR", "2.5").await?;
        says(browser, "#total").await?;
        let line = simulator.last_session().context("a session")?.lines.remove(0);
        let item = format!(
            "<ItemOut quantity=\"2.5\"><ItemID><SupplierPartID>SVC-SETUP-HR</SupplierPartID><SupplierPartAuxiliaryID>{}</SupplierPartAuxiliaryID></ItemID></ItemOut>",
            line.auxiliary
        );
        visit(browser, &simulator, &buyer, "edit", &item).await?;
        assert_eq!(says(browser, "#total").await?, "237.50 USD");
        leave(browser, "no-change").await?;
        assert!(String::from_utf8(buyer.last()?.1)?.contains("Status+code%3D%22204%22"));
        visit(browser, &simulator, &buyer, "inspect", &item).await?;
        assert!(says(browser, "#cart").await?.contains("2.5 hour"));
        fits(browser, "simulator-inspect").await?;
        let fields = browser.driver().find_all(By::Css("input:not([type=hidden])")).await?;
        assert!(fields.is_empty(), "nothing can be changed");
        Ok(())
    })
    .await
}

/// The supplier's staff see the order, and tell the buyer of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_back_office_tells_the_buyer() -> Result<()> {
    in_browser(async |browser| {
        let (simulator, buyer) = (Simulator::start(Settings::default()).await?, Buyer::start().await?);
        let order = "<OrderRequest><OrderRequestHeader orderID=\"PO-7\" orderDate=\"2026-05-26T10:06:40-05:00\"><Total><Money currency=\"USD\">2298.00</Money></Total>\
             <BillTo><Address><Name xml:lang=\"en\">Westmark</Name></Address></BillTo></OrderRequestHeader>\
             <ItemOut quantity=\"2\" lineNumber=\"1\"><ItemID><SupplierPartID>QLN-14-16-512</SupplierPartID></ItemID><ItemDetail>\
             <UnitPrice><Money currency=\"USD\">1149.00</Money></UnitPrice><Description xml:lang=\"en\">Laptop</Description>\
             <UnitOfMeasure>EA</UnitOfMeasure><Classification domain=\"UNSPSC\">43211503</Classification></ItemDetail></ItemOut></OrderRequest>";
        told(&simulator, request("1.2.b@habeo", order)).await?;
        browser.open(&simulator.office_url()).await?;
        write(browser, "#documents", &format!("{}/documents", buyer.origin)).await?;
        press(browser, "[action='/office/documents'] button").await?;
        for (count, act) in (1..).zip(["confirm", "ship", "invoice", "status"]) {
            press(browser, &format!("[action='/office/{act}'] button")).await?;
            let sent = browser.driver().query(By::Css(format!("details.sent:nth-of-type({count})")));
            sent.first().await?;
            assert_eq!(simulator.sent().len(), count, "{act}");
        }
        assert!(says(browser, "main").await?.contains("StatusUpdateRequest of PO-7: 200 OK"));
        assert!(String::from_utf8(buyer.last()?.1)?.contains("<StatusUpdateRequest>"));
        fits(browser, "simulator-office").await?;
        assert_eq!(axe::findings(browser).await?, Vec::<String>::new());
        assert_eq!(browser.console_messages().await?, Vec::<String>::new());
        Ok(())
    })
    .await
}
