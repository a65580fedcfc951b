//! What the simulated supplier sells. The makers are invented.

use super::decimal::Decimal;

/// The supplier's own name, as pages and documents say it.
pub const SUPPLIER: &str = "Larkmoor Supply (simulated)";
/// All prices are in it.
pub const CURRENCY: &str = "USD";

/// Something that is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// The supplier's number.
    pub part: &'static str,
    /// A few words.
    pub name: &'static str,
    /// A sentence.
    pub description: &'static str,
    /// Who makes it; nobody, where it is a service.
    pub maker: Option<&'static str>,
    /// The maker's number.
    pub maker_part: Option<&'static str>,
    /// By which unit it is sold, a code of UN/CEFACT.
    pub unit: &'static str,
    /// The same for readers.
    pub unit_name: &'static str,
    /// How many pieces one unit holds.
    pub pieces: u32,
    /// What `basis` units cost, in hundredths.
    pub price_cents: i64,
    /// How many units the price is for.
    pub basis: u32,
    /// Its sort by the United Nations' code of products and services.
    pub unspsc: &'static str,
    /// Days until it arrives.
    pub lead_days: u32,
    /// Whether each piece has a serial number.
    pub serial: bool,
    /// Months of warranty.
    pub warranty_months: u32,
}

impl Product {
    /// What one unit costs.
    #[must_use]
    pub fn unit_price(&self) -> Decimal {
        Decimal::cents(self.price_cents).divided_by(self.basis)
    }

    /// The price as a reader sees it.
    #[must_use]
    pub fn price_words(&self) -> String {
        let price = Decimal::cents(self.price_cents).money();
        match self.basis {
            1 => format!("{price} {CURRENCY} per {}", self.unit_name),
            basis => format!("{price} {CURRENCY} per {basis} of {}", self.unit_name),
        }
    }
}

/// The product of a number.
#[must_use]
pub fn by_part(part: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.part == part)
}

/// The products in whose words these occur, whatever their case.
pub fn matching(words: &str) -> impl Iterator<Item = &'static Product> {
    let wanted = words.to_lowercase();
    PRODUCTS.iter().filter(move |product| {
        let text = format!("{} {} {}", product.part, product.name, product.description);
        text.to_lowercase().contains(&wanted)
    })
}

/// All of it. A name with accents, a unit of ten pieces, a price for a hundred units and a service are there because they go wrong in practice.
pub const PRODUCTS: &[Product] = &[
    Product {
        part: "QLN-14-16-512",
        name: "Quillon Fieldbook 14",
        description: "14-inch laptop, 16 GB & 512 GB SSD",
        maker: Some("Quillon"),
        maker_part: Some("FB14-G3-1651"),
        unit: "EA",
        unit_name: "each",
        pieces: 1,
        price_cents: 114_900,
        basis: 1,
        unspsc: "43211503",
        lead_days: 5,
        serial: true,
        warranty_months: 36,
    },
    Product {
        part: "QLN-16-32-1T",
        name: "Quillon Fieldbook 16",
        description: "16-inch laptop, 32 GB & 1 TB SSD",
        maker: Some("Quillon"),
        maker_part: Some("FB16-G3-3210"),
        unit: "EA",
        unit_name: "each",
        pieces: 1,
        price_cents: 189_950,
        basis: 1,
        unspsc: "43211503",
        lead_days: 8,
        serial: true,
        warranty_months: 36,
    },
    Product {
        part: "ANG 40 B",
        name: "Ångvik Förstoring 40",
        description: "Binocular microscope, 40× to 1000×, LED, “student” stage",
        maker: Some("Ångvik Optik"),
        maker_part: Some("F40-B/LED"),
        unit: "EA",
        unit_name: "each",
        pieces: 1,
        price_cents: 62_450,
        basis: 1,
        unspsc: "41111709",
        lead_days: 21,
        serial: true,
        warranty_months: 24,
    },
    Product {
        part: "CRB-HDMI-2M-BX",
        name: "Corbel HDMI cable, 2 m",
        description: "HDMI cable, 2 m, black, box of 10",
        maker: Some("Corbel"),
        maker_part: Some("HD2-10"),
        unit: "BX",
        unit_name: "box of 10",
        pieces: 10,
        price_cents: 8_990,
        basis: 1,
        unspsc: "26121609",
        lead_days: 2,
        serial: false,
        warranty_months: 0,
    },
    Product {
        part: "CRB-CAT6-M",
        name: "Corbel Cat 6 cable by the metre",
        description: "Cat 6 plenum cable, cut to length, priced by 100 m",
        maker: Some("Corbel"),
        maker_part: Some("C6P-305"),
        unit: "MTR",
        unit_name: "metre",
        pieces: 1,
        price_cents: 11_030,
        basis: 100,
        unspsc: "26121609",
        lead_days: 3,
        serial: false,
        warranty_months: 0,
    },
    Product {
        part: "SVC-SETUP-HR",
        name: "Setting up on site",
        description: "A technician unpacks, labels and images devices on site, by the hour",
        maker: None,
        maker_part: None,
        unit: "HUR",
        unit_name: "hour",
        pieces: 1,
        price_cents: 9_500,
        basis: 1,
        unspsc: "81111812",
        lead_days: 10,
        serial: false,
        warranty_months: 0,
    },
];
