//! More connections than there is room for.

use super::*;

#[test]
fn a_crowd_of_one_address_is_turned_away() {
    let limits = Limits {
        connections_per_address_max: 2,
        ..Limits::default()
    };
    on_wire(limits, async |_, address| {
        let (mut one, mut two) = (Wire::to(address).await, Wire::to(address).await);
        assert_eq!(one.ask(ALIVE).await.status, 200);
        assert_eq!(two.ask(ALIVE).await.status, 200);
        for _ in 0..3 {
            let mut more = Wire::to(address).await;
            let refused = more.answer().await;
            refused.assert_problem(503, "busy");
            assert_eq!(refused.header("retry-after").as_deref(), Some("1"));
            assert!(refused.ends_connection());
            assert!(more.is_ended().await);
        }
        drop(one);
        // The server notices in its own time.
        let again = async {
            loop {
                let mut wire = Wire::to(address).await;
                if wire.ask(ALIVE).await.status == 200 {
                    return;
                }
            }
        };
        must(timeout(PATIENCE, again).await);
        assert_eq!(two.ask(ALIVE).await.status, 200);
    });
}

#[test]
fn a_full_house_is_full_for_everybody() {
    let limits = Limits {
        connections_max: 1,
        ..Limits::default()
    };
    on_wire(limits, async |_, address| {
        let mut one = Wire::to(address).await;
        assert_eq!(one.ask(ALIVE).await.status, 200);
        Wire::to(address)
            .await
            .answer()
            .await
            .assert_problem(503, "busy");
        assert_eq!(one.ask(ALIVE).await.status, 200);
    });
}
