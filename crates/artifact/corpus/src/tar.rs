//! Writes tar archives whose headers say whatever they are told.

use crate::{
    Sample,
    compressed::gzip,
    pickle::{Pickle, system},
    safetensors::safetensors,
    torch::torch,
};

const FAMILY: &str = "tar";

/// A member with its header.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: Vec<u8>,
    pub link: Vec<u8>,
    pub flag: u8,
    pub mode: Vec<u8>,
    /// The field of the length, where it is not that of the data.
    pub size: Option<Vec<u8>>,
    /// Magic and version: `ustar\0` and `00`, GNU's, or zeros.
    pub magic: [u8; 8],
    pub prefix: Vec<u8>,
    /// The field of the checksum, where it is not the sum.
    pub sum: Option<Vec<u8>>,
    pub data: Vec<u8>,
    /// What fills the last block.
    pub fill: u8,
    /// Bytes that are set in the header before the sum is taken.
    pub patches: Vec<(usize, Vec<u8>)>,
}

/// GNU's magic and version.
pub const GNU: [u8; 8] = *b"ustar  \0";

impl Entry {
    /// A file.
    pub fn file(name: &str, data: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            link: Vec::new(),
            flag: b'0',
            mode: b"0000644\0".to_vec(),
            size: None,
            magic: *b"ustar\x0000",
            prefix: Vec::new(),
            sum: None,
            data: data.to_vec(),
            fill: 0,
            patches: Vec::new(),
        }
    }

    /// A member of another kind.
    pub fn of(flag: u8, name: &str, link: &str) -> Self {
        Self { flag, link: link.as_bytes().to_vec(), ..Self::file(name, b"") }
    }

    /// The member with a change.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Header and data.
    pub fn bytes(&self) -> Vec<u8> {
        let mut block = vec![0; 512];
        let mut set = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        set(0, &self.name);
        set(100, &self.mode);
        set(108, b"0001750\0");
        set(116, b"0001750\0");
        let size = format!("{:011o}\0", self.data.len()).into_bytes();
        set(124, self.size.as_ref().unwrap_or(&size));
        set(136, b"14371573777\0");
        set(148, b"        ");
        set(156, &[self.flag]);
        set(157, &self.link);
        set(257, &self.magic);
        set(345, &self.prefix);
        for (at, bytes) in &self.patches {
            set(*at, bytes);
        }
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        let sum = self.sum.clone().unwrap_or(format!("{sum:06o}\0 ").into_bytes());
        block[148..148 + sum.len()].copy_from_slice(&sum);
        block.extend_from_slice(&self.data);
        block.resize(block.len().next_multiple_of(512), self.fill);
        block
    }
}

/// An extended header in front of a member (`x`), or in front of all (`g`).
pub fn pax(flag: u8, records: &[(&str, &[u8])]) -> Entry {
    let mut data = Vec::new();
    for (key, value) in records {
        let body = key.len() + value.len() + 3;
        let mut length = body + 1;
        while length != body + length.to_string().len() {
            length = body + length.to_string().len();
        }
        data.extend([format!("{length} {key}=").as_bytes(), value, b"\n"].concat());
    }
    Entry { flag, ..Entry::file("PaxHeaders/0", &data) }
}

/// GNU's header with a long name (`L`) or target (`K`).
pub fn long(flag: u8, text: &[u8]) -> Entry {
    let data = [text, b"\0"].concat();
    Entry { flag, magic: GNU, ..Entry::file("././@LongLink", &data) }
}

/// Members, and the end of the archive.
pub fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut file: Vec<u8> = entries.iter().flat_map(Entry::bytes).collect();
    file.extend([0; 1024]);
    file
}

