//! The ledger for auditors: its last signed checkpoint, its entries to the byte, and proofs.

use habeo_core::access::{Access, Action};
use habeo_core::ledger::audit::{self, Refusal};
use habeo_core::ledger::{checkpoint, tile};
use habeo_core::store::Tx;
use habeo_surface::paging::{Listing, One, PageLimit, one};
use habeo_surface::{ApiResult, Caller, Problem};
use poem::Request;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use crate::Context;
use crate::context::List;
use crate::view::ledger::{CheckpointView, ConsistencyProof, InclusionProof, LedgerEntry};

/// The ledger.
#[derive(Debug)]
pub struct LedgerApi(pub Context);

/// What asking for the last checkpoint leads to.
#[derive(Debug, ApiResponse)]
pub enum LastCheckpoint {
    /// The checkpoint.
    #[oai(status = 200)]
    Signed(Json<One<CheckpointView>>),
    /// None was signed yet.
    #[oai(status = 404)]
    None,
}

#[OpenApi]
impl LedgerApi {
    /// The last signed checkpoint, with every public key.
    ///
    /// Keep it somewhere else: whoever has one can prove later that nothing up to it was altered or taken away. A new one is signed at most
    /// every ten seconds, and only when the ledger has grown. For auditors of the whole organization.
    #[oai(
        path = "/ledger/checkpoint",
        method = "get",
        operation_id = "getLedgerCheckpoint"
    )]
    async fn checkpoint(&self, caller: Caller) -> ApiResult<LastCheckpoint> {
        let access = caller.access();
        let mut tx = self.begin(access).await?;
        let signed = checkpoint::latest(&mut tx, access)
            .await?
            .ok_or(Refusal::NoCheckpoint)?;
        drop(tx);
        let keys = checkpoint::keys(self.0.ledger().db()).await?;
        Ok(LastCheckpoint::Signed(one(CheckpointView::new(
            signed, &keys,
        ))))
    }

    /// A page of the entries of the ledger, in order, to the byte.
    ///
    /// For auditors of the whole organization.
    #[oai(
        path = "/ledger/entries",
        method = "get",
        operation_id = "listLedgerEntries"
    )]
    async fn entries(
        &self,
        caller: Caller,
        request: &Request,
        /// Begin with the entry of this index.
        from: Query<Option<u32>>,
        /// Begin after the entry of this index.
        after: Query<Option<u32>>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<LedgerEntry>> {
        let begin = match (from.0, after.0) {
            (Some(_), Some(_)) => {
                return Err(Problem::parameter(
                    "after",
                    "excluded",
                    "cannot be given together with `from`",
                ));
            }
            (Some(from), None) => i64::from(from) - 1,
            (None, Some(after)) => i64::from(after),
            (None, None) => -1,
        };
        let canonical = format!("ledger {begin}");
        let list = List {
            access: caller.access(),
            action: Action::ReadLedger,
            filter: &canonical,
        };
        let after = self
            .0
            .position(list, cursor.0.as_deref())?
            .map_or(begin, |position| position.seq);
        let mut tx = self.begin(list.access).await?;
        let page = audit::page(&mut tx, list.access, after, limit.0.0).await?;
        Ok(self.0.listing(list, page, request))
    }

    /// A proof that an entry is in the ledger (RFC 9162 section 2.1.3).
    ///
    /// For auditors of the whole organization.
    #[oai(
        path = "/ledger/proof/inclusion",
        method = "get",
        operation_id = "getInclusionProof"
    )]
    async fn inclusion(
        &self,
        caller: Caller,
        /// The index of the entry.
        index: Query<u32>,
        /// The size of the tree; by default that of the last signed checkpoint.
        size: Query<Option<u32>>,
    ) -> ApiResult<Json<One<InclusionProof>>> {
        let access = caller.access();
        let mut tx = self.begin(access).await?;
        let (index, size) = (
            u64::from(index.0),
            self.size(&mut tx, access, "size", size.0).await?,
        );
        let proof = tile::inclusion(&mut tx, access, index, size).await?;
        let proof = proof.ok_or_else(|| {
            Problem::parameter("index", "out_of_range", "is not below the size of the tree")
        })?;
        Ok(one(InclusionProof::new(index, size, &proof)))
    }

    /// A proof that the ledger of one size is the beginning of that of another (RFC 9162 section 2.1.4).
    ///
    /// For auditors of the whole organization.
    #[oai(
        path = "/ledger/proof/consistency",
        method = "get",
        operation_id = "getConsistencyProof"
    )]
    async fn consistency(
        &self,
        caller: Caller,
        /// The smaller size, at least 1.
        from: Query<u32>,
        /// The larger size; by default that of the last signed checkpoint.
        to: Query<Option<u32>>,
    ) -> ApiResult<Json<One<ConsistencyProof>>> {
        let access = caller.access();
        let mut tx = self.begin(access).await?;
        let (from, to) = (
            u64::from(from.0),
            self.size(&mut tx, access, "to", to.0).await?,
        );
        let proof = tile::consistency(&mut tx, access, from, to).await?;
        let proof = proof.ok_or_else(|| {
            Problem::parameter(
                "from",
                "out_of_range",
                "is not between 1 and the larger size",
            )
        })?;
        Ok(one(ConsistencyProof::new(from, to, &proof)))
    }
}

impl LedgerApi {
    /// Begins a read as an auditor of the whole organization.
    async fn begin(&self, access: &Access) -> ApiResult<Tx> {
        let mut tx = self.0.ledger().db().read(access).await?;
        if audit::may_audit_all(&mut tx, access).await? {
            Ok(tx)
        } else {
            Err(Refusal::NotPermitted.into())
        }
    }

    /// The size that is asked for, which the ledger must have reached.
    async fn size(
        &self,
        tx: &mut Tx,
        access: &Access,
        name: &str,
        asked: Option<u32>,
    ) -> ApiResult<u64> {
        let present = audit::size(tx, access).await?;
        match asked.map(u64::from) {
            Some(asked) if asked > present => Err(Problem::parameter(
                name,
                "out_of_range",
                "is more than the ledger has entries",
            )),
            Some(asked) => Ok(asked),
            None => {
                let signed = checkpoint::latest(tx, access).await?;
                Ok(signed.map_or(present, |signed| signed.checkpoint.size))
            }
        }
    }
}
