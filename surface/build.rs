//! Takes Swagger UI out of its archive and leaves every file of the reference page, compressed, in the build folder,
//! so that the binary needs no network and the repository holds nothing of a third party.

use std::error::Error;
use std::fs::{self, File};
use std::io::{Cursor, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

/// Files of ours, beside the page that uses them.
const OURS: [&str; 2] = ["reference.css", "init.js"];
const ASSETS: &str = "src/reference/assets";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ASSETS}");
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo tells a build script its folder by the environment only"
    )]
    let out = std::env::var("OUT_DIR")?;
    let out = Path::new(&out);

    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let first = archive.by_index(0)?.name()?.into_owned();
    let (folder, _) = first
        .split_once('/')
        .ok_or("the archive has no top folder")?;
    let version = folder
        .strip_prefix("swagger-ui-")
        .ok_or("the archive does not name the version of Swagger UI")?;
    fs::write(out.join("swagger-ui.version"), version)?;

    for file in ["swagger-ui-bundle.js", "swagger-ui.css"] {
        compress(
            out,
            file,
            &extract(&mut archive, &format!("{folder}/dist/{file}"))?,
        )?;
    }
    // The licence asks that its text and the notice travel with every copy, and the reference page is one.
    let mut licence = extract(&mut archive, &format!("{folder}/NOTICE"))?;
    licence.extend_from_slice(b"\n\n");
    licence.extend(extract(&mut archive, &format!("{folder}/LICENSE"))?);
    compress(out, "swagger-ui-licence.txt", &licence)?;

    for file in OURS {
        compress(out, file, &fs::read(Path::new(ASSETS).join(file))?)?;
    }
    Ok(())
}

fn extract(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    archive
        .by_name(name)
        .map_err(|error| format!("{name}: {error}"))?
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn compress(out: &Path, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut encoder = GzEncoder::new(
        File::create(out.join(format!("{name}.gz")))?,
        Compression::best(),
    );
    encoder.write_all(bytes)?;
    encoder.finish()?;
    Ok(())
}
