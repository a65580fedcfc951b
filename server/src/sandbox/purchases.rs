//! What was bought when, by whom and for what: batches that share an order, a price and a destination.

use habeo_core::asset::Acquisition;

use super::calendar;
use super::dice::Dice;
use super::units::{UNASSIGNED, Units};
use super::{World, programmes};

/// How many assets there are.
pub const ASSETS: usize = 12_000;
/// Days before the ledger from which things were still around when it began.
pub const INHERITED_DAYS: i64 = 1_095;

/// What a batch is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Handed to people.
    Person,
    /// Installed in rooms.
    Room,
    /// Shared by a unit.
    Unit,
    /// Lent for days or weeks.
    Loan,
}

/// An ending that is given rather than drawn: what the fold of years would not leave behind by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// Bought, not here yet.
    OnOrder,
    /// Here, not labelled yet.
    Unlabelled,
    /// Ordered and cancelled.
    Cancelled,
    /// Registered in error.
    Mistaken,
}

/// Things of one model, bought together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The day of the order.
    pub day: i64,
    pub unit: usize,
    pub model: usize,
    pub quantity: usize,
    pub purpose: Purpose,
    /// Where it goes, where the purpose is a room.
    pub rooms: Vec<usize>,
    /// Batches of one order have one number.
    order: usize,
    /// When its successors were installed.
    pub replaced_on: Option<i64>,
    pub oddity: Option<Oddity>,
    pub acquisition: Acquisition,
    pub cost_minor: Option<i64>,
    pub po_no: Option<String>,
    pub invoice_no: Option<String>,
    pub description: String,
    pub provenance: Option<String>,
}

/// What a buyer asks for.
#[derive(Debug, Clone)]
pub struct Wish {
    pub day: i64,
    pub unit: usize,
    pub category: &'static str,
    pub quantity: i64,
    pub purpose: Purpose,
    pub rooms: Vec<usize>,
}

/// Collects batches.
#[derive(Debug)]
pub struct Buyer<'a> {
    pub world: &'a World,
    pub dice: &'a Dice,
    batches: Vec<Batch>,
    orders: usize,
}

/// Buys until there are as many assets as there should be; in the order of their days.
pub fn plan(world: &World, dice: &Dice) -> Vec<Batch> {
    let mut buyer = Buyer {
        world,
        dice,
        batches: Vec::new(),
        orders: 0,
    };
    buyer.oddities();
    programmes::all(&mut buyer);
    buyer.cut_to_size();
    let mut batches = buyer.batches;
    batches.sort_by_key(|batch| (batch.day, batch.order));
    number_orders(dice, &mut batches);
    batches
}

impl Buyer<'_> {
    /// The first day on which something was bought that is still on record.
    pub fn earliest(&self) -> i64 {
        self.world.start - INHERITED_DAYS
    }

    /// The last day from which an ordinary order has arrived by now.
    pub fn latest(&self) -> i64 {
        self.world.today - 50
    }

    /// Begins another order.
    pub fn new_order(&mut self) {
        self.orders += 1;
    }

    /// How many assets were bought.
    pub fn bought(&self) -> usize {
        self.batches.iter().map(|batch| batch.quantity).sum()
    }

    /// Adds a batch to the present order; nothing where the quantity is not positive.
    pub fn buy(&mut self, wish: Wish) -> Option<&mut Batch> {
        let quantity = usize::try_from(wish.quantity).ok().filter(|n| *n > 0)?;
        let (world, dice) = (self.world, self.dice);
        let codes: Vec<&str> = world
            .units
            .lineage(wish.unit)
            .map(|at| world.units.code(at))
            .collect();
        let (year, _) = calendar::year_month(wish.day);
        let model = world.catalogue.choose(dice, wish.category, &codes, year);
        let product = &world.catalogue.models[model];
        let maker = &world.catalogue.manufacturers[world.catalogue.facts[model].maker];
        let cents = dice.weighted(&[(60, 0), (25, 99), (15, 50)]);
        let price = dice.range(product.price_minor.0 / 100, product.price_minor.1 / 100);
        let mut description = format!("{} {}", maker.name, product.name);
        if let Some(equipment) = equipment(dice, wish.category) {
            description = format!("{description}, {equipment}");
        }
        self.batches.push(Batch {
            day: wish.day,
            unit: wish.unit,
            model,
            quantity,
            purpose: wish.purpose,
            rooms: wish.rooms,
            order: self.orders,
            replaced_on: None,
            oddity: None,
            acquisition: if dice.percent(18) {
                Acquisition::Punchout
            } else {
                Acquisition::Purchase
            },
            cost_minor: Some(price * 100 + cents),
            po_no: None,
            invoice_no: None,
            description,
            provenance: None,
        });
        self.batches.last_mut()
    }

    /// Notes of the last batch when its successors were installed.
    pub fn mark_replaced(&mut self, day: i64) {
        if let Some(last) = self.batches.last_mut() {
            last.replaced_on = Some(day);
        }
    }

    /// The few that are on their way, unlabelled, cancelled or recorded in error.
    fn oddities(&mut self) {
        let today = self.world.today;
        let intake = Units::at(UNASSIGNED);
        let table = [
            (Oddity::OnOrder, "CSC", "desktop", 24, 18),
            (Oddity::OnOrder, "BIO", "microscope", 2, 12),
            (Oddity::OnOrder, "NET", "switch", 6, 9),
            (Oddity::Unlabelled, "LIB", "laptop", 10, 24),
            (Oddity::Unlabelled, "PHY", "oscilloscope", 4, 26),
            (Oddity::Cancelled, "MED", "tablet", 12, 640),
            (Oddity::Cancelled, "VAD", "display", 3, 1_120),
        ];
        for (oddity, code, category, quantity, days_ago) in table {
            self.new_order();
            self.odd(
                oddity,
                Units::at(code),
                category,
                quantity,
                today - days_ago,
            );
        }
        for category in [
            "laptop",
            "tablet",
            "laptop",
            "smartphone",
            "desktop",
            "laptop",
        ] {
            self.new_order();
            self.odd(Oddity::Unlabelled, intake, category, 1, today - 21);
        }
        for _ in 0..11 {
            self.new_order();
            let unit = self.dice.weighted(&Units::staffed());
            let day = self.dice.range(self.world.start + 120, today - 90);
            let category = self
                .dice
                .pick(&["laptop", "display", "projector", "printer"]);
            self.odd(Oddity::Mistaken, unit, category, 1, day);
        }
    }

    fn odd(
        &mut self,
        oddity: Oddity,
        unit: usize,
        category: &'static str,
        quantity: i64,
        day: i64,
    ) {
        let wish = Wish {
            day,
            unit,
            category,
            quantity,
            purpose: Purpose::Unit,
            rooms: Vec::new(),
        };
        if let Some(batch) = self.buy(wish) {
            batch.oddity = Some(oddity);
            batch.acquisition = Acquisition::Purchase;
        }
    }

    /// Takes from the last batches what is too much.
    fn cut_to_size(&mut self) {
        let mut too_many = self.bought().saturating_sub(ASSETS);
        while too_many > 0
            && let Some(last) = self.batches.last_mut()
        {
            let cut = last.quantity.min(too_many);
            last.quantity -= cut;
            too_many -= cut;
            if last.quantity == 0 {
                self.batches.pop();
            }
        }
    }
}

