//! The JSON Schema and the parser agree: on what is a project file in form, and on the names in it.

use bartizan_project::{SECURITY_RELEVANT, parse, schema};
use serde_json::Value;

const EXAMPLE: &str = include_str!("example.toml");

/// TOML as a schema validator of an editor sees it: days are strings.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}

fn accepts(validator: &jsonschema::Validator, text: &str) -> (bool, bool) {
    let value = json(toml::Value::Table(text.parse().expect("the table holds well-formed TOML")));
    (validator.is_valid(&value), parse(text).project.is_some())
}

const HEAD: &str = "format = 1\n[project]\nname = \"p\"\n";

#[test]
fn both_accept_the_example() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let value = json(toml::Value::Table(EXAMPLE.parse().unwrap()));
    let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, [] as [&str; 0]);
    assert!(parse(EXAMPLE).project.is_some());
}

/// Form only: that references resolve and that nothing is its own ancestor is beyond a schema.
#[test]
fn both_accept_and_refuse_the_same_forms() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let accepts = |text: &str| accepts(&validator, text);
    let table: &[(bool, &str)] = &[
        (true, ""),
        (true, "purpose = \"x\"\nrole = \"acquirer\"\nbaselines = [\"aisvs\", \"ssdf\"]"),
        (false, "role = \"owner\""),
        (false, "baselines = \"aisvs\""),
        (false, "baselines = [\"aisvs\", \"aisvs\"]"),
        (false, "nmae = \"x\""),
        (true, "[trust]"),
        (false, "[trust]\nroot = \"SHA256:short\""),
        (false, "[trust]\nroot = \"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV\""),
        (true, "[group.g]\nrole = \"executive\"\nmembers = [\"a.b+c@d-e.example.com\"]"),
        (false, "[group.g]\nrole = \"executive\"\nmembers = [\"a@b\"]"),
        (false, "[group.g]\nmembers = []"),
        (false, "[group.G]\nrole = \"executive\""),
        (false, "[group]\nrole = \"executive\""),
        (true, "[actor.a]\nkind = \"insider\"\ncapability = \"OC5\""),
        (false, "[actor.a]\nkind = \"insider\"\ncapability = \"oc5\""),
        (true, "[zone.z]\ntrust = \"partner\""),
        (false, "[zone.z]"),
        (true, "[asset.a]\nkind = \"lock-file\"\npath = \"./a/b c/ü.txt\""),
        (true, "[asset.a]\nkind = \"model\"\npath = \".\""),
        (true, "[asset.a]\nkind = \"model\"\npath = \"a..b/...\""),
        (false, "[asset.a]\nkind = \"model\"\npath = \"/a\""),
        (false, "[asset.a]\nkind = \"model\"\npath = \"a/../b\""),
        (false, "[asset.a]\nkind = \"model\"\npath = \"..\""),
        (false, "[asset.a]\nkind = \"model\"\npath = \"a/..\""),
        (false, "[asset.a]\nkind = \"model\"\npath = 'a\\b'"),
        (false, "[asset.a]\nkind = \"model\"\npath = \"C:x\""),
        (false, "[asset.a]\nkind = \"model\"\npath = \"a\\u0000\""),
        (false, "[asset.a]\nkind = \"model\"\npath = \"a\\nb\""),
        (false, "[asset.a]\nkind = \"model\"\npath = \"\""),
        (false, "[asset.a]\nkind = \"model\"\npath = 3"),
        (
            true,
            "[asset.a]\nkind = \"model\"\ndigest = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
        ),
        (
            false,
            "[asset.a]\nkind = \"model\"\ndigest = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
        ),
        (true, "[asset.a]\nkind = \"model\"\nmodel = \"example/big-model:2026\""),
        (false, "[asset.a]\nkind = \"model\"\nmodel = \"big\""),
        (
            true,
            "[asset.a]\nkind = \"model\"\nsource = { url = \"https://example.com:8443/a?b=c#d\", licence = \"MIT OR (Apache-2.0 WITH LLVM-exception)\" }",
        ),
        (false, "[asset.a]\nkind = \"model\"\nsource = { url = \"https://user:word@example.com/\" }"),
        (false, "[asset.a]\nkind = \"model\"\nsource = { url = \"https://example.com/a b\" }"),
        (false, "[asset.a]\nkind = \"model\"\nsource = \"https://example.com\""),
        (true, "[element.e]\nkind = \"agent\"\nlimits = true\neffects = [\"exec:*\"]"),
        (true, "[element.e]\nkind = \"agent\"\nlimits = { requests_per_minute = 1 }"),
        (false, "[element.e]\nkind = \"agent\"\nlimits = { requests_per_minute = 0 }"),
        (false, "[element.e]\nkind = \"agent\"\nlimits = { requests_per_minute = 4294967296 }"),
        (false, "[element.e]\nkind = \"agent\"\nlimits = { requests = 1 }"),
        (false, "[element.e]\nkind = \"agent\"\nlimits = 3"),
        (false, "[element.e]\nkind = \"agent\"\neffects = [\"write\"]"),
        (false, "[element.e]\nkind = \"agent\"\nlogs = \"yes\""),
        (
            true,
            "[element.e]\nkind = \"tool\"\n[element.f]\nkind = \"tool\"\n[[flow]]\nfrom = \"e\"\nto = \"f\"",
        ),
        (false, "[element.e]\nkind = \"tool\"\n[[flow]]\nfrom = \"e\""),
        (
            false,
            "[element.e]\nkind = \"tool\"\n[element.f]\nkind = \"tool\"\n[flow]\nfrom = \"e\"\nto = \"f\"",
        ),
        (
            false,
            "[element.e]\nkind = \"tool\"\n[element.f]\nkind = \"tool\"\n[[flow]]\nid = \"x\"\nfrom = \"e\"\nto = \"f\"",
        ),
        (true, "[[ignore]]\nrule = \"PII003\"\npath = \"**/*.md\"\nreason = \"r\"\nexpires = 2027-01-31"),
        (false, "[[ignore]]\nrule = \"PII003\"\npath = \"**/*.md\"\nreason = \"\"\nexpires = 2027-01-31"),
        (false, "[[ignore]]\nrule = \"PII003\"\npath = \"**/*.md\"\nexpires = 2027-01-31"),
        (
            false,
            "[[ignore]]\nrule = \"PII003\"\npath = \"**/*.md\"\nreason = \"r\"\nexpires = 2027-01-31T00:00:00Z",
        ),
        (
            true,
            "[group.g]\nrole = \"executive\"\n[[treatment]]\nthreat = \"THR003/e\"\ndecision = \"avoid\"\nowner = \"g\"\nreason = \"r\"\nexpires = 2027-01-31",
        ),
        (
            false,
            "[group.g]\nrole = \"executive\"\n[[treatment]]\nthreat = \"PII003\"\ndecision = \"avoid\"\nowner = \"g\"\nreason = \"r\"\nexpires = 2027-01-31",
        ),
        (true, "[gate.deploy]\npolicy = \"p.cedar\""),
        (false, "[gate.deploy]"),
        (false, "[unknown]"),
    ];
    let wrong: Vec<_> = table
        .iter()
        .map(|(good, body)| (*good, accepts(&format!("{HEAD}{body}\n")), *body))
        .filter(|(good, (schema, parser), _)| (*schema, *parser) != (*good, *good))
        .collect();
    assert!(wrong.is_empty(), "(expected, (schema, parser), text): {wrong:#?}");
    assert_eq!(accepts("[project]\nname = \"p\""), (false, false));
    assert_eq!(accepts("format = 2\n[project]\nname = \"p\""), (false, false));
    assert_eq!(accepts("format = 1"), (false, false));
}

