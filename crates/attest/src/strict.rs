use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IntoDeserializer as _, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use crate::{
    AttestError,
    canonical::{MAX_DEPTH, beyond_float, beyond_integer, too_deep},
    shown::shown,
};

/// Reads JSON that others wrote: at most `limit` bytes and 32 levels, no name twice in an object, no integer that
/// readers disagree on. All of it is held to that, also what `T` passes over.
///
/// It is one pass: the rules are applied to the values on their way into `T`, so there is no second reading that
/// could see something else.
pub(crate) fn read_json<'de, T: Deserialize<'de>>(
    what: &'static str,
    bytes: &'de [u8],
    limit: usize,
) -> Result<T, AttestError> {
    AttestError::check_size(what, bytes.len(), limit)?;
    let malformed = |error: serde_json::Error| AttestError::malformed(what, error);
    let text = std::str::from_utf8(bytes).map_err(|_| AttestError::malformed(what, "not UTF-8"))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Strict { inner: &mut reader, depth: 0 }).map_err(malformed)?;
    reader.end().map_err(malformed)?;
    Ok(value)
}

/// Reads a struct from an object and from nothing else. Derived readers would also take an array whose items stand in
/// the fields' order, which other readers of the same bytes refuse.
struct FromObject<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for FromObject<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(members)
    }
}

/// A part of the JSON, or what reads one, inside so many objects and arrays.
struct Strict<T> {
    inner: T,
    depth: usize,
}

impl<T> Strict<T> {
    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.depth == MAX_DEPTH { Err(E::custom(too_deep())) } else { Ok(self.depth + 1) }
    }
}

