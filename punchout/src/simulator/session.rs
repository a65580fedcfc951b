//! A visit to the shop: for whom, what for, and the cart.

use url::Url;

use super::catalogue::Product;
use super::decimal::Decimal;
use super::settings::{Identity, Operation};

/// Lines that a cart may have.
pub const LINES_MAX: usize = 300;
/// The largest quantity of a line that the shop takes.
const QUANTITY_MAX: Decimal = Decimal::whole(99_999);

/// One visit.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its name in addresses, which nobody guesses.
    pub id: String,
    /// How it came about, and how it goes back.
    pub origin: Origin,
    /// What it was opened for.
    pub operation: Operation,
    /// The cart.
    pub lines: Vec<Line>,
    /// For whom, as far as the buyer said.
    pub user: Option<String>,
    /// The maker or product that the visitor is to see first.
    pub selected: Option<String>,
}

/// Where a visitor comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// By a setup request.
    Cxml {
        /// What has to come back unchanged.
        cookie: String,
        /// Where the cart goes; some buyers only look.
        post_to: Option<Url>,
        /// Who sent them.
        buyer: Identity,
        /// `production` or `test`.
        mode: String,
        /// The name of the request.
        payload_id: String,
    },
    /// By the call-up of an open catalogue.
    Oci {
        /// Where the cart goes.
        hook: Url,
        /// In which window.
        target: Option<String>,
    },
}

impl Origin {
    /// The address to which the browser takes the cart.
    #[must_use]
    pub fn address(&self) -> Option<&Url> {
        match self {
            Self::Cxml { post_to, .. } => post_to.as_ref(),
            Self::Oci { hook, .. } => Some(hook),
        }
    }
}

/// A line of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub product: &'static Product,
    /// How much of it.
    pub quantity: Decimal,
    /// The supplier's own mark on the line, which buyers give back as it is. A pipe and a backslash are in it, because they must survive.
    pub auxiliary: String,
}

impl Line {
    /// What it costs.
    #[must_use]
    pub fn price(&self) -> Decimal {
        self.product.unit_price().times(self.quantity)
    }
}

/// Why something does not go into a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAdded {
    /// It is there to be looked at only.
    #[error("this cart can only be looked at")]
    ReadOnly,
    /// No cart is that long.
    #[error("a cart has at most {LINES_MAX} lines")]
    TooLong,
    /// No such quantity is sold.
    #[error("a quantity is more than nothing, and at most 99999")]
    Quantity,
    /// There is no such product, line or session.
    #[error("there is no such thing")]
    Unknown,
}

impl Session {
    /// Whether its cart can be changed.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.operation == Operation::Inspect
    }

    /// What the cart costs.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.lines.iter().map(Line::price).sum()
    }

    /// Puts something into the cart.
    pub fn add(
        &mut self,
        product: &'static Product,
        quantity: Decimal,
        number: u64,
    ) -> Result<(), NotAdded> {
        self.changeable(quantity)?;
        if self.lines.len() >= LINES_MAX {
            return Err(NotAdded::TooLong);
        }
        let auxiliary = format!("cart={}|line=L\\{number}", self.id);
        self.lines.push(Line {
            product,
            quantity,
            auxiliary,
        });
        Ok(())
    }

    /// Takes a line out of the cart.
    pub fn remove(&mut self, index: usize) -> Result<(), NotAdded> {
        if self.is_read_only() {
            return Err(NotAdded::ReadOnly);
        }
        if index >= self.lines.len() {
            return Err(NotAdded::Unknown);
        }
        self.lines.remove(index);
        Ok(())
    }

    /// Wants another quantity of a line.
    pub fn change(&mut self, index: usize, quantity: Decimal) -> Result<(), NotAdded> {
        self.changeable(quantity)?;
        let line = self.lines.get_mut(index).ok_or(NotAdded::Unknown)?;
        line.quantity = quantity;
        Ok(())
    }

    fn changeable(&self, quantity: Decimal) -> Result<(), NotAdded> {
        if self.is_read_only() {
            return Err(NotAdded::ReadOnly);
        }
        if !quantity.is_positive() || quantity > QUANTITY_MAX {
            return Err(NotAdded::Quantity);
        }
        Ok(())
    }
}
