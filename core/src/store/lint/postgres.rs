//! The rules on PostgreSQL: each is one statement over the catalogues that answers with what breaks it.
//!
//! The statements name no organisation and read no table of ours; any role may run them.

use sqlx::PgPool;

use super::super::StoreResult;
use super::{APPEND_ONLY, DIRECTORY, Fault};

/// The role that owns everything and serves nothing.
const OWNER: &str = "habeo_owner";
/// The migrations' own table, which the driver makes.
const MIGRATIONS: &str = "_sqlx_migrations";
/// What the serving role looks names up in, without white space. Temporary tables last, or they would stand in front of ours.
pub(in super::super) const SEARCH_PATH: &str = "public,pg_temp";
/// The policy of every tenant table, without the white space in which versions of the server differ.
const POLICY: &str =
    "(org_id=(SELECT(NULLIF(current_setting('habeo.org'::text,true),''::text))::uuidAS\"nullif\"))";

/// A rule and the statement that finds what breaks it. `$1` is the owner, `$2` the directory tables, `$3` the append-only ones, `$4` the
/// text of the policy, `$5` the search path, `$6` the migrations' table; every statement takes all six.
struct Rule {
    name: &'static str,
    finds: &'static str,
}

/// `kept` are the tables of ours, `tenant` those that belong to organisations.
macro_rules! rule {
    ($name:literal, $finds:expr) => {
        Rule {
            name: $name,
            finds: concat!(
                "WITH given (owner, directory, append_only, policy, path, migrations) AS (
                     SELECT $1::text, $2::text[], $3::text[], $4::text, $5::text, $6::text),
                 serving AS (SELECT * FROM pg_roles WHERE rolname = current_user),
                 kept AS (
                     SELECT c.*, c.relname::text AS name FROM pg_class c, given
                     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> given.migrations),
                 tenant AS (SELECT kept.* FROM kept, given WHERE kept.name <> ALL (given.directory)) ",
                $finds
            ),
        }
    };
}

