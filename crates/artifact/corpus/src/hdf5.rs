//! Writes HDF5 files of the old form (superblock 0) and of the new (superblock 2), right and wrong.

use crate::{
    Sample,
    checksum::lookup3,
    compressed::zlib,
    pickle::{Pickle, system},
    safetensors::safetensors,
};

const FAMILY: &str = "hdf5";
const NOWHERE: u64 = u64::MAX;

/// A group under construction.
#[derive(Clone, Debug, Default)]
pub struct Group {
    attributes: Vec<Attribute>,
    links: Vec<(String, Child)>,
}

/// What a link leads to.
#[derive(Clone, Debug)]
pub enum Child {
    Group(Group),
    Array(Array),
    Soft(String),
    External(String, String),
    /// A link of a kind that a plug-in brings.
    Own(u8),
    /// Whatever is at an address; 0 is the root group, as a loop.
    Root,
    Address(u64),
}

/// The value of an attribute.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text in its place, filled up with zeros.
    Fixed(Vec<u8>),
    /// Text in a heap.
    Variable(Vec<Vec<u8>>),
}

/// An attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: String,
    pub value: Value,
}

/// Where an array's elements are.
#[derive(Clone, Debug)]
pub enum Layout {
    Contiguous,
    Compact,
    /// One chunk, which is compressed where filters say so.
    Chunked,
    Missing,
    /// Files outside.
    External(Vec<String>),
    /// Sources of a virtual array.
    Virtual(Vec<String>),
}

/// An array of floats, or of bytes.
#[derive(Clone, Debug)]
pub struct Array {
    pub dims: Vec<u64>,
    pub bytes: bool,
    pub data: Vec<u8>,
    pub layout: Layout,
    pub filters: Vec<(u16, &'static str)>,
    pub attributes: Vec<Attribute>,
    /// Added to the length that the layout states.
    pub longer: u64,
}

impl Array {
    /// Zeros of a shape.
    pub fn floats(dims: &[u64]) -> Self {
        let count: u64 = dims.iter().product();
        let data = vec![0; usize::try_from(count * 4).unwrap()];
        Self {
            dims: dims.to_vec(),
            bytes: false,
            data,
            layout: Layout::Contiguous,
            filters: vec![],
            attributes: vec![],
            longer: 0,
        }
    }

    /// These bytes.
    pub fn bytes(data: &[u8]) -> Self {
        Self { dims: vec![data.len() as u64], bytes: true, data: data.to_vec(), ..Self::floats(&[0]) }
    }

    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    pub fn dims(mut self, dims: &[u64]) -> Self {
        self.dims = dims.to_vec();
        self
    }

    pub fn filter(mut self, id: u16, name: &'static str) -> Self {
        self.filters.push((id, name));
        self
    }

    pub fn attribute(mut self, name: &str, value: Value) -> Self {
        self.attributes.push(Attribute { name: name.to_owned(), value });
        self
    }
}

impl Group {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn attribute(mut self, name: &str, value: Value) -> Self {
        self.attributes.push(Attribute { name: name.to_owned(), value });
        self
    }

    /// Text in a heap, as `h5py` writes it.
    pub fn text(self, name: &str, text: &str) -> Self {
        self.attribute(name, Value::Variable(vec![text.as_bytes().to_vec()]))
    }

    pub fn link(mut self, name: &str, child: Child) -> Self {
        self.links.push((name.to_owned(), child));
        self
    }

    pub fn array(self, name: &str, array: Array) -> Self {
        self.link(name, Child::Array(array))
    }

    pub fn group(self, name: &str, group: Self) -> Self {
        self.link(name, Child::Group(group))
    }

    /// A file of the old form.
    pub fn old(&self) -> Vec<u8> {
        Writer::new(false).file(self, &[])
    }

    /// A file of the new form.
    pub fn new_form(&self) -> Vec<u8> {
        Writer::new(true).file(self, &[])
    }

