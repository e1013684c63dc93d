//! Writes GGUF files, right and wrong.

/// A file under construction, little-endian and of version 3 unless said otherwise.
#[derive(Clone, Debug)]
pub struct Gguf {
    version: u32,
    big: bool,
    entries: u64,
    tensors: u64,
    metadata: Vec<u8>,
    infos: Vec<u8>,
    alignment: usize,
}

impl Gguf {
    pub fn new() -> Self {
        Self {
            version: 3,
            big: false,
            entries: 0,
            tensors: 0,
            metadata: vec![],
            infos: vec![],
            alignment: 32,
        }
    }

    pub fn version(mut self, version: u32, big: bool) -> Self {
        (self.version, self.big) = (version, big);
        self
    }

    pub fn u32(&self, value: u32) -> Vec<u8> {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }.to_vec()
    }

    pub fn u64(&self, value: u64) -> Vec<u8> {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }.to_vec()
    }

    pub fn count(&self, value: u64) -> Vec<u8> {
        if self.version == 1 { self.u32(u32::try_from(value).unwrap()) } else { self.u64(value) }
    }

    pub fn string(&self, text: &[u8]) -> Vec<u8> {
        [self.count(text.len() as u64), text.to_vec()].concat()
    }

    /// An entry with a value whose bytes are given.
    pub fn entry(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        self.entries += 1;
        let bytes = [self.string(key.as_bytes()), self.u32(kind), value.to_vec()].concat();
        self.metadata.extend(bytes);
        self
    }

    pub fn text(self, key: &str, value: &str) -> Self {
        let value = self.string(value.as_bytes());
        self.entry(key, 8, &value)
    }

    pub fn number(self, key: &str, value: u32) -> Self {
        let value = self.u32(value);
        self.entry(key, 4, &value)
    }

    pub fn texts(self, key: &str, values: &[&[u8]]) -> Self {
        let mut value = [self.u32(8), self.count(values.len() as u64)].concat();
        for text in values {
            value.extend(self.string(text));
        }
        self.entry(key, 9, &value)
    }

    pub fn tensor(mut self, name: &str, dims: &[u64], kind: u32, offset: u64) -> Self {
        self.tensors += 1;
        let mut info = self.string(name.as_bytes());
        info.extend(self.u32(u32::try_from(dims.len()).unwrap()));
        for dim in dims {
            info.extend(self.count(*dim));
        }
        info.extend(self.u32(kind));
        info.extend(self.u64(offset));
        self.infos.extend(info);
        self
    }

    pub fn build(&self, data: &[u8]) -> Vec<u8> {
        let head =
            [b"GGUF".to_vec(), self.u32(self.version), self.count(self.tensors), self.count(self.entries)];
        let mut file = [head.concat(), self.metadata.clone(), self.infos.clone()].concat();
        file.resize(file.len().next_multiple_of(self.alignment), 0);
        file.extend(data);
        file
    }
}