/// What a buyer would add to the product's name.
fn equipment(dice: &Dice, category: &str) -> Option<&'static str> {
    let list: &[&str] = match category {
        "laptop" => &[
            "16 GB, 512 GB",
            "16 GB, 256 GB",
            "16 GB, 1 TB",
            "8 GB, 256 GB",
        ],
        "desktop" => &["16 GB, 512 GB", "16 GB, 256 GB", "8 GB, 256 GB"],
        "workstation" => &["64 GB, 2 TB, RTX A4000", "32 GB, 1 TB", "128 GB, 4 TB"],
        "tablet" | "smartphone" => &["64 GB", "128 GB", "256 GB"],
        "server" => &["256 GB, 8 x 1.92 TB", "512 GB, 4 x 3.84 TB", "384 GB"],
        _ => return None,
    };
    Some(dice.pick(list))
}

/// Writes the numbers of purchase orders and invoices, rising with the days, and where the things came from that nobody bought.
fn number_orders(dice: &Dice, batches: &mut [Batch]) {
    let orders = batches.iter().map(|batch| batch.order).max().unwrap_or(0);
    let mut numbers: Vec<Option<(String, String)>> = vec![None; orders + 1];
    let mut next = 10_240;
    for batch in batches {
        if let Some((method, provenance)) = not_bought(dice, batch) {
            batch.acquisition = method;
            batch.provenance = Some(provenance.to_owned());
            batch.cost_minor = batch.cost_minor.filter(|_| method != Acquisition::Gift);
            continue;
        }
        let (po_no, invoice_no) = numbers[batch.order].get_or_insert_with(|| {
            next += dice.range(1, 9);
            let (year, _) = calendar::year_month(batch.day);
            let invoice = dice.range(100_000, 999_999);
            (format!("PO-{year}-{next}"), format!("INV-{invoice}"))
        });
        batch.po_no = Some(po_no.clone());
        let paid = !matches!(batch.oddity, Some(Oddity::OnOrder | Oddity::Cancelled));
        batch.invoice_no = paid.then(|| invoice_no.clone());
    }
}

/// A gift, a loan from the government, something built in house: one in twenty-five of the small batches.
fn not_bought(dice: &Dice, batch: &Batch) -> Option<(Acquisition, &'static str)> {
    if batch.oddity.is_some() || batch.quantity > 4 || !dice.mille(40) {
        return None;
    }
    Some(dice.weighted(&[
        (
            40,
            (
                Acquisition::Gift,
                "Given by an alumni family; deed of gift on file",
            ),
        ),
        (14, (Acquisition::Gift, "Given by the Friends of Westmark")),
        (
            12,
            (
                Acquisition::GovernmentFurnished,
                "Furnished under a federal research agreement",
            ),
        ),
        (
            12,
            (
                Acquisition::TransferIn,
                "Came with a new faculty member from the previous institution",
            ),
        ),
        (
            8,
            (
                Acquisition::Fabricated,
                "Assembled in the department workshop",
            ),
        ),
        (
            8,
            (
                Acquisition::ContractorAcquired,
                "Bought by a contractor and left at the end of the project",
            ),
        ),
        (6, (Acquisition::Lease, "Lease 2231, annual renewal")),
    ]))
}