/// What `PyTorch` wrote first: a module with one tensor of two floats.
pub fn torch_tar(object: &[u8], storage: &[u8]) -> Vec<u8> {
    let number = |value: u8| Pickle::proto(2).raw(&[b'K', value]).stop();
    let storages = [
        number(1),
        Pickle::proto(2)
            .raw(b"(")
            .raw(b"K\x07X\x03\0\0\0cpu")
            .global("torch", "FloatStorage")
            .raw(b"t")
            .stop(),
        (storage.len() as u64 / 4).to_le_bytes().to_vec(),
        storage.to_vec(),
        Pickle::proto(2).raw(b"]").stop(),
    ]
    .concat();
    let tensors = [
        number(1),
        Pickle::proto(2).raw(b"(K\x09K\x07").global("torch", "FloatTensor").raw(b"t").stop(),
        [1_u32, 0].map(u32::to_le_bytes).concat(),
        [2_u64, 1, 0].map(u64::to_le_bytes).concat(),
    ]
    .concat();
    tar(&[
        Entry::file("sys_info", &Pickle::proto(2).raw(b"}").stop()),
        Entry::file("pickle", object),
        Entry::file("tensors", &tensors),
        Entry::file("storages", &storages),
    ])
}

/// A file with holes in GNU's first form: the runs stand in the header.
pub fn sparse(name: &str, runs: &[(u64, u64)], real: u64, data: &[u8]) -> Entry {
    let mut patches = Vec::new();
    for (index, (offset, length)) in runs.iter().enumerate() {
        patches.push((386 + 24 * index, format!("{offset:011o}\0{length:011o}\0").into_bytes()));
    }
    patches.push((483, format!("{real:011o}\0").into_bytes()));
    Entry { flag: b'S', magic: GNU, patches, ..Entry::file(name, data) }
}

