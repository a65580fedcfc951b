//! Who in the sandbox is shown to a newcomer: found again in the records, so that later starts need no plan.

use habeo_core::access::{Access, Role};
use habeo_core::ledger::Ledger;
use habeo_core::{grant, person};

use crate::issuer::ISSUER;

/// An administrator and a technician, by their names at the sandbox issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// Who sees everything.
    pub admin: String,
    /// Who sees one college.
    pub technician: String,
    /// That college's name.
    pub college: String,
}

/// Finds them by the roles they were given first.
pub async fn find(ledger: &Ledger, access: &Access) -> anyhow::Result<Option<Cast>> {
    let mut tx = ledger.db().read(access).await?;
    let admins = grant::store::holders(&mut tx, access, Role::OrgAdmin).await?;
    let technicians = grant::store::holders(&mut tx, access, Role::Technician).await?;
    let admin = admins.into_iter().next();
    // Those with a role at the root see everything; a newcomer is shown what a limit looks like.
    let technician = technicians
        .into_iter()
        .find(|holder| holder.unit_depth == 1);
    let (Some(admin), Some(technician)) = (admin, technician) else {
        return Ok(None);
    };
    let admin_subject = person::store::subject(&mut tx, access, admin.person_id, ISSUER).await?;
    let technician_subject =
        person::store::subject(&mut tx, access, technician.person_id, ISSUER).await?;
    let (Some(admin), Some(subject)) = (admin_subject, technician_subject) else {
        return Ok(None);
    };
    Ok(Some(Cast {
        admin,
        technician: subject,
        college: technician.unit_name,
    }))
}
