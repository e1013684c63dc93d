//! Where members go when an archive is unpacked: names, links, and names that lead through links.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{RuleMeta, Severity};

use super::{header::Kind, rules};

/// Longest name or target in bytes that is followed; Linux takes no longer path (`PATH_MAX`).
const LONGEST: usize = 4096;

/// What is wrong with a name: the rule, its severity where it is not the rule's own, and what.
pub(super) type Fault = (&'static RuleMeta, Option<Severity>, &'static str);

/// What the archive has unpacked so far.
#[derive(Debug, Default)]
pub(super) struct Tree {
    members: BTreeMap<String, Place>,
    folded: BTreeSet<String>,
    /// Bytes of names that are kept.
    kept: u64,
    /// Whether names were left out.
    pub(super) full: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Folder,
    /// A link, where its target starts and where it leads.
    Link(String),
    Else,
}

impl Tree {
    /// Adds a member, of which at most `most` bytes of all names are kept; what is wrong with it. In a layer of an image,
    /// which is unpacked under a root of its own, links may lead anywhere.
    pub(super) fn add(&mut self, name: &str, kind: Kind, target: &str, layer: bool, most: u64) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(why) = unsafe_name(name, layer) {
            faults.push((rules::UnsafeName::META, None, why));
        }
        let Some(path) = resolve("", name) else { return faults };
        let is_link = matches!(kind, Kind::Link | Kind::HardLink);
        if is_link && !layer {
            faults.extend(self.link(&path, kind, target));
        }
        if path.is_empty() {
            return faults;
        }
        if !layer && self.leads_through_link(&path) {
            let why = "the member is written through a link of the archive";
            faults.push((rules::UnsafeLink::META, None, why));
        }
        match self.members.get(&path) {
            Some(Place::Link(_)) if kind != Kind::Link && !layer => {
                let why = "the member has the name of a link, and is written to where that leads";
                faults.push((rules::UnsafeLink::META, None, why));
            }
            Some(Place::Folder) if kind == Kind::Folder => {}
            Some(_) => {
                faults.push((
                    rules::DuplicateMember::META,
                    None,
                    "two members of the archive have this name",
                ));
            }
            None => {
                if !layer && self.folded.contains(&path.to_lowercase()) {
                    let why = "two members of the archive have this name but for upper and lower case";
                    faults.push((rules::DuplicateMember::META, None, why));
                }
            }
        }
        self.keep(path, kind, target, most);
        faults
    }

    fn keep(&mut self, path: String, kind: Kind, target: &str, most: u64) {
        let size = (2 * path.len() + target.len()) as u64 + 64;
        self.kept += size;
        if self.kept > most {
            self.kept -= size;
            self.full = true;
            return;
        }
        self.folded.insert(path.to_lowercase());
        let place = match kind {
            Kind::Folder => Place::Folder,
            Kind::Link => Place::Link(target.to_owned()),
            _ => Place::Else,
        };
        self.members.insert(path, place);
    }

    /// What is wrong with where a link leads.
    fn link(&self, path: &str, kind: Kind, target: &str) -> Option<Fault> {
        let fault = |why| Some((rules::UnsafeLink::META, None, why));
        if target.len() > LONGEST {
            return fault("the target of the link is longer than any system takes");
        }
        if is_absolute(target) {
            return fault("the link leads to an absolute path");
        }
        // A hard link counts from the root of the archive, a symbolic one from its own folder.
        let base = if kind == Kind::Link { parent(path) } else { "" };
        if resolve(base, target).is_none() {
            return fault("the link leads out of the folder that the archive is unpacked into");
        }
        if self.climbs_behind_link(base, target) {
            return fault(
                "the link goes through another one and then up, so that where it leads depends on that",
            );
        }
        if kind == Kind::HardLink {
            let place = resolve(base, target).and_then(|target| self.members.get(&target));
            match place {
                Some(Place::Link(_)) => return fault("the hard link leads to a symbolic link"),
                None if !self.full => {
                    let why =
                        "the hard link leads to no earlier member, but to what lies in the folder already";
                    return Some((rules::UnsafeLink::META, Some(Severity::Medium), why));
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a folder on the way to a path is a link.
    fn leads_through_link(&self, path: &str) -> bool {
        path.match_indices('/').any(|(at, _)| {
            path.get(..at).is_some_and(|folder| matches!(self.members.get(folder), Some(Place::Link(_))))
        })
    }

    /// Whether a target goes up behind a link.
    fn climbs_behind_link(&self, base: &str, target: &str) -> bool {
        let (mut here, mut linked) = (base.to_owned(), false);
        for part in target.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".") {
            if part == ".." {
                if linked {
                    return true;
                }
                here = parent(&here).to_owned();
            } else {
                join(&mut here, part);
                linked |= matches!(self.members.get(&here), Some(Place::Link(_)));
            }
        }
        false
    }
}

/// Why a name leads elsewhere than into the folder that the archive is unpacked into.
pub(crate) fn unsafe_name(name: &str, layer: bool) -> Option<&'static str> {
    if name.contains('\0') {
        return Some("the name holds a zero, where some readers stop");
    }
    if name.len() > LONGEST {
        return Some("the name is longer than any system takes");
    }
    if !layer && is_absolute(name) {
        return Some("the name is an absolute path");
    }
    let leads_out = name.split(['/', '\\']).any(|part| part == "..");
    leads_out.then_some("the name leads out of the folder that the archive is unpacked into")
}

/// Whether a path starts at a root or on a drive.
pub(crate) fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    path.starts_with(['/', '\\']) || bytes.get(1) == Some(&b':') && bytes[0].is_ascii_alphabetic()
}

