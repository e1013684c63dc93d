//! What is wrong with a pack that is handed to a stranger.

use std::{collections::BTreeMap, fs};

use bartizan_attest::{Envelope, Note, SigningKey, cosign};
use bartizan_engine::pack::{self, Manifest};
use bartizan_finding::Digest;
use bartizan_ledger::{Archive, ArchiveLimits, ArchiveWriter};
use serde_json::{Value, json};

use super::{
    Fault, Never,
    scene::{Base, Copy, Who, log_key, root_key},
};
use crate::run::Ran;

type Files = BTreeMap<String, Vec<u8>>;

const fn pack(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Good, never: Never::Believed, seed, code: 5, says }
}

pub(super) const FAULTS: &[Fault] = &[
    pack(
        "pack: rests on another root key",
        |copy| verify_at(copy, &Who::Foreign.key().fingerprint().to_string()),
        "but the project pins",
    ),
    pack(
        "pack: an altered report",
        |copy| repack(copy, |files| alter(files, "report.json")),
        "report.json is not the file that was packed",
    ),
    pack(
        "pack: an altered list of assets",
        |copy| repack(copy, |files| alter(files, "assets.json")),
        "assets.json is not the file that was packed",
    ),
    pack(
        "pack: an altered project file",
        |copy| repack(copy, |files| alter(files, "bartizan.toml")),
        "bartizan.toml is not the file that was packed",
    ),
    pack(
        "pack: without its report",
        |copy| repack(copy, |files| drop(files.remove("report.json"))),
        "it holds no report.json",
    ),
    pack("pack: an altered manifest", |copy| repack(copy, |files| alter(files, "pack.json")), "pack.json"),
    pack(
        "pack: a report that says more than the evidence",
        |copy| {
            signed(copy, &Who::Local.key(), |files, manifest| {
                let mut report: Value = serde_json::from_slice(&files["report.json"]).unwrap();
                let controls = report["controls"].as_array_mut().unwrap();
                let control = controls.iter_mut().find(|one| one["status"] == "unknown").unwrap();
                control["status"] = json!("satisfied");
                put(files, manifest, "report.json", report.to_string().into_bytes());
            })
        },
        "is satisfied; by the evidence it is unknown",
    ),
    pack(
        "pack: a report that leaves a control out",
        |copy| {
            signed(copy, &Who::Local.key(), |files, manifest| {
                let mut report: Value = serde_json::from_slice(&files["report.json"]).unwrap();
                let controls = report["controls"].as_array_mut().unwrap();
                controls.retain(|one| one["status"] != "failing");
                put(files, manifest, "report.json", report.to_string().into_bytes());
            })
        },
        "which is failing by the evidence",
    ),
    pack(
        "pack: a report that leaves an exception out",
        |copy| {
            let id = super::decisions::asked(copy, &["--not-applicable", "red-team"]);
            super::decisions::agree(copy, &id, Who::Tomas);
            copy.done(&["report", "pack", "../pack.tar.gz"]);
            signed(copy, &Who::Local.key(), |files, manifest| {
                let mut report: Value = serde_json::from_slice(&files["report.json"]).unwrap();
                report["decisions"] = json!([]);
                put(files, manifest, "report.json", report.to_string().into_bytes());
            })
        },
        "which holds by the log",
    ),
    pack(
        "pack: dated before the newest entry of its log",
        |copy| {
            let earlier = copy.times.days_ago(1);
            signed(copy, &Who::Local.key(), |_, manifest| manifest.created = earlier)
        },
        "earlier than the newest entry of its log",
    ),
    pack(
        "pack: a list of assets that leaves one out",
        |copy| {
            signed(copy, &Who::Local.key(), |files, manifest| {
                let mut assets: Value = serde_json::from_slice(&files["assets.json"]).unwrap();
                assets.as_object_mut().unwrap().remove("weights").unwrap();
                put(files, manifest, "assets.json", assets.to_string().into_bytes());
            })
        },
        "by the evidence it is",
    ),
    pack(
        "pack: signed by a key that nobody named",
        |copy| signed(copy, &Who::Foreign.key(), |_, _| {}),
        "it is signed by no collector that its trust file names",
    ),
    pack(
        "pack: signed by a revoked key",
        |copy| signed(copy, &Who::Gone.key(), |_, manifest| manifest.collector = "gone".into()),
        "the key of `gone` that signed it is revoked or was not valid",
    ),
    pack(
        "pack: signed by one collector in the name of another",
        |copy| signed(copy, &Who::Ci.key(), |_, manifest| manifest.collector = "local".into()),
        "the key of `ci` that signed it",
    ),
    pack(
        "pack: of another project than its trust file",
        |copy| signed(copy, &Who::Local.key(), |_, manifest| manifest.project = "other".into()),
        "it is about another project than its trust file",
    ),
    pack(
        "pack: of a form that nobody knows",
        |copy| signed(copy, &Who::Local.key(), |_, manifest| manifest.schema = "bartizan/pack/v9".into()),
        "its schema is not bartizan/pack/v1",
    ),
    pack(
        "pack: binds no report",
        |copy| {
            signed(copy, &Who::Local.key(), |_, manifest| {
                manifest.files.retain(|name, _| name != "report.json");
            })
        },
        "pack.json does not bind report.json",
    ),
    pack(
        "pack: dated after the time",
        |copy| {
            let later = copy.times.days_ago(-30);
            signed(copy, &Who::Local.key(), |_, manifest| manifest.created = later)
        },
        "The pack is dated",
    ),
    pack(
        "pack: an altered trust file",
        |copy| {
            repack(copy, |files| {
                let text = String::from_utf8(files["trust.toml"].clone()).unwrap();
                files.insert(
                    "trust.toml".to_owned(),
                    text.replace("\"data-scan\"", "\"model-scan\"").into_bytes(),
                );
            })
        },
        "trust file was changed after the root key signed it",
    ),
    pack(
        "pack: an entry was left out",
        |copy| repack(copy, |files| drop(files.remove(&below(files, "ledger/tile/entries/")))),
        "the file is missing",
    ),
    pack(
        "pack: an envelope was left out",
        |copy| repack(copy, |files| drop(files.remove(&below(files, "ledger/blobs/")))),
        "its envelope is missing",
    ),
    pack(
        "pack: an envelope was altered",
        |copy| repack(copy, |files| alter(files, &below(files, "ledger/blobs/"))),
        "its envelope was altered",
    ),
    pack(
        "pack: an older log",
        |copy| {
            let older = files_of(copy, "pack.tar.gz");
            copy.append(&copy.scan(), Who::Ci, copy.times.now());
            copy.done(&["report", "pack", "../newer.tar.gz"]);
            let mut newer = files_of(copy, "newer.tar.gz");
            newer.retain(|path, _| !path.starts_with("ledger/"));
            newer.extend(older.into_iter().filter(|(path, _)| path.starts_with("ledger/")));
            write(copy, &newer);
            verify(copy)
        },
        "it has another head",
    ),
    pack(
        "pack: an anchor that contradicts the log",
        |copy| {
            repack(copy, |files| {
                let note = Note::parse(&files["ledger/checkpoint"]).unwrap();
                let mut rows: Vec<_> = note.text().split('\n').map(str::to_owned).collect();
                rows[2] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
                let (name, size) = (rows[0].parse().unwrap(), rows[1].clone());
                let mut forked = Note::new(rows.join("\n")).unwrap();
                // The log's own key signed two histories, and the witness saw the other one.
                forked.sign(&name, &log_key());
                let witness = Who::Witness.name().parse().unwrap();
                forked.push(cosign(forked.text(), &witness, &Who::Witness.key(), copy.times.now()).unwrap());
                files.insert(
                    format!("anchors/{size}-{}.checkpoint", "0".repeat(12)),
                    forked.to_string().into_bytes(),
                );
            })
        },
        "it was forked, or rewritten since",
    ),
    pack(
        "pack: a file that no pack has",
        |copy| repack(copy, |files| drop(files.insert("notes.txt".to_owned(), b"trust me".to_vec()))),
        "`notes.txt`, which no pack has",
    ),
    pack(
        "pack: a hundred thousand files that no pack has",
        |copy| {
            repack(copy, |files| {
                files.extend((0..100_000).map(|number| (format!("filler/{number:07}"), Vec::new())));
            })
        },
        "which no pack has",
    ),
    pack(
        "pack: a file that is larger than is read",
        |copy| {
            let header = ustar(b"report.json", b'0', 5 << 30);
            raw(copy, &[header, vec![0; 1024]].concat())
        },
        "bytes in one file",
    ),
    pack(
        "pack: a path that leads out of it",
        |copy| raw(copy, &[ustar(b"../../evil", b'0', 0), vec![0; 1024]].concat()),
        "its member `../../evil`",
    ),
    pack(
        "pack: an absolute path",
        |copy| raw(copy, &[ustar(b"/etc/evil", b'0', 0), vec![0; 1024]].concat()),
        "its member `/etc/evil`",
    ),
    pack(
        "pack: a link",
        |copy| raw(copy, &[ustar(b"report.json", b'2', 0), vec![0; 1024]].concat()),
        "is not a regular file",
    ),
    pack(
        "pack: a file that stands twice",
        |copy| {
            raw(
                copy,
                &[ustar(b"report.json", b'0', 0), ustar(b"report.json", b'0', 0), vec![0; 1024]].concat(),
            )
        },
        "stands twice",
    ),
    pack(
        "pack: goes on after its end",
        |copy| {
            let bytes = [copy.read("pack.tar.gz"), b"more".to_vec()].concat();
            copy.write("pack.tar.gz", bytes);
            verify(copy)
        },
        "it goes on after its end",
    ),
    pack(
        "pack: cut",
        |copy| {
            let mut bytes = copy.read("pack.tar.gz");
            bytes.truncate(bytes.len() - 500);
            copy.write("pack.tar.gz", bytes);
            verify(copy)
        },
        "cannot be believed",
    ),
    pack(
        "pack: one bit is another",
        |copy| {
            let mut bytes = copy.read("pack.tar.gz");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
            copy.write("pack.tar.gz", bytes);
            verify(copy)
        },
        "cannot be believed",
    ),
    pack(
        "pack: no archive",
        |copy| {
            copy.write("pack.tar.gz", "a pack\n");
            verify(copy)
        },
        "it is no gzip file",
    ),
    Fault {
        name: "pack: not there",
        base: Base::Good,
        never: Never::Believed,
        seed: |copy| {
            fs::remove_file(copy.path("pack.tar.gz")).unwrap();
            verify(copy)
        },
        code: 2,
        says: "cannot read ../pack.tar.gz",
    },
];

