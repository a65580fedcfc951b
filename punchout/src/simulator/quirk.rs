//! What the shop can be told to do wrong, as real suppliers do.

use std::fmt;
use std::str::FromStr;

macro_rules! quirks {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)*) => {
        /// A way in which real suppliers deviate from what is written. Any number of them may be wanted together.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Quirk {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Quirk {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name on the command line.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it does.
            #[must_use]
            pub const fn story(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)* }
            }
        }
    };
}

quirks! {
    // How requests are answered.
    /// Requests are answered with a web page.
    WebPage = "web-page";
    /// Requests are answered with nothing.
    EmptyAnswer = "empty-answer";
    /// Requests are answered with a redirection.
    Redirect = "redirect";
    /// Requests are answered with HTTP 500 and a web page.
    ServerError = "server-error";
    /// A session is refused and opened in one answer.
    Contradiction = "contradiction";
    /// The address of the start page stands among line breaks.
    PaddedUrl = "padded-url";
    /// Text stands in CDATA sections, one word of it outside.
    Cdata = "cdata";
    // Dates.
    /// Offsets without a colon.
    ColonlessOffset = "colonless-offset";
    /// `Z` for the offset.
    Zulu = "zulu";
    /// A space for the `T`, and no offset.
    SpacedDate = "spaced-date";
    /// Dates without an offset.
    NoOffset = "no-offset";
    /// Dates without a time.
    DateOnly = "date-only";
    /// Words where a date should stand.
    WordDate = "word-date";
    // Envelopes.
    /// No XML declaration.
    NoDeclaration = "no-declaration";
    /// No DOCTYPE.
    NoDoctype = "no-doctype";
    /// A DOCTYPE with an internal subset that declares an entity.
    InternalSubset = "internal-subset";
    /// Blank lines before the document.
    BlankLinesFirst = "blank-lines-first";
    /// A byte-order mark before the document.
    ByteOrderMark = "byte-order-mark";
    /// The root element is `cxml`.
    LowercaseRoot = "lowercase-root";
    /// Carts without a header.
    NoHeader = "no-header";
    /// No user agent of the sender.
    NoUserAgent = "no-user-agent";
    /// The buyer's identity in `From`, the supplier's in `To`.
    SwappedHeader = "swapped-header";
    /// The identities are `Unknown`, of no domain.
    UnknownIdentities = "unknown-identities";
    // Carts.
    /// The shared secret stands in the cart, where every user can read it.
    SecretInCart = "secret-in-cart";
    /// The total is the price of one line.
    WrongTotal = "wrong-total";
    /// Children in another order than declared.
    OutOfOrder = "out-of-order";
    /// It is not said which operations are allowed.
    NoOperationAllowed = "no-operation-allowed";
    /// No line is classified.
    NoClassification = "no-classification";
    /// No language is named.
    NoLanguage = "no-language";
    /// Languages with an underscore.
    UnderscoreLanguage = "underscore-language";
    /// The buyer's cookie stands among line breaks.
    PaddedCookie = "padded-cookie";
    /// Elements that are newer than the DOCTYPE says, a price basis among them.
    NewerElements = "newer-elements";
    /// Prices with a comma.
    CommaPrice = "comma-price";
    /// One more line, of quantity nought.
    ZeroQuantity = "zero-quantity";
    /// An entity of HTML that nobody declared.
    UndeclaredEntity = "undeclared-entity";
    /// An ampersand that is not escaped.
    RawAmpersand = "raw-ampersand";
    // How carts travel.
    /// The field's name in lower case.
    LowercaseField = "lowercase-field";
    /// The field is called `cxml`.
    OddField = "odd-field";
    /// A document with accents as they are, where they should be references.
    RawUtf8 = "raw-utf8";
    /// The form is encoded as Latin-1, accents as they are.
    Latin1 = "latin-1";
    /// The form is sent as multipart/form-data.
    Multipart = "multipart";
    /// The bare document is posted, as no browser does.
    BareDocument = "bare-document";
    /// The document is URL-encoded once too often.
    DoubleEncoded = "double-encoded";
    /// The document is escaped for HTML once too often.
    DoubleEscaped = "double-escaped";
    /// Base64 in lines, and without its padding.
    DamagedBase64 = "damaged-base64";
    /// Base64 whose plus signs became spaces.
    SpacedBase64 = "spaced-base64";
    /// Base64 in the alphabet for addresses.
    UrlSafeBase64 = "url-safe-base64";
    /// Base64 of base64.
    TwiceBase64 = "twice-base64";
    /// A plain document in the field for base64, and the reverse.
    CrossedFields = "crossed-fields";
    /// More fields than the one that counts.
    ExtraFields = "extra-fields";
}

/// A word that names no quirk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is nothing that the shop can do wrong")]
pub struct NotAQuirk(String);

impl FromStr for Quirk {
    type Err = NotAQuirk;

    fn from_str(word: &str) -> Result<Self, NotAQuirk> {
        let named = Self::ALL.iter().find(|quirk| quirk.word() == word);
        named.copied().ok_or_else(|| NotAQuirk(word.to_owned()))
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
