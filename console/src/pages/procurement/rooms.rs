//! Where the pages of buying are.

use poem::{RouteMethod, get, post};

/// Every page of buying.
pub(in crate::pages) fn all() -> Vec<(&'static str, RouteMethod)> {
    let rooms = [
        requisition_rooms(),
        order_rooms(),
        supplier_rooms(),
        approval_rooms(),
    ];
    rooms.into_iter().flatten().collect()
}

fn approval_rooms() -> Vec<(&'static str, RouteMethod)> {
    use crate::pages::approvals::{delegations, limits};
    vec![
        ("/admin/approvals", get(limits::show).post(limits::set)),
        (
            "/procurement/delegations",
            get(delegations::show).post(delegations::give),
        ),
        (
            "/procurement/delegations/:delegation/end",
            post(delegations::end),
        ),
    ]
}

fn requisition_rooms() -> Vec<(&'static str, RouteMethod)> {
    use super::{act, cart, list, shop, show};
    vec![
        ("/procurement", get(list::list)),
        ("/procurement/shop", post(shop::buy)),
        ("/procurement/carts/:session", get(cart::show)),
        ("/procurement/carts/:session/answer", post(cart::answer)),
        ("/procurement/carts/:session/close", post(cart::close)),
        (
            "/procurement/carts/:session/documents/:document",
            get(cart::download),
        ),
        (
            "/procurement/carts/:session/documents/:document/recover",
            post(cart::recover),
        ),
        ("/procurement/requisitions/:requisition", get(show::show)),
        (
            "/procurement/requisitions/:requisition/submit",
            post(act::submit),
        ),
        (
            "/procurement/requisitions/:requisition/decide",
            post(act::decide),
        ),
        (
            "/procurement/requisitions/:requisition/withdraw",
            post(act::withdraw),
        ),
        (
            "/procurement/requisitions/:requisition/reopen",
            post(act::reopen),
        ),
        (
            "/procurement/requisitions/:requisition/assign",
            post(act::assign),
        ),
        (
            "/procurement/requisitions/:requisition/shop",
            post(shop::again),
        ),
        (
            "/procurement/requisitions/:requisition/lines/:line/pieces",
            post(act::count),
        ),
        (
            "/procurement/requisitions/:requisition/lines/:line/remove",
            post(act::remove),
        ),
    ]
}

fn order_rooms() -> Vec<(&'static str, RouteMethod)> {
    use super::order::{act, show};
    use super::receive::{boxes, label, many, piece};
    use super::{documents, order, shipments};
    vec![
        (
            "/procurement/requisitions/:requisition/order",
            post(act::send),
        ),
        ("/procurement/orders", get(order::list)),
        ("/procurement/orders/:order", get(show::show)),
        ("/procurement/orders/:order/cancel", post(act::cancel)),
        ("/procurement/orders/:order/documents", get(documents::list)),
        (
            "/procurement/orders/:order/documents/:document",
            get(documents::show),
        ),
        (
            "/procurement/orders/:order/documents/:document/body",
            get(documents::download),
        ),
        (
            "/procurement/orders/:order/sent/:version",
            get(documents::letter),
        ),
        (
            "/procurement/shipments/:order",
            get(shipments::show).post(shipments::bring),
        ),
        ("/procurement/orders/:order/send", post(act::send_again)),
        (
            "/procurement/orders/:order/receive",
            get(piece::show).post(piece::take),
        ),
        ("/procurement/orders/:order/receive/list", post(many::take)),
        ("/procurement/orders/:order/receive/label", post(label::fix)),
        (
            "/procurement/orders/:order/lines/:line/decide",
            post(act::decide),
        ),
        (
            "/procurement/orders/:order/lines/:line/pieces",
            post(act::count),
        ),
        (
            "/procurement/orders/:order/lines/:line/cancel",
            post(act::cancel_line),
        ),
        ("/procurement/receiving", get(boxes::list)),
    ]
}

fn supplier_rooms() -> Vec<(&'static str, RouteMethod)> {
    use crate::pages::suppliers::{change, documents, list, secret, show};
    vec![
        ("/admin/suppliers", get(list::list)),
        (
            "/admin/suppliers/new",
            get(change::fresh).post(change::create),
        ),
        ("/admin/suppliers/:supplier", get(show::show)),
        (
            "/admin/suppliers/:supplier/edit",
            get(change::edit).post(change::save),
        ),
        ("/admin/suppliers/:supplier/test", post(show::test)),
        ("/admin/suppliers/:supplier/pause", post(change::pause)),
        ("/admin/suppliers/:supplier/resume", post(change::resume)),
        ("/admin/suppliers/:supplier/ours", post(secret::ours)),
        ("/admin/suppliers/:supplier/login", post(secret::login)),
        ("/admin/suppliers/:supplier/documents", get(documents::list)),
        (
            "/admin/suppliers/:supplier/documents/:document",
            get(documents::show),
        ),
        (
            "/admin/suppliers/:supplier/documents/:document/body",
            get(documents::download),
        ),
        ("/admin/suppliers/:supplier/rotate", post(secret::rotate)),
        (
            "/admin/suppliers/:supplier/end-rotation",
            post(secret::end_rotation),
        ),
        ("/admin/suppliers/:supplier/remove", post(change::remove)),
    ]
}