pub(super) fn verify(copy: &Copy) -> Ran {
    verify_at(copy, &root_key().fingerprint().to_string())
}

fn verify_at(copy: &Copy, root: &str) -> Ran {
    copy.run(&["ledger", "verify", "../pack.tar.gz", "--root", root])
}

fn files_of(copy: &Copy, name: &str) -> Files {
    let archive = Archive::open(copy.read(name).as_slice(), &ArchiveLimits::default()).unwrap();
    archive.paths().map(|path| (path.to_owned(), archive.file(path).unwrap().to_vec())).collect()
}

fn write(copy: &Copy, files: &Files) {
    let mut writer = ArchiveWriter::new(Vec::new());
    for (path, content) in files {
        writer.add(path, content).unwrap();
    }
    copy.write("pack.tar.gz", writer.finish().unwrap());
}

/// The pack with other files, whose manifest stays.
fn repack(copy: &Copy, change: impl FnOnce(&mut Files)) -> Ran {
    let mut files = files_of(copy, "pack.tar.gz");
    change(&mut files);
    write(copy, &files);
    verify(copy)
}

/// The pack with other files and another manifest, signed anew.
fn signed(copy: &Copy, key: &SigningKey, change: impl FnOnce(&mut Files, &mut Manifest)) -> Ran {
    repack(copy, |files| {
        let mut manifest: Manifest = serde_json::from_slice(&files["pack.json"]).unwrap();
        change(files, &mut manifest);
        let payload = serde_json::to_vec_pretty(&manifest).unwrap();
        let envelope = Envelope::sign_bytes(pack::PAYLOAD, payload.clone(), key);
        files.insert("pack.json".to_owned(), payload);
        files.insert("pack.dsse".to_owned(), envelope.to_bytes());
    })
}

