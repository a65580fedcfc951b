//! The master key and where it is kept: in the configuration, or in the folder of a SQLite database.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::installation;
use habeo_core::random::Random;
use habeo_core::secret::{MASTER_KEY_BYTES, MasterKey};
use habeo_core::store::Db;
use secrecy::ExposeSecret;

use crate::config::Database;

const CURRENT_FILE: &str = "master.key";
const PREVIOUS_FILE: &str = "master.key.previous";
/// Under this name a new key is written before it takes the place of the old one.
const NEXT_FILE: &str = "master.key.next";

/// The keys in the configuration; none where the folder has its own.
pub fn configured(database: &Database) -> anyhow::Result<Option<MasterKey>> {
    let previous = database.master_key_previous.as_ref();
    let previous = previous
        .map(|key| parse(key.expose_secret()))
        .transpose()
        .context("HABEO_MASTER_KEY_PREVIOUS")?;
    let Some(current) = &database.master_key else {
        if previous.is_some() {
            bail!("HABEO_MASTER_KEY_PREVIOUS needs HABEO_MASTER_KEY beside it");
        }
        return Ok(None);
    };
    let current = parse(current.expose_secret()).context("HABEO_MASTER_KEY")?;
    let key = MasterKey::new(current);
    Ok(Some(match previous {
        Some(previous) => key.beside(previous),
        None => key,
    }))
}

/// Reads 32 bytes in base64.
fn parse(text: &str) -> anyhow::Result<[u8; MASTER_KEY_BYTES]> {
    let bytes = STANDARD
        .decode(text.trim())
        .context("the master key is not base64")?;
    bytes
        .try_into()
        .ok()
        .context("the master key does not have 32 bytes")
}

/// A key as it is written in files and variables.
#[must_use]
pub fn spelled(key: &MasterKey) -> String {
    STANDARD.encode(key.expose())
}

/// The keys of a folder. A new folder gets its own; a database that was sealed with a lost one is not given another.
pub async fn of_folder(folder: &Path, db: &Db, random: &dyn Random) -> anyhow::Result<MasterKey> {
    if let Some(key) = in_folder(folder)? {
        return Ok(key);
    }
    if installation::is_sealed(db).await? {
        bail!(
            "{} is missing; without it the secrets in this database cannot be opened",
            folder.join(CURRENT_FILE).display()
        );
    }
    let key = MasterKey::generate(random);
    write(&folder.join(CURRENT_FILE), &key)?;
    Ok(key)
}

/// The keys that a folder has already.
pub fn in_folder(folder: &Path) -> anyhow::Result<Option<MasterKey>> {
    let Some(current) = read(&folder.join(CURRENT_FILE))? else {
        return Ok(None);
    };
    let key = MasterKey::new(current);
    Ok(Some(match read(&folder.join(PREVIOUS_FILE))? {
        Some(previous) => key.beside(previous),
        None => key,
    }))
}

/// Makes a new key the folder's current one, and the current one its previous. At every instant the folder has a key that opens what there is.
///
/// The one that was previous before keeps its bytes under its own name, for the backups from its time.
pub fn rotate_folder(folder: &Path, random: &dyn Random) -> anyhow::Result<MasterKey> {
    let current_path = folder.join(CURRENT_FILE);
    let previous_path = folder.join(PREVIOUS_FILE);
    let next_path = folder.join(NEXT_FILE);
    let current =
        read(&current_path)?.with_context(|| format!("{} is missing", current_path.display()))?;
    if let Some(former) = read(&previous_path)? {
        let id = MasterKey::new(former).id();
        fs::rename(&previous_path, folder.join(format!("{CURRENT_FILE}.{id}")))?;
    }
    if next_path.exists() {
        fs::remove_file(&next_path).context("a half-made key cannot be removed")?;
    }
    write(&previous_path, &MasterKey::new(current))?;
    let next = MasterKey::generate(random);
    write(&next_path, &next)?;
    fs::rename(&next_path, &current_path)
        .with_context(|| format!("{} cannot be replaced", current_path.display()))?;
    // A rename is durable once the folder is.
    File::open(folder)?.sync_all()?;
    Ok(next.beside(current))
}

fn read(path: &Path) -> anyhow::Result<Option<[u8; MASTER_KEY_BYTES]>> {
    if !path.exists() {
        return Ok(None);
    }
    let text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let key = parse(&text).with_context(|| path.display().to_string())?;
    Ok(Some(key))
}

fn write(path: &Path, key: &MasterKey) -> anyhow::Result<()> {
    let mut file = private_file(path)?;
    writeln!(file, "{}", spelled(key))?;
    file.sync_all()?;
    Ok(())
}

/// A new file that only its owner can read.
pub fn private_file(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .with_context(|| format!("{} cannot be made", path.display()))
}
