//! What a column can mean, and by which names it is recognised without being told.

use habeo_core::asset::IdentifierKind;

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Tag,
    Serial,
    Description,
    Manufacturer,
    Model,
    ModelNo,
    Category,
    CategoryCode,
    Unit,
    UnitCode,
    Site,
    Building,
    Room,
    Location,
    State,
    Condition,
    Acquisition,
    Provenance,
    AcquiredOn,
    Cost,
    Currency,
    PoNo,
    InvoiceNo,
    WarrantyEndsOn,
    HolderType,
    Holder,
    HolderEmail,
    AssignmentKind,
    DueAt,
    Remark,
    Identifier(IdentifierKind),
}

/// Each field with its name, and with other names as they are found in the files of other systems. Names are compared without case, spaces and
/// punctuation.
const NAMES: &[(Field, &str, &[&str])] = &[
    (
        Field::Tag,
        "tag",
        &[
            "assettag",
            "label",
            "inventoryno",
            "inventorynumber",
            "assetno",
            "assetnumber",
            "propertytag",
        ],
    ),
    (Field::Serial, "serial", &["serialno", "serialnumber", "sn"]),
    (
        Field::Description,
        "description",
        &["name", "assetname", "itemname", "title"],
    ),
    (
        Field::Manufacturer,
        "manufacturer",
        &["maker", "make", "brand", "vendorname"],
    ),
    (
        Field::Model,
        "model",
        &["modelname", "product", "productname"],
    ),
    (
        Field::ModelNo,
        "modelNo",
        &["modelnumber", "partno", "partnumber", "mpn"],
    ),
    (
        Field::Category,
        "category",
        &["type", "assettype", "class", "assetclass"],
    ),
    (Field::CategoryCode, "categoryCode", &[]),
    (
        Field::Unit,
        "unit",
        &[
            "department",
            "dept",
            "owner",
            "owningunit",
            "company",
            "college",
        ],
    ),
    (Field::UnitCode, "unitCode", &["departmentcode", "deptcode"]),
    (Field::Site, "site", &["campus"]),
    (Field::Building, "building", &["bldg"]),
    (Field::Room, "room", &["roomno", "roomnumber"]),
    (Field::Location, "location", &["place", "locationpath"]),
    (Field::State, "state", &["status"]),
    (Field::Condition, "condition", &[]),
    (
        Field::Acquisition,
        "acquisition",
        &["acquisitionmethod", "acquiredby"],
    ),
    (Field::Provenance, "provenance", &["origin"]),
    (
        Field::AcquiredOn,
        "acquiredOn",
        &[
            "purchasedate",
            "acquisitiondate",
            "dateacquired",
            "purchasedon",
        ],
    ),
    (
        Field::Cost,
        "cost",
        &["price", "purchasecost", "purchaseprice", "amount", "value"],
    ),
    (Field::Currency, "currency", &[]),
    (
        Field::PoNo,
        "poNo",
        &["po", "ponumber", "purchaseorder", "ordernumber", "orderno"],
    ),
    (Field::InvoiceNo, "invoiceNo", &["invoice", "invoicenumber"]),
    (
        Field::WarrantyEndsOn,
        "warrantyEndsOn",
        &[
            "warrantyends",
            "warrantyend",
            "warrantyexpires",
            "warrantyexpiration",
            "warrantyuntil",
        ],
    ),
    (Field::HolderType, "holderType", &["checkouttype"]),
    (Field::Holder, "holder", &["heldby"]),
    (
        Field::HolderEmail,
        "holderEmail",
        &[
            "assignedtoemail",
            "useremail",
            "email",
            "checkedouttoemail",
            "custodianemail",
        ],
    ),
    (Field::AssignmentKind, "assignmentKind", &[]),
    (
        Field::DueAt,
        "dueAt",
        &[
            "dueon",
            "duedate",
            "due",
            "expectedcheckin",
            "expectedcheckindate",
        ],
    ),
    (
        Field::Remark,
        "remark",
        &["remarks", "notes", "note", "comment", "comments"],
    ),
    (Field::Identifier(IdentifierKind::Imei), "imei", &[]),
    (Field::Identifier(IdentifierKind::Meid), "meid", &[]),
    (Field::Identifier(IdentifierKind::Udid), "udid", &[]),
    (
        Field::Identifier(IdentifierKind::SmbiosUuid),
        "smbiosUuid",
        &["uuid", "biosuuid"],
    ),
    (
        Field::Identifier(IdentifierKind::MacWired),
        "macWired",
        &["mac", "macaddress", "ethernetmac"],
    ),
    (
        Field::Identifier(IdentifierKind::AzureDevice),
        "azureDevice",
        &["azuredeviceid", "entradeviceid"],
    ),
    (
        Field::Identifier(IdentifierKind::EpcRfid),
        "epcRfid",
        &["rfid", "epc"],
    ),
    (
        Field::Identifier(IdentifierKind::LegacyTag),
        "legacyTag",
        &["oldtag", "formertag"],
    ),
    (
        Field::Identifier(IdentifierKind::FederalPropertyNo),
        "federalPropertyNo",
        &["federalpropertynumber"],
    ),
    (Field::Identifier(IdentifierKind::Barcode), "barcode", &[]),
];

impl Field {
    /// Every further identifier that a column can hold.
    pub fn identifiers() -> impl Iterator<Item = IdentifierKind> {
        NAMES.iter().filter_map(|(field, ..)| match field {
            Self::Identifier(kind) => Some(*kind),
            _ => None,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(field, ..)| *field == self);
        found.map_or("", |(_, name, _)| name)
    }

    /// The field of exactly this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = folded(name);
        let found = NAMES.iter().find(|(_, own, _)| folded(own) == name);
        found.map(|(field, ..)| *field)
    }

    /// The field that a column of this name usually is.
    #[must_use]
    pub fn guessed(header: &str) -> Option<Self> {
        let header = folded(header);
        Self::named(&header).or_else(|| {
            let found = NAMES
                .iter()
                .find(|(_, _, others)| others.contains(&header.as_str()));
            found.map(|(field, ..)| *field)
        })
    }

    /// The names of all, for whoever mistyped one.
    #[must_use]
    pub fn all_names() -> String {
        let names: Vec<&str> = NAMES.iter().map(|(_, name, _)| *name).collect();
        names.join(", ")
    }
}

fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut seen = std::collections::HashSet::new();
        for (_, name, others) in NAMES {
            assert!(seen.insert(folded(name)), "{name}");
            for other in *others {
                assert!(seen.insert((*other).to_owned()), "{other}");
                assert_eq!(folded(other), *other, "written as it is compared");
            }
        }
    }

    #[test]
    fn columns_are_recognised() {
        assert_eq!(Field::guessed("Asset Tag"), Some(Field::Tag));
        assert_eq!(Field::guessed("SERIAL_NUMBER"), Some(Field::Serial));
        assert_eq!(
            Field::guessed("warrantyEndsOn"),
            Some(Field::WarrantyEndsOn)
        );
        assert_eq!(Field::guessed("Colour"), None);
    }
}