    /// A file of the old form behind a block of other bytes, whose length is a power of two from 512 on.
    pub fn behind(&self, block: &[u8]) -> Vec<u8> {
        Writer::new(false).file(self, block)
    }
}

struct Writer {
    out: Vec<u8>,
    new: bool,
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn space(dims: Option<&[u64]>) -> Vec<u8> {
    let dims = dims.unwrap_or_default();
    let mut bytes = vec![1, u8::try_from(dims.len()).unwrap(), 0, 0, 0, 0, 0, 0];
    bytes.extend(dims.iter().flat_map(|extent| extent.to_le_bytes()));
    bytes
}

const FLOAT: &[u8] = &[0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];
const BYTE: &[u8] = &[0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
const TEXT: &[u8] = &[0x19, 1, 0, 0, 16, 0, 0, 0, 0x13, 0, 0, 0, 1, 0, 0, 0];

impl Writer {
    fn new(new: bool) -> Self {
        // Room for the superblock.
        Self { out: vec![0; if new { 48 } else { 96 }], new }
    }

    fn put(&mut self, bytes: &[u8]) -> u64 {
        self.out.resize(self.out.len().next_multiple_of(8), 0);
        let at = self.out.len() as u64;
        self.out.extend_from_slice(bytes);
        at
    }

    fn file(mut self, root: &Group, block: &[u8]) -> Vec<u8> {
        let address = self.group(root);
        // A link to the root was written as a mark, before the root had a place.
        let mark = 0x5151_5151_5151_5151_u64.to_le_bytes();
        let places: Vec<_> =
            self.out.windows(8).enumerate().filter(|(_, window)| *window == mark).map(|(at, _)| at).collect();
        for at in places {
            self.out[at..at + 8].copy_from_slice(&address.to_le_bytes());
        }
        let base = block.len() as u64;
        let end = self.out.len() as u64 + base;
        let head = if self.new {
            let mut head = b"\x89HDF\r\n\x1a\n\x02\x08\x08\0".to_vec();
            head.extend([base, NOWHERE, end, address].map(u64::to_le_bytes).concat());
            head.extend(lookup3(&head).to_le_bytes());
            head
        } else {
            let mut head = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x40\0\x10\0\0\0\0\0".to_vec();
            head.extend([base, NOWHERE, end, NOWHERE, 0, address, 0, 0, 0].map(u64::to_le_bytes).concat());
            head
        };
        self.out[..head.len()].copy_from_slice(&head);
        [block.to_vec(), self.out].concat()
    }

    fn header(&mut self, messages: &[(u8, Vec<u8>)]) -> u64 {
        if self.new {
            let body: Vec<u8> = messages
                .iter()
                .flat_map(|(kind, body)| {
                    let length = u16::try_from(body.len()).unwrap().to_le_bytes();
                    [&[*kind, length[0], length[1], 0], body.as_slice()].concat()
                })
                .collect();
            let length = u32::try_from(body.len()).unwrap().to_le_bytes();
            let mut header = [b"OHDR\x02\x02".as_slice(), &length, &body].concat();
            header.extend(lookup3(&header).to_le_bytes());
            self.put(&header)
        } else {
            let body: Vec<u8> = messages
                .iter()
                .flat_map(|(kind, body)| {
                    let body = padded(body.clone());
                    let length = u16::try_from(body.len()).unwrap().to_le_bytes();
                    [&[*kind, 0, length[0], length[1], 0, 0, 0, 0], body.as_slice()].concat()
                })
                .collect();
            let count = u16::try_from(messages.len()).unwrap().to_le_bytes();
            let length = u32::try_from(body.len()).unwrap().to_le_bytes();
            self.put(&[&[1, 0, count[0], count[1], 1, 0, 0, 0], length.as_slice(), &[0; 4], &body].concat())
        }
    }

    /// A heap with these values; its address.
    fn heap(&mut self, values: &[Vec<u8>]) -> u64 {
        let mut body = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let index = u16::try_from(index + 1).unwrap().to_le_bytes();
            body.extend([index[0], index[1], 1, 0, 0, 0, 0, 0]);
            body.extend((value.len() as u64).to_le_bytes());
            body.extend(padded(value.clone()));
        }
        let size = (16 + body.len() + 16).next_multiple_of(4096);
        let free = (size - 16 - body.len()) as u64;
        body.extend([0; 8]);
        body.extend(free.to_le_bytes());
        body.resize(size - 16, 0);
        self.put(&[b"GCOL\x01\0\0\0".as_slice(), &(size as u64).to_le_bytes(), &body].concat())
    }

    fn attribute(&mut self, attribute: &Attribute) -> (u8, Vec<u8>) {
        let name = [attribute.name.as_bytes(), &[0]].concat();
        let (kind, space, data) = match &attribute.value {
            Value::Fixed(text) => {
                let length = u32::try_from(text.len()).unwrap().to_le_bytes();
                ([&[0x13, 1, 0, 0], length.as_slice()].concat(), space(None), text.clone())
            }
            Value::Variable(values) => {
                let heap = self.heap(values);
                let one = values.len() == 1;
                let dims = [values.len() as u64];
                let data = values
                    .iter()
                    .enumerate()
                    .flat_map(|(index, value)| {
                        let length = u32::try_from(value.len()).unwrap().to_le_bytes();
                        let index = u32::try_from(index + 1).unwrap().to_le_bytes();
                        [length.as_slice(), &heap.to_le_bytes(), &index].concat()
                    })
                    .collect();
                (TEXT.to_vec(), space((!one).then_some(&dims[..])), data)
            }
        };
        let sizes: Vec<u8> = [name.len(), kind.len(), space.len()]
            .iter()
            .flat_map(|size| u16::try_from(*size).unwrap().to_le_bytes())
            .collect();
        (0x0c, [vec![1, 0], sizes, padded(name), padded(kind), padded(space), data].concat())
    }

    fn group(&mut self, group: &Group) -> u64 {
        let mut messages: Vec<_> =
            group.attributes.iter().map(|attribute| self.attribute(attribute)).collect();
        let mut links = Vec::new();
        for (name, child) in &group.links {
            links.push((name.as_str(), self.child(child), child));
        }
        let plain = links.iter().all(|(_, address, _)| address.is_some());
        if !self.new && plain {
            links.sort_by_key(|(name, ..)| *name);
            messages.push(
                self.symbols(&links.iter().map(|(name, at, _)| (*name, at.unwrap())).collect::<Vec<_>>()),
            );
            return self.header(&messages);
        }
        messages.push((0x02, [vec![0, 0], [0xff; 16].to_vec()].concat()));
        messages.push((0x0a, vec![0, 0]));
        for (name, address, child) in links {
            let length = u8::try_from(name.len()).unwrap();
            let value = |kind: u8, value: Vec<u8>| {
                let size = u16::try_from(value.len()).unwrap().to_le_bytes();
                [&[1, 8, kind, length], name.as_bytes(), &size, &value].concat()
            };
            let body = match child {
                Child::Soft(path) => value(1, path.as_bytes().to_vec()),
                Child::External(file, object) => {
                    value(64, [&[0], file.as_bytes(), &[0], object.as_bytes(), &[0]].concat())
                }
                Child::Own(kind) => value(*kind, vec![1, 2, 3]),
                _ => [&[1, 0, length], name.as_bytes(), &address.unwrap().to_le_bytes()].concat(),
            };
            messages.push((0x06, body));
        }
        self.header(&messages)
    }

    fn child(&mut self, child: &Child) -> Option<u64> {
        match child {
            Child::Group(group) => Some(self.group(group)),
            Child::Array(array) => Some(self.array(array)),
            Child::Root => Some(0x5151_5151_5151_5151),
            Child::Address(address) => Some(*address),
            Child::Soft(_) | Child::External(..) | Child::Own(_) => None,
        }
    }

    fn local_heap(&mut self, names: &[&str]) -> (u64, Vec<u64>) {
        let mut data = vec![0; 8];
        let mut offsets = Vec::new();
        for name in names {
            offsets.push(data.len() as u64);
            data.extend(padded([name.as_bytes(), &[0]].concat()));
        }
        let at = self.put(&data);
        let length = (data.len() as u64).to_le_bytes();
        let free = 1_u64.to_le_bytes();
        let heap = self.put(&[b"HEAP\0\0\0\0".as_slice(), &length, &free, &at.to_le_bytes()].concat());
        (heap, offsets)
    }

    fn symbols(&mut self, links: &[(&str, u64)]) -> (u8, Vec<u8>) {
        let names: Vec<_> = links.iter().map(|(name, _)| *name).collect();
        let (heap, offsets) = self.local_heap(&names);
        let count = u16::try_from(links.len()).unwrap().to_le_bytes();
        let mut node = [b"SNOD\x01\0".as_slice(), &count].concat();
        for ((_, address), offset) in links.iter().zip(&offsets) {
            node.extend([offset.to_le_bytes(), address.to_le_bytes(), [0; 8], [0; 8], [0; 8]].concat());
        }
        node.resize(8 + 128 * 40, 0);
        let node = self.put(&node);
        let last = offsets.last().copied().unwrap_or_default();
        let used = u8::from(!links.is_empty());
        let mut tree = [b"TREE\0\0".as_slice(), &[used, 0], &[0xff; 16]].concat();
        tree.extend([0, node, last].map(u64::to_le_bytes).concat());
        tree.resize(24 + 33 * 8 + 32 * 8, 0);
        let tree = self.put(&tree);
        (0x11, [tree.to_le_bytes(), heap.to_le_bytes()].concat())
    }

    fn array(&mut self, array: &Array) -> u64 {
        let kind = if array.bytes { BYTE } else { FLOAT };
        let mut messages =
            vec![(0x01, space(Some(&array.dims))), (0x03, kind.to_vec()), (0x05, vec![2, 2, 2, 0])];
        if !array.filters.is_empty() {
            let mut body = vec![1, u8::try_from(array.filters.len()).unwrap(), 0, 0, 0, 0, 0, 0];
            for (id, name) in &array.filters {
                let name = if name.is_empty() { vec![] } else { padded([name.as_bytes(), &[0]].concat()) };
                let length = u16::try_from(name.len()).unwrap();
                body.extend([*id, length, 1, 0].map(u16::to_le_bytes).concat());
                body.extend(name);
            }
            messages.push((0x0b, body));
        }
        let length = array.data.len() as u64 + array.longer;
        let contiguous =
            |at: u64, length: u64| [&[3, 1], at.to_le_bytes().as_slice(), &length.to_le_bytes()].concat();
        match &array.layout {
            Layout::Contiguous => {
                let at = self.put(&array.data);
                messages.push((0x08, contiguous(at, length)));
            }
            Layout::Missing => messages.push((0x08, contiguous(NOWHERE, length))),
            Layout::Compact => {
                let size = u16::try_from(length).unwrap().to_le_bytes();
                messages.push((0x08, [&[3, 0], size.as_slice(), &array.data].concat()));
            }
            Layout::Chunked => {
                let packed = array.filters.iter().any(|(id, _)| *id == 1);
                let data = if packed { zlib(&array.data) } else { array.data.clone() };
                let chunk = self.put(&data);
                let rank = array.dims.len() + 1;
                let mut tree = [b"TREE\x01\0\x01\0".as_slice(), &[0xff; 16]].concat();
                tree.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
                tree.extend([0; 4]);
                tree.extend(vec![0; 8 * rank]);
                tree.extend(chunk.to_le_bytes());
                tree.resize(24 + 65 * (8 + 8 * rank) + 64 * 8, 0);
                let tree = self.put(&tree);
                let mut body = [&[3, 2, u8::try_from(rank).unwrap()], tree.to_le_bytes().as_slice()].concat();
                for extent in &array.dims {
                    body.extend(u32::try_from(*extent).unwrap().to_le_bytes());
                }
                body.extend(if array.bytes { [1, 0, 0, 0] } else { [4, 0, 0, 0] });
                messages.push((0x08, body));
            }
            Layout::External(files) => {
                let names: Vec<_> = files.iter().map(String::as_str).collect();
                let (heap, offsets) = self.local_heap(&names);
                let count = u16::try_from(files.len()).unwrap().to_le_bytes();
                let mut body = [&[1, 0, 0, 0], count.as_slice(), &count, &heap.to_le_bytes()].concat();
                for offset in offsets {
                    body.extend([offset, 0, length].map(u64::to_le_bytes).concat());
                }
                messages.push((0x07, body));
                messages.push((0x08, contiguous(NOWHERE, length)));
            }
            Layout::Virtual(files) => {
                let mut body = vec![0];
                body.extend((files.len() as u64).to_le_bytes());
                for file in files {
                    body.extend([file.as_bytes(), &[0], b"data", &[0]].concat());
                    // All elements of the source, to all of the array.
                    let all = [3, 1, 0, 0].map(u32::to_le_bytes).concat();
                    body.extend([all.clone(), all].concat());
                }
                body.extend(lookup3(&body).to_le_bytes());
                let heap = self.heap(&[body]);
                messages
                    .push((0x08, [&[4, 3], heap.to_le_bytes().as_slice(), &1_u32.to_le_bytes()].concat()));
            }
        }
        for attribute in &array.attributes {
            let message = self.attribute(attribute);
            messages.push(message);
        }
        self.header(&messages)
    }
}

/// A group as Keras names its layers, with a kernel and a bias.
pub fn layer() -> Group {
    let vars = Group::new().array("0", Array::floats(&[4, 2])).array("1", Array::floats(&[2]));
    Group::new().group("vars", vars)
}

/// Weights as Keras 3 lays them out.
pub fn weights() -> Group {
    Group::new()
        .group("layers", Group::new().group("dense", layer()).group("dense_1", layer()))
        .group("vars", Group::new())
}

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    let mut hostile = |what: &str, root: &Group, codes: &'static [&'static str]| {
        let old = Sample::hostile(FAMILY, format!("{what}, old form"), "model.weights.h5", root.old(), codes);
        let new =
            Sample::hostile(FAMILY, format!("{what}, new form"), "model.weights.h5", root.new_form(), codes);
        let is_foreign = codes.contains(&"HDF002") || codes.contains(&"HDF003") || codes.contains(&"HDF004");
        for sample in [old, new] {
            all.push(if is_foreign { sample.from_advisory("CVE-2026-1669") } else { sample });
        }
    };
    let external = |files: &[&str]| {
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        weights().array("stolen", Array::floats(&[4]).layout(Layout::External(files)))
    };
    let link = |file: &str| weights().link("stolen", Child::External(file.to_owned(), "/data".to_owned()));
    let sources = |files: &[&str]| {
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        weights().array("stolen", Array::floats(&[4]).layout(Layout::Virtual(files)))
    };
    hostile("bytes of a system file", &external(&["/etc/hostname"]), &["HDF002"]);
    hostile("bytes of a file above", &external(&["../../secret.bin"]), &["HDF002"]);
    hostile("bytes of two files", &external(&["a.bin", "b.bin"]), &["HDF002"]);
    hostile("link to a file beside it", &link("other.h5"), &["HDF003"]);
    hostile("link to a system file", &link("/var/lib/other.h5"), &["HDF003"]);
    hostile("link to a file on a share", &link("//share.example.invalid/other.h5"), &["HDF003"]);
    hostile("virtual array of a file beside it", &sources(&["part0.h5", "part1.h5"]), &["HDF004"]);
    hostile("virtual array of this file and another", &sources(&[".", "/srv/other.h5"]), &["HDF004"]);
    let deep = (0..20).fold(link("other.h5"), |inner, _| Group::new().group("layers", inner));
    hostile("link below twenty groups", &deep, &["HDF003"]);
    let short = Array::floats(&[2]).dims(&[1000]);
    hostile("array with fewer bytes than its shape", &weights().array("w", short.clone()), &["HDF007"]);
    hostile(
        "compact array that is too short",
        &weights().array("w", short.layout(Layout::Compact)),
        &["HDF007"],
    );
    let wide = Array::floats(&[1]).dims(&[1 << 40, 1 << 40]);
    hostile("array beyond 64 bits", &weights().array("w", wide), &["HDF007"]);
    let mut huge = Array::floats(&[0]).dims(&[1 << 20, 1 << 18]).layout(Layout::Missing);
    huge.longer = 1 << 40;
    hostile("array that is filled in", &weights().array("w", huge), &["HDF008"]);
    let run = system().stop();
    let info = Value::Fixed(run.clone());
    hostile("pickle in an attribute", &weights().attribute("info", info.clone()), &["PKL001"]);
    let array = Array::floats(&[2]).attribute("info", Value::Variable(vec![run.clone()]));
    hostile("pickle in a heap", &weights().array("w", array), &["PKL001"]);
    let old = Pickle::old().raw(b"cposix\nsystem\n(S'true'\ntR").stop();
    hostile("old pickle in an attribute", &weights().attribute("CLASS", Value::Fixed(old)), &["PKL001"]);
    let many = Value::Variable((0..40).map(|_| b"name".to_vec()).chain([run.clone()]).collect());
    hostile("pickle in the last of many values", &weights().attribute("names", many), &["PKL001"]);

