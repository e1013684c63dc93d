//! The state folder: trust file, keys, the disk below it, and the log.

use std::{
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use bartizan_attest::{SigningKey, Trust, VerifyingKey, refuse_exposed};
use bartizan_engine::{
    files,
    heads::Heads,
    state::{self, StateError},
};
use bartizan_finding::Timestamp;
use bartizan_ledger::{
    Audit, Completeness, Head, Identity,
    fs::{Fs as _, RealFs},
};
use bartizan_project::Project;
use jiff::SignedDuration;

use super::{Line, chain, counted, machine};

/// The collector key is renewed by a person, who needs some time for it.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// No key file is longer.
const MAX_KEY: u64 = 16 * 1024;

/// How an encrypted PKCS#8 key begins (RFC 7468, section 11).
const SEALED: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";

/// Looks at everything in the folder, and tells when the newest entry of the log was recorded.
pub(super) fn look(
    folder: &Path,
    project: &Project,
    heads: Option<&Path>,
    now: Timestamp,
    lines: &mut Vec<Line>,
) -> Option<Timestamp> {
    if std::fs::symlink_metadata(folder).is_err() {
        lines.push(Line::wrong(
            "keys",
            format!("there are no keys for this project: {} does not exist", folder.display()),
            "`bartizan key new` makes them",
        ));
        lines.push(machine::space(nearest(folder)));
        return None;
    }
    let trust = match state::open_trust(folder, project) {
        Ok(trust) => trust,
        Err(error) => {
            lines.push(distrust(&error));
            lines.push(disk(folder));
            return None;
        }
    };
    // A folder of heads that is not there remembers nothing; to open it would make it.
    let heads = heads.filter(|folder| folder.is_dir()).map(Heads::open);
    let heads = match heads.transpose() {
        Ok(heads) => heads,
        Err(error) => {
            lines.push(Line::hint("heads", chain(&error), "see that the folder can be read and written"));
            None
        }
    };
    lines.push(trust_file(&trust, heads.as_ref()));
    lines.push(keys(folder, &trust, now));
    lines.push(root_key(folder));
    lines.push(disk(folder));
    lines.push(machine::space(folder));
    let (line, newest) = ledger(folder, &trust, heads.as_ref());
    lines.push(line);
    newest
}

/// The nearest folder above that exists.
fn nearest(folder: &Path) -> &Path {
    folder.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("/"))
}

fn distrust(error: &StateError) -> Line {
    let remedy = match error {
        StateError::OtherKey { .. } => {
            "compare with `bartizan key list`, and pin the keys that are the right ones"
        }
        StateError::Io { .. } => "restore the file, or see that it can be read",
        _ => "restore trust.toml and trust.toml.dsse from a copy",
    };
    Line::wrong("trust", chain(error), remedy)
}

/// The trust file against the one that was seen last.
fn trust_file(trust: &Trust, heads: Option<&Heads>) -> Line {
    let says = format!("trust file {}, signed by the root key {}", trust.head().serial, trust.root());
    let known = heads.map(|heads| heads.last_trust(trust.log().name())).transpose();
    match known.map(Option::flatten) {
        Ok(Some(known)) => match trust.follows(&known) {
            Ok(()) => Line::good("trust", format!("{says}; it follows the one that was seen last")),
            Err(fault) => Line::wrong(
                "trust",
                chain(&fault),
                "find out who changed the trust file, and restore the newest",
            ),
        },
        Ok(None) => Line::good("trust", format!("{says}; none was seen here before")),
        Err(error) => Line::hint("trust", chain(&error), "see that the folder of heads can be read"),
    }
}

/// The keys that a check signs with: there, readable by their owner alone, the ones that the trust file names, and
/// not run out.
fn keys(folder: &Path, trust: &Trust, now: Timestamp) -> Line {
    let place = folder.join("keys");
    let read = || -> Result<VerifyingKey, (String, &'static str)> {
        let log = signing_key(&place.join("log.key"))?;
        if log.verifying_key() != *trust.log().key() {
            let said = format!("the log key is {}, which trust.toml does not name", log.fingerprint());
            return Err((said, "restore keys/log.key, or the trust file that names it"));
        }
        let same_value = key_file(&place.join("same-value.key"))?;
        if same_value.len() != 32 {
            return Err(("keys/same-value.key does not hold 32 bytes".to_owned(), "restore it from a copy"));
        }
        Ok(signing_key(&place.join("collector.key"))?.verifying_key())
    };
    match read() {
        Ok(collector) => validity(&collector, trust, now),
        Err((says, remedy)) => Line::wrong("keys", says, remedy),
    }
}

fn validity(collector: &VerifyingKey, trust: &Trust, now: Timestamp) -> Line {
    const RENEW: &str = "`bartizan key renew` makes a new one, which the root key signs";
    let Some(entry) = trust.collector(&collector.fingerprint()) else {
        let says = format!("the trust file does not name the collector key {}", collector.fingerprint());
        return Line::wrong("keys", says, RENEW);
    };
    if let Some(revoked) = &entry.revoked {
        return Line::wrong("keys", format!("the collector key was revoked from {} on", revoked.at), RENEW);
    }
    if now < entry.from {
        let says = format!("the collector key is not valid before {}", entry.from);
        return Line::wrong("keys", says, "wait until then, or set the clock");
    }
    let left = entry.until.duration_since(now);
    let says = format!("the collector key is valid until {}", entry.until);
    if left <= SignedDuration::ZERO {
        Line::wrong("keys", format!("the collector key ran out at {}", entry.until), RENEW)
    } else if left <= SOON {
        let days = usize::try_from(left.as_hours() / 24).unwrap_or_default();
        Line::hint("keys", format!("{says}, which is in {}", counted(days, "day", "days")), RENEW)
    } else {
        Line::good("keys", format!("{says}; key files are readable by their owner alone"))
    }
}