const RULES: &[Rule] = &[
    rule!(
        "owner",
        "SELECT c.relname || ' is owned by ' || pg_get_userbyid(c.relowner) FROM pg_class c, given
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
               AND pg_get_userbyid(c.relowner) <> given.owner
         UNION ALL
         SELECT 'the function ' || p.proname || ' is owned by ' || pg_get_userbyid(p.proowner) FROM pg_proc p, given
             WHERE p.pronamespace = 'public'::regnamespace AND pg_get_userbyid(p.proowner) <> given.owner"
    ),
    rule!(
        "roles",
        "SELECT 'the role ' || rolname || ' may ' || may FROM pg_roles, given, LATERAL (VALUES
                 (rolsuper, 'do everything'), (rolbypassrls, 'pass row security'), (rolcreaterole, 'create roles'),
                 (rolcreatedb, 'create databases'), (rolreplication, 'replicate'), (rolcanlogin AND rolname = given.owner, 'log in')
             ) attribute (has, may)
             WHERE has AND rolname IN (current_user, given.owner)
         UNION ALL
         SELECT 'the role ' || current_user || ' is a member of ' || pg_get_userbyid(m.roleid)
             FROM pg_auth_members m JOIN serving ON serving.oid = m.member
         UNION ALL
         SELECT 'the role ' || given.owner || ' is a member of ' || pg_get_userbyid(m.roleid)
             FROM pg_auth_members m, given WHERE pg_get_userbyid(m.member) = given.owner
         UNION ALL
         SELECT 'the role ' || current_user || ' owns the schema ' || n.nspname
             FROM pg_namespace n JOIN serving ON serving.oid = n.nspowner
         UNION ALL
         SELECT 'the role ' || current_user || ' owns this database'
             FROM pg_database d JOIN serving ON serving.oid = d.datdba WHERE d.datname = current_database()"
    ),
    rule!(
        "row security",
        "SELECT name || ' has none' FROM tenant WHERE NOT relrowsecurity
         UNION ALL
         SELECT name || ' does not force it on its owner' FROM tenant WHERE NOT relforcerowsecurity"
    ),
    rule!(
        "policies",
        "SELECT tenant.name || ' has ' || count(p.oid) || ' policies, not one' FROM tenant
             LEFT JOIN pg_policy p ON p.polrelid = tenant.oid GROUP BY tenant.name HAVING count(p.oid) <> 1
         UNION ALL
         SELECT tenant.name || ' has a policy that is not for all commands and everybody' FROM tenant
             JOIN pg_policy p ON p.polrelid = tenant.oid
             WHERE p.polcmd <> '*' OR NOT p.polpermissive OR p.polroles <> ARRAY[0::oid]
         UNION ALL
         SELECT tenant.name || ' has a policy with another ' || part FROM tenant
             JOIN pg_policy p ON p.polrelid = tenant.oid
             CROSS JOIN LATERAL (VALUES ('USING', p.polqual), ('WITH CHECK', p.polwithcheck)) clause (part, tree)
             CROSS JOIN given
             WHERE regexp_replace(coalesce(pg_get_expr(tree, p.polrelid), ''), '\\s', '', 'g') <> given.policy"
    ),
    rule!(
        "rights",
        "SELECT kept.name || ' lets ' || who || ' ' || a.privilege_type FROM kept
             CROSS JOIN LATERAL (SELECT acl.*, CASE acl.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(acl.grantee)::text END AS who
                 FROM aclexplode(kept.relacl) acl) a
             CROSS JOIN given
             WHERE a.grantee = 0
                OR (who = current_user AND (a.is_grantable OR a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
                    OR (kept.name = ANY (given.append_only) AND a.privilege_type NOT IN ('SELECT', 'INSERT'))))
         UNION ALL
         SELECT kept.name || '.' || t.attname || ' lets ' || CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee)::text END
                 || ' ' || a.privilege_type
             FROM kept JOIN pg_attribute t ON t.attrelid = kept.oid CROSS JOIN LATERAL aclexplode(t.attacl) a CROSS JOIN given
             WHERE a.grantee = 0 OR (pg_get_userbyid(a.grantee) = current_user
                 AND (a.is_grantable OR a.privilege_type = 'REFERENCES' OR (kept.name = ANY (given.append_only) AND a.privilege_type = 'UPDATE')))
         UNION ALL
         SELECT given.migrations || ' lets ' || current_user || ' ' || privilege FROM given,
             LATERAL unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) privilege
             WHERE to_regclass('public.' || given.migrations) IS NOT NULL
               AND has_table_privilege(current_user, to_regclass('public.' || given.migrations), privilege)
         UNION ALL
         SELECT 'the schema public lets ' || current_user || ' CREATE' WHERE has_schema_privilege(current_user, 'public', 'CREATE')"
    ),
    rule!(
        "organization column",
        "SELECT tenant.name || ' has no org_id that is a UUID and never empty' FROM tenant WHERE NOT EXISTS (
             SELECT 1 FROM pg_attribute t WHERE t.attrelid = tenant.oid AND t.attname = 'org_id' AND NOT t.attisdropped
               AND t.attnotnull AND t.atttypid = 'uuid'::regtype)"
    ),
    rule!(
        "keys",
        "SELECT tenant.name || ' has no primary key' FROM tenant
             WHERE NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = tenant.oid AND i.indisprimary)
         UNION ALL
         SELECT 'the unique index ' || i.indexrelid::regclass || ' of ' || tenant.name || ' does not begin with org_id' FROM tenant
             JOIN pg_index i ON i.indrelid = tenant.oid AND i.indisunique
             WHERE NOT EXISTS (SELECT 1 FROM pg_attribute t
                 WHERE t.attrelid = tenant.oid AND t.attnum = i.indkey[0] AND t.attname = 'org_id')"
    ),
    rule!(
        "foreign keys",
        "SELECT f.conname || ' of ' || tenant.name || ' does not carry the organization to ' || f.confrelid::regclass FROM tenant
             JOIN pg_constraint f ON f.conrelid = tenant.oid AND f.contype = 'f'
             WHERE NOT EXISTS (SELECT 1 FROM unnest(f.conkey, f.confkey) pair (ours, theirs)
                 JOIN pg_attribute o ON o.attrelid = f.conrelid AND o.attnum = pair.ours AND o.attname = 'org_id'
                 JOIN pg_attribute t ON t.attrelid = f.confrelid AND t.attnum = pair.theirs AND t.attname = 'org_id')
         UNION ALL
         SELECT f.conname || ' of ' || f.conrelid::regclass || ' changes rows by itself' FROM pg_constraint f
             WHERE f.connamespace = 'public'::regnamespace AND f.contype = 'f'
               AND (f.confdeltype NOT IN ('a', 'r') OR f.confupdtype NOT IN ('a', 'r'))"
    ),
    rule!(
        "views",
        "SELECT c.relname || ' is a view with its owner''s rights' FROM pg_class c
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'
               AND NOT coalesce(c.reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1']
         UNION ALL
         SELECT c.relname || ' is kept outside row security' FROM pg_class c
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('m', 'f')
         UNION ALL
         SELECT kept.name || ' has the rewriting rule ' || r.rulename FROM kept JOIN pg_rewrite r ON r.ev_class = kept.oid"
    ),
    rule!(
        "functions",
        "SELECT p.proname || ' runs with its owner''s rights' FROM pg_proc p
             WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
         UNION ALL
         SELECT p.proname || ' does not pin its search_path' FROM pg_proc p
             WHERE p.pronamespace = 'public'::regnamespace
               AND NOT EXISTS (SELECT 1 FROM unnest(p.proconfig) setting WHERE setting LIKE 'search!_path=%' ESCAPE '!')"
    ),
    rule!(
        "search path",
        "SELECT 'the role ' || current_user || ' has no search_path of ' || given.path || ' of its own; `habeo migrate --create-roles` sets it'
             FROM given WHERE NOT EXISTS (
                 SELECT 1 FROM pg_db_role_setting s JOIN serving ON serving.oid = s.setrole, unnest(s.setconfig) setting
                 WHERE s.setdatabase = 0 AND replace(setting, ' ', '') = 'search_path=' || given.path)
         UNION ALL
         SELECT 'this database gives ' || current_user || ' another: ' || setting
             FROM pg_db_role_setting s, serving, unnest(s.setconfig) setting, given
             WHERE s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) AND s.setrole IN (0, serving.oid)
               AND setting LIKE 'search!_path=%' ESCAPE '!' AND replace(setting, ' ', '') <> 'search_path=' || given.path
         UNION ALL
         SELECT 'this connection has another: ' || current_setting('search_path') FROM given
             WHERE replace(current_setting('search_path'), ' ', '') <> given.path"
    ),
    rule!(
        "triggers",
        // Bits of `tgtype`: 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
        "SELECT 'nothing refuses ' || verb || ' on ' || wanted FROM given, LATERAL (
                 SELECT wanted, verb, bit, false AS conditional FROM unnest(given.append_only) wanted,
                     (VALUES ('DELETE', 8), ('UPDATE', 16), ('TRUNCATE', 32)) event (verb, bit)
                 UNION ALL SELECT 'ledger_head', verb, bit, bit = 16
                     FROM (VALUES ('DELETE', 8), ('UPDATE', 16), ('TRUNCATE', 32)) event (verb, bit)) line
             WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t
                 WHERE t.tgrelid = to_regclass('public.' || wanted) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
                   AND (t.tgtype & 2) <> 0 AND (t.tgtype & bit) <> 0 AND t.tgattr = ''::int2vector
                   AND (t.tgqual IS NOT NULL) = conditional AND t.tgfoid = to_regproc('public.refuse_ledger_change'))
         UNION ALL
         SELECT 'nothing keeps custody intervals on assignment apart' WHERE NOT EXISTS (
             SELECT 1 FROM pg_trigger t WHERE t.tgrelid = to_regclass('public.assignment') AND t.tgenabled IN ('O', 'A')
               AND (t.tgtype & 2) <> 0 AND (t.tgtype & 4) <> 0 AND (t.tgtype & 16) <> 0 AND t.tgqual IS NULL
               AND t.tgfoid = to_regproc('public.refuse_custody_overlap'))
         UNION ALL
         SELECT p.proname || ' does not refuse any more' FROM pg_proc p
             WHERE p.pronamespace = 'public'::regnamespace AND p.proname IN ('refuse_ledger_change', 'refuse_custody_overlap')
               AND p.prosrc NOT LIKE '%RAISE EXCEPTION%'
         UNION ALL
         SELECT tenant.name || ' has the trigger ' || t.tgname || ' with a function of elsewhere' FROM tenant
             JOIN pg_trigger t ON t.tgrelid = tenant.oid AND NOT t.tgisinternal JOIN pg_proc p ON p.oid = t.tgfoid
             WHERE p.pronamespace <> 'public'::regnamespace
         UNION ALL
         SELECT 'triggers are switched off for this connection' WHERE current_setting('session_replication_role') = 'replica'"
    ),
];

pub(super) async fn faults(pool: &PgPool) -> StoreResult<Vec<Fault>> {
    let mut connection = pool.acquire().await?;
    let mut faults = Vec::new();
    for rule in RULES {
        let found: Vec<String> = sqlx::query_scalar(rule.finds)
            .bind(OWNER)
            .bind(DIRECTORY)
            .bind(APPEND_ONLY)
            .bind(POLICY)
            .bind(SEARCH_PATH)
            .bind(MIGRATIONS)
            .persistent(false)
            .fetch_all(&mut *connection)
            .await?;
        faults.extend(found.into_iter().map(|what| Fault {
            rule: rule.name,
            what,
        }));
    }
    Ok(faults)
}
