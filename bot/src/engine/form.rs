//! Forms: what is asked before a change can be proposed.

use std::collections::BTreeMap;

use habeo_core::asset::{Acquisition, Condition, LossKind, RepairBy};
use habeo_core::time::Day;

use super::list::capitalised;
use super::words;
use crate::reply::{Choice, ChoiceOf, Field, FieldKind, Form, FormKind};

/// The form, with what was given and what is usual filled in.
pub(super) fn form(kind: FormKind, given: &BTreeMap<String, String>, today: Day) -> Form {
    let (title, submit) = titles(kind);
    let mut fields = fields(kind);
    for field in &mut fields {
        field.value = given.get(field.name).cloned();
        if field.value.is_none() && field.name == "day" {
            field.value = Some(today.to_string());
        }
    }
    Form {
        kind,
        title: title.to_owned(),
        submit: submit.to_owned(),
        fields,
    }
}

/// The field by which what is wrong with the whole is said.
pub(super) fn first_field(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Register => "description",
        FormKind::RejectRequisition => "remark",
        _ => "asset",
    }
}

const fn titles(kind: FormKind) -> (&'static str, &'static str) {
    match kind {
        FormKind::Deploy => ("Hand out an asset", "Continue"),
        FormKind::Loan => ("Lend an asset", "Continue"),
        FormKind::Return => ("Take an asset back", "Continue"),
        FormKind::Reassign => ("Hand an asset on", "Continue"),
        FormKind::Move => ("Move an asset", "Continue"),
        FormKind::ReportMissing => ("Report an asset missing", "Continue"),
        FormKind::Found => ("Record that an asset was found", "Continue"),
        FormKind::RepairOut => ("Send an asset to repair", "Continue"),
        FormKind::RepairIn => ("Take an asset back from repair", "Continue"),
        FormKind::Note => ("Write a note on an asset", "Continue"),
        FormKind::Renew => ("Extend a loan", "Continue"),
        FormKind::Register => ("Enter a new asset", "Continue"),
        FormKind::RejectRequisition => ("Reject a requisition", "Continue"),
    }
}

fn field(name: &'static str, label: &str, kind: FieldKind) -> Field {
    Field {
        name,
        label: label.to_owned(),
        kind,
        required: true,
        value: None,
        hint: None,
    }
}

impl Field {
    fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    fn hinted(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }
}

fn of<T: Copy>(all: &[T], word: impl Fn(T) -> (&'static str, String)) -> FieldKind {
    FieldKind::Choice(
        all.iter()
            .map(|one| {
                let (value, label) = word(*one);
                Choice {
                    value: value.to_owned(),
                    label,
                }
            })
            .collect(),
    )
}

fn conditions() -> FieldKind {
    of(Condition::ALL, |one| {
        (one.as_str(), capitalised(words::condition(one)))
    })
}

fn fields(kind: FormKind) -> Vec<Field> {
    let asset = || field("asset", "Asset", FieldKind::Lookup(ChoiceOf::Asset));
    let place = || field("place", "Place", FieldKind::Lookup(ChoiceOf::Place)).optional();
    let remark = || field("remark", "Remark", FieldKind::Text).optional();
    match kind {
        FormKind::Deploy | FormKind::Reassign => vec![
            asset(),
            field("person", "To whom", FieldKind::Lookup(ChoiceOf::Person))
                .optional()
                .hinted("One of person, unit and room"),
            field("unit", "To which unit", FieldKind::Lookup(ChoiceOf::Unit)).optional(),
            field("room", "To which room", FieldKind::Lookup(ChoiceOf::Place)).optional(),
            remark(),
        ],
        FormKind::Loan => vec![
            asset(),
            field("person", "To whom", FieldKind::Lookup(ChoiceOf::Person)),
            field("until", "Until", FieldKind::Day),
            remark(),
        ],
        FormKind::Return => vec![
            asset(),
            field("condition", "Condition", conditions()),
            place(),
            remark(),
        ],
        FormKind::Move => {
            let mut place = place();
            place.required = true;
            vec![asset(), place, remark()]
        }
        FormKind::ReportMissing => vec![
            asset(),
            field(
                "kind",
                "What happened",
                of(LossKind::ALL, |one| {
                    let label = match one {
                        LossKind::Lost => "Nobody knows where it is",
                        LossKind::Stolen => "Stolen",
                        LossKind::Damaged => "Destroyed",
                    };
                    (one.as_str(), label.to_owned())
                }),
            ),
            field("day", "Noticed on", FieldKind::Day),
            field("number", "Police report", FieldKind::Line).optional(),
            remark(),
        ],
        FormKind::Found => vec![asset(), place(), remark()],
        FormKind::RepairOut => vec![
            asset(),
            field(
                "by",
                "Repaired by",
                of(RepairBy::ALL, |one| {
                    let label = match one {
                        RepairBy::Vendor => "An outside workshop",
                        RepairBy::Bench => "Our own workshop",
                    };
                    (one.as_str(), label.to_owned())
                }),
            ),
            field("number", "Return number", FieldKind::Line).optional(),
            remark(),
        ],
        FormKind::RepairIn => vec![
            asset(),
            field("condition", "Condition", conditions()),
            remark(),
        ],
        FormKind::Note => vec![asset(), field("text", "Note", FieldKind::Text)],
        FormKind::Renew => vec![asset(), field("until", "Until", FieldKind::Day), remark()],
        FormKind::Register => register_fields(),
        FormKind::RejectRequisition => {
            vec![field("remark", "Reason", FieldKind::Text).hinted("Whoever wants it reads this")]
        }
    }
}

fn register_fields() -> Vec<Field> {
    let acquisitions = of(Acquisition::ALL, |one| {
        (one.as_str(), capitalised(&words::acquisition(one)))
    });
    vec![
        field("description", "What it is", FieldKind::Line),
        field(
            "category",
            "Category",
            FieldKind::Lookup(ChoiceOf::Category),
        ),
        field("model", "Model", FieldKind::Lookup(ChoiceOf::Model)).optional(),
        field("unit", "Owned by", FieldKind::Lookup(ChoiceOf::Unit)),
        field("tag", "Tag", FieldKind::Line)
            .optional()
            .hinted("As it is on the label; none if it has no label yet"),
        field("serial", "Serial number", FieldKind::Line).optional(),
        field("place", "Place", FieldKind::Lookup(ChoiceOf::Place)).optional(),
        field("condition", "Condition", conditions()).optional(),
        field("acquisition", "Acquired by", acquisitions),
        field("acquired", "Bought on", FieldKind::Day).optional(),
        field("provenance", "Where it came from", FieldKind::Text)
            .optional()
            .hinted("Needed unless it was bought"),
    ]
}
