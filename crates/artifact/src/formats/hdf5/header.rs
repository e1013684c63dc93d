//! Object headers: the messages that say what an object is (HDF5 File Format Specification 3.0, section IV.A).

use super::store::{Fault, Store};

/// Most messages of one object. The library keeps at most 65,535.
const MOST_MESSAGES: usize = 65_536;
/// Most pieces that one header lies in.
const MOST_CHUNKS: usize = 1024;
/// The longest chunk of messages that is read.
const LONGEST_CHUNK: u64 = 4 << 20;

/// Types of messages.
pub(super) mod kind {
    pub(crate) const NIL: u16 = 0x00;
    pub(crate) const DATASPACE: u16 = 0x01;
    pub(crate) const LINK_INFO: u16 = 0x02;
    pub(crate) const DATATYPE: u16 = 0x03;
    pub(crate) const LINK: u16 = 0x06;
    pub(crate) const EXTERNAL_FILES: u16 = 0x07;
    pub(crate) const LAYOUT: u16 = 0x08;
    pub(crate) const FILTERS: u16 = 0x0b;
    pub(crate) const ATTRIBUTE: u16 = 0x0c;
    pub(crate) const CONTINUATION: u16 = 0x10;
    pub(crate) const SYMBOL_TABLE: u16 = 0x11;
    pub(crate) const DRIVER_INFO: u16 = 0x14;
    pub(crate) const ATTRIBUTE_INFO: u16 = 0x15;
    /// The last that is known: 0x18, whose file is set aside in the specification.
    pub(crate) const LAST: u16 = 0x18;
}

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: u16,
    pub(super) flags: u8,
    pub(super) body: Vec<u8>,
    /// Address of the body.
    pub(super) at: u64,
}

impl Message {
    /// Whether the body only says where the message is kept for several objects.
    pub(super) const fn is_shared(&self) -> bool {
        self.flags & 2 != 0
    }
}

/// The messages of an object, and the first thing that is wrong with the header.
pub(super) fn messages(
    store: &mut Store<'_, '_>,
    address: u64,
) -> Result<(Vec<Message>, Option<Fault>), Fault> {
    let start = store.some(address, 64)?;
    let mut header = Header { messages: Vec::new(), chunks: Vec::new(), tracked: false, second: false };
    let mut fields = store.fields(&start, address);
    if start.starts_with(b"OHDR") {
        fields.take(4)?;
        if fields.u8()? != 2 {
            return Err(fields.broken("an object header of an unknown version"));
        }
        let flags = fields.u8()?;
        fields.take(if flags & 0x20 == 0 { 0 } else { 16 })?;
        fields.take(if flags & 0x10 == 0 { 0 } else { 4 })?;
        let length = fields.number(1 << (flags & 3))?;
        (header.second, header.tracked) = (true, flags & 4 != 0);
        let before = fields.position() - store.base - address;
        let whole = before.checked_add(length).and_then(|sum| sum.checked_add(4));
        let whole = whole.ok_or_else(|| fields.broken("an object header without an end"))?;
        header.chunks.push((address, whole, before));
    } else {
        if fields.u8()? != 1 {
            return Err(fields.broken("an object header of an unknown version"));
        }
        fields.take(7)?;
        let length = u64::from(fields.u32()?);
        header.chunks.push((address.saturating_add(16), length, 0));
    }
    let mut fault = None;
    let mut next = 0;
    while let Some(&(address, length, before)) = header.chunks.get(next) {
        next += 1;
        if let Err(broken) = header.chunk(store, address, length, before) {
            if matches!(broken, Fault::Halt(_) | Fault::Work) {
                return Err(broken);
            }
            fault.get_or_insert(broken);
        }
    }
    Ok((header.messages, fault))
}

struct Header {
    messages: Vec<Message>,
    /// Address and length of each run of messages, and how many bytes stand in front of the first.
    chunks: Vec<(u64, u64, u64)>,
    tracked: bool,
    second: bool,
}

impl Header {
    fn chunk(
        &mut self,
        store: &mut Store<'_, '_>,
        address: u64,
        length: u64,
        before: u64,
    ) -> Result<(), Fault> {
        let at = store.base.saturating_add(address);
        if length > LONGEST_CHUNK {
            return Err(Fault::Broken(at, "an object header that is too long"));
        }
        let mut bytes = store.bytes(address, length)?;
        let mut fault = None;
        if self.second {
            match store.checked(&mut bytes, address, "an object header") {
                // The messages are read all the same: a lenient reader does.
                Err(wrong @ Fault::Checksum(..)) => {
                    fault = Some(wrong);
                    bytes.truncate(bytes.len() - 4);
                }
                other => other?,
            }
        }
        let mut fields = store.fields(&bytes, address);
        fields.take(usize::try_from(before).unwrap_or(usize::MAX))?;
        let least = if self.second { 4 + 2 * usize::from(self.tracked) } else { 8 };
        while fields.left() >= least {
            let (kind, size, flags);
            if self.second {
                kind = u16::from(fields.u8()?);
                size = fields.u16()?;
                flags = fields.u8()?;
                fields.take(2 * usize::from(self.tracked))?;
            } else {
                kind = fields.u16()?;
                size = fields.u16()?;
                flags = fields.u8()?;
                fields.take(3)?;
            }
            let at = fields.position() - store.base;
            let body = fields.take(size.into())?.to_vec();
            if kind == kind::CONTINUATION {
                let mut link = store.fields(&body, at);
                let target =
                    link.address()?.ok_or_else(|| link.broken("a continuation that leads nowhere"))?;
                let length = link.length()?;
                if self.chunks.len() == MOST_CHUNKS || self.chunks.iter().any(|(own, ..)| *own == target) {
                    return Err(link.broken("an object header that continues where it already was"));
                }
                let before = if self.second { 4 } else { 0 };
                if self.second && !store.some(target, 4)?.starts_with(b"OCHK") {
                    return Err(link.broken("an object header that continues where no header is"));
                }
                self.chunks.push((target, length, before));
            } else if kind != kind::NIL {
                if self.messages.len() == MOST_MESSAGES {
                    return Err(fields.broken("an object with too many messages"));
                }
                self.messages.push(Message { kind, flags, body, at });
            }
        }
        fault.map_or(Ok(()), Err)
    }
}
