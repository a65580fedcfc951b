//! Every deviation does what its name says, and nothing has two names.

use std::collections::BTreeSet;

use super::super::{Decimal, Encoding, Leaving, Posted, Quirk, Settings};
use super::carts::value;
use super::{opened, started};

/// The cart under a quirk: the bytes, and the one field's value.
async fn cart(quirk: Quirk, encoding: Encoding) -> Posted {
    let simulator = started(Settings {
        encoding,
        ..Settings::default()
    })
    .await;
    let session = opened(&simulator).await;
    simulator
        .put(&session.id, "ANG 40 B", Decimal::whole(2))
        .expect("it is sold");
    simulator.misbehave([quirk]);
    simulator
        .cart_form(&session.id, Leaving::WithCart)
        .expect("a way back")
}

async fn document(quirk: Quirk) -> String {
    value(&cart(quirk, Encoding::Urlencoded).await).1
}

#[test]
fn names_are_unique_and_lead_back() {
    let words: BTreeSet<&str> = Quirk::ALL.iter().map(|quirk| quirk.word()).collect();
    assert_eq!(words.len(), Quirk::ALL.len());
    for quirk in Quirk::ALL {
        assert_eq!(quirk.word().parse(), Ok(*quirk));
        assert!(!quirk.story().is_empty());
    }
    assert!("good".parse::<Quirk>().is_err());
}

#[tokio::test]
async fn documents_go_wrong_as_they_are_told() {
    for (quirk, there, not_there) in [
        (Quirk::ColonlessOffset, "-0500\"", "+00:00"),
        (Quirk::Zulu, "Z\" xml:lang", "+00:00"),
        (Quirk::NoOffset, "", "+00:00"),
        (Quirk::SpacedDate, "", "T0"),
        (Quirk::DateOnly, "", ":00\""),
        (Quirk::WordDate, "timestamp=\"last Tuesday\"", "+00:00"),
        (Quirk::NoDeclaration, "<!DOCTYPE", "<?xml"),
        (Quirk::NoDoctype, "<?xml", "<!DOCTYPE"),
        (Quirk::InternalSubset, "<!ENTITY shop", "SYSTEM"),
        (Quirk::BlankLinesFirst, "\r\n\r\n<!DOCTYPE", "<?xml"),
        (Quirk::LowercaseRoot, "</cxml>", "</cXML>"),
        (Quirk::NoHeader, "<cXML", "<Header>"),
        (Quirk::NoUserAgent, "<Sender>", "UserAgent"),
        (
            Quirk::SwappedHeader,
            "<To><Credential domain=\"DUNS\">",
            "<From><Credential domain=\"DUNS\">",
        ),
        (
            Quirk::UnknownIdentities,
            "<Credential domain=\"\"><Identity>Unknown",
            "DUNS",
        ),
        (
            Quirk::SecretInCart,
            "<SharedSecret>larkmoor-to-buyer",
            "buyer-to-larkmoor",
        ),
        (
            Quirk::WrongTotal,
            "<Total><Money currency=\"USD\">624.51",
            "1249.00",
        ),
        (
            Quirk::OutOfOrder,
            "</SupplierPartAuxiliaryID><SupplierPartID>",
            "<ItemID><SupplierPartID>",
        ),
        (
            Quirk::NoOperationAllowed,
            "<PunchOutOrderMessageHeader>",
            "operationAllowed",
        ),
        (Quirk::NoClassification, "UnitOfMeasure", "Classification"),
        (Quirk::NoLanguage, "<Description>", "xml:lang"),
        (Quirk::UnderscoreLanguage, "xml:lang=\"en_US\"", "en-US"),
        (
            Quirk::PaddedCookie,
            "<BuyerCookie>\r\n        pbJ1",
            "<BuyerCookie>pbJ1",
        ),
        (
            Quirk::NewerElements,
            "<BuyerPartID>WM-77</BuyerPartID>",
            "1.2.050",
        ),
        (
            Quirk::CommaPrice,
            "<Money currency=\"USD\">624,50",
            "624.50",
        ),
        (
            Quirk::ZeroQuantity,
            "<ItemIn quantity=\"0\" lineNumber=\"2\">",
            "lineNumber=\"3\"",
        ),
        (Quirk::UndeclaredEntity, "&reg;</Description>", "R&D"),
        (Quirk::RawAmpersand, " R&D</Description>", "&reg;"),
        (
            Quirk::Cdata,
            "<SupplierPartID>ANG 40 <![CDATA[B]]></SupplierPartID>",
            "ANG 40 B<",
        ),
        (Quirk::DoubleEncoded, "%3C%3Fxml", "<"),
        (Quirk::DoubleEscaped, "&lt;?xml", "<"),
        (Quirk::RawUtf8, "Ångvik", "&#"),
    ] {
        let document = document(quirk).await;
        assert!(document.contains(there), "{quirk}: {document}");
        assert!(!document.contains(not_there), "{quirk}: {document}");
    }
}

#[tokio::test]
async fn forms_go_wrong_as_they_are_told() {
    for (quirk, encoding, name) in [
        (Quirk::LowercaseField, Encoding::Base64, "cxml-base64"),
        (Quirk::OddField, Encoding::Urlencoded, "cxml"),
        (Quirk::CrossedFields, Encoding::Urlencoded, "cXML-base64"),
        (Quirk::CrossedFields, Encoding::Base64, "cXML-urlencoded"),
        (Quirk::ExtraFields, Encoding::Urlencoded, "oracleCart"),
    ] {
        assert_eq!(value(&cart(quirk, encoding).await).0, name, "{quirk}");
    }
    let multipart = cart(Quirk::Multipart, Encoding::Urlencoded).await;
    assert!(
        multipart
            .content_type
            .starts_with("multipart/form-data; boundary=")
    );
    assert!(
        String::from_utf8_lossy(&multipart.body).contains("name=\"cXML-urlencoded\"\r\n\r\n<?xml")
    );
    let bare = cart(Quirk::BareDocument, Encoding::Urlencoded).await;
    assert!(bare.content_type == "text/xml; charset=UTF-8" && bare.body.starts_with(b"<?xml"));
    let marked = cart(Quirk::ByteOrderMark, Encoding::Base64).await;
    assert!(value(&marked).1.starts_with("77u/"), "the mark in base64");
    let latin = cart(Quirk::Latin1, Encoding::Urlencoded).await;
    let body = String::from_utf8(latin.body).expect("a form is ASCII");
    // Å as one byte, and what browsers call Latin-1 has a byte for the quotation mark as well.
    assert!(
        body.contains("%C5ngvik") && body.contains("%93student%94"),
        "{body}"
    );
}

#[tokio::test]
async fn base64_is_damaged_as_it_is_told() {
    let plain = value(&cart(Quirk::ExtraFields, Encoding::Base64).await).1;
    assert!(
        plain.starts_with("<?xml"),
        "the first field is the extra one"
    );
    let lines = value(&cart(Quirk::DamagedBase64, Encoding::Base64).await).1;
    assert!(lines.contains("\r\n") && !lines.contains('='), "{lines}");
    let spaced = value(&cart(Quirk::SpacedBase64, Encoding::Base64).await).1;
    assert!(!spaced.contains('+'), "{spaced}");
    let safe = value(&cart(Quirk::UrlSafeBase64, Encoding::Base64).await).1;
    assert!(!safe.contains('+') && !safe.contains('/'), "{safe}");
    let twice = value(&cart(Quirk::TwiceBase64, Encoding::Base64).await).1;
    assert!(
        twice.starts_with("UEQ5"),
        "base64 of PD94, which is base64 of <?x: {twice}"
    );
}
