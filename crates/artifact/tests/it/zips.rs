//! ZIP archives: what writers write is accounted for, and each difference between two readings is told.

use bartizan_artifact::{FileClass, Format, Limits, inspect};
use bartizan_corpus::{
    pickle::{Pickle, system},
    safetensors::safetensors,
    torch::torch,
    zip::{Member, body, changed, end, zip, zip64},
};
use proptest::prelude::*;

use crate::look::{codes, named, text};

const FLOATS: (&str, &[u8]) = ("0", &[0; 8]);

#[test]
fn what_torch_saves_is_clean() {
    let seen = named("model.pt", &torch(&[FLOATS], &[]));
    assert_eq!((seen.format, seen.class), (Format::PyTorch, FileClass::Clean), "{}", text(&seen));
    assert_eq!(codes(&seen), Vec::<&str>::new());
    assert_eq!((seen.format.carries_code(), seen.outline.pickles), (Some(true), 1));
    insta::assert_snapshot!(serde_json::to_string(&seen.outline.facts).unwrap(), @r#"{"archive-members":"5","archive-version":"3","byte-order":"little"}"#);
}

#[test]
fn a_program_for_torch_asks_for_a_person() {
    let constants = Pickle::proto(2).raw(b")").stop();
    let object = Pickle::proto(2)
        .global("__torch__.Net", "Inner")
        .raw(b")\x81}(")
        .text("sizes")
        .global("torch.jit._pickle", "build_intlist")
        .raw(b"](K\x01e\x85Rub")
        .stop();
    let members = [
        Member::stored("net/data.pkl", &object).torch(),
        Member::deflated("net/code/__torch__/Net.py", b"class Inner(Module):\n  pass\n").torch(),
        Member::stored("net/code/__torch__/Net.py.debug_pkl", &constants).torch(),
        Member::stored("net/constants.pkl", &constants).torch(),
        Member::stored("net/version", b"3\n").torch(),
    ];
    insta::assert_snapshot!(text(&named("net.pt", &zip(&members))), @r"
    TorchScript archive: review
    medium PTH003 net.pt: the archive holds a program for TorchScript; source files: 1
    ");
    // The same names are no classes of the archive where it holds no code.
    assert_eq!(codes(&named("net.pt", &zip(&members[..1]))), ["PKL001", "PKL002"]);
}

#[test]
fn sound_archives_are_accounted_for() {
    let long = vec![b'a'; 300_000];
    let members = [
        Member::stored("empty", b""),
        Member::stored("folder/", b""),
        Member::deflated("weights.pkl", &Pickle::proto(3).bytes(&long).stop()),
        Member::deflated("small.pkl", &Pickle::proto(2).raw(b"}").stop()).torch(),
    ];
    for file in [zip(&members), zip64(&members, 0), zip(&[])] {
        let seen = named("models.zip", &file);
        assert_eq!((seen.format, seen.class), (Format::Zip, FileClass::Clean), "{}", text(&seen));
        assert_eq!(codes(&seen), Vec::<&str>::new());
    }
}

#[test]
fn what_is_in_a_member_is_found_whatever_its_name() {
    for name in ["archive/data.pkl", "archive/DATA.PKL", "weights", "x/notes.txt", "archive/data/evil.bin"] {
        for member in [Member::stored, Member::deflated] {
            let seen = named("model.pt", &zip(&[member(name, &system().stop())]));
            assert_eq!((codes(&seen), seen.class), (vec!["PKL001"], FileClass::Finding), "{}", text(&seen));
            let old = Pickle::old().raw(b"cposix\nsystem\n(S'true'\ntR").stop();
            assert_eq!(codes(&named("model.pt", &zip(&[member(name, &old)]))), ["PKL001"], "{name}");
        }
    }
    let tensors = safetensors(r#"{"w":{"dtype":"F128","shape":[],"data_offsets":[0,0]}}"#, &[]);
    let seen = named("m.zip", &zip(&[Member::deflated("m.safetensors", &tensors)]));
    insta::assert_snapshot!(text(&seen), @r"
    ZIP archive: review
    medium STS004 m.zip!m.safetensors!w at byte 9: an unknown element type `F128`
    ");
}

/// `PyTorch` writes text or numbers under these names; what else stands there is not taken for that.
#[test]
fn no_name_that_torch_uses_hides_a_call() {
    let old = Pickle::old().raw(b"cposix\nsystem\n(S'true'\ntR").stop();
    let names =
        ["constants.pkl", ".data/config", ".format_version", ".storage_alignment", "code/x.py", "data/0.txt"];
    for name in names {
        let file = torch(&[FLOATS], &[Member::stored(&format!("archive/{name}"), &old)]);
        let seen = named("model.pt", &file);
        assert!(codes(&seen).contains(&"PKL001"), "{name}\n{}", text(&seen));
    }
    let seen = named("model.pt", &torch(&[("0", &old)], &[]));
    assert!(codes(&seen).contains(&"PKL001"), "a storage\n{}", text(&seen));
}

#[test]
fn what_is_not_looked_at_is_named() {
    for (data, reason) in [
        (b"Rar!\x1a\x07\0".as_slice(), "format not supported: RAR archive"),
        (b"\0\x01\x02", "format not supported: no known signature"),
        (b"\x7fELF\x02\x01\x01\0", "format not supported: ELF executable"),
    ] {
        let seen = named("m.zip", &zip(&[Member::stored("x", data)]));
        let reasons: Vec<_> = seen.unexamined.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(reasons, [reason]);
        assert_ne!(seen.class, FileClass::Clean);
    }
}

/// What is wrong, the file, and the rules that fire.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn cases() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let empty = Pickle::proto(2).raw(b"}").stop();
    let member = || Member::stored("data.pkl", &empty);
    let one = |change: fn(&mut Member)| zip(&[changed(member(), change)]);
    let sound = zip(&[member()]);
    let (body, start, length) = body(&[member()]);
    let with_end = |end: Vec<u8>| [body.clone(), end].concat();
    let at = start as usize;
    let mut prefixed = sound.clone();
    prefixed.splice(0..0, b"PK\x03\x04 in front of it".iter().copied());
    let mut gap = sound.clone();
    gap.splice(at..at, b"PK\x03\x04 hidden".iter().copied());
    let moved = gap.len() - 6;
    gap[moved..moved + 4].copy_from_slice(&(start + 11).to_le_bytes());
    let comment = {
        let inner = end(0, 0, 0);
        let mut outer = end(1, length, start);
        outer[20] = 22;
        // The inner record is last, and both reach exactly to the end.
        with_end([outer, inner].concat())
    };
    let two = [member(), Member::stored("other.pkl", &empty)];
    vec![
        ("no end record", b"PK\x03\x04 and nothing else".to_vec(), &["ZIP001"]),
        ("directory longer than the file", with_end(end(1, 60_000, 0)), &["ZIP001"]),
        ("directory behind itself", with_end(end(1, length, 60_000)), &["ZIP001"]),
        (
            "directory that breaks off",
            with_end(end(1, length - 1, start + 1)),
            &["ZIP001", "ZIP002", "ZIP007"],
        ),
        ("count that is not theirs", with_end(end(2, length, start)), &["ZIP002"]),
        (
            "part of several",
            one(|_| {})
                .iter()
                .rev()
                .skip(22)
                .rev()
                .copied()
                .chain({
                    let mut end = end(1, length, start);
                    end[4] = 1;
                    end
                })
                .collect(),
            &["ZIP002"],
        ),
        ("two end records", comment, &["ZIP002", "ZIP007"]),
        (
            "comment longer than the file",
            {
                let mut end = end(1, length, start);
                end[20] = 9;
                with_end(end)
            },
            &["ZIP002"],
        ),
        ("locator that points elsewhere", zip64(&[member()], 1), &["ZIP002"]),
        ("other name in front", one(|member| member.local.name = b"data.txt".to_vec()), &["ZIP003"]),
        ("other method in front", one(|member| member.local.method = 8), &["ZIP003"]),
        ("other flags in front", one(|member| member.local.flags = 1), &["ZIP003"]),
        ("other sizes in front", one(|member| member.local.size = 1), &["ZIP003"]),
        ("other checksum in front", one(|member| member.local.crc = 1), &["ZIP003"]),
        ("no header in front", one(|member| member.offset = Some(1)), &["ZIP003", "ZIP007"]),
        (
            "other checksum behind",
            zip(&[changed(member().torch(), |member| member.descriptor[4] ^= 1)]),
            &["ZIP003", "ZIP007"],
        ),
        (
            "other sizes behind",
            zip(&[changed(member().torch(), |member| member.descriptor[8] ^= 1)]),
            &["ZIP003", "ZIP007"],
        ),
        (
            "nothing behind",
            zip(&[changed(member().torch(), |member| member.descriptor.clear())]),
            &["ZIP003"],
        ),
        ("name twice", zip(&[member(), member()]), &["ZIP004"]),
        ("name twice but for case", zip(&[member(), Member::stored("Data.PKL", &empty)]), &["ZIP004"]),
        ("name that leads out", zip(&[Member::stored("a/../../x", &empty)]), &["ZIP005"]),
        ("absolute name", zip(&[Member::stored("/etc/x", &empty)]), &["ZIP005"]),
        ("name on a drive", zip(&[Member::stored("C:\\x", &empty)]), &["ZIP005"]),
        ("name with a zero", zip(&[Member::stored("x\0.txt", &empty)]), &["ZIP005"]),
        ("link", one(|member| member.attributes = 0o120_777 << 16), &["ZIP005"]),
        (
            "two members in one place",
            zip(&[two[0].clone(), changed(two[1].clone(), |member| member.offset = Some(0))]),
            &["ZIP006", "ZIP007"],
        ),
        (
            "member behind the directory",
            zip(&[two[0].clone(), changed(two[1].clone(), |member| member.offset = Some(1 << 30))]),
            &["ZIP006", "ZIP007"],
        ),
        (
            "member that runs into the directory",
            one(|member| {
                (member.local.packed, member.local.size) = (60_000, 60_000);
                (member.central.packed, member.central.size) = (60_000, 60_000);
            }),
            &["ZIP006", "ZIP007"],
        ),
        ("bytes in front", prefixed, &["ZIP002", "ZIP007"]),
        ("bytes between", gap, &["ZIP007"]),
        ("bytes behind", [sound.clone(), vec![0; 9]].concat(), &["ZIP007"]),
        (
            "said to be encrypted",
            one(|member| (member.local.flags, member.central.flags) = (0x20, 0x20)),
            &["ZIP008"],
        ),
        ("said to be longer", one(|member| (member.local.size, member.central.size) = (9, 9)), &["ZIP009"]),
        ("wrong checksum", one(|member| (member.local.crc, member.central.crc) = (9, 9)), &["ZIP009"]),
        (
            "not to be decompressed",
            one(|member| (member.local.method, member.central.method) = (8, 8)),
            &["ZIP009"],
        ),
        ("no storage", torch(&[], &[]), &["PTH001"]),
        ("short storage", torch(&[("0", &[0; 4])], &[]), &["PTH002"]),
        ("program in a storage", torch(&[("0", b"\x7fELF\x02\x01\x01\0")], &[]), &["PTH004"]),
        (
            "call in a storage",
            torch(&[FLOATS, ("1", &system().stop())], &[]),
            &["PKL001", "PTH004", "PTH005"],
        ),
        ("storage that nobody asks for", torch(&[FLOATS, ("1", &[0; 8])], &[]), &["PTH005"]),
        ("program for torch", torch(&[FLOATS], &[Member::stored("archive/code/a.py", b"x")]), &["PTH003"]),
    ]
}

#[test]
fn each_rule_fires_where_it_should() {
    for (what, file, want) in cases() {
        let seen = named("model.pt", &file);
        assert_eq!(codes(&seen), want, "{what}\n{}", text(&seen));
        assert_ne!(seen.class, FileClass::Clean, "{what}");
    }
}

#[test]
fn published_bypasses_of_archives_do_not_hide_a_call() {
    let call = system().stop();
    let member = || Member::stored("archive/data.pkl", &call);
    for (what, member) in [
        ("CVE-2025-1889", Member::stored("archive/model.config", &call)),
        ("CVE-2025-1944", changed(member(), |member| member.local.name = b"archive/data.txt".to_vec())),
        (
            "CVE-2025-1945, 0x1",
            changed(member(), |member| (member.local.flags, member.central.flags) = (1, 1)),
        ),
        ("CVE-2025-1945, 0x20", changed(member(), |member| member.central.flags = 0x20)),
        ("CVE-2025-1945, 0x40", changed(member(), |member| member.central.flags = 0x40)),
        ("CVE-2025-10156", changed(member(), |member| (member.local.crc, member.central.crc) = (0, 0))),
        ("sizes too small", changed(member(), |member| member.central.size = 20)),
    ] {
        let seen = named("model.pt", &zip(&[member]));
        assert!(codes(&seen).contains(&"PKL001"), "{what}\n{}", text(&seen));
        assert_eq!(seen.class, FileClass::Finding);
    }
}

#[test]
fn what_a_person_reads() {
    let member = changed(Member::deflated("archive/data.pkl", &system().stop()), |member| {
        member.local.name = b"archive/\x1b[2Jdata".to_vec();
        member.central.crc = 0;
    });
    insta::assert_snapshot!(text(&named("model.pt", &zip(&[member]))), @r"
    PyTorch archive: finding
    high ZIP003 model.pt!archive/data.pkl at byte 0: the local header has another name than the directory
    high ZIP003 model.pt!archive/data.pkl at byte 0: the local header has another checksum than the directory
    critical PKL001/process model.pt!archive/data.pkl at byte 26: loading the file calls posix.system, which starts programs
    medium ZIP009 model.pt!archive/data.pkl at byte 46: the member's bytes do not have the checksum that the directory states
    ");
}

#[test]
fn archives_that_expand_without_measure_end_within_limits() {
    let member = Member::deflated("zeros", &vec![0; 4 << 20]);
    let limits = Limits { inflated_bytes: 1 << 20, ..Limits::default() };
    let file = zip(&[member.clone(), Member::deflated("more.pkl", &Pickle::proto(2).raw(b"}").stop())]);
    let seen = inspect(&file, "m.zip", &limits, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    assert_eq!((codes(&seen), seen.class), (vec!["ZIP010"], FileClass::Finding), "{}", text(&seen));
    assert!(seen.unexamined.len() >= 2, "{}", text(&seen));
    let limits = Limits { archive_members: 1, ..Limits::default() };
    let seen = inspect(&file, "m.zip", &limits, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    assert_eq!((codes(&seen), seen.class), (vec![], FileClass::Inconclusive));
}

#[test]
fn archives_are_judged_alike_however_their_bytes_arrive() {
    for (what, file, _) in cases() {
        for step in [1, 3] {
            let mut go = |_| std::ops::ControlFlow::Continue(());
            let slow = crate::pickles::Slow(&file, step);
            let slow = inspect(&slow, "model.pt", &Limits::default(), &mut go).unwrap();
            assert_eq!(format!("{slow:?}"), format!("{:?}", named("model.pt", &file)), "{what}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_file_with_changed_bytes_is_inspected(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut file = torch(&[FLOATS], &[Member::deflated("archive/x.pkl", &Pickle::proto(2).raw(b"}").stop())]);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        named("model.pt", &file);
    }

    #[test]
    fn what_is_packed_is_what_is_read(data in proptest::collection::vec(any::<u8>(), 0..2000), repeat in 1_usize..60) {
        let data = data.repeat(repeat);
        let pickle = Pickle::proto(3).bytes(&data).stop();
        let seen = named("m.zip", &zip(&[Member::deflated("a", &pickle), Member::stored("b", &pickle)]));
        prop_assert!(!codes(&seen).iter().any(|code| code.starts_with("ZIP")), "{}", text(&seen));
    }
}