    let mut more =
        |what: &str, path: &str, bytes, codes| all.push(Sample::hostile(FAMILY, what, path, bytes, codes));
    let plain = weights().old();
    more(
        "group at an address outside",
        "m.h5",
        weights().link("x", Child::Address(1 << 40)).old(),
        &["HDF001"],
    );
    more("group where none is", "m.h5", weights().link("x", Child::Address(8)).new_form(), &["HDF001"]);
    let mut cut = plain.clone();
    cut.truncate(plain.len() / 2);
    more("cut in the middle", "m.h5", cut, &["HDF001", "HDF010"]);
    let mut block = run.clone();
    block.resize(512, 0);
    let behind = weights().behind(&block);
    more("pickle in front", "model.h5", behind, &["PKL001", "HDF011"]);
    let lambda = crate::keras::lambda_h5();
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    image.resize(1024, 0);
    more("model behind a picture", "logo.png", lambda.behind(&image), &["HDF011"]);
    image.resize(128 * 1024, 0);
    more("model behind a large picture", "logo.png", lambda.behind(&image), &["HDF011"]);
    let mut noise = vec![0xfe; 64 * 1024];
    noise[..4].copy_from_slice(&[0, 1, 2, 3]);
    more("model behind a large block", "model.h5", lambda.behind(&noise), &["HDF011"]);
    let inner = lambda.behind(&vec![0; 512]);
    let header =
        format!(r#"{{"w":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#, inner.len() - 512);
    let padded = format!("{header}{}", " ".repeat(504 - header.len()));
    let tensors = safetensors(&padded, &inner[512..]);
    more("model in a tensor", "model.safetensors", tensors, &["HDF011"]);
    more("model behind a block", "model.h5", lambda.behind(&[0; 512]), &["KER001"]);
    more("model behind a block of text", "model.h5", lambda.behind(&[b'#'; 2048]), &["KER001"]);
    let mut split = plain.clone();
    // The address of a block that says which files hold the rest.
    split[48..56].copy_from_slice(&96_u64.to_le_bytes());
    more("file of several", "m.h5", split, &["HDF002"]);

    // Below high by themselves: each with something that is not.
    let elf = Array::bytes(b"\x7fELF\x02\x01\x01\0 and more");
    let busy = link("other.h5")
        .array("elf", elf.clone())
        .array("zip", Array::bytes(b"PK\x03\x04\x14\0\0\0").layout(Layout::Compact))
        .array("sh", Array::bytes(b"#!/bin/sh\ntrue\n").layout(Layout::Chunked).filter(1, ""))
        .array("blosc", Array::floats(&[2]).layout(Layout::Chunked).filter(32001, "blosc"))
        .link("up", Child::Root)
        .link("own", Child::Own(65));
    more("one of each", "m.h5", busy.old(), &["HDF003", "HDF005", "HDF009", "HDF012"]);
    let mut flipped = link("other.h5").new_form();
    // The header of the root group stands last, and its checksum behind it.
    let at = flipped.len() - 1;
    flipped[at] ^= 1;
    more("header with another checksum", "m.h5", flipped, &["HDF006"]);

    let mut benign = |what: &str, path: &str, bytes| all.push(Sample::benign(FAMILY, what, path, bytes));
    benign("weights, old form", "model.weights.h5", weights().old());
    benign("weights, new form", "model.weights.h5", weights().new_form());
    benign("empty, old form", "empty.h5", Group::new().old());
    benign("empty, new form", "empty.h5", Group::new().new_form());
    let kinds = Group::new()
        .array("plain", Array::floats(&[8, 8]))
        .array("data", Array::floats(&[4]).layout(Layout::Compact))
        .array("chunked", Array::floats(&[16, 16]).layout(Layout::Chunked))
        .array("deflated", Array::floats(&[16, 16]).layout(Layout::Chunked).filter(1, "deflate"))
        .array("shuffled", Array::floats(&[16]).layout(Layout::Chunked).filter(2, "shuffle"))
        .array("missing", Array::floats(&[16]).layout(Layout::Missing))
        .array("own", Array::floats(&[4]).layout(Layout::Virtual(vec![".".to_owned()])))
        .array("empty", Array::floats(&[0]).layout(Layout::Missing));
    benign("all layouts, old form", "data.h5", kinds.old());
    benign("all layouts, new form", "data.h5", kinds.new_form());
    let attributes = weights()
        .text("note", "trained on tickets")
        .attribute("fixed", Value::Fixed(b"text\0\0\0".to_vec()))
        .attribute("names", Value::Variable(vec![b"a".to_vec(), b"bb".to_vec()]));
    benign("attributes, old form", "data.h5", attributes.old());
    benign("attributes, new form", "data.h5", attributes.new_form());
    benign(
        "soft link",
        "data.h5",
        weights().link("alias", Child::Soft("/layers/dense".to_owned())).new_form(),
    );
    benign("block of zeros in front", "data.h5", weights().behind(&[0; 512]));
    let mut text = b"MATLAB 7.3 MAT-file".to_vec();
    text.resize(1024, 0);
    benign("block of text in front", "data.h5", weights().behind(&text));
    let many =
        (0..100).fold(Group::new(), |group, index| group.array(&format!("w{index:03}"), Array::floats(&[2])));
    benign("a hundred arrays, old form", "data.h5", many.old());
    benign("a hundred arrays, new form", "data.h5", many.new_form());
    all
}