fn put(files: &mut Files, manifest: &mut Manifest, name: &str, content: Vec<u8>) {
    manifest.files.insert(name.to_owned(), Digest::of(&content));
    files.insert(name.to_owned(), content);
}

fn alter(files: &mut Files, name: &str) {
    let content = files.get_mut(name).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
}

/// The last file whose path begins so.
fn below(files: &Files, start: &str) -> String {
    files.keys().rfind(|path| path.starts_with(start)).unwrap().clone()
}

/// A header of a tar file (POSIX.1-1988 ustar), whatever its path is.
fn ustar(path: &[u8], kind: u8, size: u64) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..path.len()].copy_from_slice(path);
    let mut field = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    field(100, "0000644\0");
    field(108, "0000000\0");
    field(116, "0000000\0");
    field(124, &format!("{size:011o}\0"));
    field(136, "00000000000\0");
    field(148, "        ");
    field(257, "ustar\x0000");
    header[156] = kind;
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// A gzip file of these bytes, in stored blocks (RFC 1951, 3.2.4), in the place of the pack.
fn raw(copy: &Copy, tar: &[u8]) -> Ran {
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut blocks = tar.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        gzip.push(u8::from(blocks.peek().is_none()));
        gzip.extend(length.to_le_bytes());
        gzip.extend((!length).to_le_bytes());
        gzip.extend(block);
    }
    gzip.extend(crc32(tar).to_le_bytes());
    gzip.extend(u32::try_from(tar.len()).unwrap().to_le_bytes());
    copy.write("pack.tar.gz", gzip);
    verify(copy)
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}
