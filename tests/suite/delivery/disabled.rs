//! Endpoints that are told of nothing more: whoever manages them learns of it, once.

use std::sync::Arc;

use habeo_bot::notice;
use habeo_core::access::Role;
use habeo_core::app::Kind;
use habeo_core::app::command::CreateApp;
use habeo_core::endpoint::command::{CreateEndpoint, DisableEndpoint, ResumeEndpoint};
use habeo_core::endpoint::{Because, Owner, Settings};
use habeo_core::id::EndpointId;
use habeo_core::install::Platform;
use habeo_core::notice::Notice;
use habeo_core::notice::present::Present;
use habeo_core::outbox::Channel;
use habeo_core::secret::MasterKey;
use habeo_tests::builders::College;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::{both_engines, must};

use super::claim;
use super::notices::{connect, is_obsolete, link, present_now, told};

async fn endpoint(college: &College) -> EndpointId {
    let ledger = &college.db.ledger;
    let app = CreateApp {
        name: "Mirror".to_owned(),
        kind: Kind::Internal,
    };
    let app = must(ledger.record(&college.access, app).await);
    let command = CreateEndpoint {
        owner: Owner::App(app),
        url: "https://hooks.example.edu:8443/a-secret-path?token=abc".to_owned(),
        description: None,
        settings: Settings::of_events(vec!["asset.registered".to_owned()]),
        master_key: Arc::new(MasterKey::new(MASTER_KEY)),
    };
    must(ledger.record(&college.access, command).await).0
}

async fn disable(college: &College, endpoint: EndpointId, because: Because) -> bool {
    let command = DisableEndpoint { endpoint, because };
    let system = college.db.system(college.org);
    must(college.db.ledger.record(&system, command).await)
}

async fn resume(college: &College, endpoint: EndpointId) {
    let command = ResumeEndpoint { endpoint };
    must(college.db.ledger.record(&college.access, command).await);
}

both_engines! {
    /// Whoever manages the whole is told, and nobody else; once for each time, and not of what is over by then.
    async fn whoever_manages_endpoints_is_told_once(db: TestDb) {
        let college = College::found(&db).await;
        let slack = connect(&college, Platform::Slack).await;
        let (root, science) = (college.units.root, college.units.science);
        let admin = college.member("Robin", root, &[(Role::OrgAdmin, root)]).await;
        let of_a_part = college.member("Sam", science, &[(Role::UnitAdmin, root)]).await;
        let auditor = college.member("Kim", root, &[(Role::Auditor, root)]).await;
        for member in [&admin, &of_a_part, &auditor] {
            link(&college, slack, member.person).await;
        }
        let endpoint = endpoint(&college).await;
        let notice = Notice::EndpointDisabled { endpoint };
        assert!(disable(&college, endpoint, Because::Gone).await);
        assert!(!disable(&college, endpoint, Because::Gone).await);
        assert_eq!(told(&college).await, [(Some(admin.person), notice)]);
        resume(&college, endpoint).await;
        assert_eq!(told(&college).await, []);

        assert!(disable(&college, endpoint, Because::Silent).await);
        let leased = claim(&college, Channel::Slack).await.remove(0);
        let Present::OfEndpoint(of) = present_now(&college, &leased).await else { panic!("it is disabled") };
        let said = format!("{:?}", notice::of_endpoint(&of, |path| format!("https://habeo.example.edu{path}")));
        assert!(said.contains("https://hooks.example.edu:8443") && said.contains("five days"), "{said}");
        assert!(said.contains(&format!("/admin/integrations/webhooks/{endpoint}")), "{said}");
        assert!(!said.contains("a-secret-path") && !said.contains("abc"), "{said}");
        resume(&college, endpoint).await;
        assert!(is_obsolete(&college, &leased).await);
    }
}
