//! What a word or phrase of the grammar means.

use habeo_core::asset::State;

use crate::intent::sort::Dimension;
use crate::intent::window::DateOf;

/// What a word or phrase of the grammar means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::intent) enum Sense {
    /// Says nothing: politeness, articles, padding.
    Noise,
    /// "the": tells a single thing from any.
    The,
    /// Hello.
    Hello,
    /// Thank you.
    Thanks,
    /// What can you do?
    Help,
    /// Never mind.
    Cancel,
    /// Yes.
    Yes,

    /// Who.
    Who,
    /// Whose.
    Whose,
    /// What.
    What,
    /// Which.
    Which,
    /// Where.
    Where,
    /// When.
    When,
    /// How many.
    HowMany,
    /// How long.
    HowLong,
    /// How old.
    HowOld,
    /// How much is it worth.
    HowMuch,
    /// Why, should, what if: asks for what is not recorded.
    Beyond,

    /// Is, are, was.
    Be,
    /// Does, did.
    Do,
    /// Has, holds, uses.
    Have,
    /// I, me, myself.
    Me,
    /// My, mine.
    My,

    /// Show, list, find.
    Show,
    /// As a file.
    Export,
    /// The next rows.
    More,
    /// In this order.
    Sort,
    /// The highest or last first.
    Down,
    /// The lowest or first first.
    Up,
    /// Only these.
    Only,
    /// And what of this instead?
    Instead,
    /// By, per: broken down.
    Per,
    /// The most.
    Most,
    /// The fewest.
    Fewest,
    /// Broken down, said without "by".
    Breakdown,
    /// A new asset.
    Create,
    /// Digests on.
    Subscribe,
    /// Digests off.
    Unsubscribe,
    /// Accounts together.
    Link,
    /// Accounts apart.
    Unlink,
    /// Words that go with digests and accounts.
    Account,

    /// Assets, things, stuff.
    Thing,
    /// One, ones.
    One,
    /// It, this one.
    It,
    /// That, this: with a noun or without.
    That,
    /// Them, those.
    Them,
    /// The n-th of the last list.
    Nth(u16),
    /// The last of the last list.
    NthLast,
    /// What a breakdown can be by, and the noun of a question: "which building".
    Noun(Dimension),
    /// The noun of a holder.
    Holder,
    /// The noun of a floor.
    Floor,
    /// The noun of a place in general.
    Place,
    /// The noun before a tag or serial number.
    CodeNoun,
    /// The noun of a serial number.
    Serial,
    /// The noun of a tag.
    Tag,
    /// The noun of warranties.
    Warranty,
    /// Warranty over.
    OutOfWarranty,
    /// Warranty running.
    UnderWarranty,
    /// Price, value.
    Cost,
    /// Dear.
    Expensive,
    /// Cheap.
    Cheap,
    /// What shape it is in.
    Condition,
    /// State, status.
    Status,
    /// History.
    History,
    /// Happened.
    Happened,
    /// Changed.
    Changed,
    /// Loan.
    Loan,
    /// The noun of a help desk's ticket.
    Ticket,

    /// In, at.
    In,
    /// Of.
    Of,
    /// With, held by.
    With,
    /// By somebody.
    By,
    /// For.
    For,
    /// To.
    To,
    /// From.
    From,
    /// On, about.
    On,
    /// And, a comma's word.
    And,
    /// Or.
    Or,
    /// Not.
    Not,
    /// Never.
    Never,
    /// Without.
    Without,
    /// There, here.
    There,

    /// Before a date; or the one before.
    Before,
    /// After a date.
    After,
    /// Since a date.
    Since,
    /// Until a date.
    Until,
    /// Between two dates.
    Between,
    /// Older than.
    Older,
    /// Newer than.
    Newer,
    /// More than.
    MoreThan,
    /// Less than.
    LessThan,
    /// Ago.
    Ago,
    /// Old.
    Old,
    /// New.
    New,
    /// Oldest.
    Oldest,
    /// Newest.
    Newest,
    /// Last: previous or latest.
    Last,
    /// Previous, former.
    Previous,
    /// Ended, expired.
    Ends,

    /// In one of these states.
    State(&'static [State]),
    /// Still, currently: says that the present is meant.
    Still,
    /// In somebody's custody.
    Assigned,
    /// In nobody's custody.
    Unassigned,
    /// This date of it.
    Date(DateOf),
    /// Due back.
    Due,
    /// Past due.
    Overdue,

    /// A change.
    Verb(Verb),
    /// The past of a change: "moved", which asks or tells.
    Done(Verb),
    /// Mark as.
    Mark,
    /// Because.
    Because,
    /// Saying: a note follows.
    Saying,
    /// Everybody, all holders.
    Everybody,
}

/// A change by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::intent) enum Verb {
    /// Into custody.
    Give,
    /// From custody to custody.
    Transfer,
    /// Back.
    Return,
    /// To a place.
    Move,
    /// Somewhere, to somebody or away: "put", "take".
    Put,
    /// Lost.
    Lose,
    /// Stolen.
    Steal,
    /// Found.
    Find,
    /// To repair.
    Repair,
    /// Repaired.
    Repaired,
    /// A note.
    Note,
    /// Got it.
    Acknowledge,
    /// Longer.
    Renew,
    /// Out of use.
    Retire,
}
