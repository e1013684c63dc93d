//! The browser as a judge: Chromium with its driver, a reader of PDF, and axe-core, which knows the accessibility
//! rules. The first three are packages of the system; axe-core comes from npm, pinned by hash.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::files;
use crate::host::Host;
use crate::run::Call;

/// The programs: the name under which the tests find each, the names that it has on machines, and its package.
const PROGRAMS: [(&str, &[&str], &str); 3] = [
    ("chromium", &["chromium", "chromium-browser", "google-chrome"], "chromium"),
    ("chromedriver", &["chromedriver"], "chromium-driver"),
    ("pdftotext", &["pdftotext"], "poppler-utils"),
];

/// The packages that are missing.
pub(super) fn missing_packages(host: &Host) -> Vec<&'static str> {
    let absent = |names: &[&str]| find(host, names).is_none();
    let programs = PROGRAMS.iter().filter(|(_, names, _)| absent(names)).map(|(_, _, package)| *package);
    programs.chain(absent(&["npm"]).then_some("npm")).collect()
}

/// A folder with `chromium`, `chromedriver`, `pdftotext` and `axe.min.js`, all of them links.
pub(super) fn judge(host: &Host) -> Result<PathBuf> {
    let axe = axe(host)?;
    let folder = host.tools().join("browser");
    files::remove_folder(&folder)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let link = |name: &str, to: &Path| {
        symlink(to, folder.join(name)).with_context(|| format!("cannot link to {}", to.display()))
    };
    link("axe.min.js", &axe)?;
    for (name, names, package) in PROGRAMS {
        let program = find(host, names)
            .with_context(|| format!("needs {name}, which the package {package} brings to Debian"))?;
        link(name, &program)?;
    }
    Ok(folder)
}

/// Installs axe-core under `target/tools`, unless the same list was installed there before.
fn axe(host: &Host) -> Result<PathBuf> {
    let folder = host.tools().join("npm");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let stamp = folder.join("installed.txt");
    let lists = host.root.join("xtask/tools/npm");
    let wanted = files::read_text(&lists.join("package-lock.json"))?;
    if script.is_file() && files::read_text(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(script);
    }
    files::remove_folder(&folder)?;
    for list in ["package.json", "package-lock.json"] {
        files::write(&folder.join(list), files::read(&lists.join(list))?)?;
    }
    // `ci` takes the versions of the list and no others, and refuses what does not have the hash that stands there.
    Call::new("npm", &folder)
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--loglevel=error",
        ])
        .run()
        .context("cannot install xtask/tools/npm/package-lock.json")?;
    ensure!(script.is_file(), "axe-core has no axe.min.js");
    files::write(&stamp, wanted)?;
    Ok(script)
}

/// The first program on `PATH` that has one of the names.
fn find(host: &Host, names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| host.find_program(name).into_iter().next())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn packages_of_npm_are_pinned_by_hash() -> Result<()> {
        let parse = |text| serde_json::from_str::<Value>(text);
        let wanted = parse(include_str!("../../tools/npm/package.json"))?;
        let lock = parse(include_str!("../../tools/npm/package-lock.json"))?;
        let packages = lock["packages"].as_object().context("the list has packages")?;
        assert_eq!(packages[""]["dependencies"], wanted["dependencies"]);
        let installed: Vec<_> = packages.iter().filter(|(name, _)| !name.is_empty()).collect();
        assert!(installed.iter().any(|(name, _)| *name == "node_modules/axe-core"));
        for (name, package) in installed {
            let hash = package["integrity"].as_str().unwrap_or_default();
            assert!(hash.starts_with("sha512-"), "{name} is pinned by {hash:?}");
        }
        Ok(())
    }
}