/// Where a path leads from a folder without regard to links; none where it leads out, or is too long.
pub(crate) fn resolve(base: &str, path: &str) -> Option<String> {
    if path.len() > LONGEST || base.len() > LONGEST {
        return None;
    }
    let mut here = base.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            if here.is_empty() {
                return None;
            }
            here = parent(&here).to_owned();
        } else {
            join(&mut here, part);
        }
    }
    Some(here)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn join(path: &mut String, part: &str) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_within_the_archive() {
        let mut tree = Tree::default();
        let mut add = |name: &str, kind, target: &str| {
            let faults = tree.add(name, kind, target, false, 1 << 20);
            faults.iter().map(|(rule, ..)| rule.code.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(add("./a/", Kind::Folder, ""), Vec::<&str>::new());
        assert_eq!(add("a/", Kind::Folder, ""), Vec::<&str>::new());
        assert_eq!(add("a/file", Kind::File, ""), Vec::<&str>::new());
        assert_eq!(add("a/latest", Kind::Link, "file"), Vec::<&str>::new());
        assert_eq!(add("here", Kind::Link, "a"), Vec::<&str>::new());
        assert_eq!(add("b/up", Kind::Link, "../a/file"), Vec::<&str>::new());
        assert_eq!(add("b/out", Kind::Link, "../../x"), ["TAR004"]);
        assert_eq!(add("root", Kind::Link, "/etc"), ["TAR004"]);
        assert_eq!(add("here/x", Kind::File, ""), ["TAR004"]);
        assert_eq!(add("a/latest", Kind::File, ""), ["TAR004"]);
        assert_eq!(add("turn", Kind::Link, "here/../x"), ["TAR004"]);
        assert_eq!(add("hard", Kind::HardLink, "a/file"), Vec::<&str>::new());
        assert_eq!(add("hard2", Kind::HardLink, "here"), ["TAR004"]);
        assert_eq!(add("hard3", Kind::HardLink, "nowhere"), ["TAR004"]);
        assert_eq!(add("A/File", Kind::File, ""), ["TAR005"]);
        assert_eq!(add("../x", Kind::File, ""), ["TAR003"]);
        assert_eq!(add("C:\\x", Kind::File, ""), ["TAR003"]);
    }
}
