//! Tensors whose data is in another file: where that file is said to be, and which of its bytes.

use std::collections::BTreeMap;

use super::rules;
use crate::{
    escape,
    formats::{
        outside,
        protobuf::{Fault, Text, Wire, shown},
    },
    outline::{LONGEST_NAME, MAX_NAMES},
    scope::Scope,
};

/// The keys that the format has (onnx/docs/ExternalData.md), and one that libraries add when they load.
const KEYS: [&str; 5] = ["location", "offset", "length", "checksum", "basepath"];

/// Entries of one tensor that are kept.
const MOST: usize = 16;

/// Most files of one model that are kept. Old exports write one for each tensor.
const MOST_FILES: usize = 4096;

/// Files that hold tensors, and how far those in it reach; none where one of them does not say.
#[derive(Default)]
pub(super) struct Files(BTreeMap<String, Option<u64>>);

impl Files {
    fn add(&mut self, location: &Text, reach: Option<u64>) {
        if location.start.is_empty() || location.start.len() > LONGEST_NAME {
            return;
        }
        if let Some(most) = self.0.get_mut(&location.start) {
            *most = most.zip(reach).map(|(one, other)| one.max(other));
        } else if self.0.len() < MOST_FILES {
            self.0.insert(location.start.clone(), reach);
        }
    }

    /// The first names, fit for a message.
    pub(super) fn shown(&self) -> String {
        self.0.keys().take(MAX_NAMES).map(|name| escape(name, 80)).collect::<Vec<_>>().join(", ")
    }

    /// Names those that lie in the folder.
    pub(super) fn settle(&self, scope: &mut Scope<'_, '_>) {
        for (name, reach) in self.0.iter().filter(|(name, _)| outside::leaves(name).is_none()) {
            scope.data(name, *reach, 0);
        }
    }
}

/// What is said about data elsewhere.
#[derive(Default)]
pub(super) struct External {
    entries: BTreeMap<String, Text>,
    /// All places that are named; the last is used.
    locations: Vec<Text>,
    twice: bool,
}

impl External {
    /// Reads a key and its value.
    pub(super) fn entry(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        let (mut key, mut value) = (Text::default(), Text::default());
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => key = wire.name(&field, "a key")?.unwrap_or_default(),
                2 => value = wire.name(&field, "a value")?.unwrap_or_default(),
                _ => wire.unknown(&field, "an entry")?,
            }
        }
        if matches!(key.start.as_str(), "location" | "basepath") && self.locations.len() < MOST {
            self.locations.push(value.clone());
        }
        self.twice |= self.entries.get(&key.start).is_some_and(|first| first.start != value.start);
        if self.entries.len() < MOST {
            self.entries.insert(key.start, value);
        }
        Ok(())
    }

    /// Tells what is wrong with it. `used` says that the tensor says that its data is elsewhere.
    pub(super) fn judge(
        &self,
        wire: &mut Wire<'_, '_, '_, '_>,
        at: u64,
        name: &str,
        used: bool,
        bytes: Option<u64>,
        files: &mut Files,
    ) {
        for location in &self.locations {
            if let Some(why) = outside::leaves(&location.start) {
                let message = format!("the data of the tensor {name} is in {}: {why}", shown(location));
                wire.add(rules::Outside::META, at, message);
            }
        }
        let mut bad =
            |why: String| wire.add(rules::BadExternal::META, at, format!("of the tensor {name}: {why}"));
        if self.twice {
            bad("a key about its data in another file stands twice, and not alike".to_owned());
        }
        if !used {
            return;
        }
        match self.entries.get("location") {
            None => bad("its data is in another file, and none is named".to_owned()),
            Some(location) if location.start.is_empty() => {
                bad("its data is in another file, and none is named".to_owned());
            }
            Some(_) => {}
        }
        let mut figures = [None; 2];
        for (index, key) in ["offset", "length"].into_iter().enumerate() {
            let Some(text) = self.entries.get(key) else { continue };
            figures[index] = text.start.parse::<u64>().ok();
            if figures[index].is_none_or(|figure| figure > i64::MAX.cast_unsigned()) {
                bad(format!("the {key} of its data is no number of bytes: {}", shown(text)));
            }
        }
        let [offset, length] = figures;
        if offset
            .unwrap_or(0)
            .checked_add(length.unwrap_or(0))
            .is_none_or(|end| end > i64::MAX.cast_unsigned())
        {
            bad("its data ends behind any file".to_owned());
        }
        if let Some(location) = self.entries.get("location") {
            let reach = length.or(bytes).and_then(|length| length.checked_add(offset.unwrap_or(0)));
            files.add(location, reach);
        }
        if let (Some(length), Some(bytes)) = (length, bytes)
            && length != bytes
        {
            bad(format!("its data has {length} bytes, its shape and type ask for {bytes}"));
        }
        for key in self.entries.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            bad(format!("the key {} about its data is not known", escape(key, 80)));
        }
    }
}