/// A key that only one of them knows would be refused by the other.
#[test]
fn both_know_the_same_keys() {
    let schema = schema();
    let known = |pointer: &str| {
        let properties = schema.pointer(pointer).and_then(Value::as_object);
        let mut names: Vec<_> = properties.unwrap_or_else(|| panic!("{pointer}")).keys().cloned().collect();
        names.sort();
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    for (table, pointer) in [
        ("[project]\nname = \"p\"", "Project"),
        ("[group.x]", "Group"),
        ("[actor.x]", "Actor"),
        ("[zone.x]", "Zone"),
        ("[asset.x]", "Asset"),
        ("[element.x]", "Element"),
        ("[[flow]]", "Flow"),
        ("[[treatment]]", "Treatment"),
        ("[[ignore]]", "Ignore"),
        ("[gate.x]", "Gate"),
        ("[trust]", "TrustPins"),
        ("[asset.x.source]", "Source"),
        ("[element.x.limits]", "LimitSet"),
    ] {
        let pointer = if pointer == "Project" {
            "/$defs/Head/properties".to_owned()
        } else {
            format!("/$defs/{pointer}/properties")
        };
        let faults = parse(&format!("{table}\nno-such-key = 1\n")).faults;
        let fault = faults.iter().find(|fault| fault.key.ends_with("no-such-key")).unwrap();
        let expected = known(&pointer);
        let expected = if expected.contains(',') { format!("one of {expected}") } else { expected };
        assert_eq!(fault.expected, expected, "{table}");
    }
    let fault =
        parse("no-such-key = 1\n").faults.into_iter().find(|fault| fault.key == "no-such-key").unwrap();
    assert_eq!(fault.expected, format!("one of {}", known("/properties")));
}

#[test]
fn security_relevant_fields_are_marked() {
    let schema = schema();
    for (table, fields) in SECURITY_RELEVANT {
        for field in *fields {
            let mark = format!("/$defs/{table}/properties/{field}/x-security-relevant");
            assert_eq!(schema.pointer(&mark), Some(&Value::Bool(true)), "{mark}");
        }
    }
    assert_eq!(schema.pointer("/$defs/Asset/properties/description/x-security-relevant"), None);
}

/// What an editor shows beside each key.
#[test]
fn every_key_is_described() {
    let schema = schema();
    let tables = schema["$defs"].as_object().unwrap();
    let mut bare = Vec::new();
    for (name, table) in tables {
        for (key, property) in table["properties"].as_object().into_iter().flatten() {
            if property.get("description").is_none() {
                bare.push(format!("{name}.{key}"));
            }
        }
    }
    assert_eq!(bare, [] as [&str; 0]);
}
