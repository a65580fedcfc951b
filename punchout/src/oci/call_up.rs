//! Opening a shop: the fields that the user's browser sends there.

/// What is wanted of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// To shop.
    Shop,
    /// To look at one product.
    Detail {
        /// What the shop knows it by.
        product: String,
    },
    /// To hear whether a product is still offered so.
    Validate {
        /// What the shop knows it by.
        product: String,
        /// How many.
        quantity: String,
    },
    /// To look for something, and stay.
    Sourcing {
        /// What to look for.
        search: String,
    },
    /// To look for something, and come back with what was found.
    BackgroundSearch {
        /// What to look for.
        search: String,
    },
}

/// How a shop is opened.
#[derive(Debug, Clone)]
pub struct CallUp {
    /// Fields that the shop knows the buyer by, such as `USERNAME`. The user can see them.
    pub login: Vec<(String, String)>,
    /// The name of the field for the way back; `HOOK_URL` unless the shop wants another.
    pub hook_field: Option<String>,
    /// The way back, with what tells the session from others.
    pub hook_url: String,
    /// The version, such as `4.0`.
    pub version: Option<String>,
    /// What is wanted.
    pub function: Function,
}

impl CallUp {
    /// The fields of the form, in the order in which shops expect them: who, what, how, and last the way back.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let mut fields = self.login.clone();
        let mut put = |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
        match &self.function {
            Function::Shop => {}
            Function::Detail { product } => {
                put("FUNCTION", "DETAIL");
                put("PRODUCTID", product);
            }
            Function::Validate { product, quantity } => {
                put("FUNCTION", "VALIDATE");
                put("PRODUCTID", product);
                put("QUANTITY", quantity);
            }
            Function::Sourcing { search } => {
                put("FUNCTION", "SOURCING");
                put("SEARCHSTRING", search);
            }
            Function::BackgroundSearch { search } => {
                put("FUNCTION", "BACKGROUND_SEARCH");
                put("SEARCHSTRING", search);
            }
        }
        put("~OkCode", "ADDI");
        put("~TARGET", "_top");
        put("~CALLER", "CTLG");
        if let Some(version) = &self.version {
            put("OCI_VERSION", version);
        }
        put("returntarget", "_top");
        put(
            self.hook_field.as_deref().unwrap_or("HOOK_URL"),
            &self.hook_url,
        );
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_is_opened_by_a_form() {
        let call_up = |function| CallUp {
            login: vec![("USERNAME".to_owned(), "westmark".to_owned())],
            hook_field: None,
            hook_url: "https://habeo.example.edu/api/punchout/return/k".to_owned(),
            version: Some("4.0".to_owned()),
            function,
        };
        let fields = call_up(Function::Shop).fields();
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "USERNAME",
                "~OkCode",
                "~TARGET",
                "~CALLER",
                "OCI_VERSION",
                "returntarget",
                "HOOK_URL"
            ]
        );
        let validate = Function::Validate {
            product: "P 1".to_owned(),
            quantity: "2".to_owned(),
        };
        let fields = call_up(validate).fields();
        assert_eq!(
            fields[1..4],
            [
                ("FUNCTION", "VALIDATE"),
                ("PRODUCTID", "P 1"),
                ("QUANTITY", "2")
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        for (function, name) in [
            (
                Function::Detail {
                    product: "P".to_owned(),
                },
                "DETAIL",
            ),
            (
                Function::Sourcing {
                    search: "s".to_owned(),
                },
                "SOURCING",
            ),
            (
                Function::BackgroundSearch {
                    search: "s".to_owned(),
                },
                "BACKGROUND_SEARCH",
            ),
        ] {
            assert_eq!(call_up(function).fields()[1].1, name);
        }
    }
}