/// Hands on what is asked for as it was asked: whoever asks for a name takes a number too when offered one, since
/// `serde` numbers fields and variants for formats of other kinds.
macro_rules! hand_on {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(Strict { inner: visitor, depth: self.depth })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    hand_on! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_unit deserialize_option deserialize_seq
        deserialize_map deserialize_identifier
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_any(FromObject(visitor))
    }

    // What is ignored is looked at as well. Enums in the external form of `serde` are in no type read here, and an
    // attempt to read one fails.
    forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit_struct tuple tuple_struct enum ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Strict { inner: deserializer, depth: self.depth })
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        self.inner.visit_bool(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<V::Value, E> {
        beyond_integer(value, value).map_or_else(|| self.inner.visit_u64(value), |why| Err(E::custom(why)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<V::Value, E> {
        beyond_integer(value.unsigned_abs(), value)
            .map_or_else(|| self.inner.visit_i64(value), |why| Err(E::custom(why)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        beyond_float(value).map_or_else(|| self.inner.visit_f64(value), |why| Err(E::custom(why)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<V::Value, E> {
        self.inner.visit_str(value)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.inner.visit_borrowed_str(value)
    }

    fn visit_string<E: Error>(self, value: String) -> Result<V::Value, E> {
        self.inner.visit_string(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        let depth = self.deeper()?;
        self.inner.visit_seq(Strict { inner: items, depth })
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        let depth = self.deeper()?;
        self.inner.visit_map(Members { inner: members, depth, names: Names::default() })
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_element_seed(Strict { inner: seed, depth: self.depth })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Strict { inner: deserializer, depth: self.depth })
    }
}

/// The members of an object. No name stands there twice: two readers that resolve a repeated name differently would
/// take one signature for two statements.
struct Members<'de, A> {
    inner: A,
    depth: usize,
    names: Names<'de>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(Name(name)) = self.inner.next_key()? else { return Ok(None) };
        if self.names.has(&name) {
            let name = shown(&name);
            return Err(A::Error::custom(format_args!("the name `{name}` stands twice in one object")));
        }
        let value = seed.deserialize(name.as_ref().into_deserializer())?;
        self.names.add(name);
        Ok(Some(value))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(Strict { inner: seed, depth: self.depth })
    }
}

/// The names that an object has had so far. Honest objects have few, and comparing with all of these is quickest;
/// a hostile one can have a hundred thousand.
#[derive(Default)]
struct Names<'de> {
    few: Vec<Cow<'de, str>>,
    more: BTreeSet<Cow<'de, str>>,
}

impl<'de> Names<'de> {
    const FEW: usize = 16;

    fn has(&self, name: &str) -> bool {
        self.few.iter().any(|other| other == name) || self.more.contains(name)
    }

    fn add(&mut self, name: Cow<'de, str>) {
        if self.few.len() < Self::FEW {
            self.few.push(name);
        } else {
            self.more.insert(name);
        }
    }
}

/// The name of a member, lent from the JSON unless it has an escape in it.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::Value;

    use super::*;

    #[test]
    fn what_readers_could_resolve_differently_is_refused() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let cases = [
            (r#"{"a":1,"a":2}"#.to_owned(), "the name `a` stands twice in one object"),
            (r#"{"b":{"a":1,"\u0061":2}}"#.to_owned(), "the name `a` stands twice in one object"),
            (deep(33), "nested deeper than 32 levels"),
            (deep(100_000), "nested deeper than 32 levels"),
            ("{} {}".to_owned(), "trailing characters"),
            ("1e999".to_owned(), "number out of range"),
            ("\"\\ud800\"".to_owned(), "unexpected end of hex escape"),
        ];
        for (text, why) in cases {
            let error = read_json::<Value>("test", text.as_bytes(), 1 << 20).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(read_json::<Value>("test", deep(32).as_bytes(), 1 << 20).is_ok());
        assert!(matches!(
            read_json::<Value>("test", b"[]  ", 3),
            Err(AttestError::TooLarge { limit: 3, .. })
        ));
    }

    #[test]
    fn what_is_passed_over_is_held_to_the_same_rules() {
        #[derive(Debug, Deserialize)]
        struct Known {
            known: Option<u8>,
        }
        let read = |text: &str| read_json::<Known>("test", text.as_bytes(), 1 << 20);
        assert_eq!(
            read(r#"{"later": [{"a": 1, "b": null}, {"a": "x"}], "known": 7}"#).unwrap().known,
            Some(7)
        );
        assert_eq!(read(r#"{"kn\u006fwn": null}"#).unwrap().known, None);
        let deep = format!(r#"{{"later": {}{}}}"#, "[".repeat(32), "]".repeat(32));
        for (text, why) in [
            (r#"{"later": [{"a": 1, "\u0061": 2}]}"#, "the name `a` stands twice"),
            (r#"{"later": 1, "later": 2}"#, "the name `later` stands twice"),
            (r#"{"later": {"a": 9007199254740992}}"#, "9007199254740992 is beyond 2^53 - 1"),
            (r#"{"later": -1e18}"#, "-1000000000000000000 is beyond 2^53 - 1"),
            (&deep, "nested deeper than 32 levels"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    /// `serde` numbers fields and variants for formats that have no names.
    #[test]
    fn a_number_is_no_name() {
        use bartizan_finding::Location;

        let read = |kind| {
            let text = format!(r#"{{"kind": {kind}, "path": "a", "start": 0, "end": 0}}"#);
            read_json::<Location>("test", text.as_bytes(), 100)
        };
        assert_eq!(read(r#""bytes""#), Ok(Location::file("a")));
        assert!(read("1").unwrap_err().to_string().contains("invalid type: integer `1`"));
    }

    #[test]
    fn an_array_is_no_struct_at_any_depth() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Inner {
            a: u8,
        }
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Outer {
            inner: Vec<Inner>,
        }
        let read = |text: &str| read_json::<Outer>("test", text.as_bytes(), 100);
        assert_eq!(read(r#"{"inner": [{"a": 1}]}"#), Ok(Outer { inner: vec![Inner { a: 1 }] }));
        for text in [r#"[[{"a": 1}]]"#, r#"{"inner": [[1]]}"#, "1", "null", r#""{}""#] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("JSON object"), "{error}");
        }
    }

    /// More names than are compared one by one.
    #[test]
    fn no_name_is_forgotten() {
        let object = |last: usize| {
            let names: Vec<_> = (0..20_000).chain([last]).map(|name| format!(r#""{name}":0"#)).collect();
            format!("{{{}}}", names.join(","))
        };
        let read = |last| read_json::<IgnoredAny>("test", object(last).as_bytes(), 1 << 20);
        assert!(read(20_000).is_ok());
        for last in [0, 15, 16, 17, 19_999] {
            let error = read(last).unwrap_err().to_string();
            assert!(error.contains(&format!("the name `{last}` stands twice")), "{error}");
        }
    }

    #[derive(Clone, Debug)]
    enum Json {
        Good(&'static str),
        Bad(&'static str),
        Array(Vec<Json>),
        Object(Vec<(&'static str, Json)>),
    }

    impl Json {
        fn text(&self) -> String {
            match self {
                Self::Good(leaf) | Self::Bad(leaf) => (*leaf).to_owned(),
                Self::Array(items) => {
                    let items: Vec<_> = items.iter().map(Self::text).collect();
                    format!("[{}]", items.join(","))
                }
                Self::Object(members) => {
                    let members: Vec<_> =
                        members.iter().map(|(name, value)| format!(r#""{name}":{}"#, value.text())).collect();
                    format!("{{{}}}", members.join(","))
                }
            }
        }

        fn is_plain(&self) -> bool {
            match self {
                Self::Good(_) => true,
                Self::Bad(_) => false,
                Self::Array(items) => items.iter().all(Self::is_plain),
                Self::Object(members) => {
                    let names: BTreeSet<_> =
                        members.iter().map(|(name, _)| if *name == "\\u0061" { "a" } else { name }).collect();
                    names.len() == members.len() && members.iter().all(|(_, value)| value.is_plain())
                }
            }
        }
    }

    fn json() -> impl Strategy<Value = Json> {
        let good = ["null", "true", "0", "-0", "0.5", "9007199254740991", "1e21", r#""a""#, r#""\u00e9""#];
        let bad = ["9007199254740992", "-9007199254740992", "1e18", "18446744073709551616"];
        let leaf = prop_oneof![
            12 => proptest::sample::select(good.to_vec()).prop_map(Json::Good),
            1 => proptest::sample::select(bad.to_vec()).prop_map(Json::Bad),
        ];
        let name = proptest::sample::select(vec!["a", "\\u0061", "b", "c", "d", "é", ""]);
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
                proptest::collection::vec((name.clone(), inner), 0..4).prop_map(Json::Object),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        /// What is read is what `serde_json` reads, and whether it is read does not depend on what becomes of it.
        #[test]
        fn plain_json_is_read_and_no_other(json in json()) {
            let text = json.text();
            let read = read_json::<Value>("test", text.as_bytes(), 1 << 20);
            prop_assert_eq!(read.is_ok(), json.is_plain(), "{}", text);
            prop_assert_eq!(read_json::<IgnoredAny>("test", text.as_bytes(), 1 << 20).is_ok(), json.is_plain());
            if let Ok(value) = read {
                prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
