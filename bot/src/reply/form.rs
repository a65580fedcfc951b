//! Forms: what is asked for before a change can be proposed.

/// A form to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Which one.
    pub kind: FormKind,
    /// What it is for.
    pub title: String,
    /// What its button says.
    pub submit: String,
    /// What is asked.
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name among the values.
    pub name: &'static str,
    /// What is shown before it.
    pub label: String,
    /// What can be entered.
    pub kind: FieldKind,
    /// Whether it must be.
    pub required: bool,
    /// What is entered already.
    pub value: Option<String>,
    /// A word of help.
    pub hint: Option<String>,
}

/// What can be entered in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// A day, as `2026-11-27`.
    Day,
    /// One of these.
    Choice(Vec<Choice>),
    /// One of those that [`crate::engine::Engine::choices`] finds.
    Lookup(ChoiceOf),
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is handed in.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name.
    pub field: &'static str,
    /// What to do about it, in one sentence.
    pub message: String,
}

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $member:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$of])* $member),* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$member),*];

            /// The word by which it is named in what a surface carries.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word),* }
            }

            /// What a word names.
            #[must_use]
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    )*};
}

words! {
    /// Which form.
    FormKind {
        /// Hand something out.
        Deploy = "deploy",
        /// Lend something.
        Loan = "loan",
        /// Take something back.
        Return = "return",
        /// Hand something on.
        Reassign = "reassign",
        /// Put something elsewhere.
        Move = "move",
        /// Say that something is missing.
        ReportMissing = "report_missing",
        /// Say that something was found.
        Found = "found",
        /// Send something to be repaired.
        RepairOut = "repair_out",
        /// Take something back from repair.
        RepairIn = "repair_in",
        /// Write something down about an asset.
        Note = "note",
        /// Let a loan go on.
        Renew = "renew",
        /// Enter a new asset.
        Register = "register",
        /// Say no to what somebody wants to be bought.
        RejectRequisition = "reject_requisition",
    }
    /// What is looked up while somebody types.
    ChoiceOf {
        /// People.
        Person = "person",
        /// Places.
        Place = "place",
        /// Assets.
        Asset = "asset",
        /// Units.
        Unit = "unit",
        /// Products.
        Model = "model",
        /// Categories.
        Category = "category",
    }
}
