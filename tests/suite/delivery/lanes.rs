//! Within a lane one after the other, the oldest first; between organisations one as often as another.

use habeo_core::outbox::lease::{Verdict, Wanted};
use habeo_core::outbox::{Channel, Leased};
use habeo_core::time::SECOND_MICROS;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{again, claim, count, delivered, outbox, post, settle};

fn lanes(leased: &[Leased]) -> Vec<&str> {
    let mut lanes: Vec<&str> = leased.iter().map(|leased| leased.lane.as_str()).collect();
    lanes.sort_unstable();
    lanes
}

both_engines! {
    /// Of each lane only the oldest is ever given out, and the next a second after it was settled.
    async fn lanes_are_kept_in_order(db: TestDb) {
        let college = College::found(&db).await;
        let mut posted = post(&college, Channel::Slack, &["a", "b", "a"]).await;
        posted.extend(post(&college, Channel::Slack, &["a"]).await);
        let mut order = Vec::new();
        let first = claim(&college, Channel::Slack).await;
        assert_eq!(lanes(&first), ["a", "b"]);
        assert_eq!(claim(&college, Channel::Slack).await, []);
        // What comes while one is on its way goes to the end.
        posted.extend(post(&college, Channel::Slack, &["a", "c"]).await);
        let meanwhile = claim(&college, Channel::Slack).await;
        assert_eq!(lanes(&meanwhile), ["c"]);
        let mut on_way = first.into_iter().find(|leased| leased.lane == "a");
        while let Some(leased) = on_way {
            order.push(leased.id);
            assert_eq!(settle(&college, &leased, delivered()).await, Verdict::Delivered);
            assert_eq!(claim(&college, Channel::Slack).await, [], "a lane rests");
            db.clock.advance_micros(SECOND_MICROS);
            on_way = claim(&college, Channel::Slack).await.pop();
        }
        assert_eq!(order, [posted[0], posted[2], posted[3], posted[4]]);
    }

    /// A failed parcel keeps its lane waiting and nobody else's.
    async fn a_failing_lane_waits_alone(db: TestDb) {
        let college = College::found(&db).await;
        let ids = post(&college, Channel::Teams, &["a", "a"]).await;
        let leased = claim(&college, Channel::Teams).await.remove(0);
        assert_eq!(leased.id, ids[0]);
        let Verdict::Again(due) = settle(&college, &leased, again(None)).await else {
            panic!("it is tried again");
        };
        let free = post(&college, Channel::Teams, &["b"]).await[0];
        assert_eq!(claim(&college, Channel::Teams).await.iter().map(|leased| leased.id).collect::<Vec<_>>(), [free]);
        db.clock.set(due);
        let leased = claim(&college, Channel::Teams).await;
        assert_eq!(leased.iter().map(|leased| (leased.id, leased.attempt)).collect::<Vec<_>>(), [(ids[0], 2)]);
    }

    /// Webhooks of one endpoint do not wait for each other.
    async fn webhooks_go_side_by_side(db: TestDb) {
        let college = College::found(&db).await;
        post(&college, Channel::Webhook, &["a", "a", "a"]).await;
        assert_eq!(claim(&college, Channel::Webhook).await.len(), 3);
    }

    /// Lanes that are filled and emptied at once by many never stop: none is left behind another that is gone.
    async fn no_parcel_is_left_behind(db: TestDb) {
        let college = College::found(&db).await;
        let posting = async {
            for _ in 0..40 {
                post(&college, Channel::Push, &["a", "b"]).await;
            }
        };
        let delivering = async {
            let mut made = 0;
            while made < 80 {
                for leased in claim(&college, Channel::Push).await {
                    settle(&college, &leased, delivered()).await;
                    made += 1;
                }
                tokio::task::yield_now().await;
            }
        };
        let patience = std::time::Duration::from_mins(1);
        must(tokio::time::timeout(patience, futures_util::future::join(posting, delivering)).await);
        assert_eq!(count(&college).await, (80, 0));
    }

    /// Every organisation has its turn, whoever else has how much.
    async fn organisations_have_their_turn(db: TestDb) {
        let mut colleges = Vec::new();
        for slug in ["amark", "bmark", "cmark"] {
            colleges.push(College::found_as(&db, slug).await);
        }
        colleges.sort_by_key(|college| college.org);
        let orgs: Vec<_> = colleges.iter().map(|college| college.org).collect();
        for (college, parcels) in colleges.iter().zip([3, 0, 1]) {
            post(college, Channel::Webhook, &vec!["a"; parcels]).await;
        }
        let outbox = outbox(&colleges[0]);
        let due = |after, limit| {
            let outbox = outbox.clone();
            async move { must(outbox.organizations_due(Channel::Webhook, after, limit).await) }
        };
        assert_eq!(due(None, 10).await, [orgs[0], orgs[2]]);
        assert_eq!(due(Some(orgs[0]), 10).await, [orgs[2], orgs[0]]);
        assert_eq!(due(Some(orgs[1]), 1).await, [orgs[2]]);
        assert_eq!(due(Some(orgs[2]), 10).await, [orgs[0], orgs[2]]);
        assert_eq!(must(outbox.organizations_due(Channel::Slack, None, 10).await), []);
        claim(&colleges[2], Channel::Webhook).await;
        assert_eq!(due(None, 10).await, [orgs[0]], "what is on its way is not due");
    }

    /// Parcels that failed before do not take every place, nor do they wait for ever behind new ones.
    async fn first_attempts_and_others_share_the_places(db: TestDb) {
        let college = College::found(&db).await;
        post(&college, Channel::Webhook, &["old"; 10]).await;
        for leased in claim(&college, Channel::Webhook).await {
            settle(&college, &leased, again(None)).await;
        }
        db.clock.advance_micros(10 * SECOND_MICROS);
        post(&college, Channel::Webhook, &["new"; 10]).await;
        for (parcels, again_max, old, new) in [(4, 4, 2, 2), (4, 1, 1, 3), (1, 1, 1, 0), (1, 0, 0, 1), (9, 9, 5, 4), (9, 9, 1, 0)] {
            let wanted = Wanted { parcels, again_max };
            let leased = must(outbox(&college).claim(college.org, Channel::Webhook, wanted).await);
            let tried = leased.iter().filter(|leased| leased.attempt > 1).count();
            assert_eq!((tried, leased.len() - tried), (old, new), "{wanted:?}");
        }
    }
}
