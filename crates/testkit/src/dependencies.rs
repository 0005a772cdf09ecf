//! What the binary is made of, as cargo tells it: for the bill of materials, and for the rules of `deny.toml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use serde_json::{Value, json};

/// One crate that is built.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// Where it comes from; none for our own.
    pub source: Option<String>,
    /// SHA-256 of its package.
    pub checksum: Option<String>,
    /// Whether it is in the binary, or in what builds the binary; else only tests use it.
    pub shipped: bool,
    /// What it stands on, in the binary.
    on: BTreeSet<String>,
}

impl Dependency {
    /// Its name in the world (package URL).
    pub fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }
}

/// What we took in as files: name, version, licence, and where it lies.
const FILES: [(&str, &str, &str, &str); 2] = [
    ("htmx.org", "2.0.11", "0BSD", "crates/http/assets/htmx.min.js"),
    (
        "DejaVu Sans Bold",
        "2.37",
        "Bitstream-Vera",
        "crates/provider/assets/button.ttf",
    ),
];

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All crates of the workspace and what they stand on, on Linux.
pub fn dependencies() -> anyhow::Result<Vec<Dependency>> {
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(workspace())
        .output()
        .context("cargo could not be asked")?;
    anyhow::ensure!(
        told.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&told.stderr)
    );
    let told: Value = serde_json::from_slice(&told.stdout)?;
    let checksums = checksums(&std::fs::read_to_string(workspace().join("Cargo.lock"))?);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut known = BTreeMap::new();
    for package in list(&told["packages"]) {
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let dependency = Dependency {
            licence: text(&package["license"]),
            source: package["source"].as_str().map(str::to_owned),
            checksum: checksums.get(&(name.clone(), version.clone())).cloned(),
            shipped: false,
            on: BTreeSet::new(),
            name,
            version,
        };
        known.insert(text(&package["id"]), dependency);
    }
    let mut on: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in list(&told["resolve"]["nodes"]) {
        let used = list(&node["deps"]).into_iter().filter(|dependency| {
            let kinds = list(&dependency["dep_kinds"]);
            kinds.iter().any(|kind| kind["kind"] != "dev")
        });
        on.insert(
            text(&node["id"]),
            used.map(|dependency| text(&dependency["pkg"])).collect(),
        );
    }
    let root = known.iter().find(|(_, dependency)| dependency.name == "rightful");
    let mut next: Vec<String> = root.map(|(id, _)| id.clone()).into_iter().collect();
    while let Some(id) = next.pop() {
        let below = on.get(&id).cloned().unwrap_or_default();
        let purls = below.iter().filter_map(|id| Some(known.get(id)?.purl())).collect();
        if let Some(dependency) = known.get_mut(&id)
            && !dependency.shipped
        {
            dependency.shipped = true;
            dependency.on = purls;
            next.extend(below);
        }
    }
    Ok(known.into_values().collect())
}

/// Name and version to checksum, from the lock file.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, name: &str| {
        let line = block
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name} = \"")))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    let blocks = lock.split("[[package]]").skip(1);
    blocks
        .filter_map(|block| {
            Some((
                (value(block, "name")?, value(block, "version")?),
                value(block, "checksum")?,
            ))
        })
        .collect()
}

/// The bill of materials of the binary (CycloneDX 1.5); the same tree gives the same document.
pub fn bill_of_materials(dependencies: &[Dependency]) -> Value {
    let shipped = || dependencies.iter().filter(|dependency| dependency.shipped);
    let component = |dependency: &Dependency, kind: &str| {
        let mut component = json!({
            "type": kind,
            "bom-ref": dependency.purl(),
            "name": dependency.name,
            "version": dependency.version,
            "purl": dependency.purl(),
            "licenses": [{"expression": spdx(&dependency.licence)}],
        });
        if let Some(checksum) = &dependency.checksum {
            component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
        }
        component
    };
    let files = FILES.map(|(name, version, licence, path)| {
        json!({
            "type": "file",
            "bom-ref": path,
            "name": name,
            "version": version,
            "licenses": [{"license": {"id": licence}}],
        })
    });
    let root = shipped().find(|dependency| dependency.name == "rightful");
    let crates = shipped().filter(|dependency| dependency.name != "rightful");
    let mut components: Vec<Value> = crates.map(|dependency| component(dependency, "library")).collect();
    components.extend(files);
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": root.map(|root| component(root, "application"))},
        "components": components,
        "dependencies": shipped()
            .map(|dependency| json!({"ref": dependency.purl(), "dependsOn": dependency.on}))
            .collect::<Vec<_>>(),
    })
}

/// Older crates write `MIT/Apache-2.0`.
fn spdx(licence: &str) -> String {
    let words: Vec<&str> = licence.split('/').map(str::trim).collect();
    words.join(" OR ")
}

/// Whether `licence` can be kept with the `allowed` ones: one side of each `OR`, both of each `AND`.
pub fn is_allowed(licence: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = spdx(licence).replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, allowed) && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut is_allowed = all_of(rest, allowed);
    while taken(rest, "OR") {
        is_allowed |= all_of(rest, allowed);
    }
    is_allowed
}

fn all_of(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut is_allowed = one(rest, allowed);
    while taken(rest, "AND") {
        is_allowed &= one(rest, allowed);
    }
    is_allowed
}

fn one(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    if taken(rest, "(") {
        let is_allowed = any_of(rest, allowed);
        return taken(rest, ")") && is_allowed;
    }
    let Some((name, further)) = rest.split_first() else {
        return false;
    };
    *rest = further;
    if taken(rest, "WITH") {
        let Some((exception, further)) = rest.split_first() else {
            return false;
        };
        *rest = further;
        return allowed.contains(&format!("{name} WITH {exception}"));
    }
    allowed.contains(*name)
}

fn taken(rest: &mut &[&str], word: &str) -> bool {
    match rest.split_first() {
        Some((first, further)) if *first == word => {
            *rest = further;
            true
        }
        _ => false,
    }
}