/// Where the root key is, and whether it is protected there.
fn root_key(folder: &Path) -> Line {
    let path = folder.join("keys/root.key");
    if std::fs::symlink_metadata(&path).is_err() {
        return Line::good("root", "the root key is kept elsewhere");
    }
    match key_file(&path) {
        Ok(content) if content.starts_with(SEALED) => {
            Line::good("root", "the root key lies here, protected by a passphrase")
        }
        Ok(_) => Line::hint(
            "root",
            "the root key lies here without a passphrase: who can read it can say whose evidence counts",
            "move keys/root.key to another machine; BARTIZAN_ROOT_PASSPHRASE protects the next one that is made",
        ),
        Err((says, remedy)) => Line::hint("root", says, remedy),
    }
}

fn signing_key(path: &Path) -> Result<SigningKey, (String, &'static str)> {
    let content = key_file(path)?;
    // The mode was looked at with the content.
    SigningKey::load(&content, 0o600, None).map_err(|error| {
        (format!("cannot use {}: {}", path.display(), chain(&error)), "restore it from a copy")
    })
}

fn key_file(path: &Path) -> Result<Vec<u8>, (String, &'static str)> {
    let failed = |error: io::Error| {
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => "restore it from a copy",
            _ => "run as the owner of the keys, and see that they are regular files",
        };
        (format!("cannot read {}: {error}", path.display()), remedy)
    };
    let mode = files::open(path).and_then(|file| file.metadata()).map_err(failed)?.mode();
    refuse_exposed(mode).map_err(|error| {
        let remedy = "mend the mode; where others could have read the key, make a new one";
        (format!("{}: {}", path.display(), chain(&error)), remedy)
    })?;
    files::read(path, MAX_KEY).map_err(failed)
}

/// Whether the folder can be written, locked and made durable: tried with a file that is removed again.
fn disk(folder: &Path) -> Line {
    let probe = format!(".doctor-{}", std::process::id());
    // The state folder may be a link; what lies in it may not.
    let place = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let fs = match RealFs::open(&place) {
        Ok(fs) => fs,
        Err(error) => {
            return Line::wrong("disk", chain(&error), "choose a folder on a local disk with --state DIR");
        }
    };
    let try_it = || -> Result<bool, (&'static str, io::Error)> {
        let mut file = fs.create(&probe).map_err(|error| ("written", error))?;
        file.write(b"x").map_err(|error| ("written", error))?;
        file.sync().and_then(|()| fs.sync_folder("")).map_err(|error| ("made durable", error))?;
        let lock = fs.try_lock(&probe).map_err(|error| ("locked", error))?;
        let second = fs.try_lock(&probe).map_err(|error| ("locked", error))?;
        Ok(lock.is_some() && second.is_none())
    };
    let tried = try_it();
    // Where it was never made there is nothing to remove.
    let _ = fs.remove_file(&probe);
    let shown = folder.display();
    match tried {
        Ok(true) => Line::good("disk", format!("{shown} can be written, locked and made durable")),
        Ok(false) => Line::wrong(
            "disk",
            format!("{shown} gives one lock to two at once"),
            "choose a folder on a local disk with --state DIR",
        ),
        Err((what, error)) => Line::wrong(
            "disk",
            format!("{shown} cannot be {what}: {error}"),
            "run as the owner of the folder, or choose another with --state DIR",
        ),
    }
}

/// The tree of the log against its checkpoint and the head that was seen last. The envelopes are not read: that is
/// what `ledger verify` is for.
fn ledger(folder: &Path, trust: &Trust, heads: Option<&Heads>) -> (Line, Option<Timestamp>) {
    const VERIFY: &str = "`bartizan ledger verify` lists what is wrong";
    let place: PathBuf = folder.join("ledger");
    let fs = match RealFs::open(&place) {
        Ok(fs) => fs,
        Err(error) => return (Line::wrong("ledger", chain(&error), "restore the ledger from a copy"), None),
    };
    let identity = Identity::reader(trust.log().name().clone(), [*trust.log().key()]);
    let last = heads.map(|heads| heads.last(identity.origin(), identity.keys())).transpose();
    let last: Option<Head> = match last.map(Option::flatten) {
        Ok(last) => last,
        Err(error) => return (Line::wrong("ledger", chain(&error), VERIFY), None),
    };
    let audit = Audit { head: last.as_ref(), blobs: false, ..Audit::default() };
    let found = bartizan_ledger::verify(&fs, identity.keys(), &audit);
    let newest = found.newest_logged_at;
    let line = match (&found.head, found.faults.first()) {
        (Some(head), None) if found.is_whole() => {
            let size = usize::try_from(head.size).unwrap_or(usize::MAX);
            let says = format!("{}, root {}", counted(size, "entry", "entries"), head.root);
            match found.completeness {
                Completeness::Since { size } => {
                    Line::good("ledger", format!("{says}; nothing is lost since it was seen with {size}"))
                }
                _ => Line::hint(
                    "ledger",
                    format!("{says}; truncation cannot be excluded, since no earlier head is known here"),
                    "`bartizan ledger verify --head FILE` compares with one that was kept elsewhere",
                ),
            }
        }
        (_, first) => {
            let count = found.faults.len() + usize::try_from(found.more_faults).unwrap_or(0);
            let first = first.map_or_else(String::new, |fault| format!("; the first is {fault}"));
            let says = format!("the log has {}{first}", counted(count, "fault", "faults"));
            Line::wrong("ledger", says, VERIFY)
        }
    };
    (line, newest)
}