/// A file with holes in version 1.0 of GNU's second form: the runs stand in front of the data.
pub fn sparse_pax(name: &str, runs: &[(u64, u64)], real: u64, data: &[u8]) -> Vec<Entry> {
    let mut map = format!("{}\n", runs.len());
    for (offset, length) in runs {
        map.push_str(&format!("{offset}\n{length}\n"));
    }
    let mut body = map.into_bytes();
    body.resize(body.len().next_multiple_of(512), 0);
    body.extend_from_slice(data);
    let real = real.to_string();
    let records: [(&str, &[u8]); 4] = [
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", name.as_bytes()),
        ("GNU.sparse.realsize", real.as_bytes()),
    ];
    vec![pax(b'x', &records), Entry::file("GNUSparseFile.0/x", &body)]
}

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, path: &str, bytes, codes| Sample::hostile(FAMILY, what, path, bytes, codes);
    let benign = |what: &str, path: &str, bytes| Sample::benign(FAMILY, what, path, bytes);
    let evil = system().stop();
    let plain = Pickle::proto(4).raw(b"N").stop();
    let file = |name: &str| Entry::file(name, b"text\n");
    let bad = |name: &str| Entry::file(name, &evil);
    let weights = safetensors(r#"{"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#, &[0; 8]);
    let inner = tar(&[bad("data.pkl")]);
    let broken = || file("a.txt").with(|entry| entry.sum = Some(b"000001\0 ".to_vec()));
    let sound = tar(&[file("a.txt")]);
    let v7 = |entry: Entry| entry.with(|entry| (entry.magic, entry.flag) = ([0; 8], 0));
    let mut files = vec![
        hostile("pickle", "model.tar", tar(&[file("a.txt"), bad("data.pkl")]), &["PKL001"]),
        hostile("pickle under a harmless name", "model.tar", tar(&[bad("notes.txt")]), &["PKL001"]),
        hostile("pickle in the first form", "model.tar", tar(&[v7(bad("data.pkl"))]), &["PKL001"]),
        hostile(
            "pickle in an archive in an archive",
            "model.tar",
            tar(&[Entry::file("a.tar", &inner)]),
            &["PKL001"],
        ),
        hostile("pickle in tar in gzip", "model.tar.gz", gzip(&inner), &["PKL001"]),
        hostile("pickle in tar under another name", "model.pt", tar(&[bad("x")]), &["PKL001"]),
        hostile(
            "pickle in a member of unknown kind",
            "model.tar",
            tar(&[bad("x").with(|entry| entry.flag = b'Z')]),
            &["PKL001", "TAR002"],
        ),
        hostile(
            "pickle in a contiguous file",
            "model.tar",
            tar(&[bad("x").with(|entry| entry.flag = b'7')]),
            &["PKL001"],
        ),
        hostile(
            "pickle with a long name",
            "model.tar",
            tar(&[long(b'L', &[b'a'; 300]), bad("short")]),
            &["PKL001"],
        ),
        hostile(
            "pickle with a name in records",
            "model.tar",
            tar(&[pax(b'x', &[("path", b"deep/data.pkl")]), bad("short")]),
            &["PKL001"],
        ),
        hostile(
            "pickle with holes",
            "model.tar",
            tar(&[sparse("x", &[(0, evil.len() as u64)], 4096, &evil)]),
            &["PKL001"],
        ),
        hostile(
            "pickle with holes in records",
            "model.tar",
            tar(&sparse_pax("x", &[(0, evil.len() as u64)], 4096, &evil)),
            &["PKL001"],
        ),
        hostile(
            "pickle with holes in one record",
            "model.tar",
            tar(&[
                pax(
                    b'x',
                    &[
                        ("GNU.sparse.size", b"4096"),
                        ("GNU.sparse.map", format!("0,{}", evil.len()).as_bytes()),
                    ],
                ),
                bad("x"),
            ]),
            &["PKL001"],
        ),
        hostile(
            "pickle in a checkpoint of NeMo",
            "model.nemo",
            tar(&[file("model_config.yaml"), bad("model_weights.ckpt")]),
            &["PKL001"],
        )
        .from_advisory("CVE-2025-23304"),
        hostile("call in what PyTorch wrote first", "model.pt", torch_tar(&evil, &[0; 8]), &["PKL001"]),
        hostile(
            "call instead of the number of storages",
            "model.pt",
            tar(&[file("tensors"), bad("storages")]),
            &["PKL001"],
        ),
        hostile("name that leads out", "model.tar", tar(&[file("../x")]), &["TAR003"])
            .from_advisory("CVE-2007-4559"),
        hostile("name that leads out further in", "model.tar", tar(&[file("a/../../x")]), &["TAR003"])
            .from_advisory("CVE-2025-12060"),
        hostile("name that leads out on Windows", "model.tar", tar(&[file("..\\x")]), &["TAR003"]),
        hostile("absolute name", "model.tar", tar(&[file("/etc/x")]), &["TAR003"])
            .from_advisory("CVE-2007-4559"),
        hostile("absolute name on Windows", "model.tar", tar(&[file("C:\\x")]), &["TAR003"]),
        hostile(
            "long name that leads out",
            "model.tar",
            tar(&[long(b'L', b"../../x"), file("a")]),
            &["TAR003"],
        ),
        hostile(
            "name in records that leads out",
            "model.tar",
            tar(&[pax(b'x', &[("path", b"../x")]), file("a")]),
            &["TAR003"],
        ),
        hostile(
            "name for all members that leads out",
            "model.tar",
            tar(&[pax(b'g', &[("path", b"../x")]), file("a")]),
            &["TAR002", "TAR003"],
        ),
        hostile(
            "prefix that leads out",
            "model.tar",
            tar(&[file("x").with(|entry| entry.prefix = b"..".to_vec())]),
            &["TAR003"],
        ),
        hostile(
            "name in records with a zero",
            "model.tar",
            tar(&[pax(b'x', &[("path", b"a.txt\0.pkl")]), file("a")]),
            &["TAR002", "TAR003"],
        ),
        hostile(
            "name with holes that leads out",
            "model.tar",
            tar(&sparse_pax("../x", &[(0, 4)], 4, b"text")),
            &["TAR003"],
        ),
        hostile(
            "name longer than systems take",
            "model.tar",
            tar(&[long(b'L', &b"abcdefghi/".repeat(500)), file("a")]),
            &["TAR003"],
        ),
        hostile(
            "link to an absolute path",
            "model.tar",
            tar(&[Entry::of(b'2', "x", "/etc/passwd")]),
            &["TAR004"],
        ),
        hostile("link that leads out", "model.tar", tar(&[Entry::of(b'2', "a/x", "../../y")]), &["TAR004"]),
        hostile(
            "long link that leads out",
            "model.tar",
            tar(&[long(b'K', b"../x"), Entry::of(b'2', "x", "y")]),
            &["TAR004"],
        ),
        hostile(
            "link in records that leads out",
            "model.tar",
            tar(&[pax(b'x', &[("linkpath", b"../x")]), Entry::of(b'2', "x", "y")]),
            &["TAR004"],
        ),
        hostile("hard link that leads out", "model.tar", tar(&[Entry::of(b'1', "x", "../y")]), &["TAR004"]),
        hostile(
            "hard link to an absolute path",
            "model.tar",
            tar(&[Entry::of(b'1', "x", "/etc/passwd")]),
            &["TAR004"],
        ),
        hostile(
            "file through a link",
            "model.tar",
            tar(&[Entry::of(b'2', "x", "a"), file("x/y")]),
            &["TAR004"],
        ),
        hostile("file over a link", "model.tar", tar(&[Entry::of(b'2', "x", "a"), file("x")]), &["TAR004"]),
        hostile(
            "file over a link with another spelling",
            "model.tar",
            tar(&[Entry::of(b'2', "x", "a"), file("./x")]),
            &["TAR004"],
        ),
        hostile(
            "link through a link and up",
            "model.tar",
            tar(&[
                Entry::of(b'5', "a/b/", ""),
                Entry::of(b'2', "c", "a/b"),
                Entry::of(b'2', "d", "c/../../e"),
            ]),
            &["TAR004"],
        )
        .from_advisory("CVE-2025-4517"),
        hostile(
            "hard link to a link",
            "model.tar",
            tar(&[Entry::of(b'2', "c", "a"), Entry::of(b'1', "d", "c")]),
            &["TAR004"],
        )
        .from_advisory("CVE-2025-4330"),
        hostile(
            "hard link through a link and up",
            "model.tar",
            tar(&[Entry::of(b'2', "c", "a/b"), Entry::of(b'1', "d", "c/../e")]),
            &["TAR004"],
        )
        .from_advisory("CVE-2025-4138"),
        hostile("device", "model.tar", tar(&[Entry::of(b'3', "mem", "")]), &["TAR006"]),
        hostile("block device", "model.tar", tar(&[Entry::of(b'4', "sda", "")]), &["TAR006"]),
        hostile("pipe", "model.tar", tar(&[Entry::of(b'6', "pipe", "")]), &["TAR006"]),
        hostile(
            "wrong checksum in front of a pickle",
            "model.tar",
            tar(&[file("a"), broken(), bad("x")]),
            &["PKL001", "TAR001"],
        ),
        hostile(
            "number that is none",
            "model.tar",
            tar(&[file("a"), file("b").with(|entry| entry.size = Some(b"9z\0".to_vec()))]),
            &["TAR001"],
        ),
        hostile(
            "negative length",
            "model.tar",
            tar(&[
                file("a"),
                file("b").with(|entry| entry.size = Some([[0xff; 11].as_slice(), &[0]].concat())),
            ]),
            &["TAR001"],
        )
        .from_advisory("CVE-2025-8194"),
        hostile(
            "negative length in octal digits",
            "model.tar",
            tar(&[file("a"), file("b").with(|entry| entry.size = Some(b"-0000000005\0".to_vec()))]),
            &["TAR001"],
        )
        .from_advisory("CVE-2025-8194"),
        hostile(
            "record without an end",
            "model.tar",
            tar(&[file("a"), pax(b'x', &[]).with(|entry| entry.data = b"99 path=x\n".to_vec()), file("b")]),
            &["TAR001"],
        ),
        hostile(
            "record without a length",
            "model.tar",
            tar(&[file("a"), pax(b'x', &[]).with(|entry| entry.data = b"path=x\n".to_vec()), file("b")]),
            &["TAR001"],
        ),
        hostile(
            "record that is too short",
            "model.tar",
            tar(&[file("a"), pax(b'x', &[]).with(|entry| entry.data = b"3 a\n".to_vec()), file("b")]),
            &["TAR001"],
        ),
        hostile(
            "extended header without a member",
            "model.tar",
            tar(&[file("a"), pax(b'x', &[("path", b"x")])]),
            &["TAR001"],
        ),
        hostile(
            "holes that overlap",
            "model.tar",
            tar(&[sparse("x", &[(0, 4), (2, 4)], 64, b"textmore")]),
            &["TAR001"],
        ),
        hostile(
            "holes longer than the data",
            "model.tar",
            tar(&[sparse("x", &[(0, 400)], 400, b"text")]),
            &["TAR001"],
        ),
        hostile(
            "holes behind the end",
            "model.tar",
            tar(&[sparse("x", &[(100, 4)], 50, b"text")]),
            &["TAR001"],
        ),
        hostile(
            "holes that are no numbers",
            "model.tar",
            tar(&[pax(b'x', &[("GNU.sparse.size", b"9"), ("GNU.sparse.map", b"0,x")]), file("x")]),
            &["TAR001"],
        ),
        hostile(
            "holes of 8 EB",
            "model.tar",
            tar(&sparse_pax("x", &[(0, 4)], 1 << 62, b"text")),
            &["TAR009"],
        ),
        hostile(
            "length of zero over an archive",
            "model.tar",
            tar(&[pax(b'x', &[("size", b"0")]), Entry::file("a.txt", &inner)]),
            &["PKL001", "TAR002"],
        )
        .from_advisory("CVE-2025-62518"),
        hostile(
            "length over a file of zero",
            "model.tar",
            tar(&[pax(b'x', &[("size", b"512")]), Entry::of(b'0', "a.txt", ""), bad("x")]),
            &["TAR002"],
        )
        .from_advisory("CVE-2025-62518"),
        hostile(
            "length for all members",
            "model.tar",
            tar(&[pax(b'g', &[("size", b"0")]), file("a")]),
            &["TAR002"],
        ),
        hostile(
            "length in records twice",
            "model.tar",
            tar(&[pax(b'x', &[("size", b"5"), ("size", b"0")]), file("a")]),
            &["TAR002"],
        ),
        hostile(
            "length in words",
            "model.tar",
            tar(&[pax(b'x', &[("size", b"+5")]), file("a")]),
            &["TAR002"],
        ),
        hostile(
            "name in records twice",
            "model.tar",
            tar(&[pax(b'x', &[("path", b"a"), ("path", b"b")]), file("c")]),
            &["TAR002"],
        ),
        hostile(
            "two long names",
            "model.tar",
            tar(&[long(b'L', b"a"), long(b'L', b"b"), file("c")]),
            &["TAR002"],
        ),
        hostile(
            "long name and records",
            "model.tar",
            tar(&[long(b'L', b"a"), pax(b'x', &[("path", b"b")]), file("c")]),
            &["TAR002"],
        ),
        hostile(
            "two extended headers",
            "model.tar",
            tar(&[pax(b'x', &[("path", b"a")]), pax(b'x', &[("path", b"b")]), file("c")]),
            &["TAR002"],
        ),
        hostile(
            "records behind their end",
            "model.tar",
            tar(&[
                pax(b'x', &[])
                    .with(|entry| {
                        entry.data = b"13 path=evil\n".to_vec();
                        entry.size = Some(b"00000000000\0".to_vec());
                    })
                    .with(|entry| entry.size = Some(b"00000000001\0".to_vec())),
                file("c"),
            ]),
            &["TAR002"],
        ),
        hostile(
            "folder with bytes",
            "model.tar",
            tar(&[Entry { flag: b'5', ..Entry::file("a/", &file("x").bytes()) }]),
            &["TAR002"],
        ),
        hostile(
            "link with bytes",
            "model.tar",
            tar(&[Entry { flag: b'2', link: b"b".to_vec(), ..bad("a") }]),
            &["TAR002"],
        ),
        hostile(
            "length in Python's own spelling",
            "model.tar",
            tar(&[file("a").with(|entry| entry.size = Some(b"0o0000005\0".to_vec()))]),
            &["TAR002"],
        ),
        hostile(
            "length with an underscore",
            "model.tar",
            tar(&[file("a").with(|entry| entry.size = Some(b"0_000_5\0".to_vec()))]),
            &["TAR002"],
        ),
        hostile(
            "prefix in GNU's form",
            "model.tar",
            tar(&[file("a").with(|entry| (entry.magic, entry.prefix) = (GNU, b"b".to_vec()))]),
            &["TAR002"],
        ),
        hostile("file whose name ends in a slash", "model.tar", tar(&[file("a/")]), &["TAR002"]),
        hostile(
            "holes and a length",
            "model.tar",
            tar(&[
                pax(b'x', &[("size", b"4"), ("GNU.sparse.size", b"4"), ("GNU.sparse.map", b"0,4")]),
                file("a"),
            ]),
            &["TAR002"],
        ),
        hostile(
            "many extended headers",
            "model.tar",
            tar(&[vec![pax(b'x', &[("comment", b"x")]); 40], vec![file("a")]].concat()),
            &["TAR002"],
        ),
        hostile(
            "member behind the end",
            "model.tar",
            [sound.clone(), tar(&[bad("x")])].concat(),
            &["PKL001", "TAR007"],
        ),
        hostile(
            "member behind one block of zeros",
            "model.tar",
            [file("a").bytes(), vec![0; 512], tar(&[bad("x")])].concat(),
            &["PKL001", "TAR007"],
        ),
        hostile("bytes behind the end", "model.tar", [sound.clone(), evil.clone()].concat(), &["TAR007"]),
        hostile("block behind the end", "model.tar", [sound.clone(), vec![b'x'; 512]].concat(), &["TAR007"]),
        hostile(
            "tar behind the magic of zstd",
            "model.zst",
            tar(&[Entry { name: b"\x28\xb5\x2f\xfd".to_vec(), ..bad("x") }]),
            &["ART003"],
        ),
        hostile(
            "tar behind the magic of gzip",
            "model.gz",
            tar(&[Entry { name: b"\x1f\x8b\x08\x01".to_vec(), ..bad("x") }]),
            &["ART003"],
        ),
        benign(
            "text and tensors",
            "model.tar",
            tar(&[file("README.md"), Entry::file("model.safetensors", &weights)]),
        ),
        benign(
            "folders",
            "model.tar",
            tar(&[Entry::of(b'5', "./", ""), Entry::of(b'5', "./a/", ""), file("./a/b.txt")]),
        ),
        benign("in the first form", "model.tar", tar(&[v7(file("a.txt")), v7(file("b.txt"))])),
        benign(
            "in GNU's form",
            "model.tar",
            tar(&[
                file("a.txt").with(|entry| entry.magic = GNU),
                long(b'L', &[b'a'; 200]),
                file("short").with(|entry| entry.magic = GNU),
            ]),
        ),
        benign(
            "with records",
            "model.tar",
            tar(&[
                pax(b'x', &[("mtime", b"1700000000.25"), ("path", "große/é.txt".as_bytes())]),
                file("short"),
            ]),
        ),
        benign(
            "with records for all members",
            "model.tar",
            tar(&[pax(b'g', &[("comment", b"0123456789abcdef0123456789abcdef01234567")]), file("a.txt")]),
        ),
        benign(
            "with a prefix",
            "model.tar",
            tar(&[file("a.txt").with(|entry| entry.prefix = b"long/folder".to_vec())]),
        ),
        benign(
            "link to a file beside it",
            "model.tar",
            tar(&[file("a/v1.txt"), Entry::of(b'2', "a/latest", "v1.txt"), Entry::of(b'1', "b", "a/v1.txt")]),
        ),
        benign("file with holes", "model.tar", tar(&[sparse("x.txt", &[(0, 5)], 5, b"text\n")])),
        benign("in gzip", "model.tar.gz", gzip(&sound)),
        benign(
            "archive of PyTorch in tar",
            "model.tar",
            tar(&[Entry::file("model.pt", &torch(&[("0", &[0; 8])], &[]))]),
        ),
        benign(
            "checkpoint of NeMo",
            "model.nemo",
            tar(&[
                file("./model_config.yaml"),
                Entry::file("./model_weights.ckpt", &torch(&[("0", &[0; 8])], &[])),
            ]),
        ),
        benign("what PyTorch wrote first", "model.pt", torch_tar(&plain, &[0; 8])),
        benign("padded to a record", "model.tar", [sound, vec![0; 8192]].concat()),
    ];
    files.push(hostile(
        "pickle in tar in gzip in a ZIP archive",
        "bundle.zip",
        crate::zip::zip(&[crate::zip::Member::deflated("a.tar.gz", &gzip(&inner))]),
        &["PKL001"],
    ));
    files
}
